"""Sentences about outliers, and about detecting pictures made from photographs."""

from __future__ import annotations

import pandas as pd

from illusions.analyses.outliers.detection import Detection
from illusions.analyses.outliers.outliers import ALPHA, Unit

#: Several of a unit.
MANY: dict[Unit, str] = {"patch": "patches", "picture": "pictures"}


def outliers_caption(ranked: pd.DataFrame, reference: pd.DataFrame, unit: Unit, model: str) -> str:
    """Caption of the figure of outliers, with the model."""
    bits = reference["bits_per_dimension"]
    many = MANY[unit]
    return (
        f"The least typical of {len(ranked)} {many}. Each is compared with {len(reference)} {many} of the reference, "
        f"95 % of which have {bits.quantile(ALPHA / 2):.2f} to {bits.quantile(1 - ALPHA / 2):.2f} bits per dimension. "
        "p: how often a photograph would be as extreme, on either side. A flow finds flat patches likelier than nearly "
        f"every photograph, so that an outlier may lie on the likely side. Model {model}."
    )


def detection_caption(found: Detection, unit: Unit, *, typical: str, errors: str) -> str:
    """What the figure of detection shows, with its model and its control.

    Args:
        found: what it shows.
        unit: of all that is told apart.
        typical: what is taken to be typical.
        errors: over what the standard errors are.
    """
    return (
        "Above: patches of photographs, and of four kinds of pictures made from them. Middle: how likely "
        f"{found.areas['units'].iloc[0]} {MANY[unit]} of each kind are. Below: which share of other pictures is "
        "found (hits) at the price of which share of photographs (false alarms), by two detectors; in brackets the "
        "area under the curve, 0.5 is chance, below 0.5 worse than chance. Typical is what "
        f"{typical} are: {100 * found.false_alarms:.1f} % of the photographs here have p < {ALPHA}, where "
        f"{100 * ALPHA:.0f} % would if all were alike. Errors: {errors}. Model {found.areas['model'].iloc[0]}."
    )
