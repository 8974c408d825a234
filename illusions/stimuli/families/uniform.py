"""Simultaneous contrast: a target on a uniform surround."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

import numpy as np

from illusions.arrays import Bytes, Floats
from illusions.stimuli.axes import Axis, parse_axis
from illusions.stimuli.colours import Colour, parse_colour
from illusions.stimuli.families.base import ColourKey, DrawnFile, ShapeKey, Table, TargetTable, parse_size
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import PATCH, Box
from illusions.stimuli.scenes.shapes import Outline, inside, sides
from illusions.stimuli.stimulus import Stimulus


class UniformTarget(TargetTable):
    """The table ``[target]``."""

    shape: ShapeKey = "square"


class UniformCondition(Table):
    """A table ``[conditions.NAME]``."""

    surround: ColourKey


class UniformFile(DrawnFile[UniformCondition]):
    """A stimulus file of the kind ``"uniform"``."""

    kind: Literal["uniform"]
    target: UniformTarget

    def scene(self, condition: UniformCondition) -> LabelledScene:
        """A uniform surround."""
        return uniform_scene(condition.surround.bytes, self.target.size, self.target.shape)


def uniform_contrast(
    *,
    axis: str | Axis,
    value: float,
    surrounds: Mapping[str, float],
    base: str | Mapping[str, Any] | Colour,
    size: float = 6,
    shape: Outline = "square",
) -> Stimulus:
    """Simultaneous contrast along one axis: target and surrounds differ in nothing else.

    Args:
        axis: what is varied.
        value: of the target.
        surrounds: the value of each condition's surround, by name.
        base: a colour that target and surrounds share, but for their values: ``{"hsv": [0.6, 0.5, 0.5]}``.
        size: longer side or diameter of the target, in pixels of a patch of 16×16: at least 1, less than 16.
        shape: ``"square"``, ``"disc"``, or another `Outline`.

    Raises:
        InputError: the axis does not exist, a value or the size is out of range, a colour outside the sRGB gamut.

    Example:
        >>> grey = uniform_contrast(
        ...     axis="brightness", value=0.5, surrounds={"dark": 0.2, "light": 0.8}, base={"hsv": [0, 0, 0.5]}
        ... )
        >>> grey.patches("dark", [0.5]).shape
        (1, 16, 16, 3)
    """
    axis, base, size = parse_axis(axis), parse_colour(base), parse_size(size)
    return Stimulus(
        name=f"{axis.name}-contrast",
        title=f"Simultaneous contrast in {axis.name}",
        axis=axis,
        target=axis.colour(base, value),
        conditions={name: uniform_scene(axis.at(base, v), size, shape) for name, v in surrounds.items()},
        scale=PATCH / size,
    )


def uniform_scene(surround: Bytes, size: float, shape: Outline) -> LabelledScene:
    """A target in the middle of a uniform surround; the unit is a pixel of a patch of 16×16.

    Args:
        surround: shape (3,), sRGB.
        size: longer side or diameter of the target.
        shape: ``"square"``, ``"disc"``, or another `Outline`.
    """
    return LabelledScene(
        labels=partial(_labels, shape, size),
        surrounds=surround[None],
        target=Box.centred(*sides(shape, size)),
        frame=Box.centred(PATCH),
    )


def _labels(shape: Outline, size: float, x: Floats, y: Floats) -> Bytes:
    return np.where(inside(shape, x, y, size), 0, 1).astype(np.uint8)
