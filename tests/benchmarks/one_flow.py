"""All scores of a flow at once: brightness (directions, strengths, shares) and hue, by field of view.

    python tests/benchmarks/one_flow.py cones16 structure16 runs/view-* > tests/benchmarks/one-flow.csv
    python tests/benchmarks/one_flow.py cones16+runs/cones16-seed2                    two flows as one, an ensemble
    python tests/benchmarks/one_flow.py tests/benchmarks/one-flow.csv                 the same as a table of Markdown
    python tests/benchmarks/one_flow.py --floors structure16 cones16                  the floor chosen, not given

It trains nothing. The small models come from `illusions train tests/benchmarks/ablations/NAME.toml --photos PHOTOS -o
runs/NAME`. Brightness is read as `illusions battery` does. Hue: the 128 settings of klauke2015. The density over hues
of the target on the chromatic surround is carried to that on grey, along the circle, by the map that turns hues least;
the shift is the image minus the target. T is in nats per pixel of the target.

What is cross-validated was chosen without the family of illusions, or without the surround, that is scored.

The rule by which a view is chosen, written before any was scored: the greatest sum of six shares of goals, each at most
1, at the reading of brightness that is best for the view. 24 of 25 directions of rhs2007 and 17 of 17 of the three
smaller sets, both above chance; strengths 0.6; shares 0.85; hue error 3.7° against 8.11° of no shift; residual r 0.6.
Views within 0.1 of each other: the one with fewer choices in it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
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
    Quantity,
    Read,
    ReadFlow,
    ScaledTemperature,
    by_field,
    mean_consistency,
    mean_rank,
    own_rank,
    share_of_placements,
)
from illusions.analyses.battery.predictors import Entry, Labels, Table
from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.densities.transport import circular_map
from illusions.analyses.readings.fields import rank_by_field
from illusions.analyses.readings.reading import ModelWithFloor
from illusions.arrays import Bytes, Floats
from illusions.models.model import load_model
from illusions.models.stacks import Stack, WrappedModel, score_stacks, sees_colour
from illusions.stimuli.published import PublishedStimulus, load_published
from illusions.stimuli.settings import Setting, SettingsSet, load_settings
from tests.benchmarks.battery_ablations import above_mean_in_deviations, log_odds

#: Published directions, strengths and shares of brightness.
SETS = ("rhs2007", "murray2020", "bindman2004", "betz2015")
PLACEMENTS = 8
#: How a value per target is read, and which temperatures are tried with it.
READINGS: dict[str, tuple[Read, Quantity, tuple[ScaledTemperature, ...]]] = {
    "rank": (mean_rank, own_rank, PER_PIXEL),
    "log odds": (mean_rank, log_odds, PER_PIXEL),
    "deviations": (mean_rank, above_mean_in_deviations, PER_PIXEL),
    "consistency": (mean_consistency, own_rank, (*FIXED, *PER_PIXEL)),
    "share": (share_of_placements, own_rank, FIXED),
}

#: Least contrasts by which luminance is divided that are tried, as shares of the range.
FLOORS = (0.05, 0.1, 0.2)

#: Of hue: fields of view, degrees; temperatures, nats per pixel of the target; and looks.
HUE_SET, HUE_FIELDS = "klauke2015", (6.0, 8.0, 10.0, 12.0)
HUE_TEMPERATURES = (3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 40.0, 65.0, 100.0, 160.0, 250.0, 400.0)
HUE_LOOKS = 4


class Ensemble(WrappedModel):
    """Several models as one: the mean of their log-likelihoods.

    Args:
        members: models that see patches of the same size and number of values.
    """

    def __init__(self, members: Sequence[ModelWithFloor]) -> None:
        if len({(member.size, member.dimensions) for member in members}) > 1:
            raise ValueError("members see patches of different sizes or numbers of values")
        super().__init__(members[0])
        self.name = " + ".join(member.name for member in members)
        self._members = members

    def with_floor(self, floor: float) -> Ensemble:
        """The same of members with another floor."""
        return Ensemble([member.with_floor(floor) for member in self._members])

    def log_likelihood_of_stacks(self, stacks: Sequence[Stack]) -> list[Floats]:
        """The means over members."""
        return [
            np.mean(found, axis=0)
            for found in zip(*(score_stacks(member, stacks) for member in self._members), strict=True)
        ]


def brightness(
    model: ModelWithFloor, stimuli: list[PublishedStimulus], temperatures: tuple[ScaledTemperature, ...] = ()
) -> Iterator[dict[str, object]]:
    """The scores of every set, by reading; cross-validated, and of single fields at one temperature.

    Args:
        model: that is scored.
        stimuli: all sets.
        temperatures: that are tried in place of those of the readings; the second is that of single fields.
    """
    flow = ReadFlow(model.with_floor(FLOOR), placements=PLACEMENTS)
    for name, (read, quantity, usual) in READINGS.items():
        entry = by_field(flow, name, "", read, temperatures or usual, quantity=quantity)
        yield from _scores(model, entry, stimuli, "cross-validated")
    t = (temperatures or PER_PIXEL)[1]
    for field in FIELDS:
        entry = by_field(flow, "rank", "", mean_rank, [t], fields=[(field,)])
        yield from _scores(model, entry, stimuli, f"{field:g}°, T = {t.nats:g}")


def by_floor(model: ModelWithFloor, stimuli: list[PublishedStimulus]) -> Iterator[dict[str, object]]:
    """The same with the floor of the surround's contrast among the settings: of each alone, and cross-validated."""
    entries = {
        floor: by_field(ReadFlow(model.with_floor(floor), placements=PLACEMENTS), "rank", "", mean_rank, PER_PIXEL)
        for floor in FLOORS
    }

    def answer(picture: Bytes, targets: Labels, pixels_per_degree: float) -> Table:
        return {
            f"floor {floor:g}, {setting}": values
            for floor, entry in entries.items()
            for setting, values in entry.answer(picture, targets, pixels_per_degree).items()
        }

    settings = [f"floor {floor:g}, {setting}" for floor, entry in entries.items() for setting in entry.settings]
    for floor, entry in entries.items():
        yield from _scores(model, entry, stimuli, f"floor {floor:g}, cross-validated")
    yield from _scores(model, Entry("rank", "", answer, tuple(settings)), stimuli, "floor fitted, cross-validated")


