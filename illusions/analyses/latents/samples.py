"""Samples: patches that the flow itself comes up with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from illusions.models.evaluation import bits_per_dimension
from illusions.models.latents import draw_samples, log_likelihood, share_clipped, to_bytes

if TYPE_CHECKING:
    from illusions.arrays import Bytes, Floats
    from illusions.models.model import Model


@dataclass(frozen=True, eq=False)
class Samples:
    """Patches drawn from a flow."""

    patches: Bytes  #: shape (n, size, size, 3), sRGB.
    #: shape (n,), nats: of the patches as they are here, clipped and in 8 bits; of a model that does not see bytes, of
    #: what the latents decode to.
    log_likelihood: Floats
    dimensions: int  #: D, the numbers that the model sees of a patch.
    prior_temperature: float  #: factor on the standard deviation of the latents.
    overflowed: int  #: how many draws did not decode and were replaced by others.
    clipped: float  #: which share of the colour values lay outside of sRGB, and was clipped.
    model: str  #: name of the model.
    seen: str | None = None  #: what it sees, and so what is shown, if that is something else than colours.

    @property
    def bits_per_dimension(self) -> Floats:
        """Shape (n,)."""
        return bits_per_dimension(self.log_likelihood, self.dimensions)

    def to_frame(self) -> pd.DataFrame:
        """The rows of ``samples.csv``: one per sample, in the order of the patches."""
        return pd.DataFrame(
            {
                "sample": np.arange(len(self.patches)),
                "log_likelihood": self.log_likelihood,
                "bits_per_dimension": self.bits_per_dimension,
                "prior_temperature": self.prior_temperature,
                "model": self.model,
            }
        )


def sample(
    model: Model,
    n: int,
    *,
    prior_temperature: float = 1.0,
    seed: int = 0,
) -> Samples:
    """Draw patches: latents from the prior, decoded and clipped to sRGB.

    The standard deviation of the latents is multiplied by `prior_temperature`: below 1 samples are more alike (Kingma &
    Dhariwal 2018, section 6, show faces at 0.7). Of small patches that does not make smoother or likelier ones: compare
    the bits per dimension of ``illusions sample`` at 1 and at 0.7. This is not the temperature of percentile ranks.

    Args:
        model: the flow.
        n: how many.
        prior_temperature: > 0.
        seed: of the latents; the first samples of one seed are the same whatever n is.

    Raises:
        InputError: of ten draws per sample too few decode, as happens at high temperatures.
    """
    drawn = draw_samples(model, n, temperature=prior_temperature, seed=seed)
    patches = to_bytes(drawn.colours)
    # A model that does not see bytes would normalise them anew, and put noise on top of their own.
    of_bytes = model.view.is_of_bytes
    nats = model.log_likelihood(patches, seed=seed) if of_bytes else log_likelihood(model, drawn.z)
    return Samples(
        patches=patches,
        log_likelihood=nats,
        dimensions=model.dimensions,
        prior_temperature=prior_temperature,
        overflowed=drawn.overflowed,
        clipped=share_clipped(drawn.colours),
        model=model.name,
        seen=None if model.view.is_invertible else str(model.view),
    )
