"""The jackknife, over noise draws or over photographs: how much an estimate owes to those that were drawn."""

from __future__ import annotations

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
