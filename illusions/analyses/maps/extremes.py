"""The most and the least likely patches of a set of photographs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from illusions.analyses.drawing.contact_sheet import Sheet, contact_sheet
from illusions.analyses.ranks.wording import model_named
from illusions.models.evaluation import bits_per_dimension
from illusions.models.latents import BATCH

if TYPE_CHECKING:
    from illusions.analyses.patches.crops import Crops
    from illusions.models.model import Model


def score(
    crops: Crops, model: Model, *, seed: int = 0, advance: Callable[[int], object] = lambda n: None
) -> pd.DataFrame:
    """How likely patches are, all under the same noise.

    Args:
        crops: the patches.
        model: what scores them.
        seed: of the noise.
        advance: told how many patches are done each time.

    Returns:
        A row per patch: ``picture``, ``left``, ``top``, ``log_likelihood`` (nats), ``bits_per_dimension``.
    """
    parts = []
    for start in range(0, len(crops), BATCH):
        parts.append(model.log_likelihood(crops.patches[start : start + BATCH], seed=seed))
        advance(len(parts[-1]))
    nats = np.concatenate(parts)
    return crops.places.assign(log_likelihood=nats, bits_per_dimension=bits_per_dimension(nats, model.dimensions))


def extremes(scores: pd.DataFrame, n: int, size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows of the n most likely and of the n least likely patches, most extreme first.

    A patch that overlaps one that was chosen before it, in the same picture, is passed over: neighbours look alike.

    Args:
        scores: of `score`.
        n: how many of each; fewer where there are not so many that do not overlap.
        size: side of a patch, pixels.
    """
    order = np.argsort(scores["bits_per_dimension"].to_numpy(), kind="stable")
    return _apart(scores, order, n, size), _apart(scores, order[::-1], n, size)


def extremes_figure(crops: Crops, scores: pd.DataFrame, n: int, *, caption: str = "") -> Figure:
    """The most and the least likely patches, each with its bits per dimension and the name of its picture."""
    most, least = extremes(scores, n, crops.patches.shape[1])
    return contact_sheet(
        [
            Sheet(f"the {len(most)} most likely", crops.patches[most], _labels(scores, most)),
            Sheet(f"the {len(least)} least likely", crops.patches[least], _labels(scores, least)),
        ],
        caption=caption,
    )


def extremes_caption(scores: pd.DataFrame, model: Model) -> str:
    """What the contact sheet shows, with its model."""
    bits, pictures = scores["bits_per_dimension"], scores["picture"].nunique()
    return (
        f"Of {len(scores)} patches of {model.size}×{model.size} pixels from random places of {pictures} "
        f"{'picture' if pictures == 1 else 'pictures'}: those that the model finds most and least likely. Beneath "
        "each: its bits per dimension, −log₂ p / D, and the picture that it is from. No two of them overlap. All "
        f"patches: {bits.mean():.2f} bits per dimension on average, {bits.min():.2f} to {bits.max():.2f}. "
        f"{model_named(model)}."
    )


def _apart(scores: pd.DataFrame, order: NDArray[np.intp], n: int, size: int) -> NDArray[np.intp]:
    picture, left, top = (scores[column].to_numpy() for column in ("picture", "left", "top"))
    chosen: list[int] = []
    for i in order:
        overlaps = [
            picture[j] == picture[i] and abs(left[j] - left[i]) < size and abs(top[j] - top[i]) < size for j in chosen
        ]
        if not any(overlaps):
            chosen.append(int(i))
        if len(chosen) == n:
            break
    return np.array(chosen, dtype=np.intp)


def _labels(scores: pd.DataFrame, rows: NDArray[np.intp]) -> list[str]:
    return [
        f"{bits:.2f}\n{_short(Path(name).stem)}"
        for name, bits in zip(scores["picture"].iloc[rows], scores["bits_per_dimension"].iloc[rows], strict=True)
    ]


def _short(name: str) -> str:
    return name if len(name) <= 12 else f"…{name[-11:]}"
