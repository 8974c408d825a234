"""Scenes made from pictures: pixels, and which share of each the target covers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from illusions.arrays import Bytes, Floats
from illusions.errors import InputError
from illusions.stimuli.scenes.scene import Box, Raster, check_picture, patch_box

_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class PicturedScene:
    """A picture with a uniform target laid over it. The unit is a pixel of the picture."""

    pixels: Bytes  #: shape (h, w, 3), sRGB.
    coverage: NDArray[np.float32]  #: shape (h, w), in [0, 1]: which share of each pixel the target covers.

    @property
    def target(self) -> Box:
        """The bounding box of all pixels with some target."""
        rows = np.flatnonzero(self.coverage.any(axis=1))
        columns = np.flatnonzero(self.coverage.any(axis=0))
        return Box(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))

    @property
    def density(self) -> float:
        """Its own pixels."""
        return 1.0

    def picture(self, density: float | None = None) -> Raster:
        """The whole picture, pixel for pixel, or every pixel as a square of several; see `Scene`."""
        factor = round(density or 1.0)
        if density is not None and not (factor >= 1 and math.isclose(density, factor, rel_tol=1e-6)):
            raise InputError(
                f"a picture from a file is enlarged by whole factors only, and not by {density:.4g}; expected 1, 2, "
                "3 … times its own pixels per degree"
            )
        height, width = self.coverage.shape
        if factor > 1:
            check_picture(factor * width, factor * height)
        return _raster(_enlarged(self.pixels, factor), _enlarged(self.coverage, factor))

    def patch(self, scale: float, size: int) -> Raster:
        """The square around the target, each of its pixels the mean over the area that it covers.

        A target near the border of the picture is not in the middle of its patch: the square stays inside.

        Raises:
            InputError: the square is larger than the picture.
        """
        height, width = self.coverage.shape
        box = patch_box(self.target, scale, size)
        side = box.width
        if side > min(height, width) + 1e-9:
            raise InputError(
                f"the patch around the target is {scale:.3g} times as wide as it, {side:.0f} pixels, and the picture "
                f"only {width}×{height}; expected a target of at most {min(height, width) / scale:.0f} pixels"
            )
        left = min(max(box.left, 0.0), width - side)
        top = min(max(box.top, 0.0), height - side)
        return self.square(Box(left, top, left + side, top + side), size)

    def target_coverage(self) -> NDArray[np.float32]:
        """The pixels of the target's bounding box; see `Scene`."""
        box = self.target
        return self.coverage[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]

    def square(self, box: Box, size: int) -> Raster:
        """Any square, each of its pixels the mean over the area that it covers.

        Beyond the picture its border goes on.
        """
        height, width = self.coverage.shape
        rows, columns = _cover(box.top, box.height, height), _cover(box.left, box.width, width)
        down, across = _area(box.top, box.height, size, rows, height), _area(box.left, box.width, size, columns, width)
        whole = _raster(self.pixels[rows, columns], self.coverage[rows, columns])
        coverage, surround = np.empty((size, size), np.float32), np.empty((size, size, 3), np.float32)
        for i, share in enumerate(down):  # one after the other, so that floats of few rows are in memory
            its = np.flatnonzero(share)
            part = slice(its[0], its[-1] + 1)
            coverage[i] = share[part] @ whole.coverage[part] @ across.T
            surround[i] = across @ np.tensordot(share[part], whole.surround[part], 1)
        return Raster(coverage, surround)


def scale_within(scenes: Iterable[PicturedScene], wanted: float) -> float:
    """The scale that is wanted, or the largest at which the patch around every target lies within its picture.

    Where a target is as wide as its picture there is none; the one that is wanted then stays, for readings by field.
    """
    largest = min(min(scene.coverage.shape) / scene.target.extent for scene in scenes)
    return min(wanted, largest) if largest > 1 else wanted


def scale_in_words(scale: float, wanted: float) -> str:
    """A sentence about a scale that the picture limits; empty if it does not."""
    if scale >= wanted:
        return ""
    return f"The patch is {scale:.4g} times as wide as the target, and not {wanted:.4g} times: the picture ends there."


def _enlarged(pixels: NDArray[_Number], factor: int) -> NDArray[_Number]:
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1) if factor > 1 else pixels


def _raster(pixels: Bytes, coverage: NDArray[np.float32]) -> Raster:
    outside = coverage == 0
    if (outside | (coverage == 1)).all():
        return Raster(coverage, pixels * outside[..., None])
    return Raster(coverage, pixels * (1 - coverage[..., None]))


def _cover(start: float, length: float, limit: int) -> slice:
    """The whole pixels that an interval touches; of one that lies beyond the picture the pixel at its border."""
    first, last = int(np.floor(start + 1e-9)), int(np.ceil(start + length - 1e-9))
    return slice(min(max(first, 0), limit - 1), min(max(last, 1), limit))


def _area(start: float, length: float, n: int, pixels: slice, limit: int) -> Floats:
    """Shape (n, m): the share that each of m pixels has in each of n equal parts of an interval.

    The first and the last pixel of the picture go on for ever.
    """
    edges = start + length * np.arange(n + 1) / n
    low = np.arange(pixels.start, pixels.stop, dtype=np.float64)
    high = low + 1
    low[low == 0], high[high == limit] = -np.inf, np.inf
    overlap = np.minimum(edges[1:, None], high) - np.maximum(edges[:-1, None], low)
    return np.asarray(np.clip(overlap, 0, None) * (n / length))
