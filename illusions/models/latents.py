"""Patches to latents and back, many at a time: what samples, interpolations, edits and exaggerations are made with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from illusions import progress
from illusions.errors import InputError

if TYPE_CHECKING:
    from illusions.arrays import Bytes
    from illusions.models.model import Model

#: Patches that go through the flow at once.
BATCH = 256


def dequantised(model: Model, patches: Bytes, *, seed: int = 0) -> Tensor:
    """What the flow sees of patches: x in [-1/2, 1/2), under one draw of noise that all of them share.

    Args:
        model: the model.
        patches: shape (n, size, size, 3), sRGB.
        seed: of the noise; that of `Model.log_likelihood` for the same seed.

    Returns:
        Shape (n, size, size, 3), on the model's device, in its type.

    Raises:
        InputError: colours cannot be made again from what the model sees.
    """
    if not model.view.is_invertible:
        raise InputError(
            f"model '{model.name}' sees {model.view}, from which pictures cannot be made again; "
            "expected a model that sees colour as it is"
        )
    return model.see(patches, seed=seed)


def encode(model: Model, patches: Bytes, *, seed: int = 0) -> NDArray[np.float32]:
    """Latents, shape (n, D), of patches (n, size, size, 3): standard normal for patches like photographs.

    Raises:
        InputError: as `dequantised`.
    """
    parts = [np.empty((0, model.dimensions), dtype=np.float32)]
    with torch.inference_mode():
        for start in range(0, len(patches), BATCH):
            z = model.flow.encode(dequantised(model, patches[start : start + BATCH], seed=seed))
            parts.append(z.float().cpu().numpy())
            progress.done(len(z))
    return np.concatenate(parts)


def decode(model: Model, z: NDArray[np.float32]) -> NDArray[np.float32]:
    """Colours of latents, on the scale of 8-bit sRGB, neither rounded nor clipped.

    A flow maps every latent to a patch, but nothing keeps the patch in the range of sRGB, and where a coupling divides
    by a scale near zero it may overflow. For a model that sees something other than colours, see `View.colours`.

    Args:
        model: the model.
        z: shape (n, D).

    Returns:
        Shape (n, size, size, 3): below 0 and from 256 on out of range, infinite or NaN where decoding overflowed.
    """
    parts = [np.empty((0, model.size, model.size, 3), dtype=np.float32)]
    with torch.inference_mode():
        for x in _decoded(model, z):
            parts.append(((model.view.colours(x) + 0.5) * 256).float().cpu().numpy())
            progress.done(len(x))
    return np.concatenate(parts)


def log_likelihood(model: Model, z: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-likelihood, shape (n,), nats, of what latents (n, D) decode to, before it is made bytes."""
    with torch.inference_mode():
        log_densities = []
        for x in _decoded(model, z):
            log_densities.append(model.flow.log_prob(x))
            progress.done(len(x))
        return np.asarray(model.view.log_likelihood(torch.cat(log_densities), model.dimensions).cpu())


def _decoded(model: Model, z: NDArray[np.float32]) -> Iterator[Tensor]:
    parameter = next(model.flow.parameters())
    for start in range(0, len(z), BATCH):
        yield model.flow.decode(torch.from_numpy(z[start : start + BATCH]).to(parameter))


def is_finite(colours: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of n patches decoded, shape (n,): those without an infinite value or NaN."""
    return np.asarray(np.isfinite(colours).all(axis=(1, 2, 3)))


def to_bytes(colours: NDArray[np.float32]) -> Bytes:
    """Finite colours on the scale of 8-bit sRGB as bytes, clipped to the range: the inverse of dequantisation."""
    return np.floor(np.clip(colours, 0, 255)).astype(np.uint8)


def share_clipped(colours: NDArray[np.float32]) -> float:
    """Which share of the colour values lies outside the range of sRGB, and is clipped."""
    return float(np.mean((colours < 0) | (colours >= 256))) if colours.size else 0.0
