"""The tables of a contest: who says what of every stimulus and of every match, and the scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from illusions.analyses.battery.contest import Result, set_names
from illusions.analyses.battery.match_contest import LeftOut, MatchResult
from illusions.analyses.battery.match_scores import LEFT_OUT, best_rival, ceiling, match_scores
from illusions.analyses.battery.matches import Group
from illusions.analyses.battery.scores import is_right, lighter_of
from illusions.tables import write_table

if TYPE_CHECKING:
    from illusions.stimuli.published import PublishedStimulus

#: The columns of ``scores.csv``.
SCORES = ("predictor", "set", "score", "left_out", "value", "low", "high", "n")
#: By what a setting is chosen without: what the columns of that setting and of its shift begin with.
_PREFIX: Mapping[LeftOut, str] = {"nothing": "", "surround": "cross_validated_", "set": "other_sets_"}
#: The columns of ``battery.csv`` that all rows have, and those that matches have besides.
_FIRST, _ANSWERED = ("set", "stimulus", "family", "predictor", "setting"), ("reason", "cross_validated_setting")
_OF_MATCHES = (
    *("x", "people_shift", "people_standard_error", "unit"),
    *(f"{prefix}shift" for prefix in _PREFIX.values()),
    "other_sets_setting",
)
#: What stands for a predictor in the rows of what people's standard errors allow.
CEILING = "noise ceiling"


def battery_frame(results: Sequence[Result], matches: Sequence[MatchResult] = ()) -> pd.DataFrame:
    """The rows of ``battery.csv``: one per stimulus, or match of people, and predictor.

    Columns: set, stimulus (or setting), family (or surround), predictor, setting (the one that does best on everything;
    of matches on all of the set); target_1, target_2 and as many as the stimuli have (values at that setting);
    difference (1 minus 2), lighter (which target is said to be), people (which it is for people: 1, 2 or none; empty
    where unknown), contested, right, reason (why there is no prediction); cross_validated_setting,
    cross_validated_difference, cross_validated_right, cross_validated_reason (the same at the setting that was chosen
    without the family or surround); strength, strength_unit (people's). Of matches x, people_shift,
    people_standard_error, unit; shift, cross_validated_shift and other_sets_shift, the last with other_sets_setting,
    chosen without all matches of the study.
    """
    rows = [
        *(_row(result, i, stimulus) for i, stimulus in _stimuli(results) for result in results),
        *(row for group in _groups(matches) for result in matches for row in _match_rows(result, group)),
    ]
    most = max((int(stimulus.targets.max()) for _, stimulus in _stimuli(results)), default=0)
    return pd.DataFrame(rows).reindex(columns=_columns(most, bool(results), bool(matches)))


def scores_frame(results: Sequence[Result], matches: Sequence[MatchResult] = (), *, seed: int = 0) -> pd.DataFrame:
    """The rows of ``scores.csv``: one per predictor, set, score, and what its setting was chosen without.

    Args:
        results: of the same stimuli.
        matches: of the same groups.
        seed: of the resamples for intervals.
    """
    rows = [
        (result.entry.name, name, score.name, "family" if held_out else "nothing", *score.numbers)
        for result in results
        for name in set_names(result.stimuli)
        for held_out in (False, True)
        for score in result.scores(name, cross_validated=held_out, seed=seed)
    ]
    return pd.DataFrame([*rows, *_match_scores(matches, seed)], columns=list(SCORES))


def match_sets(matches: Sequence[MatchResult]) -> dict[str, list[Group]]:
    """The groups of every set of matches, by its name; sets that are contested are not scored, and not among them."""
    sets: dict[str, list[Group]] = {}
    for group in _groups(matches):
        if not group.people.contested:
            sets.setdefault(group.people.name, []).append(group)
    return sets


def _match_scores(matches: Sequence[MatchResult], seed: int) -> Iterator[tuple[object, ...]]:
    for name, groups in match_sets(matches).items():
        best = {left_out: best_rival(matches, groups, left_out) for left_out in LEFT_OUT}
        for result in matches:
            for left_out in LEFT_OUT:
                for score in match_scores(result, groups, left_out, best=best[left_out], seed=seed):
                    yield result.entry.name, name, score.name, left_out, *score.numbers
        for score in ceiling(groups):
            yield CEILING, name, score.name, "nothing", *score.numbers


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """As CSV, with true and false in small letters, as in the tables of the stimuli."""
    write_table(path, frame.map(lambda value: str(value).lower() if isinstance(value, bool) else value))


def _stimuli(results: Sequence[Result]) -> list[tuple[int, PublishedStimulus]]:
    return list(enumerate(results[0].stimuli)) if results else []


def _groups(matches: Sequence[MatchResult]) -> Sequence[Group]:
    return matches[0].groups if matches else ()


def _columns(targets: int, directions: bool, matches: bool) -> list[str]:
    """The columns of ``battery.csv``, in their order."""
    shown = [f"target_{k}" for k in range(1, targets + 1)]
    if not directions:
        return [*_FIRST, "contested", *_ANSWERED, "cross_validated_reason", *_OF_MATCHES]
    return [
        *(*_FIRST, *shown, "difference", "lighter", "people", "contested", "right", *_ANSWERED),
        *("cross_validated_difference", "cross_validated_right", "cross_validated_reason", "strength"),
        *("strength_unit", *(_OF_MATCHES if matches else ())),
    ]


def _match_rows(result: MatchResult, group: Group) -> Iterator[dict[str, Any]]:
    settings = {left_out: result.setting(group, left_out) for left_out in LEFT_OUT}
    shifts = {left_out: result.shifts(group, left_out) for left_out in LEFT_OUT}
    for i, people in enumerate(group.settings):
        yield {
            "set": group.people.name,
            "stimulus": people.name,
            "family": group.name,
            "predictor": result.entry.name,
            **{
                f"{prefix}setting": None if (chosen := settings[left_out]) is None else result.entry.settings[chosen]
                for left_out, prefix in _PREFIX.items()
            },
            **{f"{prefix}shift": shifts[left_out][i] for left_out, prefix in _PREFIX.items()},
            "contested": group.people.contested,
            "reason": result.reason(group, "nothing"),
            "cross_validated_reason": result.reason(group, "surround"),
            "x": people.x,
            "people_shift": people.shift,
            "people_standard_error": people.standard_error,
            "unit": group.people.unit,
        }


def _row(result: Result, index: int, stimulus: PublishedStimulus) -> dict[str, Any]:
    answer, held_out = result.answer(index), float(result.cross_validated[index])
    other = result.setting_without(stimulus.family)
    values = dict(enumerate(answer.values, start=1))
    return {
        "set": stimulus.set,
        "stimulus": stimulus.name,
        "family": stimulus.family,
        "predictor": result.entry.name,
        "setting": result.setting,
        **{f"target_{k}": value for k, value in values.items()},
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
