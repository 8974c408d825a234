"""The tables of a count: those of every prediction, and where in the photographs it rests on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from illusions.analyses.counting.counts import Counting
from illusions.analyses.predictions import swept, with_mean, with_scales
from illusions.arrays import Floats


def summary(counting: Counting) -> pd.DataFrame:
    """The rows of ``summary.csv``: one per scale and condition of a stimulus, at the physical target.

    The columns of every prediction, of which ``temperature`` is empty; standard errors are over photographs. Then how
    many places were counted in how many photographs, their correlations, why there is no count, and the scale.
    """
    table = counting.prediction.summary()
    rows = []
    for at, condition in zip(table["scale"], table["condition"], strict=True):
        places = pd.concat([count.places for count in counting.counts_at(at, condition)])
        rows.append(
            {
                "places": len(places),
                "photographs": places["picture"].nunique(),
                "lowest_correlation": places["correlation"].min(),
                "highest_correlation": places["correlation"].max(),
                "why_no_count": counting.prediction.reasons[at].get(condition, ""),
            }
        )
    return pd.concat([table.drop(columns="scale"), pd.DataFrame(rows), table["scale"]], axis="columns")


def ranks_frame(counting: Counting) -> pd.DataFrame:
    """The rows of ``ranks.csv``: every value of the sweep at every scale in every condition of a stimulus.

    The columns of a model's ``ranks.csv``, of which likelihood, its standard error, density and temperature are empty:
    a count has none.
    """
    values = counting.stimulus.values()
    of_scales = {
        scale: {name: count.percentile_ranks(values) for name, count in counts.items()}
        for scale, counts in counting.at_scales.items()
    }
    ranks = with_mean(of_scales, lambda parts: np.mean(parts, axis=0))
    return with_scales({at: _frame(counting, values, conditions) for at, conditions in ranks.items()})


def places_frame(counting: Counting) -> pd.DataFrame:
    """The rows of ``places.csv``: every place that was counted, the best first, at every scale in every condition."""
    return pd.concat(
        [
            count.places.assign(**_head(counting, condition), scale=scale)[
                ["stimulus", "condition", "axis", *count.places.columns, "scale"]
            ]
            for scale, counts in counting.at_scales.items()
            for condition, count in counts.items()
        ],
        ignore_index=True,
    )


def _frame(counting: Counting, values: Floats, ranks: Mapping[str, Floats]) -> pd.DataFrame:
    """The ranks of all values in every condition, at one scale."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    **_head(counting, condition),
                    "value": values,
                    "log_likelihood": np.nan,
                    "standard_error": np.nan,
                    "density": np.nan,
                    "percentile_rank": of_values,
                    "temperature": np.nan,
                    "model": counting.name,
                    **swept(values),
                }
            )
            for condition, of_values in ranks.items()
        ],
        ignore_index=True,
    )


def _head(counting: Counting, condition: str) -> dict[str, str]:
    return {"stimulus": counting.stimulus.name, "condition": condition, "axis": counting.stimulus.axis.name}
