"""Attribute directions as an analysis: whether latents moved along one change the attribute, and little else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from illusions.analyses.claims.analysis import Analysis, Claim, Finding, Models
from illusions.analyses.claims.verdicts import check_each, verdict
from illusions.analyses.latents.editing import Direction, edit_all, find_directions, measure_edits, selectivity
from illusions.analyses.latents.editing_figure import EXAMPLES, editing_figure
from illusions.analyses.latents.wording import editing_caption, editing_sentences
from illusions.analyses.patches.attributes import ATTRIBUTES
from illusions.analyses.patches.crops import Crops
from illusions.analyses.patches.photographs import EachKey, PhotographsKey, how_few, photograph_crops
from illusions.models.latents import LatentArray, encode

#: Both ends of a direction.
_MEASURED = (-1.0, 1.0)
#: A change of fewer standard deviations is not worth mentioning.
_SMALLEST = 0.1
_HOLDS = (
    "The claim is taken to hold where every attribute rises along its direction, and further than the others move, by "
    f"{_SMALLEST:g} standard deviations or more and by more than twice the standard error."
)


class EditingAnalysis(Analysis):
    """Each photograph's patches, moved along the directions that the other photographs give, and what that changes.

    The claim is put to the test twice for each attribute: whether the attribute rises along its direction; and whether
    it moves further than the others do, in root mean square; each by more than twice the standard error over
    photographs and by a tenth of a standard deviation or more.
    """

    kind: Literal["editing"]
    photographs: PhotographsKey
    each: EachKey
    model: str = "natural16"
    claim: Claim

    def run(self, models: Models, *, seed: int) -> Finding:
        """Find directions without each photograph in turn, and measure on it what they change."""
        model = models(self.model)
        crops = photograph_crops(self.photographs, self.each, size=model.size, seed=seed)
        z = encode(model, crops.patches, seed=seed)
        parts = [_without(name, crops, z) for name in dict.fromkeys(crops.places["picture"])]
        frames = [measure_edits(one, model, directions, strengths=_MEASURED, seed=seed) for one, directions in parts]
        measured = over_photographs(frames)
        own, directions = parts[-1]
        shown = own.patches[:: max(1, self.each // EXAMPLES)][:EXAMPLES]
        edits = edit_all(shown, model, directions, seed=seed)
        moved = measured[(measured["direction"] == measured["measure"]) & (measured["strength"] == max(_MEASURED))]
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=" ".join(sentence[0].upper() + sentence[1:] for sentence in editing_sentences(measured)),
            verdict=verdict([*_rises(moved), *_selective(measured)]),
            caption=f"{_caption(model.name, self.each, len(self.photographs))} {_HOLDS}",
            table=measured,
            draw=lambda text: editing_figure(edits, directions, measured, caption=text),
        )


def _rises(moved: pd.DataFrame) -> list[str]:
    """For every attribute, whether it rises along its own direction."""
    return check_each(moved["change"], moved["standard_error"], least=_SMALLEST)


def _selective(measured: pd.DataFrame) -> list[str]:
    """For every attribute, whether it moves further than the others."""
    found = selectivity(measured)
    return check_each(found["own"] - found["others"], found["standard_error"], least=_SMALLEST)


def _without(name: str, crops: Crops, z: LatentArray) -> tuple[Crops, list[Direction]]:
    """The patches of a photograph, and the directions that those of all other photographs give."""
    here = (crops.places["picture"] == name).to_numpy()
    return crops.take(here), find_directions(crops.patches[~here], z[~here], list(ATTRIBUTES))


def _caption(model: str, each: int, photographs: int) -> str:
    return editing_caption(
        model,
        shown="patches of one photograph",
        made_from="the other photographs' patches",
        deviations=f"within a photograph, over {each} patches of each of {photographs} photographs",
        errors=how_few(photographs),
    )


def over_photographs(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """What was measured on single photographs, together: of `measure_edits` the same rows, each photograph alike.

    The changes are in root mean squares of the photographs' standard deviations, and their standard errors over
    photographs.
    """
    together = frames[0].copy()
    deviations = np.stack([frame["standard_deviation"].to_numpy() for frame in frames])
    changes = np.stack([frame["change"].to_numpy() for frame in frames]) * deviations
    deviation = np.sqrt(np.square(deviations).mean(axis=0))
    changes /= np.maximum(deviation, 1e-12)
    together["change"] = changes.mean(axis=0)
    together["standard_error"] = changes.std(axis=0, ddof=1) / np.sqrt(len(frames))
    together["standard_deviation"] = deviation
    together["overflowed"] = np.mean([frame["overflowed"] for frame in frames], axis=0)
    return together
