"""A stimulus and a model that need no content, no weights and no time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class FakeAxis:
    name: str = "brightness"
    label: str = "brightness (HSV V)"
    circular: bool = False
    step: float = 1 / 255
    high: float = 1.0


@dataclass(frozen=True)
class FakeStimulus:
    """Uniform surrounds with a square target in the middle, all grey."""

    conditions: Mapping[str, float] = field(default_factory=lambda: {"dark": 0.2, "light": 0.8})
    value: float = 0.5
    axis: FakeAxis = FakeAxis()
    name: str = "fake-contrast"
    title: str = "A fake"
    description: str = "Greys on greys."
    source: str = ""
    scale: float = 16 / 6

    def values(self):
        n = 255 if self.axis.circular else 256
        return np.arange(n) / 255

    def colour(self, value):
        return np.full(3, round(value * 255), dtype=np.uint8)

    def picture(self, condition, value=None):
        picture = np.full((64, 64, 3), round(self.conditions[condition] * 255), dtype=np.uint8)
        picture[24:40, 24:40] = self.colour(self.value if value is None else value)
        return picture

    def target_mask(self, condition):
        mask = np.zeros((64, 64), dtype=bool)
        mask[24:40, 24:40] = True
        return mask

    def patches(self, condition, values=None, *, size=16):
        values = self.values() if values is None else values
        patches = np.full((len(values), size, size, 3), round(self.conditions[condition] * 255), dtype=np.uint8)
        side = slice(size // 2 - 3, size // 2 + 3)
        patches[:, side, side] = np.array([self.colour(v) for v in values])[:, None, None]
        return patches

    def patch_surround(self, condition, *, size=16):
        surround = np.ones((size, size), dtype=bool)
        surround[size // 2 - 3 : size // 2 + 3, size // 2 - 3 : size // 2 + 3] = False
        return surround

    def pair(self, values=None):
        values = values or {}
        return np.hstack([self.picture(name, values.get(name)) for name in self.conditions])

    def proof(self, values=None):
        return self.pair(values)[24:40]


@dataclass(frozen=True)
class FakeModel:
    """Likes patches whose middle equals their corner: −strength · (difference in [0, 1])², plus shared noise."""

    strength: float = 4000.0
    name: str = "fake"
    size: int = 16
    dimensions: int = 768
    circular: bool = False

    def log_likelihood_draws(self, patches, *, draws, seed, surround=None):
        difference = (patches[:, 8, 8] - patches[:, 0, 0].astype(float)) / 255
        if self.circular:
            difference = (difference + 0.5) % 1 - 0.5
        shifts = np.random.default_rng(seed).normal(0, 0.01, (draws, 1, 1))
        return -1000.0 - self.strength * ((difference + shifts) ** 2).mean(axis=2)
