"""A flow with small random weights, as a model; and a picture that is no photograph but not noise either."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))

from flows import random_flow

from illusions.cli.watched import watch
from illusions.models.model import Model
from illusions.models.recipe import FlowTable, PhotographsTable, Recipe, TrainingTable


def tiny_model(*, bits=8, scale=0.1, size=8):
    """Patches of 8×8 pixels, two levels; the same weights at every call."""
    table = FlowTable(size=size, levels=2, steps=2, hidden=8)
    sees, training = PhotographsTable(bits=bits), TrainingTable(updates=1)
    recipe = Recipe(title="tiny", flow=table, photographs=sees, training=training)
    return Model("tiny", random_flow(table.architecture(), dtype=torch.float32, scale=scale), recipe)


def some_picture(height=30, width=41, seed=0):
    """Smooth colours with a little noise."""
    y, x = np.mgrid[:height, :width]
    smooth = np.stack([120 + 60 * np.sin(x / 5), 90 + 2 * y, 140 + 50 * np.cos((x + y) / 7)], axis=-1)
    return np.clip(smooth + np.random.default_rng(seed).normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)


def run_counting(analysis, model=None):
    """Run an analysis with a tiny flow of patches of 16×16 pixels: what it found, and how many patches went through."""
    counted = []
    watched = watch(model or tiny_model(size=16), counted.append)
    return analysis.run(lambda name: watched, seed=0), sum(counted)


@dataclass(frozen=True)
class Liking:
    """A density of patches by a function of each, in nats, with a little noise of its own for every patch; no flow."""

    nats: Callable[[np.ndarray], np.ndarray]
    name: str = "liking"
    size: int = 16
    dimensions: int = 768

    def log_likelihood_draws(self, patches, *, draws, seed):
        noise = np.random.default_rng(seed).normal(0, 0.01, (draws, len(patches)))
        return self.nats(patches) + noise

    def log_likelihood(self, patches, *, draws=1, seed=0):
        return self.log_likelihood_draws(patches, draws=draws, seed=seed).mean(axis=0)
