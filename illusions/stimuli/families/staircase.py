"""Chevreul's staircase: a target at one or at the other side of a uniform step.

People see a step as lighter where it borders on its darker neighbour than where it borders on the lighter one.

Chevreul, M. E. (1839). De la loi du contraste simultané des couleurs. Paris: Pitois-Levrault.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ConditionKey, StimulusFile, Table, TwoColours, Which
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box, Scene


class StaircaseTable(TwoColours):
    """The table ``[staircase]``."""

    n_steps: Annotated[int, Field(ge=3, le=49)]
    target_size: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _has_a_middle(self) -> StaircaseTable:
        if self.n_steps % 2 == 0:
            raise ValueError(f"n_steps is {self.n_steps}; expected an odd number, so that one step is in the middle")
        return self


class StaircaseCondition(Table):
    """A table ``[conditions.NAME]``."""

    side: Which


class StaircaseFile(StimulusFile):
    """A stimulus file of the kind ``"staircase"``."""

    kind: Literal["staircase"]
    staircase: StaircaseTable
    conditions: dict[ConditionKey, StaircaseCondition] = Field(min_length=2)

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The staircase, its middle step in the colour of the target, and at which side of that the target is."""
        stairs, middle = self.staircase, self.target.colour.bytes
        return {
            name: staircase_scene(
                stairs.first.bytes, middle, stairs.second.bytes, stairs.n_steps, stairs.target_size, condition.side
            )
            for name, condition in self.conditions.items()
        }


def staircase_scene(
    first: Bytes, middle: Bytes, second: Bytes, n_steps: int, target_size: float, side: Which
) -> LabelledScene:
    """Steps side by side, a square target at the edge of the middle one. The unit is the width of a step.

    Args:
        first: shape (3,), sRGB: the leftmost step. From here to the middle all steps are of the same height in sRGB.
        middle: shape (3,), sRGB: the physical colour of the target, so that it cannot be told from its step.
        second: shape (3,), sRGB: the rightmost step.
        n_steps: an odd number.
        target_size: side of the target.
        side: the target is at the side of the first colour (left), or of the second.
    """
    knots = [0, n_steps // 2, n_steps - 1]
    colours = [np.interp(np.arange(n_steps), knots, channel) for channel in zip(first, middle, second, strict=True)]
    left = -0.5 if side == "first" else 0.5 - target_size
    target = Box(left, -target_size / 2, left + target_size, target_size / 2)
    return LabelledScene(
        labels=partial(_labels, n_steps, target),
        surrounds=np.floor(np.stack(colours, axis=-1) + 0.5).astype(np.uint8),
        target=target,
        frame=Box(-n_steps / 2, -n_steps / 3, n_steps / 2, n_steps / 3),
    )


def _labels(n_steps: int, target: Box, x: Floats, y: Floats) -> Bytes:
    step = np.clip(np.floor(x + n_steps / 2), 0, n_steps - 1)
    return np.where(target.contains(x, y), 0, 1 + step).astype(np.uint8)
