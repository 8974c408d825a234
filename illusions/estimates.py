"""Estimates with standard errors: the jackknife over noise samples or photographs, and one rule of certainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from illusions.arrays import Floats


@dataclass(frozen=True, eq=False)
class Replicated:
    """An estimate with its replicates, each without one of the draws, shifts or photographs that it rests on.

    Differences and means of estimates that rest on the same draws are taken replicate by replicate. So what two
    conditions have in common does not count as uncertainty of their difference.
    """

    replicates: Floats  #: shape (1 + k,): from all of them, and without each of k.

    @property
    def value(self) -> float:
        """From all of them."""
        return float(self.replicates[0])

    @property
    def standard_error(self) -> float:
        """By the jackknife; NaN where nothing can be left out."""
        return float(jackknife_standard_error(self.replicates[1:]))

    @property
    def is_certain(self) -> bool:
        """Whether it differs from zero; see `is_certain`."""
        return is_certain(self.value, self.standard_error)

    def minus(self, others: Sequence[Replicated]) -> Replicated:
        """The difference to the mean of others; NaN where there are none."""
        if not others:
            return Replicated(np.full_like(self.replicates, np.nan))
        return Replicated(self.replicates - mean_of(others).replicates)


def mean_of(estimates: Sequence[Replicated]) -> Replicated:
    """The mean of estimates that rest on the same draws."""
    return Replicated(np.mean([estimate.replicates for estimate in estimates], axis=0))


def is_certain(value: float, standard_error: float) -> bool:
    """Whether a value differs from zero by more than twice its standard error. Where none is known it does not."""
    return math.isfinite(standard_error) and abs(value) > 2 * standard_error


def jackknife_standard_error(leave_one_out: ArrayLike) -> NDArray[np.float64]:
    """Standard error of an estimate from its k leave-one-out replicates (Efron & Tibshirani 1993, eq. 11.5).

    Args:
        leave_one_out: shape (k, …): the estimate without draw 0, without draw 1, …

    Returns:
        Shape (…): sqrt((k − 1)/k · Σᵢ (θ₍ᵢ₎ − θ₍·₎)²); NaN where k < 2 or where a replicate is NaN.
    """
    replicates = np.asarray(leave_one_out, dtype=np.float64)
    k = len(replicates)
    if k < 2:
        return np.full(replicates.shape[1:], np.nan)
    deviations: NDArray[np.float64] = replicates - replicates.mean(axis=0)
    return np.asarray(np.sqrt((k - 1) / k * (deviations**2).sum(axis=0)))


def with_error(value: float, standard_error: float) -> str:
    """A number with its standard error, ``"0.624 ± 0.003"``: three decimals, four where the error is small."""
    if not math.isfinite(standard_error):
        return f"{value:.3f}".replace("-", "−")
    decimals = 3 if standard_error >= 0.002 else 4
    least = 10.0**-decimals
    error = f"< {least:.{decimals}f}" if standard_error < least / 2 else f"{standard_error:.{decimals}f}"
    return f"{value:.{decimals}f} ± {error}".replace("-", "−")
