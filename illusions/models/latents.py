"""Encoding and decoding of many patches, for samples, interpolations, edits and exaggerations.

A flow is inverted exactly but for rounding, which its steps may magnify: a patch unlike photographs, such as a
checkerboard of two strong colours, does not come back in float32. Latents of such patches are in float64, and latents
in float64 are decoded in it, on the CPU.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from illusions import progress
from illusions.errors import InputError
from illusions.models.numerics import own_numerics

if TYPE_CHECKING:
    from illusions.arrays import Bytes
    from illusions.models.glow import Glow
    from illusions.models.view import View

#: Patches that go through the flow at once.
BATCH = 256
#: Largest number of draws per sample.
_TRIES = 10
#: Half a level of 8 bits, on the scale of x: a patch that is off by more does not come back to its bytes.
HALF_LEVEL = 1 / 512
#: Latents: in float32, or, of patches that do not come back in it, in float64.
LatentArray: TypeAlias = NDArray[np.float32] | NDArray[np.float64]


class Invertible(Protocol):
    """The attributes of a model that are used here; `illusions.models.model.Model` has them."""

    name: str
    view: View

    @property
    def flow(self) -> Glow:
        """The flow."""

    @property
    def size(self) -> int:
        """Side of a patch, pixels."""

    @property
    def dimensions(self) -> int:
        """D, the number of latents of a patch."""

    def see(self, patches: Bytes, *, seed: int = 0) -> Tensor:
        """What the flow sees of patches, (n, size, size, channels)."""

    def double(self) -> Invertible:
        """The same model in float64, on the CPU."""


def dequantised(model: Invertible, patches: Bytes, *, seed: int = 0) -> Tensor:
    """Dequantise patches: x in [-1/2, 1/2), with one noise sample that all of them share.

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


def comes_back(x: Tensor, back: Tensor, tolerance: float = HALF_LEVEL) -> Tensor:
    """Which of n patches decode(encode(x)) is, by default to within half a level of 8 bits: shape (n,), bool."""
    return (back - x).abs().flatten(1).amax(dim=1) <= tolerance  # false of NaN


def encode(model: Invertible, patches: Bytes, *, seed: int = 0) -> LatentArray:
    """Latents, shape (n, D), of patches (n, size, size, 3): standard normal for patches like photographs.

    In float32, where all patches come back from it to within half a level of 8 bits; otherwise in float64. Of a patch
    that does not come back from that either they are NaN.

    Raises:
        InputError: as `dequantised`.
    """
    parts: list[NDArray[np.float32]] = [np.empty((0, model.dimensions), dtype=np.float32)]
    all_back = True
    for z, back in _there_and_back(model, patches, seed):
        parts.append(z)
        all_back &= bool(back.all())
        progress.report(len(z))
    if all_back:
        return np.concatenate(parts)
    in_double = list(_there_and_back(model.double(), patches, seed))
    return np.concatenate([np.where(back[:, None], z, np.nan) for z, back in in_double])


def _there_and_back(model: Invertible, patches: Bytes, seed: int) -> Iterator[tuple[NDArray[Any], NDArray[np.bool_]]]:
    """The latents of batches of patches, in the model's type, and which of the patches come back from them."""
    for start in range(0, len(patches), BATCH):
        with own_numerics():
            x = dequantised(model, patches[start : start + BATCH], seed=seed)
            z = model.flow.encode(x)
            back = comes_back(x, model.flow.decode(z))
        yield z.cpu().numpy(), back.cpu().numpy()


