"""How well a model predicts photographs: bits per dimension, with its standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from illusions.models.photographs import PhotographBank

#: Patches are taken evenly from every photograph until there are about this many.
PATCHES = 2_500
_Array = TypeVar("_Array", NDArray[np.float64], torch.Tensor)


@dataclass(frozen=True)
class Estimate:
    """A mean and its standard error."""

    mean: float
    standard_error: float

    def __str__(self) -> str:
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


def validation_patches(
    bank: PhotographBank, size: int, *, patches: int = PATCHES, seed: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Equally many patches from random places of every photograph.

    Args:
        bank: the photographs.
        size: side of a patch, pixels.
        patches: how many in all, about.
        seed: of the places.

    Returns:
        Patches ``(n, size, size, 3)`` uint8 and the photograph ``(n,)`` that each comes from.
    """
    each = max(1, math.ceil(patches / len(bank)))
    photographs = torch.arange(len(bank)).repeat_interleave(each)
    device = bank.pixels.device
    place = torch.rand(2, len(photographs), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    index = photographs.to(device)
    top = (place[0].to(device) * (bank.heights[index] - size + 1)).long()
    left = (place[1].to(device) * (bank.widths[index] - size + 1)).long()
    return bank.patches(index, top, left, size).cpu().numpy(), photographs.numpy()
