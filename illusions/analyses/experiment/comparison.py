"""Observers' matches beside predictions by models, by the physical value, and by equal contrast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from illusions.analyses.densities.matching import nearest_match
from illusions.analyses.densities.temperature import UNITS
from illusions.analyses.experiment.observers import KNOWN, PAIR, measured_matches
from illusions.analyses.readings.calibration import root_mean_square
from illusions.analyses.readings.trivial import equal_contrast, veridical

if TYPE_CHECKING:
    from illusions.analyses.readings.scales import Ranking
    from illusions.stimuli.stimulus import Stimulus

#: The predictions that need no model, by the name that tables have for them.
TRIVIAL: Mapping[str, Callable[[Stimulus, str, str], float]] = {
    "veridical": veridical,
    "equal contrast": equal_contrast,
}
#: The columns of ``comparison.csv``.
COLUMNS = [
    *KNOWN, *("observers", "match", "low", "high", "predictor", "model", "temperature", "temperature_unit"),
    *("predicted", "predicted_standard_error", "in_gamut", "difference", "within"),
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Predictor:
    """A reading of a model, with its predictions."""

    name: str  #: its name in tables and figures.
    #: of the stimuli that it can read, at its temperature; of one that observers saw at several sizes, one for each
    #: size.
    rankings: Sequence[Ranking]
    #: name of a predictor that has the same curves at another temperature; empty for curves of its own.
    reads_as: str = ""
    #: for each ranking, the observers who saw the stimulus at its size; empty for all.
    seen_by: Sequence[Sequence[str]] = ()

    def of(self, name: str) -> list[tuple[Ranking, Sequence[str]]]:
        """The rankings of a stimulus, each with the observers who saw it at its size; none for all of them."""
        seen_by = self.seen_by or [()] * len(self.rankings)
        return [each for each in zip(self.rankings, seen_by, strict=True) if each[0].stimulus.name == name]


def comparison_frame(
    people: pd.DataFrame,
    stimuli: Iterable[Stimulus],
    predictors: Iterable[Predictor],
    means: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The rows of ``comparison.csv``: one per match that people set and predictor that says something about it.

    Args:
        people: of `mean_over_observers`.
        stimuli: those that people saw.
        predictors: beside which the two trivial ones are put.
        means: of `observer_means`. Where a stimulus was seen at several sizes, its prediction is the mean over the
            observers of the one at the size that each saw.

    Returns:
        The columns of ``people`` but for the standard error; predictor, model, temperature and temperature_unit (empty
        for the trivial ones); predicted (where there is no match in the gamut, and in_gamut is false, the end of the
        sweep that comes nearest) with its standard error over noise samples; difference (predicted minus match, as
        a share of the axis), and within: whether the prediction lies in the interval of the mean, missing without one.
    """
    by_name = {stimulus.name: stimulus for stimulus in stimuli}
    said = pd.concat(
        [_trivial(people, by_name), *(_of_predictor(p, name, means) for p in predictors for name in by_name)],
        ignore_index=True,
    )
    merged = people.merge(said, on=PAIR, sort=False)
    span = merged["stimulus"].map({name: stimulus.axis.span for name, stimulus in by_name.items()})
    circular = merged["stimulus"].map({name: stimulus.axis.circular for name, stimulus in by_name.items()})
    off = (merged["predicted"] - merged["match"]) / span
    merged["difference"] = np.where(circular, (off + 0.5) % 1 - 0.5, off)
    near = merged["match"] + merged["difference"] * span
    within = (merged["low"] <= near) & (near <= merged["high"])
    merged["within"] = within.astype(object).where(merged["low"].notna(), None)
    return merged[COLUMNS]