def _scores(
    model: ModelWithFloor, entry: Entry, stimuli: list[PublishedStimulus], setting: str
) -> Iterator[dict[str, object]]:
    result = compete(entry, stimuli)
    for name in SETS:
        for score in result.scores(name, cross_validated=True):
            if score.name != "directions_with_contested":
                yield row(
                    model, f"{name}: {score.name}", entry.name, setting, score.value, score.low, score.high, score.n
                )


def hue(
    model: ModelWithFloor, temperatures: tuple[float, ...] = HUE_TEMPERATURES, *, exponent: float = 1.0
) -> Iterator[dict[str, object]]:
    """Error, r and residual r of hue shifts: by field at the best T, and all cross-validated over T and fields.

    Args:
        model: that is scored.
        temperatures: that are tried, in nats × pixels of the target^exponent.
        exponent: 1 for T in nats per pixel.
    """
    people, seen = load_settings(HUE_SET), model.with_floor(FLOOR)
    groups: dict[str, list[Setting]] = {}
    for setting in people.settings:
        groups.setdefault(setting.group, []).append(setting)
    found: dict[tuple[float, float], Floats] = {}
    for field in HUE_FIELDS:
        curves = [
            rank_by_field(of_group[0].stimulus, seen, [field], 1.0, exponent=exponent, placements=HUE_LOOKS).curves
            for of_group in groups.values()
        ]
        for t in temperatures:
            found[field, t] = np.array(
                [shifts(people, each, at, t) for each, at in zip(groups.values(), curves, strict=True)]
            )
    human = np.array([[setting.shift for setting in of_group] for of_group in groups.values()])
    for own in HUE_FIELDS:
        of_field = {key: shifted for key, shifted in found.items() if key[0] == own}
        yield from _hue_rows(model, human, of_field, f"{own:g}°")
    yield from _hue_rows(model, human, found, "all fields")


def shifts(people: SettingsSet, of_group: list[Setting], curves: Mapping[str, LikelihoodCurve], t: float) -> Floats:
    """Degrees by which the targets of one surround turn, shape (n,)."""
    first = of_group[0]
    there, on_grey = (curves[name].at_temperature(t) for name in (first.test, first.reference))
    start, period = there.values[0], there.period
    values = np.array([setting.value for setting in of_group])
    images = circular_map(there.density, on_grey.density, (values - start) / period) * period + start
    return people.shifts(values, images)


def _hue_rows(
    model: ModelWithFloor, human: Floats, found: dict[tuple[float, float], Floats], setting: str
) -> Iterator[dict[str, object]]:
    """At the best setting, and with the setting of each surround chosen on all the others."""
    settings, shifted = list(found), np.array(list(found.values()))
    squared = ((shifted - human) ** 2).mean(axis=2)
    best = int(np.argmin(squared.mean(axis=1)))
    without = [int(np.argmin(np.delete(squared, i, axis=1).mean(axis=1))) for i in range(len(human))]
    held_out = np.array([shifted[k, i] for i, k in enumerate(without)])
    chosen = "{:g}°, T = {:g}".format(*settings[best])
    for name, predicted in ((f"{setting}, best: {chosen}", shifted[best]), (f"{setting}, cross-validated", held_out)):
        own, theirs = predicted - predicted.mean(axis=0), human - human.mean(axis=0)
        for score, value in (
            ("hue: error", np.sqrt(np.mean((predicted - human) ** 2))),
            ("hue: r", np.corrcoef(predicted.ravel(), human.ravel())[0, 1]),
            ("hue: residual r", np.corrcoef(own.ravel(), theirs.ravel())[0, 1]),
        ):
            yield row(model, score, "rank", name, float(value), np.nan, np.nan, human.size)


