"""White's effect and Munker's: a target that interrupts a bar of a grating.

People see the target in the direction of its flanks: the grey that interrupts a black bar, between white ones, as
lighter; the red that interrupts a blue bar, between yellow ones, as more orange.

White, M. (1979). A new effect of pattern on perceived lightness. Perception, 8, 413–416.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import DrawnFile, Table, TargetTable, TwoColours, Which
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box


class GratingTable(TwoColours):
    """The table ``[grating]``. The unit is the width of a bar.

    Attributes:
        bars: how many a person sees; the model may see more or fewer.
        orientation: of the bars.
    """

    bars: Annotated[int, Field(ge=3, le=99)]
    orientation: Literal["vertical", "horizontal"] = "vertical"


class GratingTarget(TargetTable):
    """The table ``[target]``, for a target as wide as a bar, and of a length along it."""

    length: Annotated[float, Field(ge=1, le=99)]


class GratingCondition(Table):
    """A table ``[conditions.NAME]``: the colour of the bar that the target interrupts, and of every second one."""

    interrupts: Which


class GratingFile(DrawnFile[GratingCondition]):
    """A stimulus file of the kind ``"grating"``: a target in the middle bar of a square-wave grating."""

    kind: Literal["grating"]
    grating: GratingTable
    target: GratingTarget

    def scene(self, condition: GratingCondition) -> LabelledScene:
        """The grating, a bar of its first or of its second colour in the middle."""
        length, upright = self.target.length, self.grating.orientation == "vertical"
        return LabelledScene(
            labels=partial(_labels, length, upright),
            surrounds=np.stack(self.grating.own_and_other(condition.interrupts)),
            target=Box.centred(1, length) if upright else Box.centred(length, 1),
            frame=Box.centred(self.grating.bars),
        )


def _labels(length: float, upright: bool, x: Floats, y: Floats) -> Bytes:
    across, along = (x, y) if upright else (y, x)
    bar = np.floor(across + 0.5).astype(np.int64)
    return np.where((bar == 0) & (np.abs(along) < length / 2), 0, 1 + bar % 2).astype(np.uint8)
