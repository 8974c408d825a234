"""Generated pictures that stand in for photographs, and the tiny recipe that is trained on them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from illusions.models.recipe import FlowTable, PhotographsTable, Recipe, TrainingTable

FLOW = FlowTable(size=8, levels=2, steps=2, hidden=8)
#: What a model of structure sees.
STRUCTURE = PhotographsTable(channels="luminance", normalise="contrast", noise=0.3)


def tiny_recipe(photographs=None, **training):
    """Eight updates with a validation after every three, of which nothing takes long."""
    settings = {"updates": 8, "batch": 16, "learning_rate": 3e-3, "warm_up": 2, "validate_every": 3, "precision": "32"}
    return Recipe(
        title="a test",
        flow=FLOW,
        photographs=photographs or PhotographsTable(),
        training=TrainingTable(**settings | training),
    )


def pictures(n, *, seed=0, height=24, width=32):
    """n smooth coloured pictures ``(height, width, 3)`` uint8 with a little noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width][..., None] / 10
    result = []
    for _ in range(n):
        phase, slope = rng.uniform(0, 6, 3), rng.uniform(-1, 1, (2, 3))
        waves = 128 + 80 * np.sin(phase + slope[0] * x + slope[1] * y) + rng.normal(0, 4, (height, width, 3))
        result.append(waves.clip(0, 255).astype(np.uint8))
    return result


def write_pictures(folder, n, *, seed=0, height=24, width=32, suffix=".png"):
    """n generated pictures as files of a folder; returns their paths, sorted."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{i:05d}{suffix}" for i in range(n)]
    for path, picture in zip(paths, pictures(n, seed=seed, height=height, width=width), strict=True):
        Image.fromarray(picture).save(path)
    return paths
