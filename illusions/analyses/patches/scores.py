"""How likely patches of pictures are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from illusions.errors import InputError
from illusions.models.evaluation import bits_per_dimension
from illusions.parallel import each

if TYPE_CHECKING:
    from illusions.analyses.patches.crops import Crops
    from illusions.arrays import Bytes, Floats
    from illusions.models.model import Model

#: Patches that a process scores at a time.
AT_ONCE = 1024


def score(crops: Crops, model: Model, *, seed: int = 0) -> pd.DataFrame:
    """How likely patches are, all under the same noise.

    Within `joblib.parallel_config` other processes score, too (see `illusions.parallel`).

    Args:
        crops: the patches.
        model: what scores them.
        seed: of the noise.

    Returns:
        A row per patch: ``picture``, ``left``, ``top``, ``log_likelihood`` (nats), ``bits_per_dimension``.
    """
    parts = [crops.patches[start : start + AT_ONCE] for start in range(0, len(crops), AT_ONCE)]
    scored: list[Floats] = [np.empty(0)]
    for outcome in each(partial(_score, model=model, seed=seed), parts, name=lambda part: f"{len(part)} patches"):
        if isinstance(outcome, InputError):
            raise outcome
        scored.append(outcome)
    nats = np.concatenate(scored)
    return crops.places.assign(log_likelihood=nats, bits_per_dimension=bits_per_dimension(nats, model.dimensions))


def _score(patches: Bytes, *, model: Model, seed: int) -> Floats:
    return model.log_likelihood(patches.copy(), seed=seed)  # PyTorch wants one that it may write to
