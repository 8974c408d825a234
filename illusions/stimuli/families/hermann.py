"""The Hermann grid: a target that is part of the grid, at a crossing of two bars or halfway between two crossings.

People see dark spots at the crossings of light bars (out of the corner of the eye), and none between them.

Hermann, L. (1870). Eine Erscheinung simultanen Contrastes. Archiv für die gesamte Physiologie, 3, 13–15.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ColourKey, ConditionKey, StimulusFile, Table
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box, Scene

Place = Literal["crossing", "street"]


class GridTable(Table):
    """The table ``[grid]``."""

    blocks: ColourKey
    block_size: Annotated[float, Field(ge=2, le=99)]
    crossings: Annotated[int, Field(ge=3, le=49)]


class HermannCondition(Table):
    """A table ``[conditions.NAME]``."""

    place: Place


class HermannFile(StimulusFile):
    """A stimulus file of the kind ``"hermann"``."""

    kind: Literal["hermann"]
    grid: GridTable
    conditions: dict[ConditionKey, HermannCondition] = Field(min_length=2)

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The grid, in the colour of the target, and where the target is."""
        return {
            name: hermann_scene(
                self.target.colour.bytes,
                self.grid.blocks.bytes,
                self.grid.block_size,
                self.grid.crossings,
                condition.place,
            )
            for name, condition in self.conditions.items()
        }


def hermann_scene(bars: Bytes, blocks: Bytes, block_size: float, crossings: int, place: Place) -> LabelledScene:
    """A grid of bars with a square target in one of them. The unit is the width of a bar, and the side of the target.

    Args:
        bars: shape (3,), sRGB: the physical colour of the target, so that it cannot be told from its bar.
        blocks: shape (3,), sRGB: what lies between the bars.
        block_size: side of a block.
        crossings: how many a person sees in a row; the model may see more or fewer.
        place: of the target: at the middle crossing, or in the street to its right, halfway to the next one.
    """
    period = block_size + 1
    x = 0.0 if place == "crossing" else period / 2
    half = crossings * period / 2
    return LabelledScene(
        labels=partial(_labels, period, x),
        surrounds=np.stack([bars, blocks]),
        target=Box(x - 0.5, -0.5, x + 0.5, 0.5),
        frame=Box(-half, -half, half, half),
    )


def _labels(period: float, middle: float, x: Floats, y: Floats) -> Bytes:
    bars = ((x + 0.5) % period < 1) | ((y + 0.5) % period < 1)
    target = (np.abs(x - middle) < 0.5) & (np.abs(y) < 0.5)
    return np.where(target, 0, np.where(bars, 1, 2)).astype(np.uint8)
