"""Patches to latents and back, many at a time: what samples, interpolations, edits and exaggerations are made with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from illusions.errors import InputError

if TYPE_CHECKING:
    from illusions.arrays import Bytes
    from illusions.models.model import Model

#: Patches that go through the flow at once.
BATCH = 256
Advance = Callable[[int], object]


def dequantised(model: Model, patches: Bytes, *, seed: int = 0) -> Tensor:
    """What the flow sees of patches: x in [-1/2, 1/2), under one draw of noise that all of them share.

    Args:
        model: the model.
        patches: shape (n, size, size, 3), sRGB.
        seed: of the noise; that of `Model.encode` and `Model.log_likelihood` for the same seed.

    Returns:
        Shape (n, size, size, 3), on the model's device, in its type.

    Raises:
        InputError: what the model sees of a patch does not say its colours, so that the way back is none.
    """
    if not model.view.is_invertible:
        raise InputError(
            f"model '{model.name}' sees {model.view}, from which pictures cannot be made again; "
            "expected a model that sees colour as it is"
        )
    return model.see(patches, seed=seed)


def encode(model: Model, patches: Bytes, *, seed: int = 0, advance: Advance = lambda n: None) -> NDArray[np.float32]:
    """Latents, shape (n, D), of patches (n, size, size, 3); ``advance`` is told how many are done each time.

    Raises:
        InputError: as `dequantised`.
    """
    parts = []
    with torch.inference_mode():
        for start in range(0, len(patches), BATCH):
            z = model.flow.encode(dequantised(model, patches[start : start + BATCH], seed=seed))
            parts.append(z.float().cpu().numpy())
            advance(len(z))
    return np.concatenate(parts) if parts else np.empty((0, model.dimensions), dtype=np.float32)


def decode(model: Model, z: NDArray[np.float32], *, advance: Advance = lambda n: None) -> NDArray[np.float32]:
    """Colours of latents, on the scale of 8-bit sRGB and as the flow gives them.

    Of a model that sees something else than colours they are as `View.colours` has it.

    A flow maps all of its latents to patches, but nothing keeps these in the range of sRGB, and where a coupling
    divides by a scale near zero they may overflow.

    Args:
        model: the model.
        z: shape (n, D).
        advance: told how many are done each time.

    Returns:
        Shape (n, size, size, 3): below 0 and from 256 on out of range, infinite or NaN where decoding overflowed.
    """
    parts = []
    parameter = next(model.flow.parameters())
    with torch.inference_mode():
        for start in range(0, len(z), BATCH):
            x = model.flow.decode(torch.from_numpy(z[start : start + BATCH]).to(parameter))
            parts.append(((model.view.colours(x) + 0.5) * 256).float().cpu().numpy())
            advance(len(x))
    side = model.size
    return np.concatenate(parts) if parts else np.empty((0, side, side, 3), dtype=np.float32)


def log_likelihood(model: Model, z: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-likelihood, shape (n,), nats, of what latents (n, D) decode to, before it is made bytes."""
    parts = []
    parameter = next(model.flow.parameters())
    with torch.inference_mode():
        for start in range(0, len(z), BATCH):
            log_density = model.flow.log_prob(
                model.flow.decode(torch.from_numpy(z[start : start + BATCH]).to(parameter))
            )
            parts.append(model.view.log_likelihood(log_density, model.dimensions).cpu().numpy())
    return np.concatenate(parts)


def is_finite(colours: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of n patches decoded, shape (n,): those without an infinite value or NaN."""
    return np.asarray(np.isfinite(colours).all(axis=(1, 2, 3)))


def to_bytes(colours: NDArray[np.float32]) -> Bytes:
    """Finite colours on the scale of 8-bit sRGB as bytes, clipped to the range: the inverse of dequantisation."""
    return np.floor(np.clip(colours, 0, 255)).astype(np.uint8)


def share_clipped(colours: NDArray[np.float32]) -> float:
    """Which share of the colour values lies outside the range of sRGB, and is clipped."""
    return float(np.mean((colours < 0) | (colours >= 256))) if colours.size else 0.0
