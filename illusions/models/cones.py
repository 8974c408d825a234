"""Cone-opponent channels of sRGB colours: what a model with ``channels = "cones"`` sees of a pixel.

    L, M, S = the linear light of the display in the cones, each 1 for white
    l, m, s = f(L), f(M), f(S)                  f: cube root, logarithm, or nothing
    A = (l + m)/2,  RG = l − m,  BY = s − A     every grey has RG = BY = 0

The order is that of Ruderman, D. L., Cronin, T. W. & Chiao, C.-C. (1998). Statistics of cone responses to natural
images: implications for visual coding. JOSA A, 15, 2036–2045; the cube root is that of CIELAB and OKLab.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from illusions.models.recipe import Compression

#: A cone a row (L, M, S): its share of the light of red, green and blue, 1 for white. Smith & Pokorny (1975) cones of
#: the primaries of sRGB (IEC 61966-2-1), as `illusions.stimuli.displays.Display.cones`, where the sources are.
CONES = (
    (0.27173106, 0.67148976, 0.05677918),
    (0.10004912, 0.79839145, 0.10155943),
    (0.01935314, 0.12091564, 0.85973122),
)
#: Added to responses before their logarithm, as a share of white: black has a logarithm, and bytes near it do not
#: count as more than what a display reflects of the room.
DARK = 0.02


def to_opponent(patches: Tensor, compression: Compression, dtype: torch.dtype, *, bits: int = 8) -> Tensor:
    """Opponent channels A, RG, BY ``(..., 3)`` of sRGB colours.

    Args:
        patches: ``(..., 3)`` uint8.
        compression: of the cone responses.
        dtype: of the result.
        bits: how many bits of every value are kept; each stands for the middle of its bin.
    """
    levels = torch.arange(256, device=patches.device) >> (8 - bits)
    encoded = (levels.double() + 0.5) / 2**bits if bits < 8 else levels.double() / 255
    linear = torch.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    cones = _compress(linear.to(dtype)[patches.int()] @ _matrix(patches, dtype).T, compression)
    long, middle, short = cones.unbind(-1)
    luminance = (long + middle) / 2
    return torch.stack([luminance, long - middle, short - luminance], dim=-1)


def from_opponent(opponent: Tensor, compression: Compression) -> Tensor:
    """Encoded sRGB ``(..., 3)`` in [0, 1], clipped to its gamut, of opponent channels ``(..., 3)``."""
    luminance, difference, blue = opponent.unbind(-1)
    cones = torch.stack([luminance + difference / 2, luminance - difference / 2, luminance + blue], dim=-1)
    linear = _expand(cones, compression) @ torch.linalg.inv(_matrix(opponent, opponent.dtype)).T
    linear = linear.clamp(0, 1)
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


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


def _matrix(like: Tensor, dtype: torch.dtype) -> Tensor:
    return torch.tensor(CONES, dtype=dtype, device=like.device)
