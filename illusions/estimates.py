"""Estimates and their errors: the jackknife, over noise draws or over photographs, and what is certain."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


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


def is_certain(difference: float, standard_error: float) -> bool:
    """Whether a difference exceeds twice its standard error; any difference does if that is unknown (one draw)."""
    return abs(difference) > (2 * standard_error if math.isfinite(standard_error) else 0.0)
