"""Between two patches: along a straight line through latent space, against the straight blend of their pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from illusions.errors import InputError
from illusions.models.evaluation import bits_per_dimension
from illusions.models.latents import decode, encode, is_finite, to_bytes

if TYPE_CHECKING:
    from illusions.arrays import Bytes
    from illusions.models.model import Model

LATENT, PIXELS = "latent space", "pixels"


@dataclass(frozen=True, eq=False)
class Interpolation:
    """The steps from one patch to another, on both paths."""

    patches: dict[str, Bytes]  #: by path, `LATENT` and `PIXELS`: shape (steps, size, size, 3), sRGB.
    #: the rows of ``interpolation.csv``: path, step, share (of the second patch, 0 to 1), log_likelihood,
    #: standard_error (nats), bits_per_dimension, model.
    frame: pd.DataFrame


def interpolate(
    first: Bytes, second: Bytes, model: Model, *, steps: int = 9, draws: int = 8, seed: int = 0
) -> Interpolation:
    """Go from one patch to another in equal steps, and say how likely each step is on either path.

    In latent space a step is decode((1 − t) z₁ + t z₂), as in section 6 of Kingma & Dhariwal 2018; in pixels it is
    (1 − t) x₁ + t x₂. Both begin and end with the patches themselves, byte by byte, and all steps share the
    dequantisation noise.

    Args:
        first: shape (size, size, 3), sRGB.
        second: the same.
        model: the flow.
        steps: how many, both ends included, at least 2.
        draws: of the noise, for the likelihood and its standard error.
        seed: of the noise.

    Raises:
        InputError: a step in latent space overflows.
    """
    shares = np.linspace(0, 1, steps)
    ends = np.stack([first, second])
    z = encode(model, ends, seed=seed)
    colours = decode(model, _blend(z, shares))
    if not is_finite(colours).all():
        lost = shares[~is_finite(colours)]
        raise InputError(f"between the two patches the flow overflows, at {lost[0]:.2f} of the way; expected others")
    through = to_bytes(colours)
    through[[0, -1]] = ends  # which what is decoded is but for rounding
    patches = {LATENT: through, PIXELS: np.rint(_blend(ends.astype(np.float32), shares)).astype(np.uint8)}
    frames = []
    for path, steps_of_path in patches.items():
        nats = model.log_likelihood_draws(steps_of_path, draws=draws, seed=seed)
        frames.append(
            pd.DataFrame(
                {
                    "path": path,
                    "step": np.arange(steps),
                    "share": shares,
                    "log_likelihood": nats.mean(axis=0),
                    "standard_error": nats.std(axis=0, ddof=1) / np.sqrt(draws) if draws > 1 else np.nan,
                    "bits_per_dimension": bits_per_dimension(nats.mean(axis=0), model.dimensions),
                    "model": model.name,
                }
            )
        )
    return Interpolation(patches, pd.concat(frames, ignore_index=True))


def _blend(ends: NDArray[Any], shares: NDArray[np.float64]) -> NDArray[Any]:
    """From ends (2, …) to steps (n, …) of their type, by their shares of the second, (n,)."""
    t = shares.reshape(-1, *[1] * (ends.ndim - 1))
    return np.asarray((1 - t) * ends[:1] + t * ends[1:], dtype=ends.dtype)
