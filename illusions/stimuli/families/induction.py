"""Grating induction: a uniform strip across a sine-wave grating; the target is half a cycle of the strip.

People see the strip as a grating of opposite phase: lighter where the grating above and below is dark.

McCourt, M. E. (1982). A spatial frequency dependent grating-induction effect. Vision Research, 22, 119–134.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ConditionKey, StimulusFile, Table, TwoColours, Which
from illusions.stimuli.scenes.blended import BlendedScene
from illusions.stimuli.scenes.drawn import Share
from illusions.stimuli.scenes.scene import Box, Scene


class SineTable(TwoColours):
    """The table ``[grating]`` of a sine wave."""

    n_bars: Annotated[int, Field(ge=2, le=98, multiple_of=2)]
    target_width: Annotated[float, Field(gt=0, le=99)]


class InductionCondition(Table):
    """A table ``[conditions.NAME]``."""

    phase: Which


class InductionFile(StimulusFile):
    """A stimulus file of the kind ``"induction"``."""

    kind: Literal["induction"]
    grating: SineTable
    conditions: dict[ConditionKey, InductionCondition] = Field(min_length=2)

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The grating, the strip in the colour of the target, and which half of a cycle of the strip the target is."""
        grating, strip = self.grating, self.target.colour.bytes
        return {
            name: induction_scene(
                grating.first.bytes, grating.second.bytes, strip, grating.n_bars, grating.target_width, condition.phase
            )
            for name, condition in self.conditions.items()
        }


def induction_scene(
    first: Bytes, second: Bytes, strip: Bytes, n_bars: int, target_width: float, phase: Which
) -> BlendedScene:
    """A grating and a strip across it. The unit is half a cycle of the grating, the width of a bar.

    Args:
        first: shape (3,), sRGB: the grating at one extreme, to the left of the middle.
        second: shape (3,), sRGB: at the other, to the right of the middle.
        strip: shape (3,), sRGB: the physical colour of the target, so that it cannot be told from the strip.
        n_bars: how many a person sees, an even number; the model may see more or fewer.
        target_width: of the strip, from the grating above to the grating below.
        phase: which extreme of the grating lies above and below the target.
    """
    left = -1.0 if phase == "first" else 0.0
    target = Box(left, -target_width / 2, left + 1, target_width / 2)
    return BlendedScene(
        weights=partial(_weights, target),
        surrounds=np.stack([strip, first, second]),
        target=target,
        frame=Box(-n_bars / 2, -n_bars * 3 / 8, n_bars / 2, n_bars * 3 / 8),
    )


def _weights(target: Box, x: Floats, y: Floats) -> list[Share]:
    strip = np.abs(y + 0 * x) < target.height / 2
    inside = target.contains(x, y)
    second = (1 + np.sin(np.pi * x)) / 2
    return [inside, strip & ~inside, ~strip * (1 - second), ~strip * second]
