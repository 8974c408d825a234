"""Shapes around the origin: which points of the plane lie in them."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from illusions.arrays import Floats

Shape = Literal["square", "disc"]


def inside(shape: Shape, x: Floats, y: Floats, extent: float) -> NDArray[np.bool_]:
    """Which points lie in a shape around the origin.

    Args:
        shape: ``"square"`` or ``"disc"``.
        x: broadcasts with y to (h, w).
        y: downwards.
        extent: side of the square, diameter of the disc.
    """
    return np.asarray(radius(shape, x, y) < extent / 2)


def in_cross(x: Floats, y: Floats, size: float, thickness: float) -> NDArray[np.bool_]:
    """Which points lie in an upright cross around the origin.

    Args:
        x: broadcasts with y to (h, w).
        y: downwards.
        size: from the end of an arm to the end of the opposite one.
        thickness: of an arm.
    """
    upright = (np.abs(x) < thickness / 2) & (np.abs(y) < size / 2)
    lying = (np.abs(x) < size / 2) & (np.abs(y) < thickness / 2)
    return np.asarray(upright | lying)


def radius(shape: Shape, x: Floats, y: Floats) -> Floats:
    """How far points are from the origin, so that a shape around it is what lies nearer than half its extent.

    Args:
        shape: ``"square"`` (the larger of the distances along x and y) or ``"disc"``.
        x: broadcasts with y to (h, w).
        y: downwards.
    """
    return np.asarray(np.maximum(np.abs(x), np.abs(y)) if shape == "square" else np.hypot(x, y))
