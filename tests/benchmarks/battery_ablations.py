"""How the score of a flow in the battery depends on placements, fields, temperature, the quantity in place of the rank,
and the training.

    python tests/benchmarks/battery_ablations.py structure16 runs/small-*  > tests/benchmarks/battery-ablations.csv

It trains nothing. The small models come from `illusions train tests/benchmarks/ablations/NAME.toml --photos PHOTOS -o
runs/NAME`; they differ in one thing each. All rows are readings by field of view, scored on rhs2007. Where a row has
settings, they are chosen without the family that is scored.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

from illusions.analyses.battery.contest import compete
from illusions.analyses.battery.entries import FLOOR
from illusions.analyses.battery.flows import (
    FIELDS,
    FIXED,
    PER_PIXEL,
    Read,
    ReadFlow,
    by_field,
    mean_consistency,
    mean_rank,
    share_of_placements,
)
from illusions.analyses.battery.predictors import Entry
from illusions.analyses.battery.scores import Score
from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.models.model import load_model
from illusions.stimuli.published import PublishedStimulus, load_published, published_sets

READINGS: Mapping[str, Read] = {"rank": mean_rank, "consistency": mean_consistency, "share": share_of_placements}
PLACEMENTS = 8


def log_odds(curve: LikelihoodCurve) -> float:
    """Of the rank."""
    below, above = curve.log_odds_terms(curve.value)
    return below - above


def above_mean(curve: LikelihoodCurve) -> float:
    """How far the target lies above the mean of the density, in the axis' units."""
    return curve.value - _moments(curve)[0]


def above_mean_in_deviations(curve: LikelihoodCurve) -> float:
    """The same, in standard deviations of the density."""
    mean, deviation = _moments(curve)
    return (curve.value - mean) / deviation


def repulsion(curve: LikelihoodCurve) -> float:
    """The slope of 1 / p² at the target, to which the bias of an efficient observer with internal noise is proportional
    (Wei & Stocker 2015, Nature Neuroscience 18, 1509-1517); positive where it is pushed up. In units of 1 / p².
    """
    return -2 * float(np.interp(curve.value, curve.values, np.gradient(np.log(curve.density + 1e-300), curve.values)))


def attraction(curve: LikelihoodCurve) -> float:
    """The opposite: the bias under external noise."""
    return -repulsion(curve)


def _moments(curve: LikelihoodCurve) -> tuple[float, float]:
    """Mean and standard deviation of the density, the latter at least one step of the sweep."""
    mass = curve.density * curve.axis.step
    mean = float(mass @ curve.values)
    return mean, max(float(np.sqrt(mass @ (curve.values - mean) ** 2)), curve.axis.step)


#: In place of the rank of the target.
QUANTITIES = (log_odds, above_mean, above_mean_in_deviations, repulsion, attraction)


def first_looks(read: Read, count: int) -> Read:
    """The same reading of the first so many placements."""
    return lambda ranks: read(ranks[:, :, :count])


def entries(flow: ReadFlow) -> Iterator[tuple[str, str, Entry]]:
    """Reading, what is changed, and the entry."""
    for name, read in READINGS.items():
        yield name, "nothing", by_field(flow, name, "", read)
        for count in (1, 2, 4):
            yield name, f"{count} of {PLACEMENTS} placements", by_field(flow, name, "", first_looks(read, count))
        for temperature in (*FIXED, *PER_PIXEL):
            yield name, f"{temperature} alone", by_field(flow, name, "", read, [temperature])
        for field in FIELDS:
            yield name, f"{field:g}° alone", by_field(flow, name, "", read, fields=[(field,)])
        for quantity in QUANTITIES:
            yield name, quantity.__name__.replace("_", " "), by_field(flow, name, "", read, quantity=quantity)


def rows(name: str, stimuli: list[PublishedStimulus]) -> Iterator[dict[str, object]]:
    flow = ReadFlow(load_model(name, device="cpu").with_floor(FLOOR), placements=PLACEMENTS)
    for reading, changed, entry in entries(flow):
        for score in compete(entry, stimuli).scores("rhs2007", cross_validated=True):
            yield row(Path(name).name, reading, changed, score)
        print(name, reading, changed, file=sys.stderr)


def row(model: str, reading: str, changed: str, score: Score) -> dict[str, object]:
    return {
        "model": model,
        "reading": reading,
        "changed": changed,
        "score": score.name,
        "value": round(score.value, 4),
        "low": round(score.low, 4),
        "high": round(score.high, 4),
        "n": score.n,
    }


if __name__ == "__main__":
    published = [stimulus for name in published_sets() for stimulus in load_published(name)]
    table = pd.DataFrame([line for name in sys.argv[1:] for line in rows(name, published)])
    table.to_csv(sys.stdout, index=False)
