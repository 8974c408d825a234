"""By how much bfloat16 couplings change percentile ranks: ``python tests/benchmarks/compare_precisions.py``.

Writes ``precisions.csv``: for every temperature the largest and the median difference between the percentile ranks of
all values of all conditions of `STIMULI`, scored by a shipped model in float32 and in bfloat16 under the same noise.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.readings.ranking import rank
from illusions.models.model import load_model
from illusions.stimuli.loading import load_stimulus
from tests.benchmarks.compare_sweeps import ranks_apart

HERE = Path(__file__).parent
STIMULI = [
    "brightness-contrast",
    "saturation-contrast",
    "hue-contrast",
    "brightness-contrast-photograph",
    "saturation-contrast-photograph",
    "white",
    "munker",
]
TEMPERATURES = [1, 10, 50, 100, 150, 532]
DRAWS = 2


@click.command()
@click.option("--model", "models", multiple=True, default=("natural16", "cones16", "structure16"), show_default=True)
def main(models: tuple[str, ...]) -> None:
    """Compare float32 and bfloat16."""
    frame = pd.DataFrame([row for model in models for row in compare(model)])
    frame.to_csv(HERE / "precisions.csv", index=False)
    click.echo(frame.to_string(index=False))


def compare(model: str) -> Iterator[dict[str, object]]:
    """The rows of a model, one per temperature."""
    pairs = [pair for name in STIMULI for pair in curves(name, model)]
    for temperature in TEMPERATURES:
        differences = np.concatenate(
            [ranks_apart(*(each.at_temperature(temperature) for each in pair)) for pair in pairs]
        )
        yield {
            "model": model,
            "temperature": temperature,
            "values": len(differences),
            "largest_difference": float(f"{differences.max():.2g}"),
            "median_difference": float(f"{np.median(differences):.2g}"),
        }


def curves(stimulus: str, model: str) -> list[tuple[LikelihoodCurve, LikelihoodCurve]]:
    """The curve of every condition in float32 and in bfloat16."""
    single, half = (
        rank(load_stimulus(stimulus), load_model(model, precision=precision), draws=DRAWS)
        for precision in ("32", "bf16")
    )
    return [(single[condition], half[condition]) for condition in single]


if __name__ == "__main__":
    main()
