"""The most and the least likely patches of a set of photographs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def extremes(scores: pd.DataFrame, n: int, size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows of the n most likely and of the n least likely patches, most extreme first.

    A patch that overlaps one that was chosen before it, in the same picture, is passed over: neighbours look alike.

    Args:
        scores: of `illusions.analyses.patches.scores.score`.
        n: how many of each; fewer if fewer patches do not overlap.
        size: side of a patch, pixels.
    """
    order = np.argsort(scores["bits_per_dimension"].to_numpy(), kind="stable")
    return _apart(scores, order, n, size), _apart(scores, order[::-1], n, size)


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
