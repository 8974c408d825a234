"""How a model sees patches: from bytes of sRGB to the values that its flow models, and back to something to look at.

In this order; a recipe's table ``[photographs]`` says which of it:

1. channels: the three colour values of a pixel; or its luminance (see `luminance`), again 8 bits; or cone-opponent
   channels, of A, RG and BY (see `illusions.models.cones`), one of them perhaps twice;
2. dequantisation of bytes (see `illusions.models.dequantisation`): bits are cut off and uniform noise fills the bin;
3. normalisation, with the mean m and the standard deviation s of the patch, or of its surround, and a floor f:
   centre: x ← (x − m) / f;  contrast: x ← (x − m) / max(s, f), or with added floors (x − m) / √(s² + f²);
   joint: x ← (x − m) / (f g), with g = max(r, 1) or √(r² + 1), and r² the mean of (s / f)² over the joint channels.
   Cone-opponent channels have m, s and f each; the three values of a colour share them;
4. Gaussian noise: x ← x + σ e with e standard normal.

What is modelled after 1 and 2 are bytes, and their log-likelihood is that of 8-bit data. After 3 or 4 it is another
quantity, see `View.log_likelihood`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from illusions.displays import SRGB
from illusions.errors import InputError
from illusions.models.cones import from_opponent, to_opponent
from illusions.models.dequantisation import (
    dequantise,
    eight_bit_log_likelihood,
    gaussian_noise,
    uniform_noise,
)
from illusions.models.devices import widest_float
from illusions.models.recipe import OPPONENT, Normalisation, PhotographsTable, each_of

#: Standard deviations below this share of the range count as this: what is nearly uniform is not blown up to noise.
FLOOR = 0.02
#: The standard deviation, as a share of the range, with which normalised patches are shown around mid-grey.
_SHOWN_CONTRAST = 0.2
#: The A of what normalised cone-opponent channels are shown around.
_MID_GREY = 0.6
_COMPRESSED = {"cube-root": "of cube roots", "log": "of logarithms", "none": "of linear light"}
_NORMALISED: dict[Normalisation, str] = {
    "none": "",
    "centre": " without its mean",
    "contrast": " without its mean and divided by its standard deviation",
    "joint": " without its mean and divided by the contrast of all channels",
}
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
        floor: least standard deviation, as a share of the range, by which luminance is divided in place of the
            recipe's, those of colour in proportion; by default the recipe's. Added floors, which belong to what the
            flow has learnt, and those of centred channels stay.
    """

    def __init__(self, sees: PhotographsTable, *, floor: float | None = None) -> None:
        self._sees = sees
        self._floors = each_of(sees.floors, sees.channel_count)
        self._opponent = [OPPONENT.index(name) for name in self._names] if sees.channels == "cones" else []
        #: Index of luminance among the channels, if possible of that which is divided by its contrast.
        self._luminance = max(
            (i for i, name in enumerate(self._names) if name not in OPPONENT[1:]),
            key=lambda i: sees.normalisations[i] == "contrast",
        )
        self._raised = 1.0 if floor is None or sees.floor_rule == "added" else floor / self._floors[self._luminance]

    @property
    def channels(self) -> int:
        """Numbers per pixel that the flow is given."""
        return self._sees.channel_count

    @property
    def sees_colour(self) -> bool:
        """Whether any channel is not luminance."""
        return self._sees.sees_colour

    @property
    def is_of_bytes(self) -> bool:
        """Whether the flow models 8-bit values: neither normalised nor with Gaussian noise."""
        return not self._sees.is_normalised and self._sees.noise == 0

    @property
    def is_invertible(self) -> bool:
        """Whether colour patches can be made again from what the flow sees."""
        return self.is_of_bytes and self._sees.channels == "colour"

    def __str__(self) -> str:
        if self._sees.channels == "cones":
            words = "cone-opponent channels"
            if self._sees.opponent != OPPONENT:
                words += f" {', '.join(self._sees.opponent)}"
            words += f" ({_COMPRESSED[self._sees.compression]})"
            if self._sees.display != SRGB:
                keys = (f"{key} {value}" for key, value in self._sees.display.written().items())
                words += f" of a display with {', '.join(keys)}"
        else:
            words = self._sees.channels
        by_word: dict[str, list[str]] = {}
        for name, each in zip(self._names, self._sees.normalisations, strict=True):
            by_word.setdefault(_NORMALISED[each], []).append(name)
        if len(by_word) == 1:
            words += next(iter(by_word))
        else:
            words += ": " + "; ".join(_treated(names, how or " as it is") for how, names in by_word.items())
        if np.any(self._sees.noise):
            noise = self._sees.noise if isinstance(self._sees.noise, tuple) else (self._sees.noise,)
            words += f", with Gaussian noise of σ = {', '.join(f'{sigma:g}' for sigma in noise)}"
        return words

    @property
    def _names(self) -> tuple[str, ...]:
        return self._sees.opponent if self._sees.channels == "cones" else (self._sees.channels,) * self.channels

    def noise(self, n: int, size: int, *, seed: int, draw: int) -> Noise:
        """The noise of a draw for n patches, ``(n, size, size, channels)``: the same for the same seed and draw."""
        shape = n, size, size, self.channels
        uniform = torch.from_numpy(uniform_noise(shape, seed=seed, draw=draw))
        if not np.any(self._sees.noise):
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
        if not np.any(self._sees.noise):
            return Noise(uniform, None)
        return Noise(uniform, torch.randn(shape, generator=generator, device=generator.device)[share])

    def random_surrounds(
        self, n: int, size: int, generator: torch.Generator, *, share: slice = slice(None)
    ) -> Tensor | None:
        """The pixels by which each patch is normalised in training, ``(n, size, size)[share]`` bool; None for all.

        All but a rectangle, which stands for a target: its sides are 1 to half the patch, each as likely, at any place.
        Where training normalises by whole patches no pixel value can lie further out than √(size²) deviations, and a
        target on an even surround always does; normalised by surrounds, photographs have such targets, too.
        """
        if self._sees.normalised_by == "patch":
            return None
        random = torch.rand(4, n, generator=generator, device=generator.device)[:, share, None]
        pixels = torch.arange(size, device=generator.device)
        within = []
        for side, place in (random[:2], random[2:]):
            length = (side * (size // 2)).long() + 1
            start = (place * (size - length + 1)).long()
            within.append((pixels >= start) & (pixels < start + length))
        target: Tensor = within[0][:, :, None] & within[1][:, None, :]
        return ~target

    def see(self, patches: Tensor, noise: Noise, *, surround: NDArray[np.bool_] | Tensor | None = None) -> Tensor:
        """What the flow is given.

        Args:
            patches: ``(n, size, size, 3)`` uint8, sRGB.
            noise: of a shape that broadcasts to ``(n, size, size, channels)``. The result has the type of its uniform
                part.
            surround: ``(size, size)`` or ``(n, size, size)``: the pixels whose mean and standard deviation all of a
                patch is normalised by, if it is normalised; by default all of them.

        Returns:
            ``(n, size, size, channels)``: in [-1/2, 1/2), or, normalised, in standard deviations or floors.

        Raises:
            InputError: no pixel belongs to the surround.
        """
        still = self._still(patches, noise.uniform.dtype)
        if self._sees.channels == "cones":
            x = still
        else:
            x = dequantise(self._levels(patches), noise.uniform, self._sees.bits)
        if self._sees.is_normalised:
            mean, divisor = self._scale(still, surround)
            x = (x - mean) / divisor
        if noise.gaussian is not None:
            x = x + torch.as_tensor(self._sees.noise, dtype=x.dtype, device=x.device) * noise.gaussian.to(x)
        return x

    def is_flat(self, patches: Tensor, surround: NDArray[np.bool_]) -> bool:
        """Whether the luminance of patches is divided by the contrast of their surround, and this counts as the floor.

        Not where a reading has raised the floor for such surrounds, nor where floors are added in training, too.
        """
        divided = self._sees.normalisations[self._luminance] == "contrast" and self._sees.floor_rule == "largest"
        if not divided or self._raised > 1 or not surround.any():
            return False
        _, deviation = self._moments(self._still(patches, torch.float32), surround)
        return bool((deviation[..., self._luminance] <= self._floors[self._luminance]).all())

    def _levels(self, patches: Tensor) -> Tensor:
        return luminance(patches) if self._sees.channels == "luminance" else patches

    def _still(self, patches: Tensor, dtype: torch.dtype) -> Tensor:
        """The channels of patches without noise, bytes in the middle of their bins."""
        if self._sees.channels == "cones":
            sees = self._sees
            opponent = to_opponent(patches, sees.compression, dtype, bits=sees.bits, display=sees.display)
            return opponent if sees.opponent == OPPONENT else opponent[..., self._opponent]
        half = torch.full((), 0.5, dtype=dtype, device=patches.device)
        return dequantise(self._levels(patches), half, self._sees.bits)

    def _scale(self, still: Tensor, surround: NDArray[np.bool_] | Tensor | None) -> tuple[Tensor, Tensor]:
        """What is subtracted and what the rest is divided by, both ``(n, 1, 1, channels)``.

        Of the values and not of their noise. So a patch that is normalised by itself still varies with the noise in
        every direction, and its density exists.
        """
        mean, deviation = self._moments(still, surround)
        floors = torch.tensor(self._floors, dtype=still.dtype, device=still.device)
        how = self._sees.normalisations
        if self._sees.floor_rule == "added":
            divisor = (deviation**2 + floors**2).sqrt()
        else:
            divisor = torch.maximum(deviation, floors * self._raised)
        if "joint" in how:
            joint = torch.tensor([each == "joint" for each in how], device=still.device)
            ratio = ((deviation / floors)[..., joint] ** 2).mean(dim=-1, keepdim=True)
            common = (ratio + 1).sqrt() if self._sees.floor_rule == "added" else ratio.sqrt().clamp_min(self._raised)
            divisor = torch.where(joint, floors * common, divisor)
        divisor = torch.where(_are("centre", how, still), floors, divisor)
        as_it_is = _are("none", how, still)
        return mean.masked_fill(as_it_is, 0), divisor.masked_fill(as_it_is, 1)

    def _moments(self, still: Tensor, surround: NDArray[np.bool_] | Tensor | None) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation over the surround, ``(n, 1, 1, channels)``, or with one for all of a colour."""
        mask = None if surround is None else torch.as_tensor(surround, device=still.device)
        if mask is not None and not mask.any():
            raise InputError(
                "no pixel of the patch shows the surround alone, by whose contrast it is normalised; "
                "expected a larger scale"
            )
        each = (1,) if self._sees.channels == "cones" else (1, 2)
        if mask is None or mask.ndim == 2:
            values = still.flatten(1, 2) if mask is None else still[:, mask]
            deviation, mean = torch.std_mean(values, dim=each, correction=0, keepdim=True)
        else:
            values, weight = still.flatten(1, 2), mask.flatten(1)[..., None].to(still)
            weight = (weight / weight.sum(dim=1, keepdim=True)).expand_as(values)
            if len(each) == 2:
                weight = weight / values.shape[-1]
            mean = (weight * values).sum(dim=each, keepdim=True)
            deviation = (weight * (values - mean) ** 2).sum(dim=each, keepdim=True).sqrt()
        return mean[:, None], deviation[:, None]

    def log_likelihood(self, log_density: Tensor, dimensions: int) -> Tensor:
        """Log-likelihood ``(n,)``, nats, from the flow's log-density ``(n,)`` of what it was given.

        Of bytes it is that of 8-bit data. With Gaussian noise it is the log-density of the noisy values, per level of
        8 bits. Of normalised patches it is the log-density of the normalised values, without the Jacobian of the
        normalisation: how likely a pattern is, whatever its brightness and its contrast. Along a sweep whose patches
        are normalised by their common surround that Jacobian is a constant, so that the curve is the density of the
        target's value all the same.
        """
        if self._sees.is_normalised:
            return log_density.to(widest_float(log_density.device))
        return eight_bit_log_likelihood(log_density, dimensions)

    def colours(self, x: Tensor) -> Tensor:
        """Something to look at: x ``(n, size, size, channels)`` as colours ``(n, size, size, 3)`` around 0.

        They fill [-1/2, 1/2) from black to white, and may lie beyond. Luminance becomes grey; normalised patches get a
        standard deviation of 0.2 around mid-grey; Gaussian noise is not taken off. Cone-opponent channels that are
        normalised become deviations from mid-grey in units of their floors. Of a channel that occurs twice the first
        is shown, and one that does not occur is that of grey.
        """
        if self._sees.channels == "cones":
            floors = torch.tensor(self._floors, dtype=x.dtype, device=x.device)
            as_it_is = _are("none", self._sees.normalisations, x)
            grey = torch.tensor([_MID_GREY, 0.0, 0.0], dtype=x.dtype, device=x.device)
            seen = torch.where(as_it_is, x, grey[self._opponent] + x * floors)
            opponent = grey.expand(*x.shape[:-1], 3).clone()
            for i in reversed(range(self.channels)):
                opponent[..., self._opponent[i]] = seen[..., i]
            return from_opponent(opponent, self._sees.compression, display=self._sees.display) - 0.5
        if self._sees.is_normalised:
            x = x * _SHOWN_CONTRAST
        return x.expand(*x.shape[:-1], 3)


def _are(which: Normalisation, how: Sequence[Normalisation], like: Tensor) -> Tensor:
    """Which channels are normalised so, ``(channels,)`` bool."""
    return torch.tensor([each == which for each in how], device=like.device)


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


def _treated(channels: Sequence[str], how: str) -> str:
    """``"A without its mean"``, ``"RG and BY without their mean"``."""
    return " and ".join(channels) + (how.replace(" its ", " their ") if len(channels) > 1 else how)
