"""The dungeon illusion: a target of several cells among other cells, all of them on the same background.

People see the grey cells among black ones, on white, as lighter than those among white ones, on black: they contrast
with the other cells, which they do not touch, rather than with the background that surrounds them.

Bressan, P. (2001). Explaining lightness illusions. Perception, 30, 1031–1046.
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


class CellsTable(Table):
    """The table ``[cells]``. The unit is the side of a cell, and of a gap.

    Attributes:
        n_cells: how many there are in a row.
        target_radius: how many steps from cell to cell (never diagonal) lead from the middle to the last one of the
            target: 0 for one cell, 1 for five.
    """

    n_cells: Annotated[int, Field(ge=3, le=49)]
    target_radius: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _fits(self) -> CellsTable:
        if self.n_cells % 2 == 0:
            raise ValueError(f"n_cells is {self.n_cells}; expected an odd number, so that one cell is in the middle")
        if self.target_radius >= self.n_cells / 2:
            raise ValueError(f"target_radius is {self.target_radius}; expected at most {(self.n_cells - 1) // 2}")
        return self


class DungeonCondition(Table):
    """A table ``[conditions.NAME]``: the colours of the background, and of all cells but the target's."""

    background: ColourKey
    cells: ColourKey


class DungeonFile(DrawnFile[DungeonCondition]):
    """A stimulus file of the kind ``"dungeon"``: a square of square cells, those in the middle the target."""

    kind: Literal["dungeon"]
    cells: CellsTable

    def scene(self, condition: DungeonCondition) -> LabelledScene:
        """The cells, in the colours of the condition."""
        return LabelledScene(
            labels=partial(_labels, self.cells),
            surrounds=np.stack([condition.background.bytes, condition.cells.bytes]),
            target=Box.centred(4 * self.cells.target_radius + 1),
            frame=Box.centred(2 * self.cells.n_cells + 1),
        )


def _labels(cells: CellsTable, x: Floats, y: Floats) -> Bytes:
    column, row = np.abs(np.floor(x + 0.5)), np.abs(np.floor(y + 0.5))
    cell = (column % 2 == 0) & (row % 2 == 0) & (column < cells.n_cells) & (row < cells.n_cells)
    return np.where(cell & (column + row <= 2 * cells.target_radius), 0, np.where(cell, 2, 1)).astype(np.uint8)
