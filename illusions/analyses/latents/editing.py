"""Editing patches along attribute directions of latent space, and measuring side effects."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from illusions.analyses.patches.attributes import ATTRIBUTES
from illusions.models.evaluation import Estimate, bits_per_dimension, mean_over_photographs
from illusions.models.latents import LatentArray, decode, encode, is_finite, to_bytes

if TYPE_CHECKING:
    from illusions.analyses.patches.crops import Crops
    from illusions.arrays import Bytes, Floats
    from illusions.models.model import Model

#: Which share of the patches is taken to have an attribute, and which not to have it: the upper and the lower quarter.
QUARTER = 0.25
#: By how much of a direction patches are moved where they are shown, and where that is measured.
STRENGTHS = (-1.0, -0.5, 0.0, 0.5, 1.0)
MEASURED = (-1.0, -0.5, 0.5, 1.0)
#: Of no patches at all.
_NOTHING = Estimate(math.nan, math.nan)
#: What is measured besides the attributes.
BITS = "bits per dimension"


@dataclass(frozen=True, eq=False)
class Direction:
    """Where an attribute lies in latent space."""

    attribute: str  #: its name.
    #: shape (D,): the mean latent of the patches that have it minus that of those that have not.
    vector: NDArray[np.float32]
    low: float  #: mean of the attribute over those that have not.
    high: float  #: mean over those that have it.


def find_directions(patches: Bytes, z: LatentArray, attributes: Sequence[str]) -> list[Direction]:
    """The direction of each attribute.

    Those that have an attribute are the quarter of the patches in which it is highest, those that have not the quarter
    in which it is lowest (after Kingma & Dhariwal 2018, section 6, who have labels: faces that smile and that don't).

    Args:
        patches: shape (n, size, size, 3), sRGB, of many photographs.
        z: shape (n, D), their latents; where they are NaN (see `encode`) the patch is left out.
        attributes: names from `ATTRIBUTES`.
    """
    usable = np.isfinite(z).all(axis=1)
    patches, z = patches[usable], z[usable]
    directions = []
    for name in attributes:
        values = ATTRIBUTES[name](patches)
        low, high = np.quantile(values, [QUARTER, 1 - QUARTER])
        without, having = values <= low, values >= high
        vector = (z[having].mean(axis=0) - z[without].mean(axis=0)).astype(np.float32)
        directions.append(Direction(name, vector, float(values[without].mean()), float(values[having].mean())))
    return directions


def edit(model: Model, z: LatentArray, direction: Direction, strength: float) -> tuple[Bytes, NDArray[np.bool_]]:
    """Move latents along a direction and decode them.

    Args:
        model: the flow.
        z: shape (n, D).
        direction: of an attribute.
        strength: how much of it: at 1, from a patch that has not to one that has.

    Returns:
        The patches, shape (n, size, size, 3), and which of them decoded, (n,); one that overflowed is grey.
    """
    colours = decode(model, z + np.float32(strength) * direction.vector)
    decoded = is_finite(colours)
    colours[~decoded] = 128
    return to_bytes(colours), decoded


def edit_all(patches: Bytes, model: Model, directions: Sequence[Direction], *, seed: int = 0) -> Bytes:
    """Every patch along every direction, by every strength of `STRENGTHS`; at 0 it is the patch itself.

    Returns:
        Shape (n, directions, strengths, size, size, 3), sRGB.
    """
    z = encode(model, patches, seed=seed)
    rows = [
        [edit(model, z, direction, strength)[0] if strength else patches for strength in STRENGTHS]
        for direction in directions
    ]
    return np.moveaxis(np.array(rows), 2, 0)


def measure_edits(
    crops: Crops,
    model: Model,
    directions: Sequence[Direction],
    *,
    strengths: Sequence[float] = MEASURED,
    seed: int = 0,
) -> pd.DataFrame:
    """How much of an attribute moves along its direction, and how much everything else does.

    Args:
        crops: patches of photographs that the directions were not made from.
        model: the flow.
        directions: one per attribute.
        strengths: how much of each.
        seed: of the noise.

    Returns:
        The rows of ``edit.csv``: direction, strength, measure (an attribute, or bits per dimension), change,
        standard_error (over photographs), both in standard deviations of that measure over the unedited patches
        (attributes: the mean over a photograph's patches; bits per dimension: their median, for a single patch that
        was moved out of the range of sRGB and clipped can have a thousand bits per dimension);
        standard_deviation (what that is), overflowed (the share of patches that did not decode, and are left out).
    """
    z = encode(model, crops.patches, seed=seed)
    photographs = crops.places["picture"].factorize()[0].astype(np.int64)
    before = _measure(crops.patches, model, seed)
    deviations = {name: float(values.std()) for name, values in before.items()}
    rows = []
    for direction in directions:
        for strength in strengths:
            patches, decoded = edit(model, z, direction, strength)
            after = _measure(patches[decoded], model, seed) if decoded.any() else {name: np.empty(0) for name in before}
            for name, values in after.items():
                change = (values - before[name][decoded]) / max(deviations[name], 1e-12)
                estimate = _over_photographs(name, change, photographs[decoded]) if decoded.any() else _NOTHING
                rows.append(
                    {
                        "direction": direction.attribute,
                        "strength": strength,
                        "measure": name,
                        "change": estimate.mean,
                        "standard_error": estimate.standard_error,
                        "standard_deviation": deviations[name],
                        "overflowed": float(1 - decoded.mean()),
                        "model": model.name,
                    }
                )
    return pd.DataFrame(rows)


def selectivity(measured: pd.DataFrame) -> pd.DataFrame:
    """For every direction, at the greatest strength: how far its own attribute moves, and how far the others do.

    Returns:
        Columns direction, own, others (root mean square over the other attributes, without the bits per dimension),
        ratio, standard_error (of own minus others, by those of all changes, as if they were independent).
    """
    attributes = measured[(measured["strength"] == measured["strength"].max()) & (measured["measure"] != BITS)]
    rows = []
    for direction, frame in attributes.groupby("direction", sort=False):
        is_own = (frame["measure"] == direction).to_numpy()
        changes, errors = (frame[column].to_numpy(dtype=float) for column in ("change", "standard_error"))
        own, others = float(changes[is_own][0]), float(np.sqrt(np.square(changes[~is_own]).mean()))
        least = max(others, 1e-12)
        of_others = np.sqrt(np.square(changes[~is_own] * errors[~is_own]).sum()) / ((~is_own).sum() * least)
        error = float(np.hypot(errors[is_own][0], of_others))
        found = {"direction": direction, "own": own, "others": others, "ratio": own / least, "standard_error": error}
        rows.append(found)
    return pd.DataFrame(rows)


def _over_photographs(measure: str, change: Floats, photographs: NDArray[np.int64]) -> Estimate:
    """The mean over photographs of the change of a measure, in each the mean or, of bits, the median over patches."""
    if measure != BITS:
        return mean_over_photographs(change, photographs)
    there = np.unique(photographs)
    return mean_over_photographs(np.array([np.median(change[photographs == one]) for one in there]), there)


def _measure(patches: Bytes, model: Model, seed: int) -> Mapping[str, Floats]:
    bits = bits_per_dimension(model.log_likelihood(patches, seed=seed), model.dimensions)
    return {name: function(patches) for name, function in ATTRIBUTES.items()} | {BITS: bits}
