"""Mach bands: a target on a plateau, beside the end of a ramp or away from it.

People see a light band where a light plateau begins to fall, and a dark one where a dark plateau begins to rise.

Mach, E. (1865). Über die Wirkung der räumlichen Vertheilung des Lichtreizes auf die Netzhaut. Sitzungsberichte der
mathematisch-naturwissenschaftlichen Classe der kaiserlichen Akademie der Wissenschaften, 52, 303–322.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ColourKey, ConditionKey, StimulusFile, Table
from illusions.stimuli.scenes.blended import BlendedScene
from illusions.stimuli.scenes.drawn import Share
from illusions.stimuli.scenes.scene import Box, Scene


class RampTable(Table):
    """The table ``[ramp]``."""

    to: ColourKey
    ramp_width: Annotated[float, Field(gt=0, le=99)]
    plateau_width: Annotated[float, Field(ge=1, le=99)]


class MachCondition(Table):
    """A table ``[conditions.NAME]``."""

    distance: Annotated[float, Field(ge=0)]


class MachFile(StimulusFile):
    """A stimulus file of the kind ``"mach"``."""

    kind: Literal["mach"]
    ramp: RampTable
    conditions: dict[ConditionKey, MachCondition] = Field(min_length=2)

    @model_validator(mode="after")
    def _target_is_in_view(self) -> MachFile:
        for name, condition in self.conditions.items():
            if condition.distance + 1 > self.ramp.plateau_width:
                raise ValueError(
                    f"conditions.{name}.distance is {condition.distance:g}, beyond the plateau that a person sees; "
                    f"expected at most plateau_width - 1 = {self.ramp.plateau_width - 1:g}"
                )
        return self

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The ramp, from a plateau in the colour of the target, and how far from it the target is."""
        ramp, plateau = self.ramp, self.target.colour.bytes
        return {
            name: mach_scene(plateau, ramp.to.bytes, ramp.ramp_width, ramp.plateau_width, condition.distance)
            for name, condition in self.conditions.items()
        }


def mach_scene(plateau: Bytes, other: Bytes, ramp_width: float, plateau_width: float, distance: float) -> BlendedScene:
    """Two plateaus and the linear ramp between them. The unit is the side of the target, a square.

    Args:
        plateau: shape (3,), sRGB: the left plateau; the physical colour of the target, so that it cannot be told from
            it.
        other: shape (3,), sRGB: the right plateau.
        ramp_width: from one plateau to the other.
        plateau_width: how much of each plateau a person sees; the model may see more or less.
        distance: from the ramp to the target.
    """
    half = plateau_width + ramp_width / 2
    target = Box(-ramp_width / 2 - distance - 1, -0.5, -ramp_width / 2 - distance, 0.5)
    return BlendedScene(
        weights=partial(_weights, ramp_width, target),
        surrounds=np.stack([plateau, other]),
        target=target,
        frame=Box(-half, -half * 2 / 3, half, half * 2 / 3),
    )


def _weights(ramp_width: float, target: Box, x: Floats, y: Floats) -> list[Share]:
    inside = target.contains(x, y)
    other = np.clip(x / ramp_width + 0.5, 0, 1) + 0 * y
    return [inside, 1 - other - inside, other]
