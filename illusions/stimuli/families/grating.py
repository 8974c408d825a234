"""White's effect and Munker's: a target that interrupts a bar of a grating.

People see the target in the direction of its flanks: the grey that interrupts a black bar, between white ones, as
lighter; the red that interrupts a blue bar, between yellow ones, as more orange.

White, M. (1979). A new effect of pattern on perceived lightness. Perception, 8, 413–416.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ConditionKey, StimulusFile, Table, TargetTable, TwoColours, Which
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box, Scene

Orientation = Literal["vertical", "horizontal"]


class GratingTable(TwoColours):
    """The table ``[grating]``."""

    bars: Annotated[int, Field(ge=3, le=99)]
    orientation: Orientation = "vertical"


class GratingTarget(TargetTable):
    """The table ``[target]``, for a target as wide as a bar."""

    length: Annotated[float, Field(ge=1, le=99)]


class GratingCondition(Table):
    """A table ``[conditions.NAME]``."""

    interrupts: Which


class GratingFile(StimulusFile):
    """A stimulus file of the kind ``"grating"``."""

    kind: Literal["grating"]
    grating: GratingTable
    target: GratingTarget
    conditions: dict[ConditionKey, GratingCondition] = Field(min_length=2)

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The grating, a bar of its first or of its second colour in the middle."""
        return {
            name: grating_scene(
                *self.grating.own_and_other(condition.interrupts),
                self.target.length,
                self.grating.bars,
                self.grating.orientation,
            )
            for name, condition in self.conditions.items()
        }


def grating_scene(own: Bytes, flanks: Bytes, length: float, bars: int, orientation: Orientation) -> LabelledScene:
    """A target in the middle bar of a square-wave grating. The unit is the width of a bar.

    Args:
        own: shape (3,), sRGB: the colour of the bar that the target interrupts, and of every second one.
        flanks: shape (3,), sRGB: the colour of the bars beside it.
        length: of the target, along the bar.
        bars: how many a person sees; the model may see more or fewer.
        orientation: of the bars.
    """
    upright = orientation == "vertical"
    x, y = (0.5, length / 2) if upright else (length / 2, 0.5)
    return LabelledScene(
        labels=partial(_labels, length, upright),
        surrounds=np.stack([own, flanks]),
        target=Box(-x, -y, x, y),
        frame=Box(-bars / 2, -bars / 2, bars / 2, bars / 2),
    )


def _labels(length: float, upright: bool, x: Floats, y: Floats) -> Bytes:
    across, along = (x, y) if upright else (y, x)
    bar = np.floor(across + 0.5).astype(np.int64)
    return np.where((bar == 0) & (np.abs(along) < length / 2), 0, 1 + bar % 2).astype(np.uint8)
