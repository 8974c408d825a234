"""The Craik–O'Brien–Cornsweet effect: two equal plateaus, and opposite ramps at the edge between them.

People see the whole plateau whose ramp rises to light at the edge as lighter than the other one.

Cornsweet, T. N. (1970). Visual perception. New York: Academic Press.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from illusions.arrays import Floats
from illusions.stimuli.families.base import ColourKey, DrawnFile, Table, TwoColours, Which
from illusions.stimuli.scenes.blended import BlendedScene
from illusions.stimuli.scenes.drawn import Share
from illusions.stimuli.scenes.scene import Box


class EdgeTable(TwoColours):
    """The table ``[edge]``. The unit is the width of a ramp.

    Attributes:
        first: the left side of the edge.
        second: its right side.
        background: what lies around the plateaus and their ramps.
        plateau_size: side of a plateau.
        exponent: 1 for a linear ramp; the larger, the steeper at the edge.
    """

    background: ColourKey
    plateau_size: Annotated[float, Field(gt=0, le=99)]
    exponent: Annotated[float, Field(gt=0, le=99)]


class CornsweetCondition(Table):
    """A table ``[conditions.NAME]``: the target is the plateau whose ramp goes to the first colour, or the second."""

    ramp: Which


class CornsweetFile(DrawnFile[CornsweetCondition]):
    """A stimulus file of the kind ``"cornsweet"``: two square plateaus with a ramp each, which meet at the edge.

    A ramp at distance d from the edge is plateau + (1 − d)^exponent · (colour at the edge − plateau).
    """

    kind: Literal["cornsweet"]
    edge: EdgeTable

    def scene(self, condition: CornsweetCondition) -> BlendedScene:
        """The edge, and both plateaus in the colour of the target, so that it cannot be told from the other one."""
        edge, size = self.edge, self.edge.plateau_size
        left = -1 - size if condition.ramp == "first" else 1.0
        colours = self.target.colour, edge.first, edge.second, edge.background
        return BlendedScene(
            weights=partial(_weights, edge, left),
            surrounds=np.stack([colour.bytes for colour in colours]),
            target=Box(left, -size / 2, left + size, size / 2),
            frame=Box.centred(2 * 1.15 * (1 + size), 2 * 1.15 * (1 + size) * 2 / 3),
        )


def _weights(edge: EdgeTable, left: float, x: Floats, y: Floats) -> list[Share]:
    size = edge.plateau_size
    band = np.abs(y) < size / 2
    display = band & (np.abs(x) < 1 + size)
    target = band & (x > left) & (x < left + size)
    ramp = np.clip(1 - np.abs(x), 0, 1) ** edge.exponent
    return [target, display * (1 - ramp) - target, display * (ramp * (x < 0)), display * (ramp * (x >= 0)), ~display]
