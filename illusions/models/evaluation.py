"""How well a model predicts photographs: bits per dimension, with its standard error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

#: Models are validated on about this number of patches, all photographs together.
VALIDATION_PATCHES = 2_500
_Array = TypeVar("_Array", NDArray[np.float64], torch.Tensor)


@dataclass(frozen=True)
class Estimate:
    """A mean and its standard error."""

    mean: float
    standard_error: float

    def __str__(self) -> str:
        """The value with its standard error, if known (it is unknown for a single photograph)."""
        if not math.isfinite(self.standard_error):
            return f"{self.mean:.3f}"
        return f"{self.mean:.3f} ± {self.standard_error:.3f}"


def bits_per_dimension(log_likelihood: _Array, dimensions: int) -> _Array:
    """Bits per dimension −log p / (D ln 2) of log-likelihoods in nats."""
    return -log_likelihood / (dimensions * math.log(2))


def mean_over_photographs(values: NDArray[np.float64], photographs: NDArray[np.int64]) -> Estimate:
    """The mean of values ``(n,)``, one per patch, over patches that come from several photographs.

    Patches of one photograph are alike, so that the photograph is the unit of the standard error: the standard
    deviation of the photographs' means over the square root of their number (with equally many patches of each).
    """
    means = np.array([values[photographs == index].mean() for index in np.unique(photographs)])
    error = means.std(ddof=1) / math.sqrt(len(means)) if len(means) > 1 else math.nan
    return Estimate(float(means.mean()), float(error))


@dataclass(frozen=True)
class Comparison:
    """How well one way to predict patches does: its bits per dimension, and how many more than another way needs."""

    name: str
    bits_per_dimension: Estimate
    difference: Estimate


def compare(
    bits: Mapping[str, NDArray[np.float64]], photographs: NDArray[np.int64], reference: str
) -> list[Comparison]:
    """Compare ways to predict the same patches, the best first.

    Differences are taken patch by patch, so that what makes a photograph hard for all does not count as error.

    Args:
        bits: for each way, the bits per dimension ``(n,)`` of every patch.
        photographs: the photograph ``(n,)`` that each patch comes from.
        reference: the way that the others are compared with.
    """
    rows = [
        Comparison(
            name,
            mean_over_photographs(values, photographs),
            mean_over_photographs(values - bits[reference], photographs),
        )
        for name, values in bits.items()
    ]
    return sorted(rows, key=lambda row: row.bits_per_dimension.mean)
