"""Mean matches: over the trials of each observer first, then over observers. Trials are never pooled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t as student

from illusions.analyses.readings.calibration import RESAMPLES, Measured
from illusions.arrays import Floats
from illusions.stimuli.axes import AXES

#: What names a match, and what is known of it besides.
PAIR = ["stimulus", "reference_condition", "comparison_condition"]
KNOWN = ["stimulus", "axis", "reference_condition", "comparison_condition", "reference_value"]
_CONFIDENCE = 0.95


def observer_means(matches: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``matches.csv``: one per observer and pair of conditions.

    Trials of one observer, in however many sessions, count as theirs. An observer without a code is a session of its
    own.

    Args:
        matches: of ``Responses.matches``.

    Returns:
        Columns observer, stimulus, axis, reference_condition, comparison_condition, reference_value, trials, match (the
        mean, in the axis' units), low and high (its 95 % interval by Student's t over the trials; NaN for one trial).
        On a circular axis all three are within half a turn of the reference value, or near it, and so possibly below 0
        or beyond a full turn.
    """
    named = named_observers(matches)
    return _means(named.assign(match=_unwrapped(named)), ["observer", *KNOWN], "trials").drop(columns="standard_error")


def named_observers(matches: pd.DataFrame) -> pd.DataFrame:
    """Matches in which an observer without a code has that of the session."""
    return matches.assign(observer=matches["observer"].where(matches["observer"] != "", matches["session"]))


def mean_over_observers(means: pd.DataFrame) -> pd.DataFrame:
    """The mean match over observers, of the means of each observer.

    Args:
        means: of `observer_means`.

    Returns:
        Columns stimulus, axis, reference_condition, comparison_condition, reference_value, observers, match, low and
        high (its 95 % interval by Student's t over observers), standard_error; NaN for one observer.
    """
    return _means(means, KNOWN, "observers")


def measured_matches(people: pd.DataFrame) -> list[Measured]:
    """The rows of `mean_over_observers`, as a temperature is fitted to them."""
    return [
        Measured(str(stimulus), str(reference), str(comparison), float(value), float(error))
        for stimulus, reference, comparison, value, error in people[[*PAIR, "match", "standard_error"]].to_numpy()
    ]


def resampled_means(means: pd.DataFrame, people: pd.DataFrame, *, count: int = RESAMPLES, seed: int = 0) -> Floats:
    """Means over observers who are drawn with replacement, all matches of an observer together.

    Args:
        means: of `observer_means`.
        people: of `mean_over_observers`, for the order of the columns.
        count: how many resamples.
        seed: of the draws.

    Returns:
        Shape (count, n): a column per row of ``people``; NaN if no drawn observer has set that match.
    """
    table = means.pivot_table(index="observer", columns=PAIR, values="match")
    set_by = table[[tuple(row) for row in people[PAIR].itertuples(index=False)]].to_numpy()
    drawn = np.random.default_rng(seed).integers(len(set_by), size=(count, len(set_by)))
    known = np.isfinite(set_by)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, set_by, 0)[drawn].sum(axis=1) / known[drawn].sum(axis=1))


def _unwrapped(matches: pd.DataFrame) -> pd.Series:
    """Matches on circular axes within half a turn of the reference value, so that they can be averaged."""
    turns = matches["axis"].map({name: axis.high for name, axis in AXES.items() if axis.circular})
    off = matches["match"] - matches["reference_value"]
    wrapped = matches["reference_value"] + (off + turns / 2) % turns - turns / 2
    return wrapped.where(turns.notna(), matches["match"])


def _means(frame: pd.DataFrame, by: Sequence[str], counted: str) -> pd.DataFrame:
    groups = frame.groupby(list(by), sort=False)["match"]
    found = groups.agg(["count", "mean", "sem"]).reset_index()
    found = found.set_axis([*by, counted, "match", "standard_error"], axis="columns")
    half = student.ppf((1 + _CONFIDENCE) / 2, found[counted] - 1) * found["standard_error"]
    found.insert(len(by) + 2, "low", found["match"] - half)
    found.insert(len(by) + 3, "high", found["match"] + half)
    return found
