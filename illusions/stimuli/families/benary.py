"""Benary's cross: a target on the cross, and one in the corner between two of its arms.

People see the grey on a black cross as lighter than the one on the white ground beside it, although both touch black
along two of their sides and white along the other two.

Benary, W. (1924). Beobachtungen zu einem Experiment über Helligkeitskontrast. Psychologische Forschung, 5, 131–142.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ColourKey, ConditionKey, StimulusFile, Table
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box, Scene
from illusions.stimuli.scenes.shapes import in_cross

Place = Literal["arm", "corner"]


class CrossTable(Table):
    """The table ``[cross]``."""

    colour: ColourKey
    background: ColourKey
    cross_size: Annotated[float, Field(le=99)]
    cross_thickness: Annotated[float, Field(gt=1)]

    @model_validator(mode="after")
    def _arms_are_longer_than_the_target(self) -> CrossTable:
        if not self.cross_size >= self.cross_thickness + 2:
            raise ValueError(
                f"arms {(self.cross_size - self.cross_thickness) / 2:g} long are shorter than the target; expected a "
                f"cross_size of at least cross_thickness + 2 = {self.cross_thickness + 2:g}"
            )
        return self


class BenaryCondition(Table):
    """A table ``[conditions.NAME]``."""

    place: Place


class BenaryFile(StimulusFile):
    """A stimulus file of the kind ``"benary"``."""

    kind: Literal["benary"]
    cross: CrossTable
    conditions: dict[ConditionKey, BenaryCondition] = Field(min_length=2)

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The cross, with the target in one of two places."""
        cross = self.cross
        return {
            name: benary_scene(
                cross.colour.bytes, cross.background.bytes, cross.cross_size, cross.cross_thickness, condition.place
            )
            for name, condition in self.conditions.items()
        }


def benary_scene(
    cross: Bytes, background: Bytes, cross_size: float, cross_thickness: float, place: Place
) -> LabelledScene:
    """A cross with a square target. The unit is the side of the target.

    Both places have the same borders: on the arm the target is at the upper end of the right one, in the corner it is
    above the left one.

    Args:
        cross: shape (3,), sRGB.
        background: shape (3,), sRGB.
        cross_size: from the end of an arm to the end of the opposite one.
        cross_thickness: of an arm.
        place: of the target: at the end of an arm, or on the ground in the corner between two arms.
    """
    left = cross_size / 2 - 1 if place == "arm" else -cross_thickness / 2 - 1
    bottom = -cross_thickness / 2 + (1 if place == "arm" else 0)
    target = Box(left, bottom - 1, left + 1, bottom)
    half = cross_size / 2 + 1
    return LabelledScene(
        labels=partial(_labels, cross_size, cross_thickness, target),
        surrounds=np.stack([cross, background]),
        target=target,
        frame=Box(-half, -half, half, half),
    )


def _labels(size: float, thickness: float, target: Box, x: Floats, y: Floats) -> Bytes:
    return np.where(target.contains(x, y), 0, np.where(in_cross(x, y, size, thickness), 1, 2)).astype(np.uint8)
