"""Captions of likelihood maps and of contact sheets of extreme patches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from illusions.analyses.wording import model_named

if TYPE_CHECKING:
    from illusions.arrays import Floats
    from illusions.models.model import Model


def map_caption(bits: Floats, model: Model, seed: int) -> str:
    """Caption of a map, with extremes, model and noise."""
    size = model.size
    return (
        f"How unlikely the {size}×{size} patch around every pixel is: −log₂ p / D, {np.nanmin(bits):.2f} to "
        f"{np.nanmax(bits):.2f} bits per dimension, {np.nanmean(bits):.2f} on average. In the grey margin of the map "
        f"(and beneath no colour in the overlay) the patch would reach beyond the picture. {model_named(model)}, noise "
        f"seed {seed}."
    )


def extremes_caption(scores: pd.DataFrame, model: Model) -> str:
    """Caption of the contact sheet, with the model."""
    bits, pictures = scores["bits_per_dimension"], scores["picture"].nunique()
    return (
        f"Of {len(scores)} patches of {model.size}×{model.size} pixels from random places of {pictures} "
        f"{'picture' if pictures == 1 else 'pictures'}: those that the model finds most and least likely. Beneath "
        "each: its bits per dimension, −log₂ p / D, and the picture that it is from. No two of them overlap. All "
        f"patches: {bits.mean():.2f} bits per dimension on average, {bits.min():.2f} to {bits.max():.2f}. "
        f"{model_named(model)}."
    )
