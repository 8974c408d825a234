"""Scenes with gradients: how much of every colour there is at every point of the plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from illusions.arrays import Floats
from illusions.stimuli.scenes.drawn import DrawnScene, Share

#: From x, shape (1, w), and y, shape (h, 1), to the shares (h, w) of the target and of each of the colours.
Weights: TypeAlias = Callable[[Floats, Floats], Sequence[Share]]


@dataclass(frozen=True, eq=False)
class BlendedScene(DrawnScene):
    """A scene in which colours pass into each other, mixed in sRGB.

    So a gradient between two greys, two saturations of one hue, or two hues less than a sixth of a turn apart (on the
    same side of red, yellow, green and so on) is linear along brightness, saturation, hue of HSV.
    """

    weights: Weights  #: the share of the target at every point (true or false), and of each of the surrounds.

    def shares(self, x: Floats, y: Floats) -> Sequence[Share]:
        """The weights."""
        return self.weights(x, y)
