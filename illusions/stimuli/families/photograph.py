"""Simultaneous contrast in a photograph: a uniform target on surrounds that differ by a gain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from illusions.arrays import Bytes
from illusions.errors import InputError
from illusions.stimuli.axes import Axis
from illusions.stimuli.colours import to_bytes
from illusions.stimuli.families.base import (
    ConditionKey,
    PictureKey,
    ShapeKey,
    Table,
    TargetFile,
    TargetTable,
    picture_beside,
)
from illusions.stimuli.scenes.pictured import PicturedScene
from illusions.stimuli.scenes.scene import PATCH, Scene
from illusions.stimuli.scenes.shapes import Outline, inside

#: Points per pixel and direction at which the edge of a disc is sampled.
_SAMPLES = 8


class PhotographTarget(TargetTable):
    """The table ``[target]``, for a target that lies somewhere in a photograph."""

    shape: ShapeKey = "square"
    extent: Annotated[int, Field(ge=1)]
    centre: tuple[int, int]


class PhotographCondition(Table):
    """A table ``[conditions.NAME]``."""

    gain: Annotated[float, Field(ge=0, le=100)]


class PhotographFile(TargetFile):
    """A stimulus file of the kind ``"photograph"``."""

    kind: Literal["photograph"]
    photograph: PictureKey
    target: PhotographTarget
    conditions: dict[ConditionKey, PhotographCondition] = Field(min_length=2)

    @model_validator(mode="after")
    def _gain_means_something(self) -> PhotographFile:
        if self.axis.circular:
            raise ValueError(f"a gain in {self.axis.name} means nothing; expected another axis")
        return self

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The photograph, with the gain of each condition.

        Raises:
            InputError: the photograph cannot be read, or the patch around the target does not lie within it.
        """
        photograph = picture_beside(path, "photograph", self.photograph)
        height, width = photograph.shape[:2]
        self._check_place(path, height, width)
        coverage = target_coverage((height, width), self.target.centre, self.target.extent, self.target.shape)
        return {
            name: PicturedScene(with_gain(photograph, self.axis, condition.gain), coverage)
            for name, condition in self.conditions.items()
        }

    def _check_place(self, path: Path, height: int, width: int) -> None:
        x, y = self.target.centre
        half = self.target.extent * PATCH / self.target.size / 2
        if not (half <= x <= width - half and half <= y <= height - half):
            raise InputError(
                f"{path}: key 'target.centre': around [{x}, {y}] the patch, {2 * half:.0f} pixels wide, leaves the "
                f"photograph of {width}×{height}; expected x and y at least {half:.0f} away from its borders"
            )


def with_gain(photograph: Bytes, axis: Axis, gain: float) -> Bytes:
    """A photograph, the value of each of its pixels multiplied by a gain and clipped to the range of the axis.

    Args:
        photograph: shape (h, w, 3), sRGB.
        axis: brightness: V is multiplied; saturation: S; and so on.
        gain: 1 leaves the photograph as it is.
    """
    rgb = photograph / 255
    return to_bytes(axis.set(rgb, gain * axis.get(rgb)))


def target_coverage(shape: tuple[int, int], centre: tuple[int, int], extent: int, form: Outline) -> NDArray[np.float32]:
    """Which share of each pixel of a picture a target covers.

    Args:
        shape: height and width of the picture.
        centre: x and y of the corner of a pixel; an odd target lies half a pixel to the left of and above it.
        extent: longer side or diameter of the target, pixels.
        form: ``"square"``, ``"disc"``, or another `Outline`.

    Returns:
        Shape (h, w), in [0, 1].
    """
    left, top = centre[0] - (extent + 1) // 2, centre[1] - (extent + 1) // 2
    points = (np.arange(extent * _SAMPLES) + 0.5) / _SAMPLES - extent / 2
    covered = inside(form, points[None, :], points[:, None], extent)
    coverage = np.zeros(shape, dtype=np.float32)
    blocks = covered.reshape(extent, _SAMPLES, extent, _SAMPLES)
    coverage[top : top + extent, left : left + extent] = blocks.mean(axis=(1, 3))
    return coverage
