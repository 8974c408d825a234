"""Grating induction: a uniform strip across a sine-wave grating; the target is half a cycle of the strip.

People see the strip as a grating of opposite phase: lighter where the grating above and below is dark.

McCourt, M. E. (1982). A spatial frequency dependent grating-induction effect. Vision Research, 22, 119–134.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from illusions.arrays import Floats
from illusions.stimuli.families.base import DrawnFile, Table, TwoColours, Which
from illusions.stimuli.scenes.blended import BlendedScene
from illusions.stimuli.scenes.drawn import Share
from illusions.stimuli.scenes.scene import Box


class SineTable(TwoColours):
    """The table ``[grating]`` of a sine wave. The unit is half a cycle, the width of a bar.

    Attributes:
        first: the grating at one extreme, to the left of the middle.
        second: at the other, to the right of the middle.
        n_bars: how many a person sees, an even number; the model may see more or fewer.
        target_width: of the strip, from the grating above to the grating below.
    """

    n_bars: Annotated[int, Field(ge=2, le=98, multiple_of=2)]
    target_width: Annotated[float, Field(gt=0, le=99)]


class InductionCondition(Table):
    """A table ``[conditions.NAME]``: which extreme of the grating lies above and below the target."""

    phase: Which


class InductionFile(DrawnFile[InductionCondition]):
    """A stimulus file of the kind ``"induction"``: a grating and a strip across it."""

    kind: Literal["induction"]
    grating: SineTable

    def scene(self, condition: InductionCondition) -> BlendedScene:
        """The grating, and the strip in the colour of the target, so that it cannot be told from the strip."""
        grating = self.grating
        left = -1.0 if condition.phase == "first" else 0.0
        target = Box(left, -grating.target_width / 2, left + 1, grating.target_width / 2)
        return BlendedScene(
            weights=partial(_weights, target),
            surrounds=np.stack([self.target.colour.bytes, grating.first.bytes, grating.second.bytes]),
            target=target,
            frame=Box.centred(grating.n_bars, grating.n_bars * 3 / 4),
        )


def _weights(target: Box, x: Floats, y: Floats) -> list[Share]:
    strip = np.abs(y + 0 * x) < target.height / 2
    inside = target.contains(x, y)
    second = (1 + np.sin(np.pi * x)) / 2
    return [inside, strip & ~inside, ~strip * (1 - second), ~strip * second]
