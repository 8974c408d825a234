"""Scores: how many directions are right, and whether what is stronger for people is stronger for a predictor.

A *difference* is the value of target 1 minus that of target 2. It says nothing (NaN) where there is no prediction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest, rankdata

from illusions.analyses.battery import people
from illusions.arrays import Floats

if TYPE_CHECKING:
    from illusions.stimuli.published import PublishedStimulus

#: A difference smaller than this, in the unit of the predictor, is none.
TIE = 1e-6
#: Resamples of the stimuli for the interval of a correlation, and the least number of stimuli for one.
RESAMPLES, LEAST_FOR_INTERVAL = 2000, 5
#: Least number of stimuli for a correlation.
LEAST_FOR_CORRELATION = 3


@dataclass(frozen=True)
class Score:
    """A row of ``scores.csv``, but for whose it is."""

    #: ``directions``, ``directions_with_contested``, ``strength_correlation`` or ``share_correlation``; of matches
    #: ``error``, ``correlation``, ``residual_correlation`` or ``error_minus_best_rival``.
    name: str
    #: a share of stimuli, a correlation, or a root mean square error in the unit of the set; NaN where there is none,
    #: as everything is predicted the same.
    value: float
    low: float  #: lower end of the 95 % interval; NaN where there is none.
    high: float  #: upper end.
    n: int  #: how many stimuli or matches it rests on.

    @property
    def numbers(self) -> tuple[float, float, float, int]:
        """Value, low, high and n, as they stand in ``scores.csv``."""
        return self.value, self.low, self.high, self.n


def without_ties(differences: ArrayLike) -> Floats:
    """Differences smaller than `TIE` as 0; NaN stays NaN."""
    differences = np.asarray(differences, dtype=np.float64)
    return np.where(np.abs(differences) < TIE, 0.0, differences)


def lighter_of(difference: float) -> str:
    """The target that a predictor says is lighter: ``"1"``, ``"2"``, ``"none"``, or ``""`` without a prediction."""
    if math.isnan(difference):
        return ""
    tied = float(without_ties(difference))
    return "none" if tied == 0 else "1" if tied > 0 else "2"


def is_right(stimulus: PublishedStimulus, difference: float) -> bool | None:
    """Whether a difference goes the way in which people see it, contested or not; None where they have no direction.

    A tie and no prediction are wrong.
    """
    if stimulus.lighter is None:
        return None
    return lighter_of(difference) == str(stimulus.lighter)


def directions(
    stimuli: Sequence[PublishedStimulus], differences: ArrayLike, *, with_contested: bool = False
) -> Score | None:
    """The share of directions that are right, with Wilson's binomial interval; None where nothing has a direction.

    What people see as equal has no direction.

    Args:
        stimuli: n of them.
        differences: shape (n,).
        with_contested: whether contested directions count.
    """
    counted = [
        bool(is_right(stimulus, difference))
        for stimulus, difference in zip(stimuli, np.asarray(differences, float), strict=True)
        if (stimulus.lighter is not None if with_contested else people.is_scored(stimulus))
    ]
    if not counted:
        return None
    test = binomtest(sum(counted), len(counted))
    low, high = test.proportion_ci(0.95, method="wilson")
    name = "directions_with_contested" if with_contested else "directions"
    return Score(name, sum(counted) / len(counted), float(low), float(high), len(counted))


def correlations(stimuli: Sequence[PublishedStimulus], differences: ArrayLike, *, seed: int = 0) -> list[Score]:
    """Rank correlations (Spearman's) between what is predicted and how strong it is for people, one per unit.

    Intervals are percentiles over resamples of the stimuli, from 5 stimuli on; the setting of the predictor is not
    chosen anew in them.

    Args:
        stimuli: n of them, of one set.
        differences: shape (n,).
        seed: of the resamples.
    """
    scores = []
    for name, chosen, human in _measured(stimuli):
        predicted = effects([stimuli[i] for i in chosen], np.asarray(differences, float)[chosen])
        value = float(rank_correlation(human, predicted))
        low, high = _interval(human, predicted, seed)
        scores.append(Score(name, value, low, high, len(chosen)))
    return scores


def effects(stimuli: Sequence[PublishedStimulus], differences: ArrayLike) -> Floats:
    """The predicted strength of each stimulus, shape as the differences (n, …).

    The difference, signed so that it is positive where it goes the way in which people see it. Where people see the
    targets as equal any difference is too much, whichever way it goes: its size. Where strengths are shares of choices
    of target 2: target 2 minus target 1. No prediction: 0.
    """
    tied = np.nan_to_num(without_ties(differences), nan=0.0)
    signed = np.empty_like(tied)
    for i, stimulus in enumerate(stimuli):
        if people.has_share(stimulus):
            signed[i] = -tied[i]
        elif stimulus.lighter is None:
            signed[i] = np.abs(tied[i])
        else:
            signed[i] = people.sign(stimulus) * tied[i]
    return signed


def rank_correlation(x: ArrayLike, y: ArrayLike) -> Floats:
    """Spearman's, of the first axes: shapes (n, …) and (n, …), broadcast; NaN where one is constant."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    a, b = (_centred(rankdata(z, axis=0)) for z in (x, y))
    if a.ndim < b.ndim:
        a = a.reshape(a.shape + (1,) * (b.ndim - a.ndim))
    scale = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    product = (a * b).sum(axis=0)
    return np.asarray(np.divide(product, scale, out=np.full(np.shape(product), np.nan), where=scale > 0))


def all_right(stimuli: Sequence[PublishedStimulus], differences: Floats) -> NDArray[np.intp]:
    """How many directions that are not contested are right, shape (…) for differences (n, …)."""
    signs = np.array([people.sign(s) if people.is_scored(s) else np.nan for s in stimuli])
    signs = signs.reshape(signs.shape + (1,) * (differences.ndim - 1))
    return np.asarray((signs * without_ties(differences) > 0).sum(axis=0))


def mean_correlation(stimuli: Sequence[PublishedStimulus], differences: Floats) -> Floats:
    """The correlations with strengths and shares of all sets, weighted by their stimuli, shape (…) for (n, …).

    One that is not defined counts as 0.
    """
    total, weights = np.zeros(differences.shape[1:]), 0
    for name in dict.fromkeys(stimulus.set for stimulus in stimuli):
        of_set = [i for i, stimulus in enumerate(stimuli) if stimulus.set == name]
        for _, chosen, human in _measured([stimuli[i] for i in of_set]):
            rows = [of_set[i] for i in chosen]
            found = rank_correlation(human, effects([stimuli[i] for i in rows], differences[rows]))
            total += len(rows) * np.nan_to_num(found, nan=0.0)
            weights += len(rows)
    return total / max(weights, 1)


def _measured(stimuli: Sequence[PublishedStimulus]) -> list[tuple[str, list[int], Floats]]:
    """By unit: the name of the correlation, the indices of the stimuli that it rests on, and their strengths."""
    units = dict.fromkeys(s.strength_unit for s in stimuli if people.has_strength(s))
    groups = [
        (
            "strength_correlation" if len(units) == 1 else f"strength_correlation ({unit})",
            [i for i, s in enumerate(stimuli) if people.has_strength(s) and s.strength_unit == unit],
        )
        for unit in units
    ]
    groups.append(("share_correlation", [i for i, s in enumerate(stimuli) if people.has_share(s)]))
    return [
        (name, chosen, np.array([stimuli[i].strength for i in chosen], dtype=np.float64))
        for name, chosen in groups
        if len(chosen) >= LEAST_FOR_CORRELATION
    ]


def _interval(human: Floats, predicted: Floats, seed: int) -> tuple[float, float]:
    """95 % of the correlations over resamples of the stimuli in which there is one."""
    if len(human) < LEAST_FOR_INTERVAL:
        return math.nan, math.nan
    drawn = np.random.default_rng(seed).integers(len(human), size=(len(human), RESAMPLES))
    found = rank_correlation(human[drawn], predicted[drawn])
    found = found[np.isfinite(found)]
    if not len(found):
        return math.nan, math.nan
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def _centred(ranks: Floats) -> Floats:
    return np.asarray(ranks - ranks.mean(axis=0))
