"""The Hermann grid: a target that is part of the grid, at a crossing of two bars or halfway between two crossings.

People see dark spots at the crossings of light bars (out of the corner of the eye), and none between them.

Hermann, L. (1870). Eine Erscheinung simultanen Contrastes. Archiv für die gesamte Physiologie, 3, 13–15.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ColourKey, DrawnFile, Table
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box


class GridTable(Table):
    """The table ``[grid]``. The unit is the width of a bar, and the side of the target.

    Attributes:
        blocks: what lies between the bars.
        block_size: side of a block.
        crossings: how many a person sees in a row; the model may see more or fewer.
    """

    blocks: ColourKey
    block_size: Annotated[float, Field(ge=2, le=99)]
    crossings: Annotated[int, Field(ge=3, le=49)]


class HermannCondition(Table):
    """A table ``[conditions.NAME]``: the target at the middle crossing, or in the street halfway to the next one."""

    place: Literal["crossing", "street"]


class HermannFile(DrawnFile[HermannCondition]):
    """A stimulus file of the kind ``"hermann"``: a grid of bars with a square target in one of them."""

    kind: Literal["hermann"]
    grid: GridTable

    def scene(self, condition: HermannCondition) -> LabelledScene:
        """The grid, its bars in the colour of the target, so that it cannot be told from its bar."""
        period = self.grid.block_size + 1
        x = 0.0 if condition.place == "crossing" else period / 2
        return LabelledScene(
            labels=partial(_labels, period, x),
            surrounds=np.stack([self.target.colour.bytes, self.grid.blocks.bytes]),
            target=Box(x - 0.5, -0.5, x + 0.5, 0.5),
            frame=Box.centred(self.grid.crossings * period),
        )


def _labels(period: float, middle: float, x: Floats, y: Floats) -> Bytes:
    bars = ((x + 0.5) % period < 1) | ((y + 0.5) % period < 1)
    target = (np.abs(x - middle) < 0.5) & (np.abs(y) < 0.5)
    return np.where(target, 0, np.where(bars, 1, 2)).astype(np.uint8)
