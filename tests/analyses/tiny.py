"""A flow with small random weights, as a model; and a picture that is no photograph but not noise either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image

from illusions.models.model import Model
from illusions.models.recipe import FlowTable, PhotographsTable, Recipe, TrainingTable
from illusions.models.view import View
from tests.models.flows import random_flow


def tiny_model(*, scale=0.1, size=8, **sees):
    """Patches of 8×8 pixels, two levels; the same weights at every call."""
    table = FlowTable(size=size, levels=2, steps=2, hidden=8)
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


def write_photographs(folder):
    """Three pictures that stand for photographs, as paths."""
    paths = [folder / f"photo-{i}.png" for i in range(3)]
    for i, path in enumerate(paths):
        Image.fromarray(some_picture(60 + i, 70, seed=i)).save(path)
    return [str(path) for path in paths]


def run_tiny(analysis):
    """Run an analysis with a tiny flow of patches of 16×16 pixels."""
    model = tiny_model(size=16)
    return analysis.run(lambda name: model, seed=0)


def drawn(found):
    """The axes of the figure that an analysis draws above some words, the words left out."""
    words, *axes = found.draw("what to see").axes
    assert [text.get_text() for text in words.texts] == ["what to see"]
    return axes


@dataclass(frozen=True)
class Liking:
    """A density of patches by a function of each, in nats, with a little noise of its own for every patch; no flow."""

    nats: Callable[[np.ndarray], np.ndarray]
    name: str = "liking"
    size: int = 16
    dimensions: int = 768
    view: View = field(default_factory=lambda: View(PhotographsTable()))

    def log_likelihood_draws(self, patches, *, draws, seed, surround=None):
        noise = np.random.default_rng(seed).normal(0, 0.01, (draws, len(patches)))
        return self.nats(patches) + noise

    def log_likelihood(self, patches, *, draws=1, seed=0):
        return self.log_likelihood_draws(patches, draws=draws, seed=seed).mean(axis=0)
