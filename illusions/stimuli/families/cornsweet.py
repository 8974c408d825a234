"""The Craik–O'Brien–Cornsweet effect: two equal plateaus, and opposite ramps at the edge between them.

People see the whole plateau whose ramp rises to light at the edge as lighter than the other one.

Cornsweet, T. N. (1970). Visual perception. New York: Academic Press.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ColourKey, ConditionKey, StimulusFile, Table, TwoColours, Which
from illusions.stimuli.scenes.blended import BlendedScene
from illusions.stimuli.scenes.drawn import Share
from illusions.stimuli.scenes.scene import Box, Scene


class EdgeTable(TwoColours):
    """The table ``[edge]``."""

    background: ColourKey
    plateau_size: Annotated[float, Field(gt=0, le=99)]
    exponent: Annotated[float, Field(gt=0, le=99)]


class CornsweetCondition(Table):
    """A table ``[conditions.NAME]``."""

    ramp: Which


class CornsweetFile(StimulusFile):
    """A stimulus file of the kind ``"cornsweet"``."""

    kind: Literal["cornsweet"]
    edge: EdgeTable
    conditions: dict[ConditionKey, CornsweetCondition] = Field(min_length=2)

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The edge, both plateaus in the colour of the target, and which of them the target is."""
        edge, plateau = self.edge, self.target.colour.bytes
        return {
            name: cornsweet_scene(
                edge.first.bytes,
                edge.second.bytes,
                plateau,
                edge.background.bytes,
                edge.plateau_size,
                edge.exponent,
                condition.ramp,
            )
            for name, condition in self.conditions.items()
        }


def cornsweet_scene(
    first: Bytes,
    second: Bytes,
    plateau: Bytes,
    background: Bytes,
    plateau_size: float,
    exponent: float,
    ramp: Which,
) -> BlendedScene:
    """Two square plateaus with a ramp each, which meet at the edge. The unit is the width of a ramp.

    A ramp at distance d from the edge is plateau + (1 − d)^exponent · (colour at the edge − plateau).

    Args:
        first: shape (3,), sRGB: the left side of the edge.
        second: shape (3,), sRGB: its right side.
        plateau: shape (3,), sRGB: the physical colour of the target, and of the other plateau.
        background: shape (3,), sRGB.
        plateau_size: side of a plateau.
        exponent: 1 for a linear ramp; the larger, the steeper at the edge.
        ramp: the target is the plateau whose ramp goes to the first colour (left), or to the second.
    """
    left = -1 - plateau_size if ramp == "first" else 1.0
    half = 1.15 * (1 + plateau_size)
    return BlendedScene(
        weights=partial(_weights, plateau_size, exponent, left),
        surrounds=np.stack([plateau, first, second, background]),
        target=Box(left, -plateau_size / 2, left + plateau_size, plateau_size / 2),
        frame=Box(-half, -half * 2 / 3, half, half * 2 / 3),
    )


def _weights(size: float, exponent: float, left: float, x: Floats, y: Floats) -> list[Share]:
    band = np.abs(y) < size / 2
    display = band & (np.abs(x) < 1 + size)
    target = band & (x > left) & (x < left + size)
    ramp = np.clip(1 - np.abs(x), 0, 1) ** exponent
    return [target, display * (1 - ramp) - target, display * (ramp * (x < 0)), display * (ramp * (x >= 0)), ~display]
