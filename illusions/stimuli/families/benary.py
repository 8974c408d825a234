"""Benary's cross: a target on the cross, and one in the corner between two of its arms.

People see the grey on a black cross as lighter than the one on the white ground beside it, although both touch black
along two of their sides and white along the other two.

Benary, W. (1924). Beobachtungen zu einem Experiment über Helligkeitskontrast. Psychologische Forschung, 5, 131–142.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ColourKey, DrawnFile, Table
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box
from illusions.stimuli.scenes.shapes import in_cross


class CrossTable(Table):
    """The table ``[cross]``. The unit is the side of the target.

    Attributes:
        colour: of the cross.
        background: what it lies on.
        cross_size: from the end of an arm to the end of the opposite one.
        cross_thickness: of an arm.
    """

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
    """A table ``[conditions.NAME]``: the target at the end of an arm, or on the ground in the corner between two."""

    place: Literal["arm", "corner"]


class BenaryFile(DrawnFile[BenaryCondition]):
    """A stimulus file of the kind ``"benary"``: a cross with a square target in one of two places.

    Both places have the same borders: on the arm the target is at the upper end of the right one, in the corner it is
    above the left one.
    """

    kind: Literal["benary"]
    cross: CrossTable

    def scene(self, condition: BenaryCondition) -> LabelledScene:
        """The cross, with the target in its place."""
        size, thickness = self.cross.cross_size, self.cross.cross_thickness
        left = size / 2 - 1 if condition.place == "arm" else -thickness / 2 - 1
        bottom = -thickness / 2 + (1 if condition.place == "arm" else 0)
        target = Box(left, bottom - 1, left + 1, bottom)
        return LabelledScene(
            labels=partial(_labels, self.cross, target),
            surrounds=np.stack([self.cross.colour.bytes, self.cross.background.bytes]),
            target=target,
            frame=Box.centred(size + 2),
        )


def _labels(cross: CrossTable, target: Box, x: Floats, y: Floats) -> Bytes:
    ground = np.where(in_cross(x, y, cross.cross_size, cross.cross_thickness), 1, 2)
    return np.where(target.contains(x, y), 0, ground).astype(np.uint8)
