"""How likely patches of pictures are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from illusions.models.evaluation import bits_per_dimension

if TYPE_CHECKING:
    from illusions.analyses.patches.crops import Crops
    from illusions.models.model import Model


def score(crops: Crops, model: Model, *, seed: int = 0) -> pd.DataFrame:
    """How likely patches are, all under the same noise.

    Args:
        crops: the patches.
        model: what scores them.
        seed: of the noise.

    Returns:
        A row per patch: ``picture``, ``left``, ``top``, ``log_likelihood`` (nats), ``bits_per_dimension``.
    """
    nats = model.log_likelihood(crops.patches, seed=seed)
    return crops.places.assign(log_likelihood=nats, bits_per_dimension=bits_per_dimension(nats, model.dimensions))
