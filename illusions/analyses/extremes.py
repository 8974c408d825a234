"""The most and the least likely patches of a set of photographs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from illusions.analyses.contact_sheet import Sheet, contact_sheet
from illusions.models.evaluation import bits_per_dimension

if TYPE_CHECKING:
    from illusions.analyses.crops import Crops
    from illusions.models.model import Model


def score(crops: Crops, model: Model, *, draws: int = 1, seed: int = 0) -> pd.DataFrame:
    """How likely patches are.

    Every patch has its own noise: what is compared are patches of different places, not values of one target.

    Returns:
        A row per patch: ``picture``, ``left``, ``top``, ``log_likelihood`` (nats), ``bits_per_dimension``.
    """
    nats = model.log_likelihood_draws(crops.patches, draws=draws, seed=seed, common_noise=False).mean(axis=0)
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
