"""Typicality: whether a likelihood is one that photographs have, and on which side of theirs it lies if not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import rankdata

if TYPE_CHECKING:
    from illusions.arrays import Floats

#: On which side of the reference a value lies.
UNLIKELY, LIKELY = "unlikely", "likely"


def typicality(values: Floats, reference: Floats) -> pd.DataFrame:
    """How often photographs are as extreme: a two-sided p-value, and the side.

    A flow gives flat patches more likelihood than nearly every photograph, so that "unlikely" alone is no test for
    "unlike photographs" (Nalisnick et al. 2019, arXiv 1906.02994). Here both tails count. With m reference values the
    p-value is 2 · min(1 + #{r ≤ v}, 1 + #{r ≥ v}) / (m + 1), at most 1: if v comes from where the reference comes
    from, it is below α with a probability of at most α. It cannot be below 2 / (m + 1).

    Args:
        values: log-likelihoods, shape (n,).
        reference: those of photographs, shape (m,).

    Returns:
        A row per value: ``p_value``; ``side``, on which side of the reference's middle it lies, ``"unlikely"`` or
        ``"likely"``, be it an outlier or not; ``deviation`` from the reference's mean in its standard deviations.
    """
    ordered, m = np.sort(reference), len(reference)
    at_or_below = np.searchsorted(ordered, values, side="right")
    at_or_above = m - np.searchsorted(ordered, values, side="left")
    p = np.minimum(1, 2 * (1 + np.minimum(at_or_below, at_or_above)) / (m + 1))
    spread = max(float(reference.std()), 1e-12)
    return pd.DataFrame(
        {
            "p_value": p,
            "side": np.where(at_or_below <= at_or_above, UNLIKELY, LIKELY),
            "deviation": (values - reference.mean()) / spread,
        }
    )


def atypicality(frame: pd.DataFrame) -> Floats:
    """A score that grows with how untypical values are, shape (n,): their order by p-value, then by deviation.

    Args:
        frame: of `typicality`.
    """
    keys = np.rec.fromarrays([-frame["p_value"].to_numpy(), frame["deviation"].abs().to_numpy()])
    return np.unique(keys, return_inverse=True)[1].astype(np.float64)


def roc(photographs: Floats, others: Floats) -> pd.DataFrame:
    """Receiver operating characteristic of a score that should be higher for other pictures.

    Args:
        photographs: scores, shape (n,).
        others: scores of pictures other than photographs, shape (m,).

    Returns:
        Columns ``false_alarms`` (the share of photographs at or above a threshold) and ``hits`` (that of the others),
        from no one to everyone.
    """
    thresholds = np.unique(np.concatenate([photographs, others]))[::-1]
    rates = {
        name: np.concatenate([[0.0], 1 - np.searchsorted(np.sort(scores), thresholds, side="left") / len(scores)])
        for name, scores in (("false_alarms", photographs), ("hits", others))
    }
    return pd.DataFrame(rates)


def area(photographs: Floats, others: Floats) -> float:
    """Area under that curve: how often another picture has the higher score than a photograph (ties count half)."""
    ranks = rankdata(np.concatenate([photographs, others]))[len(photographs) :]
    m = len(others)
    return float((ranks.sum() - m * (m + 1) / 2) / (len(photographs) * m))
