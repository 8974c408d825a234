"""Shapes around the origin: which points of the plane lie in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from illusions.arrays import Floats

Shape = Literal["square", "disc"]


@dataclass(frozen=True)
class Ring:
    """A disc with a hole."""

    inner: float  #: diameter of the hole ÷ diameter of the disc, between 0 and 1.


@dataclass(frozen=True)
class Polygon:
    """A polygon, filled by the rule of even and odd."""

    corners: tuple[tuple[float, float], ...]  #: x to the right and y downwards, three or more, in any unit.


@dataclass(frozen=True, eq=False)
class Silhouette:
    """A shape given by a mask."""

    mask: NDArray[np.bool_]  #: shape (h, w), cut to its bounding box.
    file: Path  #: from which it was read.


#: What a target can be.
Outline: TypeAlias = Shape | Ring | Polygon | Silhouette


def inside(shape: Outline, x: Floats, y: Floats, extent: float) -> NDArray[np.bool_]:
    """Which points lie in a shape, the middle of whose bounding box is the origin.

    Args:
        shape: ``"square"``, ``"disc"``, or another.
        x: broadcasts with y to (h, w).
        y: downwards.
        extent: side of the square, diameter of the disc, longer side of the bounding box.
    """
    if isinstance(shape, Ring):
        distance = radius("disc", x, y)
        return np.asarray((distance < extent / 2) & (distance >= shape.inner * extent / 2))
    if isinstance(shape, Polygon):
        return _in_polygon(_corners(shape, extent), x, y)
    if isinstance(shape, Silhouette):
        return _in_mask(shape.mask, x, y, extent)
    return np.asarray(radius(shape, x, y) < extent / 2)


def sides(shape: Outline, extent: float) -> tuple[float, float]:
    """Width and height of a shape whose longer side is the extent."""
    if isinstance(shape, Polygon):
        width, height = np.ptp(_corners(shape, extent), axis=0)
        return float(width), float(height)
    if isinstance(shape, Silhouette):
        rows, columns = shape.mask.shape
        return extent * columns / max(rows, columns), extent * rows / max(rows, columns)
    return extent, extent


def _corners(polygon: Polygon, extent: float) -> Floats:
    """Shape (n, 2): the middle of their bounding box in the origin, its longer side the extent."""
    corners = np.array(polygon.corners)
    low, high = corners.min(axis=0), corners.max(axis=0)
    return np.asarray((corners - (low + high) / 2) * extent / (high - low).max())


def _in_polygon(corners: Floats, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Whether a line from a point to the right crosses an odd number of sides."""
    odd = np.zeros(np.broadcast_shapes(x.shape, y.shape), dtype=bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:
            odd ^= ((y0 <= y) != (y1 <= y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return odd


def _in_mask(mask: NDArray[np.bool_], x: Floats, y: Floats, extent: float) -> NDArray[np.bool_]:
    pixel = extent / max(mask.shape)
    height, width = mask.shape
    column = np.floor(x / pixel + width / 2).astype(np.intp)
    row = np.floor(y / pixel + height / 2).astype(np.intp)
    there = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    return np.asarray(mask[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)] & there)


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
