"""Outliers: pictures or patches that are unlike photographs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from illusions.analyses.outliers.typicality import typicality

if TYPE_CHECKING:
    from illusions.arrays import Floats

#: What is called an outlier: one patch, or a whole picture by the mean of its patches.
Unit = Literal["patch", "picture"]
#: Random patches of every picture.
EACH = 32
#: What is called an outlier, where a yes or no is asked for.
ALPHA = 0.05


def by_unit(scores: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    """A row per unit: the scores of patches as they are, or their mean over every picture."""
    if unit == "patch":
        return scores.reset_index(drop=True)
    columns = ["log_likelihood", "bits_per_dimension"]
    return scores.groupby("picture", sort=False, as_index=False)[columns].mean()


def rank_outliers(units: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Every unit with its typicality, the least typical first.

    Args:
        units: of `by_unit`: what is looked at.
        reference: of `by_unit`: photographs that it is compared with.

    Returns:
        The rows of ``outliers.csv``: picture, left and top (of patches only), log_likelihood (nats),
        bits_per_dimension, p_value, side, deviation; see `typicality`. The index is that of the units.
    """
    frame = units.join(typicality(nats(units), nats(reference)))
    far = frame["deviation"].abs()
    return frame.iloc[np.lexsort((-far.to_numpy(), frame["p_value"].to_numpy()))]


def nats(units: pd.DataFrame) -> Floats:
    """The log-likelihood of every unit, shape (n,)."""
    return units["log_likelihood"].to_numpy(dtype=np.float64)
