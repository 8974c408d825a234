"""The tables of a contest: who says what of every stimulus, and the scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from illusions.analyses.battery.contest import Result, set_names
from illusions.analyses.battery.scores import is_right, lighter_of
from illusions.tables import write_table

if TYPE_CHECKING:
    from illusions.stimuli.published import PublishedStimulus

#: The columns of ``scores.csv``.
SCORES = ("predictor", "set", "score", "cross_validated", "value", "low", "high", "n")


def battery_frame(results: Sequence[Result]) -> pd.DataFrame:
    """The rows of ``battery.csv``: one per stimulus and predictor.

    Columns: set, stimulus, family, predictor, setting (the one that does best on everything); target_1, target_2 and as
    many as the stimuli have (values at that setting); difference (1 minus 2), lighter (which target is said to be),
    people (which it is for people: 1, 2 or none; empty if unknown), contested, right, reason (why there is no
    prediction); cross_validated_setting, cross_validated_difference, cross_validated_right, cross_validated_reason
    (the same at the setting that was chosen without the family); strength, strength_unit (people's).
    """
    most = max(int(stimulus.targets.max()) for stimulus in results[0].stimuli)
    return pd.DataFrame(
        [_row(result, i, stimulus, most) for i, stimulus in enumerate(results[0].stimuli) for result in results]
    )


def scores_frame(results: Sequence[Result], *, seed: int = 0) -> pd.DataFrame:
    """The rows of ``scores.csv``: one per predictor, set, score, and whether it is cross-validated.

    Args:
        results: of the same stimuli.
        seed: of the resamples for intervals.
    """
    rows = [
        (result.entry.name, name, score.name, held_out, score.value, score.low, score.high, score.n)
        for result in results
        for name in set_names(result.stimuli)
        for held_out in (False, True)
        for score in result.scores(name, cross_validated=held_out, seed=seed)
    ]
    return pd.DataFrame(rows, columns=list(SCORES))


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """As CSV, with true and false in small letters, as in the tables of the stimuli."""
    write_table(path, frame.map(lambda value: str(value).lower() if isinstance(value, bool) else value))


def _row(result: Result, index: int, stimulus: PublishedStimulus, most: int) -> dict[str, Any]:
    answer, held_out = result.answer(index), float(result.cross_validated[index])
    other = result.setting_without(stimulus.family)
    values = dict(enumerate(answer.values, start=1))
    return {
        "set": stimulus.set,
        "stimulus": stimulus.name,
        "family": stimulus.family,
        "predictor": result.entry.name,
        "setting": result.setting,
        **{f"target_{k}": values.get(k) for k in range(1, most + 1)},
        "difference": answer.difference,
        "lighter": lighter_of(answer.difference),
        "people": "none" if stimulus.equal else "" if stimulus.lighter is None else str(stimulus.lighter),
        "contested": stimulus.contested,
        "right": is_right(stimulus, answer.difference),
        "reason": answer.reason,
        "cross_validated_setting": other,
        "cross_validated_difference": held_out,
        "cross_validated_right": is_right(stimulus, held_out),
        "cross_validated_reason": result.answers[index][other].reason,
        "strength": stimulus.strength,
        "strength_unit": stimulus.strength_unit,
    }