#: Of the score, the goal and what counts as nothing.
GOALS = {
    "rhs2007: directions": (24 / 25, 0.5),
    "smaller sets: directions": (1.0, 0.5),
    "rhs2007: strength_correlation": (0.6, 0.0),
    "murray2020: share_correlation": (0.85, 0.0),
    "hue: error": (3.7, 8.11),
    "hue: residual r": (0.6, 0.0),
}


def goals(model: ModelWithFloor, rows: list[dict[str, object]]) -> dict[str, object]:
    """The sum of the shares of goals that a model reaches, each at most 1, at its best reading of brightness."""
    table = pd.DataFrame(rows)
    table = table[table["setting"].isin(["cross-validated", "all fields, cross-validated"])]
    smaller = table[table["score"].str.endswith(": directions") & ~table["score"].str.startswith("rhs2007")]
    right = (smaller["value"] * smaller["n"]).groupby(smaller["reading"]).sum() / smaller["n"].groupby(
        smaller["reading"]
    ).sum()
    found = {(row["score"], row["reading"]): float(row["value"]) for row in table.to_dict("records")}
    found |= {("smaller sets: directions", reading): float(value) for reading, value in right.items()}

    def share(score: str, reading: str) -> float:
        goal, nothing = GOALS[score]
        return min(1.0, float(np.nan_to_num(found[score, reading]) - nothing) / (goal - nothing))

    hues = sum(share(score, "rank") for score in GOALS if (score, "rank") in found and score.startswith("hue"))
    sums = {
        reading: hues + sum(share(score, reading) for score in GOALS if not score.startswith("hue"))
        for reading in READINGS
    }
    best = max(sums, key=lambda reading: sums[reading])
    return row(model, "sum of shares of goals", best, "cross-validated", sums[best], np.nan, np.nan, len(GOALS))


@cache
def published() -> list[PublishedStimulus]:
    return [stimulus for name in SETS for stimulus in load_published(name)]


def row(
    model: ModelWithFloor, score: str, reading: str, setting: str, value: float, low: float, high: float, n: int
) -> dict[str, object]:
    return {
        "model": model.name,
        "score": score,
        "reading": reading,
        "setting": setting,
        "value": round(value, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "n": n,
    }


def summary(scores: pd.DataFrame) -> list[str]:
    """A line of Markdown per model: its scores, cross-validated, at its best reading of brightness."""
    return [f"| {name} | {_in_a_line(of_model)} |" for name, of_model in scores.groupby("model", sort=False)]


def _in_a_line(scores: pd.DataFrame) -> str:
    total = scores[scores["score"] == "sum of shares of goals"].iloc[0]
    own = scores[(scores["reading"] == total["reading"]) & (scores["setting"] == "cross-validated")]
    value, n = (own.set_index("score")[column] for column in ("value", "n"))
    right = (value * n)[lambda rows: rows.index.str.endswith(": directions")].round().astype(int)
    smaller = int(right.sum() - right["rhs2007: directions"])
    hues = scores[scores["setting"] == "all fields, cross-validated"].set_index("score")["value"]
    cells = [
        total["reading"],
        right["rhs2007: directions"],
        smaller,
        *(f"{value[f'{name}_correlation']:+.2f}" for name in ("rhs2007: strength", "murray2020: share")),
        *(f"{hues[f'hue: {name}']:.2f}" if len(hues) else "" for name in ("error", "r", "residual r")),
        f"{total['value']:.2f}",
    ]
    return " | ".join(map(str, cells))


def floors(names: list[str]) -> pd.DataFrame:
    """Scores of brightness by floor."""
    models = [load_model(name, device="cpu") for name in names]
    return pd.DataFrame([each for model in models for each in by_floor(model, published())])


def score(names: list[str]) -> pd.DataFrame:
    """All scores of models of these names or folders."""
    rows: list[dict[str, object]] = []
    for each in names:
        members = [load_model(name, device="cpu") for name in each.split("+")]
        loaded = members[0] if len(members) == 1 else Ensemble(members)
        found = [*(hue(loaded) if sees_colour(loaded) else ()), *brightness(loaded, published())]
        rows += [*found, goals(loaded, found)]
        print(each, file=sys.stderr)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    if sys.argv[1].endswith(".csv"):
        print("\n".join(summary(pd.read_csv(sys.argv[1]))))
    elif sys.argv[1] == "--floors":
        floors(sys.argv[2:]).to_csv(sys.stdout, index=False)
    else:
        score(sys.argv[1:]).to_csv(sys.stdout, index=False)
