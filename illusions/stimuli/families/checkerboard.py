"""Checkerboard contrast: a target that takes the place of a check.

People see the grey that replaces a black check, with white ones at all its sides, as lighter than the one that
replaces a white check: assimilation to the neighbours, not contrast with them.

De Valois, R. L. & De Valois, K. K. (1988). Spatial vision. New York: Oxford University Press.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ConditionKey, StimulusFile, Table, TwoColours, Which
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box, Scene


class BoardTable(TwoColours):
    """The table ``[board]``."""

    checks: Annotated[int, Field(ge=3, le=99)]


class CheckerboardCondition(Table):
    """A table ``[conditions.NAME]``."""

    replaces: Which


class CheckerboardFile(StimulusFile):
    """A stimulus file of the kind ``"checkerboard"``."""

    kind: Literal["checkerboard"]
    board: BoardTable
    conditions: dict[ConditionKey, CheckerboardCondition] = Field(min_length=2)

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The board, a check of its first or of its second colour in the middle."""
        return {
            name: checkerboard_scene(*self.board.own_and_other(condition.replaces), self.board.checks)
            for name, condition in self.conditions.items()
        }


def checkerboard_scene(own: Bytes, neighbours: Bytes, checks: int) -> LabelledScene:
    """A target in place of the middle check. The unit is the side of a check.

    Args:
        own: shape (3,), sRGB: the colour of the check that the target replaces, and of those at its corners.
        neighbours: shape (3,), sRGB: the colour of the checks at its sides.
        checks: how many a person sees in a row; the model may see more or fewer.
    """
    return LabelledScene(
        labels=_labels,
        surrounds=np.stack([own, neighbours]),
        target=Box(-0.5, -0.5, 0.5, 0.5),
        frame=Box(-checks / 2, -checks / 2, checks / 2, checks / 2),
    )


def _labels(x: Floats, y: Floats) -> Bytes:
    column, row = np.floor(x + 0.5), np.floor(y + 0.5)
    neighbours = (column % 2 == 0) != (row % 2 == 0)
    return np.where((column == 0) & (row == 0), 0, 1 + neighbours).astype(np.uint8)
