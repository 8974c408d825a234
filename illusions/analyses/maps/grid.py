"""The Hermann grid: which places are crossings, streets and blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from illusions.arrays import Floats

#: Where a patch may be centred.
CROSSING, STREET, BLOCK = "crossing", "street", "block"


def places(width: int, period: int) -> dict[str, NDArray[np.bool_]]:
    """By what the corner of a pixel lies on, the corners within a period, shape (period, period) each.

    Corners on the edge of a bar belong to nothing.
    """
    offset = np.abs(offsets(period) - 0.5)
    bar, block = offset < width / 2, offset > width / 2
    return {
        CROSSING: bar[:, None] & bar[None, :],
        STREET: (bar[:, None] & block[None, :]) | (block[:, None] & bar[None, :]),
        BLOCK: block[:, None] & block[None, :],
    }


def offsets(period: int) -> Floats:
    """How far each pixel of a period lies from its middle."""
    return np.asarray(np.arange(period) - (period - 1) / 2, dtype=np.float64)
