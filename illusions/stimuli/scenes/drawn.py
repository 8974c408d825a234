"""Scenes drawn from geometry: the region at every point of the plane, at any resolution."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from illusions.arrays import Bytes, Floats
from illusions.stimuli.scenes.scene import Box, Raster, check_picture, on_grid, patch_box

#: Which share of every point something has, shape (h, w): true or false, or in [0, 1].
Share: TypeAlias = NDArray[np.bool_] | Floats

#: About how many pixels the longer side of a picture for people has.
_PICTURE = 400
#: About how many points are drawn at once.
_POINTS = 2**22
#: Cells of the longer side of a target, where it is asked which points belong to it.
_CELLS = 64


@dataclass(frozen=True, eq=False)
class DrawnScene(ABC):
    """A scene on the whole plane, so that it can be cut and drawn at any resolution."""

    surrounds: Bytes  #: shape (k, 3), sRGB: the colours of the regions around the target.
    target: Box  #: the bounding box of the target.
    frame: Box  #: what a person sees of the plane.

    @abstractmethod
    def shares(self, x: Floats, y: Floats) -> Sequence[Share]:
        """Which share the target has of every point, and then each of the surrounds; they add up to 1.

        Args:
            x: shape (1, w), to the right.
            y: shape (h, 1), downwards.

        Returns:
            One share for the target and one for each of the k surrounds.
        """

    @property
    def density(self) -> float:
        """A whole number of pixels per unit: that which makes the picture about 400 pixels wide."""
        return max(1, round(_PICTURE / self.frame.extent))

    def picture(self, density: float | None = None) -> Raster:
        """The frame, to the nearest whole pixel; see `Scene`."""
        return self._usual_picture if density is None else self._picture(density)

    @cached_property
    def _usual_picture(self) -> Raster:
        """Drawn once, since every colour of the target is painted into the same raster; it cannot be written to."""
        raster = self._picture(self.density)
        for pixels in (raster.coverage, raster.surround):
            pixels.flags.writeable = False
        return raster

    def _picture(self, density: float) -> Raster:
        frame = self.frame
        width, height = (max(1, round(side * density)) for side in (frame.width, frame.height))
        check_picture(width, height)
        whole = Box(frame.left, frame.top, frame.left + width / density, frame.top + height / density)
        return self._draw(on_grid(whole, self.target, 1 / density), width, height)

    def target_coverage(self) -> NDArray[np.float32]:
        """Of the target's bounding box, the longer side in `_CELLS` cells; see `Scene`."""
        return self._cells_of_target

    @cached_property
    def _cells_of_target(self) -> NDArray[np.float32]:
        cell = self.target.extent / _CELLS
        width, height = (max(1, round(side / cell)) for side in (self.target.width, self.target.height))
        return self._draw(self.target, width, height).coverage

    def square(self, box: Box, size: int) -> Raster:
        """Any square of the plane, ``size`` pixels wide; see `Scene`."""
        return self._draw(box, size, size)

    def patch(self, scale: float, size: int) -> Raster:
        """The square around the target, ``size`` pixels wide; see `Scene`."""
        return self._draw(patch_box(self.target, scale, size), size, size)

    def _draw(self, box: Box, width: int, height: int) -> Raster:
        """Draw a box as the mean over n×n points per pixel (4×4 in pictures, 32×32 in patches)."""
        n = 4 if max(width, height) > 64 else 32
        x = box.left + box.width * (np.arange(width * n) + 0.5) / (width * n)
        y = box.top + box.height * (np.arange(height * n) + 0.5) / (height * n)
        points = n * max(1, _POINTS // (width * n * n))
        bands = [self._mean(x, y[top : top + points], n) for top in range(0, len(y), points)]
        return Raster(*(np.concatenate(part) for part in zip(*bands, strict=True)))

    def _mean(self, x: Floats, y: Floats, n: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Coverage and surround, each pixel the mean over n×n of the points with these coordinates."""
        coverage, *shares = (_block_mean(share, n) for share in self.shares(x[None, :], y[:, None]))
        return coverage, np.tensordot(np.stack(shares, axis=-1), self.surrounds.astype(np.float32), axes=1)


def _block_mean(share: Share, n: int) -> NDArray[np.float32]:
    height, width = share.shape
    counted = np.uint16 if share.dtype == np.bool_ else np.float32
    rows = share.reshape(height // n, n, width).sum(axis=1, dtype=counted)
    return np.asarray(rows.reshape(height // n, width // n, n).sum(axis=2, dtype=np.float32) / np.float32(n * n))
