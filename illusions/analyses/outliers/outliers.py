"""Outliers: pictures or patches that are unlike photographs, and how well a flow tells what is unlike them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from illusions.analyses.maps.extremes import score
from illusions.analyses.outliers.controls import CONTROLS
from illusions.analyses.outliers.typicality import area, atypicality, roc, typicality
from illusions.analyses.patches.crops import Crops, crop_at_random, join
from illusions.estimates import jackknife_standard_error
from illusions.pictures import read_picture

if TYPE_CHECKING:
    from illusions.arrays import Bytes, Floats
    from illusions.models.model import Model

#: What is called an outlier: one patch, or a whole picture by the mean of its patches.
Unit = Literal["patch", "picture"]
#: Random patches of every picture.
EACH = 32
#: What photographs are called beside the kinds of `CONTROLS`.
PHOTOGRAPHS = "photographs"
#: The detectors of the ROC curves, by name.
DETECTORS = ("unlikely", "untypical")
#: What is called an outlier, where a yes or no is asked for.
ALPHA = 0.05
#: Patches of every kind that a figure shows.
EXAMPLES = 12
Advance = Callable[[int], object]


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
    frame = units.join(typicality(_nats(units), _nats(reference)))
    far = frame["deviation"].abs()
    return frame.iloc[np.lexsort((-far.to_numpy(), frame["p_value"].to_numpy()))]


@dataclass(frozen=True, eq=False)
class Detection:
    """How well photographs are told from what is none.

    Attributes:
        curves: kind, detector, false_alarms, hits: the ROC curves.
        areas: kind, detector, area, standard_error (jackknife over photographs), units, model.
        values: kind, picture, log_likelihood, bits_per_dimension: what was told apart, photographs among it.
        false_alarms: which share of the photographs has a p-value below `ALPHA`, as that share should have.
        examples: by kind, a few patches, shape (n, size, size, 3).
    """

    curves: pd.DataFrame
    areas: pd.DataFrame
    values: pd.DataFrame
    false_alarms: float
    examples: Mapping[str, Bytes]


def control_crops(
    paths: Sequence[Path], size: int, each: int, *, seed: int = 0, advance: Advance = lambda n: None
) -> dict[str, Crops]:
    """Patches of photographs, and from the same places of every kind of picture made from them.

    Args:
        paths: photographs that can be read.
        size: side of a patch, pixels.
        each: patches of each photograph.
        seed: of the places, and of what is random about the controls.
        advance: told of every photograph that is done.
    """
    kinds: dict[str, list[Crops]] = {PHOTOGRAPHS: [], **{name: [] for name in CONTROLS}}
    for number, path in enumerate(paths):
        picture, random = read_picture(path, minimum_side=size), np.random.default_rng([seed, number, 1])
        for name, found in kinds.items():
            shown = picture if name == PHOTOGRAPHS else CONTROLS[name](picture, random)
            found.append(crop_at_random(shown, str(path), size, each, (seed, number)))
        advance(1)
    return {name: join(found) for name, found in kinds.items()}


def detect(
    crops: Mapping[str, Crops],
    model: Model,
    reference: pd.DataFrame | None,
    unit: Unit,
    *,
    seed: int = 0,
    advance: Advance = lambda n: None,
) -> Detection:
    """Tell photographs from what is none, by two detectors.

    ``unlikely`` takes the less likely for the less photograph-like; ``untypical`` what is further out on either side
    of the reference (see `atypicality`).

    Args:
        crops: of `control_crops`, of photographs that are not in the reference.
        model: what scores them.
        reference: of `by_unit`: photographs; None where there are too few to be set apart: then what is made from
            each photograph, and the photograph itself, is compared with the other ones.
        unit: of all of them.
        seed: of the noise.
        advance: told how many patches are done each time.
    """
    units = {kind: by_unit(score(part, model, seed=seed, advance=advance), unit) for kind, part in crops.items()}
    together = pd.concat(units, names=["kind", "unit"]).reset_index(level="kind").reset_index(drop=True)
    together["unlikely"] = -together["log_likelihood"]
    typical = _against_others(together) if reference is None else typicality(_nats(together), _nats(reference))
    together["untypical"] = atypicality(typical)
    photographs = together[together["kind"] == PHOTOGRAPHS]
    curves, areas = [], []
    for detector in DETECTORS:
        for kind in CONTROLS:
            others = together[together["kind"] == kind]
            curve = roc(photographs[detector].to_numpy(), others[detector].to_numpy())
            curves.append(curve.assign(kind=kind, detector=detector))
            areas.append((kind, detector, *_area(photographs, others, detector), len(others), model.name))
    return Detection(
        curves=pd.concat(curves, ignore_index=True)[["kind", "detector", "false_alarms", "hits"]],
        areas=pd.DataFrame(areas, columns=["kind", "detector", "area", "standard_error", "units", "model"]),
        values=together[["kind", "picture", "log_likelihood", "bits_per_dimension"]],
        false_alarms=float((typical.loc[photographs.index, "p_value"] < ALPHA).mean()),
        examples={kind: _spread(part, EXAMPLES).patches for kind, part in crops.items()},
    )


def _against_others(together: pd.DataFrame) -> pd.DataFrame:
    """The typicality of every row, compared with the photographs other than the one that it is made from."""
    photographs = together[together["kind"] == PHOTOGRAPHS]
    parts = []
    for name, rows in together.groupby("picture", sort=False):
        others = photographs[photographs["picture"] != name]
        parts.append(typicality(_nats(rows), _nats(others)).set_index(rows.index))
    return pd.concat(parts).loc[together.index]


def _area(photographs: pd.DataFrame, others: pd.DataFrame, detector: str) -> tuple[float, float]:
    """The area under the ROC curve, and its standard error by the jackknife over photographs."""
    whole, *replicates = [
        area(
            photographs.loc[photographs["picture"] != left_out, detector].to_numpy(),
            others.loc[others["picture"] != left_out, detector].to_numpy(),
        )
        for left_out in ("", *photographs["picture"].unique())
        if (photographs["picture"] != left_out).any()
    ]
    return whole, float(jackknife_standard_error(replicates))


def _nats(units: pd.DataFrame) -> Floats:
    return units["log_likelihood"].to_numpy(dtype=np.float64)


def _spread(crops: Crops, n: int) -> Crops:
    """At most n patches, evenly spread over all of them."""
    return crops.take(np.unique(np.linspace(0, len(crops) - 1, n).astype(np.intp)))
