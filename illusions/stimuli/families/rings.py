"""Bullseyes and rings: a target in a pattern of two colours, in its middle or as one of its rings.

People see the target in the direction of the colour that touches it, and away from the next one: the grey square in
white, black, white … frames as lighter than the one in black, white, black …; the peach ring between lime ones as more
orange than the one between purple ones.

Bindman, D. & Chubb, C. (2004). Brightness assimilation in bullseye displays. Vision Research, 44, 309–319.
Monnier, P. & Shevell, S. K. (2003). Large shifts in color appearance from patterned chromatic backgrounds. Nature
Neuroscience, 6, 801–802.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ColourKey, DrawnFile, Table, TwoColours, Which
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box
from illusions.stimuli.scenes.shapes import Shape, radius


class RingsTable(TwoColours):
    """The table ``[rings]``, of rings or frames of two alternating colours. The unit is the width of a ring.

    Attributes:
        background: what lies around them.
        shape: of the centre and of everything around it.
        centre_size: side or diameter of the centre.
        n_rings: how many there are around the centre.
        target_index: which is the target: 0 for the centre, k for the k-th ring.
    """

    background: ColourKey
    shape: Shape
    centre_size: Annotated[float, Field(gt=0, le=99)]
    n_rings: Annotated[int, Field(ge=1, le=99)]
    target_index: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _target_is_one_of_them(self) -> RingsTable:
        if self.target_index > self.n_rings:
            raise ValueError(f"target_index is {self.target_index}; expected at most n_rings = {self.n_rings}")
        return self


class RingsCondition(Table):
    """A table ``[conditions.NAME]``: the colour of the rings beside the target, and of every second one from there."""

    touches: Which


class RingsFile(DrawnFile[RingsCondition]):
    """A stimulus file of the kind ``"rings"``."""

    kind: Literal["rings"]
    rings: RingsTable

    def scene(self, condition: RingsCondition) -> LabelledScene:
        """The rings, the first or the second colour beside the target."""
        rings = self.rings
        return LabelledScene(
            labels=partial(_labels, rings),
            surrounds=np.stack([*rings.own_and_other(condition.touches), rings.background.bytes]),
            target=Box.centred(rings.centre_size + 2 * rings.target_index),
            frame=Box.centred(1.25 * (rings.centre_size + 2 * rings.n_rings)),
        )


def _labels(rings: RingsTable, x: Floats, y: Floats) -> Bytes:
    steps = np.abs(np.arange(rings.n_rings + 1) - rings.target_index)
    labels = np.append(np.where(steps == 0, 0, 2 - steps % 2), 3).astype(np.uint8)
    index = np.floor(radius(rings.shape, x, y) - rings.centre_size / 2) + 1
    return np.asarray(labels[np.clip(index, 0, rings.n_rings + 1).astype(np.intp)])
