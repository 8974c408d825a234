"""Samples of a flow beside patches of photographs, as an analysis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from illusions.analyses.claims.analysis import Analysis, Claim, Finding, Models
from illusions.analyses.claims.verdicts import NO, UNDECIDED, check, verdict
from illusions.analyses.latents.samples import Samples, sample
from illusions.analyses.latents.samples_figure import COLUMNS, ROWS, comparison_figure
from illusions.analyses.patches.attributes import ATTRIBUTES
from illusions.analyses.patches.photographs import EachKey, PhotographsKey, photograph_crops
from illusions.analyses.wording import and_list
from illusions.models.evaluation import bits_per_dimension

if TYPE_CHECKING:
    from illusions.arrays import Bytes, Floats

_BITS = "bits_per_dimension"
_MEASURES = (_BITS, "brightness", "saturation", "contrast")


class SamplesAnalysis(Analysis):
    """Samples at several temperatures of the prior, and patches of photographs.

    The claim is put to the test with the samples at the first temperature: for their bits per dimension, brightness,
    saturation and contrast, whether the mean lies between those of the photographs with the least and with the most, by
    more than twice its standard error over samples.
    """

    kind: Literal["samples"]
    n: Annotated[int, Field(ge=2, le=10_000)]
    prior_temperatures: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1, max_length=4)]
    photographs: PhotographsKey
    each: EachKey
    model: str = "natural16"
    claim: Claim

    def run(self, models: Models, *, seed: int) -> Finding:
        """Draw the samples, and measure them and the photographs."""
        model = models(self.model)
        drawn = [sample(model, self.n, prior_temperature=t, seed=seed) for t in self.prior_temperatures]
        crops = photograph_crops(self.photographs, self.each, size=model.size, seed=seed)
        rows = [
            _row(f"samples at {samples.prior_temperature:g}", samples.patches, samples.bits_per_dimension)
            for samples in drawn
        ]
        bits = bits_per_dimension(model.log_likelihood(crops.patches, seed=seed), model.dimensions)
        for name in dict.fromkeys(crops.places["picture"]):
            here = (crops.places["picture"] == name).to_numpy()
            rows.append(_row(name, crops.patches[here], bits[here]))
        table = pd.DataFrame(rows).assign(model=model.name)
        within = _checks(drawn[0], table.iloc[len(drawn) :])
        shown = np.random.default_rng(seed).permutation(len(crops))[: COLUMNS * ROWS]
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=" ".join(_sentences(table, within, drawn)),
            verdict=verdict(within.values()),
            caption=(
                "Patches drawn from the model: latents from the prior with their standard deviation times "
                f"{and_list([f'{t:g}' for t in self.prior_temperatures])}, decoded; and patches of "
                f"{len(self.photographs)} photographs. The claim is taken to hold "
                f"where samples at {self.prior_temperatures[0]:g} are on average as likely, bright, saturated and "
                "contrasted as photographs are: where their mean lies between those of single photographs, by more "
                "than twice its standard error over samples; with "
                f"{len(self.photographs)} photographs that is a rough measure. Model {model.name}."
            ),
            table=table,
            draw=lambda text: comparison_figure(drawn, crops.patches[shown], caption=text),
        )


def _row(kind: str, patches: Bytes, bits: Floats) -> dict[str, object]:
    means = {name: float(ATTRIBUTES[name](patches).mean()) for name in _MEASURES if name != _BITS}
    return {"kind": kind, _BITS: float(bits.mean()), **means, "patches": len(patches)}


def _checks(samples: Samples, photographs: pd.DataFrame) -> dict[str, str]:
    """By measure: whether the mean of samples lies between those of single photographs."""
    found = {}
    for name in _MEASURES:
        values = samples.bits_per_dimension if name == _BITS else ATTRIBUTES[name](samples.patches)
        mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
        inside = min(mean - photographs[name].min(), photographs[name].max() - mean)
        found[name] = check(inside, error)
    return found


def _sentences(table: pd.DataFrame, within: dict[str, str], drawn: list[Samples]) -> Iterator[str]:
    photographs = table.iloc[len(drawn) :]
    for _, row in table.iloc[: len(drawn)].iterrows():
        shown = [f"{row[name]:.2f} {_called(name)}" for name in _MEASURES]
        yield f"{str(row['kind']).capitalize()} have {and_list(shown)} on average."
    spans = [f"{photographs[name].min():.2f} to {photographs[name].max():.2f} {_called(name)}" for name in _MEASURES]
    yield f"Single photographs have {and_list(spans)}."
    outside, unsure = ([_called(name) for name, said in within.items() if said == what] for what in (NO, UNDECIDED))
    if outside:
        yield f"So the first samples are unlike these photographs in {and_list(outside)}."
    if unsure:
        yield f"In {and_list(unsure)} they are too near to the least or the most of these photographs to say."
    lost = sum(samples.overflowed for samples in drawn)
    clipped = max(samples.clipped for samples in drawn)
    yield (
        f"{lost or 'None'} of the draws overflowed{' and were replaced' if lost else ''}; at most "
        f"{100 * clipped:.2g} % of the colour values lay outside of sRGB and were clipped."
    )


def _called(measure: str) -> str:
    return measure.replace("_", " ")
