"""The dungeon illusion: a target of several cells among other cells, all of them on the same background.

People see the grey cells among black ones, on white, as lighter than those among white ones, on black: they contrast
with the other cells, which they do not touch, rather than with the background that surrounds them.

Bressan, P. (2001). Explaining lightness illusions. Perception, 30, 1031–1046.
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


class CellsTable(Table):
    """The table ``[cells]``."""

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
    """A table ``[conditions.NAME]``."""

    background: ColourKey
    cells: ColourKey


class DungeonFile(StimulusFile):
    """A stimulus file of the kind ``"dungeon"``."""

    kind: Literal["dungeon"]
    cells: CellsTable
    conditions: dict[ConditionKey, DungeonCondition] = Field(min_length=2)

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The cells, in the colours of each condition."""
        return {
            name: dungeon_scene(
                condition.background.bytes, condition.cells.bytes, self.cells.n_cells, self.cells.target_radius
            )
            for name, condition in self.conditions.items()
        }


def dungeon_scene(background: Bytes, cells: Bytes, n_cells: int, target_radius: int) -> LabelledScene:
    """A square of square cells, those in the middle the target. The unit is the side of a cell, and of a gap.

    Args:
        background: shape (3,), sRGB.
        cells: shape (3,), sRGB: the colour of all cells but the target's.
        n_cells: how many there are in a row.
        target_radius: how many steps from cell to cell (never diagonal) lead from the middle to the last one of the
            target: 0 for one cell, 1 for five.
    """
    side, target = 2 * n_cells + 1, 4 * target_radius + 1
    return LabelledScene(
        labels=partial(_labels, n_cells, target_radius),
        surrounds=np.stack([background, cells]),
        target=Box(-target / 2, -target / 2, target / 2, target / 2),
        frame=Box(-side / 2, -side / 2, side / 2, side / 2),
    )


def _labels(n_cells: int, target_radius: int, x: Floats, y: Floats) -> Bytes:
    column, row = np.abs(np.floor(x + 0.5)), np.abs(np.floor(y + 0.5))
    cell = (column % 2 == 0) & (row % 2 == 0) & (column < n_cells) & (row < n_cells)
    return np.where(cell & (column + row <= 2 * target_radius), 0, np.where(cell, 2, 1)).astype(np.uint8)
