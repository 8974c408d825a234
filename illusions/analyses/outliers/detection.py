"""How well a flow tells photographs from other pictures, by two detectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from illusions import progress
from illusions.analyses.outliers.controls import CONTROLS
from illusions.analyses.outliers.outliers import ALPHA, Unit, by_unit, nats
from illusions.analyses.outliers.typicality import area, atypicality, roc, typicality
from illusions.analyses.patches.crops import Crops, crop_at_random, join
from illusions.analyses.patches.scores import score
from illusions.decoding import one_warning
from illusions.estimates import jackknife_standard_error
from illusions.pictures import read_picture

if TYPE_CHECKING:
    from illusions.arrays import Bytes
    from illusions.models.model import Model

#: What photographs are called beside the kinds of `CONTROLS`.
PHOTOGRAPHS = "photographs"
#: The detectors of the ROC curves, by name.
DETECTORS = ("unlikely", "untypical")
#: Patches of every kind that a figure shows.
EXAMPLES = 12


@dataclass(frozen=True, eq=False)
class Detection:
    """How well photographs are told from the pictures made from them."""

    curves: pd.DataFrame  #: kind, detector, false_alarms, hits: the ROC curves.
    areas: pd.DataFrame  #: kind, detector, area, standard_error (jackknife over photographs), units, model.
    #: kind, picture, log_likelihood, bits_per_dimension: what was told apart, photographs among it.
    values: pd.DataFrame
    false_alarms: float  #: which share of the photographs has a p-value below `ALPHA`, as that share should have.
    examples: Mapping[str, Bytes]  #: by kind, a few patches, shape (n, size, size, 3).


@one_warning()
def control_crops(paths: Sequence[Path], size: int, each: int, *, seed: int = 0) -> dict[str, Crops]:
    """Patches of photographs, and from the same places of every kind of picture made from them; tells of each done.

    Args:
        paths: photographs that can be read.
        size: side of a patch, pixels.
        each: patches of each photograph.
        seed: of the places, and of what is random about the controls.
    """
    kinds: dict[str, list[Crops]] = {PHOTOGRAPHS: [], **{name: [] for name in CONTROLS}}
    for number, path in enumerate(paths):
        picture, random = read_picture(path, minimum_side=size), np.random.default_rng([seed, number, 1])
        for name, found in kinds.items():
            shown = picture if name == PHOTOGRAPHS else CONTROLS[name](picture, random)
            found.append(crop_at_random(shown, str(path), size, each, (seed, number)))
        progress.report(1)
    return {name: join(found) for name, found in kinds.items()}


def detect(
    crops: Mapping[str, Crops],
    model: Model,
    reference: pd.DataFrame | None,
    unit: Unit,
    *,
    seed: int = 0,
) -> Detection:
    """Tell photographs from the pictures made from them, by two detectors.

    ``unlikely`` takes the less likely for the less photograph-like; ``untypical`` what is further out on either side
    of the reference (see `atypicality`).

    Args:
        crops: of `control_crops`, of photographs that are not in the reference.
        model: what scores them.
        reference: of `by_unit`: photographs; None where there are too few to be set apart: then what is made from
            each photograph, and the photograph itself, is compared with the other ones.
        unit: of all of them.
        seed: of the noise.
    """
    units = {kind: by_unit(score(part, model, seed=seed), unit) for kind, part in crops.items()}
    together = pd.concat(units, names=["kind", "unit"]).reset_index(level="kind").reset_index(drop=True)
    together["unlikely"] = -together["log_likelihood"]
    typical = _against_others(together) if reference is None else typicality(nats(together), nats(reference))
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
        parts.append(typicality(nats(rows), nats(others)).set_index(rows.index))
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


def _spread(crops: Crops, n: int) -> Crops:
    """At most n patches, evenly spread over all of them."""
    return crops.take(np.unique(np.linspace(0, len(crops) - 1, n).astype(np.intp)))
