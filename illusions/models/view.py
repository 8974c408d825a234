"""How a model sees patches: from bytes of sRGB to the values that its flow models, and back to something to look at.

In this order; a recipe's table ``[photographs]`` says which of it:

1. channels: the three colour values of a pixel, or its luminance (see `luminance`), again 8 bits;
2. dequantisation (see `illusions.models.dequantisation`): bits are cut off and uniform noise fills the bin;
3. contrast normalisation: x ← (x − m) / max(s, 0.02), with the mean m and the standard deviation s of the patch, or
   of its surround;
4. Gaussian noise: x ← x + σ e with e standard normal.

What is modelled after 1 and 2 are bytes, and their log-likelihood is that of 8-bit data. After 3 or 4 it is another
quantity, see `View.log_likelihood`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from illusions.errors import InputError
from illusions.models.dequantisation import (
    dequantise,
    eight_bit_log_likelihood,
    gaussian_noise,
    uniform_noise,
)
from illusions.models.devices import widest_float
from illusions.models.recipe import PhotographsTable

#: Standard deviations below this share of the range count as this: what is nearly uniform is not blown up to noise.
FLOOR = 0.02
#: The standard deviation, as a share of the range, with which normalised patches are shown around mid-grey.
_SHOWN_CONTRAST = 0.2
#: Luminance of the three primaries of sRGB (IEC 61966-2-1, which has them from ITU-R BT.709).
_PRIMARIES = (0.2126, 0.7152, 0.0722)


class Noise(NamedTuple):
    """The noise of some patches: uniform on [0, 1), and standard normal where the recipe asks for Gaussian noise."""

    uniform: Tensor
    gaussian: Tensor | None


class View:
    """How a model sees patches.

    Args:
        sees: the recipe's table ``[photographs]``.
        floor: standard deviations below this share of the range count as this, where patches are normalised.
    """

    def __init__(self, sees: PhotographsTable, *, floor: float = FLOOR) -> None:
        self._sees = sees
        self._floor = floor

    @property
    def channels(self) -> int:
        """Numbers per pixel that the flow is given."""
        return self._sees.channel_count

    @property
    def is_of_bytes(self) -> bool:
        """Whether the flow models 8-bit values: neither normalised nor with Gaussian noise."""
        return self._sees.normalise == "none" and self._sees.noise == 0

    @property
    def is_invertible(self) -> bool:
        """Whether colour patches can be made again from what the flow sees."""
        return self.is_of_bytes and self._sees.channels == "colour"

    def __str__(self) -> str:
        words: str = self._sees.channels
        if self._sees.normalise == "contrast":
            words += " without its mean and divided by its standard deviation"
        if self._sees.noise > 0:
            words += f", with Gaussian noise of σ = {self._sees.noise:g}"
        return words

    def noise(self, n: int, size: int, *, seed: int, draw: int) -> Noise:
        """The noise of a draw for n patches, ``(n, size, size, channels)``: the same for the same seed and draw."""
        shape = n, size, size, self.channels
        uniform = torch.from_numpy(uniform_noise(shape, seed=seed, draw=draw))
        if self._sees.noise == 0:
            return Noise(uniform, None)
        return Noise(uniform, torch.from_numpy(gaussian_noise(shape, seed=seed, draw=draw)))

    def random_noise(self, n: int, size: int, generator: torch.Generator, *, share: slice = slice(None)) -> Noise:
        """New noise for those of n patches that a process needs, ``(n, size, size, channels)[share]``.

        Args:
            n: how many patches, over all processes.
            size: side of a patch, pixels.
            generator: random numbers, in the same state on all processes, on the device where the noise is wanted.
            share: which of the n are wanted.
        """
        shape = n, size, size, self.channels
        uniform = torch.rand(shape, generator=generator, device=generator.device)[share]
        if self._sees.noise == 0:
            return Noise(uniform, None)
        return Noise(uniform, torch.randn(shape, generator=generator, device=generator.device)[share])

    def see(self, patches: Tensor, noise: Noise, *, surround: NDArray[np.bool_] | None = None) -> Tensor:
        """What the flow is given.

        Args:
            patches: ``(n, size, size, 3)`` uint8, sRGB.
            noise: of a shape that broadcasts to ``(n, size, size, channels)``. The result has the type of its uniform
                part.
            surround: ``(size, size)``: the pixels whose mean and standard deviation all of a patch is normalised by,
                if it is normalised; by default all of them.

        Returns:
            ``(n, size, size, channels)``: in [-1/2, 1/2), or, normalised, in standard deviations.

        Raises:
            InputError: no pixel belongs to the surround.
        """
        seen = luminance(patches) if self._sees.channels == "luminance" else patches
        x = dequantise(seen, noise.uniform, self._sees.bits)
        if self._sees.normalise == "contrast":
            mean, deviation = self._contrast(seen, surround, x.dtype)
            x = (x - mean) / deviation
        if noise.gaussian is not None:
            x = x + self._sees.noise * noise.gaussian.to(x)
        return x

    def is_flat(self, patches: Tensor, surround: NDArray[np.bool_]) -> bool:
        """Whether patches are normalised, and the deviation of their surround counts as the floor of training.

        A floor that somebody has chosen higher is meant for such surrounds.
        """
        if self._sees.normalise != "contrast" or self._floor > FLOOR or not surround.any():
            return False
        seen = luminance(patches) if self._sees.channels == "luminance" else patches
        _, deviation = self._contrast(seen, surround, torch.float32)
        return bool((deviation <= self._floor).all())

    def _contrast(self, seen: Tensor, surround: NDArray[np.bool_] | None, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation, ``(n, 1, 1, 1)``, of the bytes and not of their noise.

        So a patch that is normalised by itself still varies with the noise in every direction, and its density exists.
        """
        middle = dequantise(seen, torch.full((), 0.5, dtype=dtype, device=seen.device), self._sees.bits)
        if surround is None:
            values = middle.flatten(1)
        else:
            if not surround.any():
                raise InputError(
                    "no pixel of the patch shows the surround alone, by whose contrast it is normalised; "
                    "expected a larger scale"
                )
            values = middle[:, torch.from_numpy(surround).to(seen.device)].flatten(1)
        deviation, mean = torch.std_mean(values, dim=1, correction=0)
        return mean.view(-1, 1, 1, 1), deviation.clamp_min(self._floor).view(-1, 1, 1, 1)

    def log_likelihood(self, log_density: Tensor, dimensions: int) -> Tensor:
        """Log-likelihood ``(n,)``, nats, from the flow's log-density ``(n,)`` of what it was given.

        Of bytes it is that of 8-bit data. With Gaussian noise it is the log-density of the noisy values, per level of
        8 bits. Of normalised patches it is the log-density of the normalised values, without the Jacobian of the
        normalisation: how likely a pattern is, whatever its brightness and its contrast. Along a sweep whose patches
        are normalised by their common surround that Jacobian is a constant, so that the curve is the density of the
        target's value all the same.
        """
        if self._sees.normalise == "contrast":
            return log_density.to(widest_float(log_density.device))
        return eight_bit_log_likelihood(log_density, dimensions)

    def colours(self, x: Tensor) -> Tensor:
        """Something to look at: x ``(n, size, size, channels)`` as colours ``(n, size, size, 3)`` around 0.

        They fill [-1/2, 1/2) from black to white, and may lie beyond. Luminance becomes grey; normalised patches get a
        standard deviation of 0.2 around mid-grey; Gaussian noise is not taken off.
        """
        if self._sees.normalise == "contrast":
            x = x * _SHOWN_CONTRAST
        return x.expand(*x.shape[:-1], 3)


def luminance(patches: Tensor) -> Tensor:
    """Luminance ``(..., 1)`` of sRGB colours ``(..., 3)``, both uint8.

    The CIE luminance of the linear light, Y = 0.2126 R + 0.7152 G + 0.0722 B, on the encoded scale of sRGB, which is
    nearly even in lightness: a colour becomes the grey of its luminance, and a grey stays the byte that it is. (The
    weighted sum of the encoded values, luma, would give a saturated colour less than its luminance.)

    Source: IEC 61966-2-1.
    """
    encoded = torch.arange(256, dtype=torch.float32, device=patches.device) / 255
    linear = torch.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    y = (linear[patches.int()] * torch.tensor(_PRIMARIES, device=patches.device)).sum(dim=-1)
    encoded = torch.where(y <= 0.0031308, 12.92 * y, 1.055 * y ** (1 / 2.4) - 0.055)
    return (255 * encoded + 0.5).floor().clamp(0, 255).to(torch.uint8).unsqueeze(-1)
