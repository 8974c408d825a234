"""A target on a gradient between two colours, or across the edge between them: whole, or one half of it.

Across an edge, a grey ring looks the same all around; as soon as something separates its halves, the one on the dark
side looks lighter.

Koffka, K. (1935). Principles of Gestalt Psychology. New York: Harcourt, Brace.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from illusions.arrays import Floats
from illusions.stimuli.families.base import DrawnFile, ShapeKey, Table, TargetTable, TwoColours, Which
from illusions.stimuli.scenes.blended import BlendedScene
from illusions.stimuli.scenes.drawn import Share
from illusions.stimuli.scenes.scene import Box
from illusions.stimuli.scenes.shapes import Outline, inside, sides

#: Cells of the longer side of a shape, where the bounding box of its half is looked for.
_CELLS = 512
Points: TypeAlias = NDArray[np.bool_]


class GradientTable(TwoColours):
    """The table ``[gradient]``. The unit is a pixel of a patch of 16×16 that a model sees.

    Attributes:
        first: to the left.
        second: to the right.
        length: from one colour to the other; 0 for an edge.
        gap: between the halves of a target, where the ground is seen.
        width: how much of it a person sees, a third wider than high.
    """

    length: Annotated[float, Field(ge=0, le=999)]
    gap: Annotated[float, Field(ge=0, le=99)] = 0.0
    width: Annotated[float, Field(gt=0, le=999)] = 24.0


class GradientTarget(TargetTable):
    """The table ``[target]``; the size is that of the whole shape."""

    shape: ShapeKey = "square"


class GradientCondition(Table):
    """A table ``[conditions.NAME]``.

    Attributes:
        position: of the middle of the shape along the gradient: 0 where it begins, 1 where it ends.
        half: the half of the shape that is the target, the first to the left; the other one has the physical colour of
            the target. Left out, all of it is the target.
    """

    position: Annotated[float, Field(ge=0, le=1)] = 0.5
    half: Which | None = None


class GradientFile(DrawnFile[GradientCondition]):
    """A stimulus file of the kind ``"gradient"``: a target of any shape on a linear gradient, or across an edge."""

    kind: Literal["gradient"]
    gradient: GradientTable
    target: GradientTarget

    @model_validator(mode="after")
    def _target_is_in_view(self) -> GradientFile:
        for name, condition in self.conditions.items():
            if abs(self._middle(condition)) + self.target.size / 2 > self.gradient.width / 2:
                raise ValueError(
                    f"conditions.{name}: the target lies beyond the {self.gradient.width:g} that a person sees; "
                    "expected another position, or a greater width"
                )
        if self.gradient.gap >= self.target.size:
            raise ValueError(f"gap is {self.gradient.gap:g}; expected less than the target, {self.target.size:g}")
        return self

    def scene(self, condition: GradientCondition) -> BlendedScene:
        """The gradient, from left to right."""
        gradient, middle = self.gradient, self._middle(condition)
        shape, size = self.target.shape, self.target.size
        gap = 0.0 if condition.half is None else gradient.gap
        drawn = partial(_weights, shape, size, middle, condition.half, gap, gradient.length)
        return BlendedScene(
            weights=drawn,
            surrounds=np.stack([self.target.colour.bytes, gradient.first.bytes, gradient.second.bytes]),
            target=_bounding_box(shape, size, middle, condition.half, gap),
            frame=Box.centred(gradient.width, gradient.width * 3 / 4),
        )

    def _middle(self, condition: GradientCondition) -> float:
        return (condition.position - 0.5) * self.gradient.length


def _weights(
    shape: Outline, size: float, middle: float, half: Which | None, gap: float, length: float, x: Floats, y: Floats
) -> list[Share]:
    target, other = _halves(shape, size, half, gap, x - middle, y)
    ground = ~(target | other)
    second = np.clip(x / length + 0.5, 0, 1) if length else (x > 0).astype(np.float64)
    return [target, other, ground * (1 - second), ground * second]


def _halves(shape: Outline, size: float, half: Which | None, gap: float, x: Floats, y: Floats) -> tuple[Points, Points]:
    """Which points, around the middle of a shape, belong to the target, and which to the other half."""
    whole = inside(shape, x, y, size)
    if half is None:
        return whole, np.zeros_like(whole)
    first, second = whole & (x < -gap / 2), whole & (x > gap / 2)
    return (first, second) if half == "first" else (second, first)


def _bounding_box(shape: Outline, size: float, middle: float, half: Which | None, gap: float) -> Box:
    width, height = sides(shape, size)
    if half is None:
        return Box(middle - width / 2, -height / 2, middle + width / 2, height / 2)
    near, far = sorted([gap / 2, width / 2]) if half == "second" else sorted([-gap / 2, -width / 2])
    cells = (np.arange(_CELLS) + 0.5) / _CELLS
    x, y = near + (far - near) * cells, height * (cells - 0.5)
    target, _ = _halves(shape, size, half, gap, x[None, :], y[:, None])
    left, right = (near + (far - near) * share for share in _ends(np.asarray(target.any(axis=0))))
    top, bottom = (height * (share - 0.5) for share in _ends(np.asarray(target.any(axis=1))))
    return Box(middle + left, top, middle + right, bottom)


def _ends(there: Points) -> tuple[float, float]:
    """Where the first cell begins and the last one ends that is there, as shares of all."""
    cells = np.flatnonzero(there)
    return float(cells[0] / len(there)), float((cells[-1] + 1) / len(there))
