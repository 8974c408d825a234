"""Simultaneous contrast, and a model that needs no weights and no time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from skimage.color import rgb2hsv

from illusions.stimuli.families.uniform import uniform_contrast

#: What a colour has besides what is varied.
_BASES = {"brightness": {"hsv": [0, 0, 0.5]}, "hue": {"hsv": [0, 1, 1]}}


def contrast(conditions=None, *, value=0.5, axis="brightness"):
    """A square on uniform surrounds: greys, or fully saturated hues."""
    surrounds = conditions or {"dark": 0.2, "light": 0.8}
    return uniform_contrast(axis=axis, value=value, surrounds=surrounds, base=_BASES[axis])


@dataclass(frozen=True)
class FakeModel:
    """Likes patches whose middle equals their corner: −strength · (difference in [0, 1])², plus shared noise.

    The difference is that of the colours or, on a circle, of the hues.
    """

    strength: float = 4000.0
    name: str = "fake"
    size: int = 16
    dimensions: int = 768
    circular: bool = False

    def log_likelihood_draws(self, patches, *, draws, seed, surround=None, first=0):
        middle, corner = patches[:, 8, 8] / 255, patches[:, 0, 0] / 255
        difference = middle - corner
        if self.circular:
            difference = (rgb2hsv(middle)[:, :1] - rgb2hsv(corner)[:, :1] + 0.5) % 1 - 0.5
        shifts = np.random.default_rng(seed).normal(0, 0.01, (first + draws, 1, 1))[first:]
        return -1000.0 - self.strength * ((difference + shifts) ** 2).mean(axis=2)

    def with_floor(self, floor):
        """It normalises nothing."""
        return self