def decode(model: Invertible, z: LatentArray) -> NDArray[np.float32]:
    """Colours of latents, on the scale of 8-bit sRGB, neither rounded nor clipped.

    A flow maps every latent to a patch, but nothing keeps the patch in the range of sRGB, and where a coupling divides
    by a scale near zero it may overflow. For a model that sees something other than colours, see `View.colours`.

    Args:
        model: the model.
        z: shape (n, D); in float64 they are decoded in float64.

    Returns:
        Shape (n, size, size, 3): below 0 and from 256 on out of range, infinite or NaN where decoding overflowed.
    """
    parts = [np.empty((0, model.size, model.size, 3), dtype=np.float32)]
    with own_numerics():
        for x in _decoded(model, z):
            parts.append(((model.view.colours(x) + 0.5) * 256).float().cpu().numpy())
            progress.report(len(x))
    return np.concatenate(parts)


class Drawn(NamedTuple):
    """Latents from the prior and their decoded patches, all finite.

    Attributes:
        z: shape (n, D).
        colours: shape (n, size, size, 3), as `decode` returns them.
        overflowed: how many other draws did not decode and were replaced by these.
    """

    z: NDArray[np.float32]
    colours: NDArray[np.float32]
    overflowed: int


def draw_samples(model: Invertible, n: int, *, temperature: float = 1.0, seed: int = 0) -> Drawn:
    """Draw latents from the prior and decode them; draws that overflow are replaced by others, and counted.

    Args:
        model: the flow.
        n: how many.
        temperature: factor on the standard deviation of the latents, > 0.
        seed: of the latents; the first of one seed are the same whatever n is.

    Raises:
        InputError: of ten draws for each that is wanted too few decode, as happens at high temperatures.
    """
    random = np.random.default_rng(seed)
    latents = [np.empty((0, model.dimensions), dtype=np.float32)]
    colours = [np.empty((0, model.size, model.size, 3), dtype=np.float32)]
    there = tried = 0
    while there < n and tried < _TRIES * n:
        z = random.standard_normal((min(BATCH, n - there), model.dimensions), dtype=np.float32)
        z *= np.float32(temperature)
        drawn = decode(model, z)
        finite = is_finite(drawn)
        latents.append(z[finite])
        colours.append(drawn[finite])
        tried += len(drawn)
        there += int(finite.sum())
    if there < n:
        raise InputError(
            f"at a prior temperature of {temperature:g} only {there} of {tried} draws decode to finite colours; "
            "expected a lower temperature"
        )
    return Drawn(np.concatenate(latents), np.concatenate(colours), tried - n)


def log_likelihood(model: Invertible, z: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-likelihood, shape (n,), nats, of decoded latents (n, D), before rounding to bytes."""
    with own_numerics():
        log_densities = []
        for x in _decoded(model, z):
            log_densities.append(model.flow.log_prob(x))
            progress.report(len(x))
        return np.asarray(model.view.log_likelihood(torch.cat(log_densities), model.dimensions).cpu())


def _decoded(model: Invertible, z: LatentArray) -> Iterator[Tensor]:
    flow = (model.double() if z.dtype == np.float64 else model).flow
    parameter = next(flow.parameters())
    for start in range(0, len(z), BATCH):
        yield flow.decode(torch.from_numpy(z[start : start + BATCH]).to(parameter))


def is_finite(colours: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of n patches decoded, shape (n,): those without an infinite value or NaN."""
    return np.asarray(np.isfinite(colours).all(axis=(1, 2, 3)))


def to_bytes(colours: NDArray[np.float32]) -> Bytes:
    """Finite colours on the scale of 8-bit sRGB as bytes, clipped to the range: the inverse of dequantisation.

    Raises:
        InputError: a colour is infinite or NaN, and would become black or white without a word.
    """
    if not np.isfinite(colours).all():
        raise InputError(
            f"{int((~is_finite(colours)).sum())} of {len(colours)} patches overflowed when they were decoded; "
            "expected latents nearer to those of photographs, such as samples at a lower temperature"
        )
    return np.floor(np.clip(colours, 0, 255)).astype(np.uint8)


def share_clipped(colours: NDArray[np.float32]) -> float:
    """Which share of the colour values lies outside the range of sRGB, and is clipped."""
    return float(np.mean((colours < 0) | (colours >= 256))) if colours.size else 0.0
