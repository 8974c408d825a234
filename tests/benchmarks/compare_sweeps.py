"""What adaptive sweeps change, over all shipped stimuli: ``python tests/benchmarks/compare_sweeps.py``.

Writes ``sweeps.csv``: by stimulus and temperature, how far ranks and matches of adaptive sweeps are from those
of full sweeps under the same noise, and what share of the values was scored. The full sweeps are scored once (natural16
at the scale of the stimulus; cones16, for brightness only, in its fields of view) and adaptive sweeps are replayed on
them: those of printed numbers, and the sketches in figures of many settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.densities.matching import equal_rank
from illusions.analyses.readings.ranking import DRAWS, Ranks, rank
from illusions.analyses.readings.reading import FIELD, PAPER, default_reading
from illusions.analyses.readings.sweeps import COARSE, FINE
from illusions.arrays import Bytes, Floats
from illusions.content import names
from illusions.models.model import load_model
from illusions.models.stacks import run
from illusions.stimuli.loading import load_stimulus
from illusions.stimuli.stimulus import Stimulus

HERE = Path(__file__).parent
BY_SCALE, BY_FIELD = [1.0, 50.0, 100.0, 532.0], [1.0, 20.0, 36.0, 100.0]
#: The reading of sketches.
SKETCHED = "paper, sketched"
#: What is promised: of ranks, and of matches as a share of the axis.
RANK, MATCH = 5e-4, 1e-3


@click.command()
@click.option("--stimulus", "stimuli", multiple=True, help="In place of all that are shipped.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=HERE / "sweeps.csv", show_default=True)
def main(stimuli: tuple[str, ...], output: Path) -> None:
    """Compare adaptive sweeps with full ones."""
    rows = []
    for name in stimuli or names("stimuli"):
        rows += [*by_scale(load_stimulus(name)), *by_field(load_stimulus(name))]
        click.echo(f"{name}: done", err=True)
    frame = pd.DataFrame(rows)
    frame.to_csv(output, index=False)
    columns = ["rank_difference", "match_difference", "share_scored"]
    by_temperature = frame.groupby(["reading", "temperature"])[columns]
    click.echo(by_temperature.agg(["max", "median", "mean"]).to_string())
    printed = frame[frame["reading"] != SKETCHED]
    wrong = (printed["rank_difference"] > RANK) | (printed["match_difference"] > MATCH)
    click.echo(f"{wrong.sum()} of {len(printed)} beyond {RANK:g} or {MATCH:g}, sketches apart")


@dataclass
class Recorded:
    """A model that has already scored all patches of a stimulus.

    Attributes:
        scores: by the bytes of a patch: shape (draws,).
    """

    name: str
    size: int
    dimensions: int
    scores: Mapping[bytes, Floats]

    def log_likelihood_draws(
        self, patches: Bytes, *, draws: int, seed: int, surround: object = None, first: int = 0
    ) -> Floats:
        """What was recorded."""
        return np.stack([self.scores[patch.tobytes()] for patch in patches], axis=1)[first : first + draws]


def by_scale(stimulus: Stimulus) -> Iterator[dict[str, Any]]:
    """A row per temperature."""
    model = load_model(PAPER.model, device="cpu")
    full = rank(stimulus, model)
    scores = {
        patch.tobytes(): column
        for name, curve in full.items()
        for patch, column in zip(stimulus.patches(name, size=model.size), curve.draws.T, strict=True)
    }
    recorded = Recorded(model.name, model.size, model.dimensions, scores)
    for reading, tolerance in (("paper", FINE), (SKETCHED, COARSE)):
        for temperature in BY_SCALE:
            at_it = {name: curve.at_temperature(temperature) for name, curve in full.items()}
            ranks = Ranks(stimulus, recorded, temperature, seed=0, full_sweep=False, tolerance=tolerance)
            yield row(stimulus, reading, temperature, run(recorded, ranks.under(DRAWS)), at_it)


def by_field(stimulus: Stimulus) -> Iterator[dict[str, Any]]:
    """A row per temperature; none for what is not read by field, or is a colour."""
    if default_reading(stimulus) is not FIELD:
        return
    model = load_model(FIELD.model, device="cpu")
    few, full = (replace(FIELD, full_sweep=whole).rank(stimulus, model) for whole in (False, True))
    for temperature in BY_FIELD:
        scored = few if temperature >= 20 else full
        curves, expected = (ranking.at_temperature(temperature).curves for ranking in (scored, full))
        yield row(stimulus, "field", temperature, curves, expected)


def row(
    stimulus: Stimulus,
    reading: str,
    temperature: float,
    curves: Mapping[str, LikelihoodCurve],
    full: Mapping[str, LikelihoodCurve],
) -> dict[str, Any]:
    """How far curves are from those of full sweeps."""
    ranks = max(ranks_apart(curves[name], full[name]).max() for name in full)
    targets = max(abs(c.percentile_rank(c.value) - full[name].percentile_rank(c.value)) for name, c in curves.items())
    scored = [1.0 if curve.scored is None else float(curve.scored.mean()) for curve in curves.values()]
    return {
        "stimulus": stimulus.name,
        "reading": reading,
        "temperature": temperature,
        "rank_difference": float(f"{ranks:.2g}"),
        "rank_difference_at_target": float(f"{targets:.2g}"),
        "match_difference": float(f"{max(_match_differences(curves, full), default=0.0):.2g}"),
        "share_scored": float(f"{np.mean(scored):.3g}"),
    }


def ranks_apart(first: LikelihoodCurve, second: LikelihoodCurve) -> Floats:
    """Differences of the ranks of two curves; of hues around the circle, on which the cut is both 0 and 1."""
    apart = np.abs(first.percentile_ranks - second.percentile_ranks)
    return np.minimum(apart, 1 - apart) if first.axis.circular else apart


def _match_differences(curves: Mapping[str, LikelihoodCurve], full: Mapping[str, LikelihoodCurve]) -> Iterator[float]:
    """Of every ordered pair of conditions, as shares of the axis; infinite where only one of the two has a match."""
    for a, b in permutations(full, 2):
        found, expected = (equal_rank(of[a], of[a].value, of[b]) for of in (curves, full))
        if found is None or expected is None:
            yield 0.0 if found is expected else np.inf
        else:
            apart = abs(found - expected) / full[a].axis.high
            yield abs(apart - round(apart)) if full[a].axis.circular else apart


if __name__ == "__main__":
    main()
