"""Predicted beside published strengths of rhs2007: ``python tests/benchmarks/magnitudes.py > magnitudes.csv``.

Strengths are in per cent of the range, as `illusions calibrate --published rhs2007` takes them: half of the difference
between the two matches. Each model is read by field at its calibrated T, with the fields and the floor of the default.
The last row has the means.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from illusions.analyses.battery.strengths import as_stimuli, measured_strengths, with_strengths
from illusions.analyses.densities.matching import nearest_match
from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.readings.reading import FIELD
from illusions.models.model import load_model
from illusions.stimuli.published import load_published
from illusions.stimuli.stimulus import Stimulus

MODELS = ("cones16", "structure16")


def strengths(name: str, stimuli: Sequence[Stimulus], lighter: Sequence[float]) -> Iterator[float]:
    """What a model predicts; below 0 in the wrong direction."""
    model = load_model(name, device="cpu")
    reading = replace(FIELD, temperature=Temperature("calibrated"))
    for stimulus, sign in zip(stimuli, lighter, strict=True):
        curves = reading.rank(stimulus, model).curves
        difference = nearest_match(curves["1"], curves["2"]) - nearest_match(curves["2"], curves["1"])
        yield 50 * sign * difference / stimulus.axis.span


def main() -> None:
    """Print the table."""
    published = with_strengths(load_published("rhs2007"))
    stimuli = as_stimuli(published)
    first = measured_strengths(published, stimuli)[::2]
    lighter = [1.0 if match.value >= stimulus.value else -1.0 for match, stimulus in zip(first, stimuli, strict=True)]
    frame = pd.DataFrame({"people": [each.strength for each in published]}, index=[each.name for each in stimuli])
    for name in MODELS:
        frame[name] = list(strengths(name, stimuli, lighter))
    frame.loc["mean"] = frame.mean()
    frame.rename_axis("stimulus").round(2).to_csv(sys.stdout)


if __name__ == "__main__":
    main()