def errors_frame(comparison: pd.DataFrame, people: pd.DataFrame, stimuli: Sequence[Stimulus]) -> pd.DataFrame:
    """How far each predictor is off, beside the trivial ones on the same stimuli.

    Returns:
        Columns predictor, stimuli, matches (how many), error, veridical, equal_contrast: root mean squares of the
        difference, as shares of the axis; every stimulus counts the same. The best predictor is the first; those of
        fewer stimuli follow.
    """
    rows = []
    for name, said in comparison.groupby("predictor", sort=False):
        named = people.merge(said[[*PAIR, "predicted"]], on=PAIR)
        measured = measured_matches(named)
        errors = {"error": named["predicted"].tolist()}
        for trivial, predict in TRIVIAL.items():
            by_name = {stimulus.name: stimulus for stimulus in stimuli}
            errors[trivial.replace(" ", "_")] = [
                predict(by_name[each.stimulus], each.reference_condition, each.comparison_condition)
                for each in measured
            ]
        row = {"predictor": name, "stimuli": named["stimulus"].nunique(), "matches": len(named)}
        rows.append(row | {key: root_mean_square(values, measured, stimuli) for key, values in errors.items()})
    frame = pd.DataFrame(rows)
    return frame.sort_values(["stimuli", "error"], ascending=[False, True], kind="stable", ignore_index=True)


def _trivial(people: pd.DataFrame, stimuli: Mapping[str, Stimulus]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                **{column: getattr(row, column) for column in PAIR},
                "predictor": name,
                "model": "",
                "temperature": np.nan,
                "temperature_unit": "",
                "predicted": predict(
                    stimuli[str(row.stimulus)], str(row.reference_condition), str(row.comparison_condition)
                ),
                "predicted_standard_error": np.nan,
                "in_gamut": True,
            }
            for name, predict in TRIVIAL.items()
            for row in people.itertuples()
        ]
    )


def _of_predictor(predictor: Predictor, name: str, means: pd.DataFrame | None) -> pd.DataFrame:
    """A predictor's matches of one stimulus, at the sizes at which it was seen."""
    found = predictor.of(name)
    if len(found) < 2 or means is None:
        return pd.concat([pd.DataFrame(), *(_of_ranking(predictor.name, ranking) for ranking, _ in found)])
    axis, value = found[0][0].stimulus.axis, found[0][0].stimulus.value
    at_sizes = []
    for ranking, observers in found:
        counts = means[means["observer"].isin(list(observers))].groupby(PAIR).size().rename("weight")
        said = _of_ranking(predictor.name, ranking).merge(counts.reset_index(), on=PAIR)
        if axis.circular:  # averaged on the side of the circle on which the target is
            said["predicted"] = value + (said["predicted"] - value + axis.span / 2) % axis.span - axis.span / 2
        at_sizes.append(said)
    every = pd.concat(at_sizes, ignore_index=True)
    share = every["weight"] / every.groupby(PAIR)["weight"].transform("sum")
    every["predicted"] *= share
    every["predicted_standard_error"] = (share * every["predicted_standard_error"]) ** 2
    kept = [*PAIR, "predictor", "model", "temperature", "temperature_unit"]
    sums = every.groupby(kept, sort=False, as_index=False).agg(
        predicted=("predicted", "sum"),
        predicted_standard_error=("predicted_standard_error", lambda squares: np.sqrt(squares.sum(skipna=False))),
        in_gamut=("in_gamut", "all"),
    )
    return pd.DataFrame(sums)


def _of_ranking(name: str, ranking: Ranking) -> pd.DataFrame:
    """Matches of one stimulus by one reading."""
    rows = []
    for found in ranking.matches:
        curves = ranking.curves[found.reference_condition], ranking.curves[found.comparison_condition]
        rows.append(
            {
                "stimulus": found.stimulus,
                "reference_condition": found.reference_condition,
                "comparison_condition": found.comparison_condition,
                "predictor": name,
                "model": found.model,
                "temperature": found.temperature,
                "temperature_unit": UNITS[ranking.unit],
                "predicted": nearest_match(*curves),
                "predicted_standard_error": found.pse_standard_error,
                "in_gamut": found.in_gamut,
            }
        )
    return pd.DataFrame(rows)
