"""How far models see the blocks of JPEG: patches of a lossless photograph and of its JPEG, on and off the grid.

    python tests/benchmarks/jpeg_grid.py natural16 structure16 cones16 PHOTOS/train

For a folder of photographs: a Gaussian of their patches.
"""

from __future__ import annotations

import io
import math
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from illusions import load_model
from illusions.content import folder
from illusions.models.baselines import Gaussian
from illusions.models.photographs import cut_evenly
from illusions.photographs import find_photographs
from illusions.pictures import read_picture

BLOCK, OFF = 8, 4
#: What a Gaussian is fitted to.
PATCHES = 40_000


class GaussianModel:
    """A Gaussian of patches of photographs, with the methods of a model that are needed here."""

    name, size = "Gaussian", 16

    def __init__(self, photographs, patches=PATCHES):
        training = cut_evenly(find_photographs(photographs), self.size, patches)
        self._gaussian = Gaussian.fit(training.patches, training.photographs)

    def log_likelihood(self, patches):
        return -self._gaussian.bits_per_dimension(patches) * patches[0].size * math.log(2)


def jpeg_gains(model, quality=88, every=2):
    """Log-likelihood of patches of a JPEG minus that of the same patches of the lossless photograph, nats.

    Returns:
        For patches that begin on the grid of blocks, and for those 4 pixels down and right of it; shape (n,) each.
    """
    lossless = read_picture(folder("stimuli") / "photographs" / "cat.png")
    file = io.BytesIO()
    Image.fromarray(lossless).save(file, "JPEG", quality=quality, subsampling=0)
    compressed = np.asarray(Image.open(file))
    starts = np.arange(0, len(lossless) - model.size - OFF, every * BLOCK)
    return [
        model.log_likelihood(_patches(compressed, starts + off, model.size))
        - model.log_likelihood(_patches(lossless, starts + off, model.size))
        for off in (0, OFF)
    ]


def _patches(picture, starts, size):
    windows = np.lib.stride_tricks.sliding_window_view(picture, (size, size), axis=(0, 1))
    return np.ascontiguousarray(windows[np.ix_(starts, starts)].transpose(0, 1, 3, 4, 2)).reshape(-1, size, size, 3)


def _shown(values):
    return f"{values.mean():+.0f} ± {values.std(ddof=1) / len(values) ** 0.5:.0f}"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        holds_photographs = Path(name).is_dir() and not (Path(name) / "recipe.toml").exists()
        model = GaussianModel(Path(name)) if holds_photographs else load_model(name, device="cpu")
        for quality in (88, 50):
            on, off = jpeg_gains(model, quality)
            print(
                f"{model.name}, quality {quality}: on the grid {_shown(on)}, off it {_shown(off)}, "
                f"difference {_shown(on - off)}"
            )
