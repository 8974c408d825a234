"""Mach bands: a target on a plateau, beside the end of a ramp or away from it.

People see a light band where a light plateau begins to fall, and a dark one where a dark plateau begins to rise.

Mach, E. (1865). Über die Wirkung der räumlichen Vertheilung des Lichtreizes auf die Netzhaut. Sitzungsberichte der
mathematisch-naturwissenschaftlichen Classe der kaiserlichen Akademie der Wissenschaften, 52, 303–322.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from illusions.arrays import Floats
from illusions.stimuli.families.base import ColourKey, DrawnFile, Table
from illusions.stimuli.scenes.blended import BlendedScene
from illusions.stimuli.scenes.drawn import Share
from illusions.stimuli.scenes.scene import Box


class RampTable(Table):
    """The table ``[ramp]``. The unit is the side of the target, a square.

    Attributes:
        to: the right plateau; the left one has the physical colour of the target.
        ramp_width: from one plateau to the other.
        plateau_width: how much of each plateau a person sees; the model may see more or less.
    """

    to: ColourKey
    ramp_width: Annotated[float, Field(gt=0, le=99)]
    plateau_width: Annotated[float, Field(ge=1, le=99)]


class MachCondition(Table):
    """A table ``[conditions.NAME]``: how far from the ramp the target is."""

    distance: Annotated[float, Field(ge=0)]


class MachFile(DrawnFile[MachCondition]):
    """A stimulus file of the kind ``"mach"``: two plateaus and the linear ramp between them."""

    kind: Literal["mach"]
    ramp: RampTable

    @model_validator(mode="after")
    def _target_is_in_view(self) -> MachFile:
        for name, condition in self.conditions.items():
            if condition.distance + 1 > self.ramp.plateau_width:
                raise ValueError(
                    f"conditions.{name}.distance is {condition.distance:g}, beyond the plateau that a person sees; "
                    f"expected at most plateau_width - 1 = {self.ramp.plateau_width - 1:g}"
                )
        return self

    def scene(self, condition: MachCondition) -> BlendedScene:
        """The ramp, from a plateau in the colour of the target, so that it cannot be told from it."""
        ramp, width = self.ramp, self.ramp.ramp_width
        extent = 2 * ramp.plateau_width + width
        target = Box(-width / 2 - condition.distance - 1, -0.5, -width / 2 - condition.distance, 0.5)
        return BlendedScene(
            weights=partial(_weights, width, target),
            surrounds=np.stack([self.target.colour.bytes, ramp.to.bytes]),
            target=target,
            frame=Box.centred(extent, extent * 2 / 3),
        )


def _weights(ramp_width: float, target: Box, x: Floats, y: Floats) -> list[Share]:
    inside = target.contains(x, y)
    other = np.clip(x / ramp_width + 0.5, 0, 1) + 0 * y
    return [inside, 1 - other - inside, other]
