"""Scenes drawn from geometry: a label for every point of the plane, a colour for every label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from illusions.stimuli.colours import Bytes, Floats
from illusions.stimuli.scene import Box, Raster, on_grid, patch_box

#: From x and y, which broadcast to (h, w), to labels (h, w): 0 for the target, k ≥ 1 for the k-th colour.
Labels: TypeAlias = Callable[[Floats, Floats], NDArray[np.integer]]

#: The longer side of a picture for people is about so many pixels.
_PICTURE = 400


@dataclass(frozen=True, eq=False)
class LabelledScene:
    """A scene on the whole plane, so that it can be cut and drawn at any resolution.

    Attributes:
        labels: the region of every point: 0 for the target, k for the k-th surround.
        surrounds: shape (k, 3), sRGB: the colours of the regions 1 … k.
        target: the bounding box of the target.
        frame: what a person sees of the plane.
    """

    labels: Labels
    surrounds: Bytes
    target: Box
    frame: Box

    def picture(self) -> Raster:
        """The frame, a whole number of pixels per unit, about 400 pixels wide."""
        density = max(1, round(_PICTURE / self.frame.extent))
        width, height = round(self.frame.width * density), round(self.frame.height * density)
        return self._draw(on_grid(self.frame, self.target, 1 / density), width, height)

    def patch(self, scale: float, size: int) -> Raster:
        """The square around the target, ``size`` pixels wide; see `Scene`."""
        return self._draw(patch_box(self.target, scale, size), size, size)

    def _draw(self, box: Box, width: int, height: int) -> Raster:
        """Draw a box by counting labels at n×n points per pixel (4×4 in pictures, 32×32 in patches)."""
        n = 4 if max(width, height) > 64 else 32
        x = box.left + box.width * (np.arange(width * n) + 0.5) / (width * n)
        y = box.top + box.height * (np.arange(height * n) + 0.5) / (height * n)
        labels = self.labels(x[None, :], y[:, None])
        shares = [_block_mean(labels == k, n) for k in range(len(self.surrounds) + 1)]
        surround = np.tensordot(np.stack(shares[1:], axis=-1), self.surrounds.astype(np.float32), axes=1)
        return Raster(shares[0], surround)


def _block_mean(mask: NDArray[np.bool_], n: int) -> NDArray[np.float32]:
    height, width = mask.shape
    rows = mask.reshape(height // n, n, width).sum(axis=1, dtype=np.uint16)
    return np.asarray(rows.reshape(height // n, width // n, n).sum(axis=2, dtype=np.float32) / np.float32(n * n))
