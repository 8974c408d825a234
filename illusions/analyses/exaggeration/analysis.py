"""An illusion made in a photograph, as an analysis: whether moving latents has the claimed effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, field_validator

from illusions.analyses.claims.analysis import BITS_PER_DIM, Analysis, Claim, Finding, Models, TemperatureKey
from illusions.analyses.claims.verdicts import NO, SMALLEST_BITS, check_each, verdict
from illusions.analyses.exaggeration.comparison import ExaggeratedPicture, changes, compare, condition_name
from illusions.analyses.exaggeration.exaggeration import exaggerate
from illusions.analyses.exaggeration.figure import exaggeration_figure
from illusions.analyses.exaggeration.wording import between, exaggeration_caption, proof_sentence
from illusions.analyses.patches.photographs import PictureKey
from illusions.analyses.readings.ranking import thinned
from illusions.analyses.wording import and_list, with_error
from illusions.arrays import Bytes
from illusions.errors import InputError
from illusions.pictures import read_picture
from illusions.stimuli.families.base import AxisKey, Table
from illusions.stimuli.families.masked import masked_pixels
from illusions.stimuli.families.photograph import target_coverage
from illusions.stimuli.scenes.scene import PATCH
from illusions.stimuli.scenes.shapes import Shape
from illusions.stimuli.stimulus import Stimulus

#: Noise samples, and the step of the sweep.
_DRAWS, _EVERY = 8, 5
#: What the likelihood of the surround is called in the table.
_BITS = "bits per dimension"


class TargetPlace(Table):
    """The table ``[target]``: the part that stays unchanged; centre and extent in pixels of the crop."""

    centre: tuple[int, int]
    extent: Annotated[int, Field(ge=2)]
    shape: Shape = "disc"


class ExaggerationAnalysis(Analysis):
    """A photograph whose surround was moved towards likelier latents, and away from them, around a target.

    The claim is put to the test several times: along every axis, whether the model ranks the same target differently
    in the two pictures that were made; and for both of them, whether the likelihood of the surround went where it
    should, up for η > 0 and down for η < 0; each by more than twice the standard error and by `SMALLEST_BITS` or more.
    It holds if all say yes.
    """

    kind: Literal["exaggeration"]
    photograph: PictureKey
    #: Left, top, width and height of the part that is used, pixels.
    crop: tuple[
        Annotated[int, Field(ge=0)],
        Annotated[int, Field(ge=0)],
        Annotated[int, Field(ge=PATCH)],
        Annotated[int, Field(ge=PATCH)],
    ]
    target: TargetPlace
    etas: tuple[float, float] = (0.6, -0.8)
    stride: Annotated[int, Field(ge=1, le=PATCH)] = 1
    axes: Annotated[tuple[AxisKey, ...], Field(min_length=1, max_length=3)]
    model: str = "natural16"
    temperature: TemperatureKey = BITS_PER_DIM
    claim: Claim

    @field_validator("etas")
    @classmethod
    def _one_of_each(cls, etas: tuple[float, float]) -> tuple[float, float]:
        if not etas[0] > 0 > etas[1]:
            raise ValueError("expected an η above 0, then one below")
        return etas

    def run(self, models: Models, *, seed: int) -> Finding:
        """Move the surround, and measure its likelihood and the rank of the target."""
        model = models(self.model)
        picture, target = self._picture()
        stimuli = [thinned(stimulus, _EVERY) for stimulus in self._stimuli(picture, target)]
        moved = exaggerate(picture, target, model, self.etas, stride=self.stride, seed=seed)
        done = compare(stimuli, picture, moved, model, self.temperature, draws=_DRAWS, seed=seed)
        table = changes(done)
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=" ".join([*between(done, self.etas), *_sentences(done, table)]),
            verdict=verdict(_surround(table)),
            caption=(
                f"{exaggeration_caption(done, self.stride)} The errors of the surround are over its patches in this "
                "one photograph, those of the ranks over noise samples. The claim is taken to hold where the "
                "surround became likelier with η > 0 and less likely with η < 0, in part where one of the two did. "
                "How far the ranks of the target differ between the pictures says how strong an illusion the model "
                "predicts; that they differ at all is no test. Whether a person sees it is not tested here."
            ),
            table=table,
            draw=lambda text: exaggeration_figure(done, caption=text),
        )

    def _picture(self) -> tuple[Bytes, NDArray[np.bool_]]:
        """The part of the photograph that is used, shape (h, w, 3), and where the target is, shape (h, w)."""
        whole = read_picture(self.photograph)
        left, top, width, height = self.crop
        if left + width > whole.shape[1] or top + height > whole.shape[0]:
            raise InputError(
                f"key 'crop': leaves {self.photograph.name}, which has {whole.shape[1]}×{whole.shape[0]} pixels"
            )
        x, y = self.target.centre
        half = (self.target.extent + 1) // 2
        if not (half <= x <= width - half and half <= y <= height - half):
            raise InputError(f"key 'target': leaves the crop of {width}×{height} pixels")
        coverage = target_coverage((height, width), (x, y), self.target.extent, self.target.shape)
        return whole[top : top + height, left : left + width].copy(), coverage >= 0.5

    def _stimuli(self, picture: Bytes, target: NDArray[np.bool_]) -> list[Stimulus]:
        return [masked_pixels(picture, target, axis, name=self.photograph.name) for axis in self.axes]


def _surround(table: pd.DataFrame) -> list[str]:
    """For every η, whether the surround became likelier (η > 0) or less likely (η < 0)."""
    rows = table[table["measure"] == _BITS]
    toward = -np.sign(rows["eta"]) * rows["change"]
    return check_each(toward, rows["change_standard_error"], least=SMALLEST_BITS)


def _sentences(done: ExaggeratedPicture, table: pd.DataFrame) -> Iterator[str]:
    """What became of the surround, whether that is what is said of it, what overflowed, and the proof."""
    rows = table[table["measure"] == _BITS]
    for _, row in rows.iterrows():
        change = with_error(row["change"], row["change_standard_error"])
        yield (
            f"{condition_name(row['eta'])} takes the surround from {row['before']:.3f} to {row['after']:.3f} bits per "
            f"dimension, a change of {change}."
        )
    wrong = [condition_name(eta) for eta, said in zip(rows["eta"], _surround(table), strict=True) if said == NO]
    if wrong:
        yield (
            f"So at {and_list(wrong)} the likelihood of the surround went the other way than it should: latents moved "
            "to where their own density is higher or lower do not make patches likelier or less likely, as the "
            "log-determinant changes too."
        )
    if rows["halfway"].max() or rows["unmoved"].max():
        yield (
            f"Up to {100 * rows['halfway'].max():.2g} % of the patches overflowed and were moved by half of η, up to "
            f"{100 * rows['unmoved'].max():.2g} % even so, and stayed as they were."
        )
    yield proof_sentence(done)
