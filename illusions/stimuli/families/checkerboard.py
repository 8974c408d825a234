"""Checkerboard contrast: a target that takes the place of a check.

People see the grey that replaces a black check, with white ones at all its sides, as lighter than the one that
replaces a white check: assimilation to the neighbours, not contrast with them.

De Valois, R. L. & De Valois, K. K. (1988). Spatial vision. New York: Oxford University Press.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import DrawnFile, Table, TwoColours, Which
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box


class BoardTable(TwoColours):
    """The table ``[board]``: how many checks a person sees in a row; the model may see more or fewer."""

    checks: Annotated[int, Field(ge=3, le=99)]


class CheckerboardCondition(Table):
    """A table ``[conditions.NAME]``: the colour of the check in whose place the target is."""

    replaces: Which


class CheckerboardFile(DrawnFile[CheckerboardCondition]):
    """A stimulus file of the kind ``"checkerboard"``. The unit is the side of a check."""

    kind: Literal["checkerboard"]
    board: BoardTable

    def scene(self, condition: CheckerboardCondition) -> LabelledScene:
        """The board, a check of its first or of its second colour in the middle, and the target in place of that."""
        return LabelledScene(
            labels=_labels,
            surrounds=np.stack(self.board.own_and_other(condition.replaces)),
            target=Box.centred(1),
            frame=Box.centred(self.board.checks),
        )


def _labels(x: Floats, y: Floats) -> Bytes:
    column, row = np.floor(x + 0.5), np.floor(y + 0.5)
    neighbours = (column % 2 == 0) != (row % 2 == 0)
    return np.where((column == 0) & (row == 0), 0, 1 + neighbours).astype(np.uint8)
