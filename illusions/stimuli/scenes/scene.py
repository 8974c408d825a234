"""Scenes: a target in its surround, drawn at the resolution of an eye or of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from illusions.arrays import Bytes, Floats
from illusions.errors import InputError

#: Side of the patch in which the sizes of targets are given, pixels.
PATCH = 16
#: The greatest scale: the longer side of the target is then one pixel of a patch of 16×16.
GREATEST_SCALE = float(PATCH)
#: A picture is painted this many pixels at a time, which keeps floats of few of them in memory.
_PIXELS_AT_ONCE = 2**18
#: The longest side of a picture, pixels.
_WIDEST = 4096


@dataclass(frozen=True)
class Box:
    """A rectangle, x to the right and y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def centred(cls, width: float, height: float | None = None) -> Box:
        """A rectangle around the origin; a square if no height is given."""
        half, half_height = width / 2, (width if height is None else height) / 2
        return cls(-half, -half_height, half, half_height)

    @property
    def width(self) -> float:
        """Along x."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Along y."""
        return self.bottom - self.top

    @property
    def extent(self) -> float:
        """The longer of width and height."""
        return max(self.width, self.height)

    def contains(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Which points, x and y broadcast against each other, lie in it."""
        across, down = (x > self.left) & (x < self.right), (y > self.top) & (y < self.bottom)
        return np.asarray(across & down)


@dataclass(frozen=True, eq=False)
class Raster:
    """A scene on a pixel grid, all but the colour of its target.

    Colours are mixed where they meet within a pixel, in sRGB, as in photographs that were made smaller.
    """

    coverage: NDArray[np.float32]  #: shape (h, w), in [0, 1]: which share of each pixel the target covers.
    #: shape (h, w, 3), sRGB in [0, 255]: the mean colour of the rest of the pixel times its share. Bytes where every
    #: pixel is all target or has none of it, which takes a quarter of the memory.
    surround: NDArray[np.float32] | Bytes

    @property
    def target(self) -> NDArray[np.bool_]:
        """Shape (h, w): the pixels that the target covers completely."""
        return np.asarray(self.coverage > 1 - 1e-5)

    @property
    def untouched(self) -> NDArray[np.bool_]:
        """Shape (h, w): the pixels of which the target covers nothing: the same whatever its colour."""
        return np.asarray(self.coverage == 0)

    def paint(self, colours: Bytes) -> Bytes:
        """The scene with its target in each of n colours.

        Args:
            colours: shape (n, 3), sRGB.

        Returns:
            Shape (n, h, w, 3), sRGB.
        """
        painted = np.empty((len(colours), *self.surround.shape), dtype=np.uint8)
        in_floats = colours[:, None, None, :].astype(np.float32)
        rows_at_once = max(1, _PIXELS_AT_ONCE // max(1, len(colours) * self.coverage.shape[1]))
        for top in range(0, len(self.coverage), rows_at_once):
            rows = np.s_[top : top + rows_at_once]
            mixed = self.coverage[rows, :, None] * in_floats
            mixed += self.surround[rows]
            mixed += np.float32(0.5)
            painted[:, rows] = np.floor(mixed, out=mixed)
        return painted


class Scene(Protocol):
    """A condition of a stimulus: a target in one surround."""

    @property
    def target(self) -> Box:
        """The bounding box of the target, in units of the scene."""

    @property
    def density(self) -> float:
        """Pixels per unit of the picture, by default."""

    def picture(self, density: float | None = None) -> Raster:
        """The picture that people see.

        Args:
            density: pixels per unit; by default that of the scene.

        Raises:
            InputError: it cannot be drawn at this density.
        """

    def target_coverage(self) -> NDArray[np.float32]:
        """Shape (h, w): the share of each cell of the target's bounding box that it covers."""

    def square(self, box: Box, size: int) -> Raster:
        """Any square of the scene as a model sees it.

        Args:
            box: the square.
            size: its side in pixels of the model.
        """

    def patch(self, scale: float, size: int) -> Raster:
        """A patch: a square around the target.

        Args:
            scale: side of the patch ÷ extent of the target.
            size: side of the patch in pixels.

        Raises:
            InputError: the scene is smaller than that.
        """


def check_scale(scale: float) -> float:
    """A scale, side of the patch ÷ longer side of the target.

    Raises:
        InputError: it is not more than 1 and at most 16.
    """
    if not 1 < scale <= GREATEST_SCALE:
        raise InputError(
            f"scale {scale:g}: a patch is more than 1 and at most {GREATEST_SCALE:g} times as wide as its target"
        )
    return scale


def check_picture(width: int, height: int) -> None:
    """Check that a picture of this size can be drawn.

    Raises:
        InputError: it is wider or higher than 4096.
    """
    if max(width, height) > _WIDEST:
        raise InputError(
            f"the picture would have {width}×{height} pixels; expected at most {_WIDEST}, and so fewer to a degree"
        )


def patch_box(target: Box, scale: float, size: int) -> Box:
    """The square of side ``scale`` · extent around a target, moved by less than a pixel onto the pixel grid.

    The upper left corner of the target falls on a corner of a pixel, so that a target of a whole number of pixels
    has exact edges, whether that number is odd or even.
    """
    side = scale * target.extent
    centred = Box(
        (target.left + target.right - side) / 2,
        (target.top + target.bottom - side) / 2,
        (target.left + target.right + side) / 2,
        (target.top + target.bottom + side) / 2,
    )
    return on_grid(centred, target, side / size)


def on_grid(box: Box, target: Box, pixel: float) -> Box:
    """The box, moved by at most half a pixel so that the target's upper left corner is a corner of a pixel."""
    x = target.left - box.left - pixel * np.ceil((target.left - box.left) / pixel - 0.5 - 1e-9)
    y = target.top - box.top - pixel * np.ceil((target.top - box.top) / pixel - 0.5 - 1e-9)
    return Box(box.left + x, box.top + y, box.right + x, box.bottom + y)
