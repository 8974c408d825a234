"""Cone-opponent channels of the colours of a display: what a model with ``channels = "cones"`` sees of a pixel.

    L, M, S = the linear light of the display in the cones, each 1 for white
    l, m, s = f(L), f(M), f(S)                  f: cube root, logarithm, or nothing
    A = (l + m)/2,  RG = l − m,  BY = s − A     every grey has RG = BY = 0

The order is that of Ruderman, D. L., Cronin, T. W. & Chiao, C.-C. (1998). Statistics of cone responses to natural
images: implications for visual coding. JOSA A, 15, 2036–2045; the cube root is that of CIELAB and OKLab.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from illusions.displays import SRGB, Display
from illusions.models.recipe import Compression

#: Added to responses before their logarithm, as a share of white: black has a logarithm, and bytes near it do not
#: count as more than what a display reflects of the room.
DARK = 0.02


def to_opponent(
    patches: Tensor, compression: Compression, dtype: torch.dtype, *, bits: int = 8, display: Display = SRGB
) -> Tensor:
    """Opponent channels A, RG, BY ``(..., 3)`` of colours.

    Args:
        patches: ``(..., 3)`` uint8.
        compression: of the cone responses.
        dtype: of the result.
        bits: how many bits of every value are kept; each stands for the middle of its bin.
        display: that shows them. The light of its black counts.
    """
    levels = np.arange(256) >> (8 - bits)
    encoded = (levels + 0.5) / 2**bits if bits < 8 else levels / 255
    linear = torch.as_tensor(display.linear(np.stack([encoded] * 3, axis=-1)), dtype=dtype, device=patches.device)
    light = linear[patches.int(), torch.arange(3, device=patches.device)]
    cones = _compress(light @ _matrix(display, patches, dtype), compression)
    long, middle, short = cones.unbind(-1)
    luminance = (long + middle) / 2
    return torch.stack([luminance, long - middle, short - luminance], dim=-1)


def from_opponent(opponent: Tensor, compression: Compression, *, display: Display = SRGB) -> Tensor:
    """Values of a display ``(..., 3)`` in [0, 1], clipped to its gamut, of opponent channels ``(..., 3)``."""
    luminance, difference, blue = opponent.unbind(-1)
    cones = torch.stack([luminance + difference / 2, luminance - difference / 2, luminance + blue], dim=-1)
    light = _expand(cones, compression) @ torch.linalg.inv(_matrix(display, opponent, opponent.dtype))
    shown = display.encoded(light.clamp(display.darkest, 1).cpu().numpy())
    return torch.as_tensor(shown, dtype=opponent.dtype, device=opponent.device)


def _compress(cones: Tensor, compression: Compression) -> Tensor:
    """Black to 0 and white to 1."""
    if compression == "cube-root":
        return cones ** (1 / 3)
    if compression == "log":
        return torch.log1p(cones / DARK) / math.log1p(1 / DARK)
    return cones


def _expand(responses: Tensor, compression: Compression) -> Tensor:
    if compression == "cube-root":
        return responses**3
    if compression == "log":
        return DARK * torch.expm1(responses * math.log1p(1 / DARK))
    return responses


def _matrix(display: Display, like: Tensor, dtype: torch.dtype) -> Tensor:
    """What L, M and S make of each primary, ``(3, 3)``, a primary a row; each cone has 1 of the white."""
    return torch.as_tensor(display.cones / display.cones.sum(axis=0), dtype=dtype, device=like.device)
