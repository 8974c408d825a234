"""Scores of predicted matches: the error, correlations, and what the errors of people leave of them.

Intervals are percentiles over resamples of the surrounds. The setting of a predictor is not chosen anew in them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from illusions.analyses.battery.match_contest import LeftOut, MatchResult
from illusions.analyses.battery.matches import Group
from illusions.analyses.battery.scores import LEAST_FOR_INTERVAL, RESAMPLES, Score
from illusions.arrays import Floats

#: From sums over matches, shape (..., 6) as of `_sums`, to a number for each, shape (...).
_Measure: TypeAlias = Callable[[Floats], Floats]
#: What settings can be chosen without, in the order of the tables.
LEFT_OUT: tuple[LeftOut, ...] = ("nothing", "surround", "set")


def match_scores(
    result: MatchResult, groups: Sequence[Group], left_out: LeftOut, *, best: MatchResult | None = None, seed: int = 0
) -> list[Score]:
    """The scores of one predictor on one set: error, correlation, residual correlation, and the lead over a rival.

    The residual correlation is over what is left after the mean over surrounds is taken off predictions and matches.

    Args:
        result: of the predictor.
        groups: of the set.
        left_out: what its settings are chosen without.
        best: the rival whose error is taken off the predictor's; none if left out.
        seed: of the resamples.

    Returns:
        None where there is nothing to choose a setting on.
    """
    if result.setting(groups[0], left_out) is None:
        return []
    predicted, human = _said(result, groups, left_out), [group.shifts for group in groups]
    x = [group.x for group in groups]
    raw, left = _sums(predicted, human), _sums(_residuals(predicted, x), _residuals(human, x))
    scores = [
        _score("error", _error, raw, seed),
        _score("correlation", _correlation, raw, seed),
        _score("residual_correlation", _correlation, left, seed),
    ]
    if best is not None:
        both = np.concatenate([raw, _sums(_said(best, groups, left_out), human)], axis=1)
        scores.append(_score("error_minus_best_rival", _lead, both, seed))
    return scores


def best_rival(results: Sequence[MatchResult], groups: Sequence[Group], left_out: LeftOut) -> MatchResult | None:
    """The predictor without a flow that has the least error on a set; None without any."""
    rivals = [r for r in results if not r.entry.is_flow and r.setting(groups[0], left_out) is not None]
    return min(rivals, key=lambda result: error_of(result, groups, left_out), default=None)


def error_of(result: MatchResult, groups: Sequence[Group], left_out: LeftOut) -> float:
    """The error of a predictor on some groups, the root mean square over all their matches."""
    return float(_error(_sums(_said(result, groups, left_out), [group.shifts for group in groups]).sum(axis=0)))


def ceiling(groups: Sequence[Group]) -> list[Score]:
    """What a predictor of the true means is expected to have, as the matches have standard errors."""
    squared = np.concatenate([group.standard_errors**2 for group in groups])
    human = [group.shifts for group in groups]
    left = _residuals(human, [group.x for group in groups])
    numbers = {
        "error": math.sqrt(squared.mean()),
        "correlation": _reliability(np.concatenate(human), squared),
        "residual_correlation": _reliability(np.concatenate(left), squared),
    }
    return [Score(name, value, math.nan, math.nan, len(squared)) for name, value in numbers.items()]


def _said(result: MatchResult, groups: Sequence[Group], left_out: LeftOut) -> list[Floats]:
    """The predicted shifts of every group; 0 where nothing is said."""
    return [np.nan_to_num(result.shifts(group, left_out), nan=0.0) for group in groups]


def _residuals(shifts: Sequence[Floats], x: Sequence[Floats]) -> list[Floats]:
    """Shifts minus their mean over all surrounds with the same x."""
    _, which = np.unique(np.concatenate(x).round(6), return_inverse=True)
    means = np.bincount(which, np.concatenate(shifts)) / np.bincount(which)
    ends = np.cumsum([len(each) for each in x])[:-1]
    return np.split(np.concatenate(shifts) - means[which], ends)


def _reliability(human: Floats, squared: Floats) -> float:
    """The correlation of the true means with those that were measured, with such squared standard errors."""
    variance = float(human.var())
    return math.sqrt(max(0.0, 1 - float(squared.mean()) / variance)) if variance > 1e-12 else math.nan


def _sums(a: Sequence[Floats], b: Sequence[Floats]) -> Floats:
    """Shape (groups, 6): n, Σa, Σb, Σa², Σb² and Σab of each group."""
    return np.array([[len(p), p.sum(), q.sum(), p @ p, q @ q, p @ q] for p, q in zip(a, b, strict=True)])


def _error(sums: Floats) -> Floats:
    """The root mean square of a − b."""
    n, _, _, aa, bb, ab = np.moveaxis(sums, -1, 0)
    return np.asarray(np.sqrt(np.maximum(aa + bb - 2 * ab, 0) / n))


def _correlation(sums: Floats) -> Floats:
    """Pearson's; NaN where one is constant."""
    n, a, b, aa, bb, ab = np.moveaxis(sums, -1, 0)
    of_a, of_b = aa - a**2 / n, bb - b**2 / n
    constant = (of_a <= 1e-9 * np.maximum(aa, 1e-9)) | (of_b <= 1e-9 * np.maximum(bb, 1e-9))
    scale = np.sqrt(np.where(constant, 1.0, of_a * of_b))
    return np.where(constant, np.nan, (ab - a * b / n) / scale)


def _lead(sums: Floats) -> Floats:
    """The error of the first six sums minus that of the last."""
    return _error(sums[..., :6]) - _error(sums[..., 6:])


def _score(name: str, measure: _Measure, sums: Floats, seed: int) -> Score:
    """A measure over all groups, with its interval over resamples of them; none where they are too few."""
    low = high = math.nan
    if len(sums) >= LEAST_FOR_INTERVAL:
        drawn = np.random.default_rng(seed).integers(len(sums), size=(RESAMPLES, len(sums)))
        found = measure(sums[drawn].sum(axis=1))
        if np.isfinite(found).any():
            low, high = (float(end) for end in np.quantile(found[np.isfinite(found)], [0.025, 0.975]))
    whole = sums.sum(axis=0)
    return Score(name, float(measure(whole)), low, high, int(whole[0]))
