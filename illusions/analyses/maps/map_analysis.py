"""A photograph as a likelihood map, drawn as by the published code, and the contrast of unlikely places."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from scipy.stats import spearmanr

from illusions.analyses.claims.analysis import Analysis, Finding, Models
from illusions.analyses.maps.figure import map_figure
from illusions.analyses.patches.attributes import contrast
from illusions.analyses.patches.crops import windows
from illusions.analyses.patches.photographs import PictureKey
from illusions.models.evaluation import bits_per_dimension
from illusions.pictures import read_picture
from illusions.stimuli.scenes.scene import PATCH

if TYPE_CHECKING:
    from illusions.arrays import Bytes, Floats

#: Number of classes of equal size, by contrast, in the table.
_CLASSES = 10


class MapAnalysis(Analysis):
    """Bits per dimension of the patches at every `stride`-th row and column of a photograph.

    No source claims anything about it that could be tested without a person, so there is no verdict.
    """

    kind: Literal["map"]
    photograph: PictureKey
    stride: Annotated[int, Field(ge=1, le=PATCH)] = 2
    colours: Literal["viridis", "hot"] = "hot"
    model: str = "natural16"

    def run(self, models: Models, *, seed: int) -> Finding:
        """Map the photograph, and compare with the contrast of the patches."""
        model, picture = models(self.model), read_picture(self.photograph)
        grid = self._patches(picture, model.size)
        patches = grid.reshape(-1, *grid.shape[2:])
        bits = bits_per_dimension(model.log_likelihood(patches, seed=seed), model.dimensions)
        table = by_contrast(bits, contrast(patches)).assign(model=model.name)
        whole = spread(bits.reshape(grid.shape[:2]), picture.shape[:2], model.size, self.stride)
        first, last = table.iloc[0], table.iloc[-1]
        correlation = float(spearmanr(bits, contrast(patches)).statistic)
        return Finding(
            title=self.title,
            claim=None,
            measured=(
                f"{bits.min():.2f} to {bits.max():.2f} bits per dimension, {bits.mean():.2f} on average over "
                f"{len(bits):,} patches. The tenth with the least contrast has {first['bits_per_dimension']:.2f}, that "
                f"with the most {last['bits_per_dimension']:.2f}; the rank correlation with contrast is "
                f"{correlation:.2f}.".replace("-", "−")
            ),
            verdict=None,
            caption=(
                f"How unlikely the {model.size}×{model.size} patch around every pixel is: −log₂ p / D, in the colours "
                "of the code published with Hirsch & Tal 2020, half transparent over the picture, and alone. Scored is "
                f"every {_ordinal(self.stride)} row and column; in the margin the patch would reach beyond the "
                "picture. Contrast is the standard deviation of luma over the patch. Neighbouring patches share most "
                "of their pixels, and this is one photograph: the numbers describe it, and no error is given. Model "
                f"{model.name}."
            ),
            table=table,
            draw=lambda text: map_figure(picture, whole, colours=self.colours, caption=text),
        )

    def _patches(self, picture: Bytes, size: int) -> Bytes:
        return windows(picture, size)[:: self.stride, :: self.stride]


def by_contrast(bits: Floats, contrasts: Floats) -> pd.DataFrame:
    """Patches in classes of rising contrast, equally many in each.

    Returns:
        Columns class (from 1), contrast, bits_per_dimension (both means over the class), patches.
    """
    parts = np.array_split(np.argsort(contrasts, kind="stable"), _CLASSES)
    return pd.DataFrame(
        [
            {
                "class": number,
                "contrast": float(contrasts[part].mean()),
                "bits_per_dimension": float(bits[part].mean()),
                "patches": len(part),
            }
            for number, part in enumerate(parts, start=1)
        ]
    )


def spread(values: Floats, shape: tuple[int, ...], size: int, stride: int) -> Floats:
    """Values of patches at every `stride`-th position over the pixels of a picture; NaN in the margin.

    Each value stands in the middle of its patch, and for the pixels up to the next.
    """
    height, width = shape
    rows, columns = height - size + 1, width - size + 1
    full = np.full((height, width), math.nan)
    filled = values.repeat(stride, axis=0).repeat(stride, axis=1)[:rows, :columns]
    full[size // 2 : size // 2 + rows, size // 2 : size // 2 + columns] = filled
    return full


def _ordinal(stride: int) -> str:
    return {1: "single", 2: "second", 3: "third"}.get(stride, f"{stride}th")
