"""A flow with small random weights, as a model; and a picture that is no photograph but not noise either."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))

from flows import random_flow

from illusions.models.model import Model
from illusions.models.recipe import FlowTable, PhotographsTable, Recipe, TrainingTable


def tiny_model(*, scale=0.1, **sees):
    """Patches of 8×8 pixels, two levels; the same weights at every call."""
    table = FlowTable(size=8, levels=2, steps=2, hidden=8)
    recipe = Recipe(title="tiny", flow=table, photographs=PhotographsTable(**sees), training=TrainingTable(updates=1))
    return Model("tiny", random_flow(recipe.architecture(), dtype=torch.float32, scale=scale), recipe)


def tiny_structure():
    """The same, of luminance that is normalised by its contrast."""
    return tiny_model(channels="luminance", normalise="contrast", noise=0.3)


def some_picture(height=30, width=41, seed=0):
    """Smooth colours with a little noise."""
    y, x = np.mgrid[:height, :width]
    smooth = np.stack([120 + 60 * np.sin(x / 5), 90 + 2 * y, 140 + 50 * np.cos((x + y) / 7)], axis=-1)
    return np.clip(smooth + np.random.default_rng(seed).normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)
