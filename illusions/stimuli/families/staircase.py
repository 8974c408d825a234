"""Chevreul's staircase: a target at one or at the other side of a uniform step.

People see a step as lighter where it borders on its darker neighbour than where it borders on the lighter one.

Chevreul, M. E. (1839). De la loi du contraste simultané des couleurs. Paris: Pitois-Levrault.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import DrawnFile, Table, TwoColours, Which
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box


class StaircaseTable(TwoColours):
    """The table ``[staircase]``. The unit is the width of a step.

    Attributes:
        first: the leftmost step. From here to the middle all steps are of the same height in sRGB.
        second: the rightmost step.
        n_steps: an odd number.
        target_size: side of the target.
    """

    n_steps: Annotated[int, Field(ge=3, le=49)]
    target_size: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _has_a_middle(self) -> StaircaseTable:
        if self.n_steps % 2 == 0:
            raise ValueError(f"n_steps is {self.n_steps}; expected an odd number, so that one step is in the middle")
        return self


class StaircaseCondition(Table):
    """A table ``[conditions.NAME]``: the target is at the side of the first colour (left), or of the second."""

    side: Which


class StaircaseFile(DrawnFile[StaircaseCondition]):
    """A stimulus file of the kind ``"staircase"``: steps side by side, a square target at the edge of the middle one.

    The middle step has the physical colour of the target, so that it cannot be told from its step.
    """

    kind: Literal["staircase"]
    staircase: StaircaseTable

    def scene(self, condition: StaircaseCondition) -> LabelledScene:
        """The staircase, and at which side of its middle step the target is."""
        n, size = self.staircase.n_steps, self.staircase.target_size
        left = -0.5 if condition.side == "first" else 0.5 - size
        target = Box(left, -size / 2, left + size, size / 2)
        return LabelledScene(
            labels=partial(_labels, n, target),
            surrounds=self._steps(),
            target=target,
            frame=Box.centred(n, n * 2 / 3),
        )

    def _steps(self) -> Bytes:
        """The colours of the steps, shape (n, 3), sRGB."""
        n = self.staircase.n_steps
        knots = np.stack([colour.bytes for colour in (self.staircase.first, self.target.colour, self.staircase.second)])
        steps = [np.interp(np.arange(n), [0, n // 2, n - 1], channel) for channel in knots.T]
        return np.floor(np.stack(steps, axis=-1) + 0.5).astype(np.uint8)


def _labels(n_steps: int, target: Box, x: Floats, y: Floats) -> Bytes:
    step = np.clip(np.floor(x + n_steps / 2), 0, n_steps - 1)
    return np.where(target.contains(x, y), 0, 1 + step).astype(np.uint8)
