"""Glow: the exact log-density of an image patch, and its exact inverse.

Source: Kingma & Dhariwal 2018, arXiv 1807.03039, figure 2: L levels of squeeze, K steps, split.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from illusions.errors import InputError
from illusions.models.architecture import Architecture as Architecture
from illusions.models.layers import (
    ActNorm,
    AffineCoupling,
    InvertibleConvolution,
    SplitPrior,
    inverse_matrix,
    lu_product,
    map_and_couple,
    squeeze,
    uncouple_and_map_back,
    unsqueeze,
)
from illusions.models.reversible import apply_reversibly

Memory = Literal["ordinary", "constant"]
_Modules: Any = nn.ModuleList  # so that a list of steps reads, and is checked, as a sequence of steps


class Step(nn.Module):
    """One step of flow: actnorm, invertible 1×1 convolution, affine coupling.

    Args:
        channels: number of channels.
        hidden: channels of the hidden layers of the coupling.
    """

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.norm = ActNorm(channels)
        self.mix = InvertibleConvolution(channels)
        self.coupling = AffineCoupling(channels, hidden)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``(n, height, width, channels)`` to the same shape and the log-determinant ``(n,)``."""
        x, norm_log_det = self.norm(x)
        x, mix_log_det = self.mix(x)
        x, coupling_log_det = self.coupling(x)
        return x, norm_log_det + mix_log_det + coupling_log_det

    def inverse(self, y: Tensor) -> Tensor:
        """The inverse of `forward`."""
        return self.norm.inverse(self.mix.inverse(self.coupling.inverse(y)))

    @torch.no_grad()
    def initialise(self, x: Tensor) -> Tensor:
        """Set actnorm from a batch and return the output of the step."""
        self.norm.initialise(x)
        return self.forward(x)[0]


class Level(nn.Module):
    """One level: squeeze, K steps and, on all levels but the last, a split.

    Args:
        channels: channels after the squeeze.
        steps: K.
        hidden: channels of the hidden layers of every coupling.
        split: whether half of the channels leave after the steps.
        memory: `"constant"` recomputes activations in the backward pass instead of storing them.
    """

    def __init__(self, channels: int, steps: int, hidden: int, *, split: bool, memory: Memory) -> None:
        super().__init__()
        self.steps: Sequence[Step] = _Modules(Step(channels, hidden) for _ in range(steps))
        self.prior = SplitPrior(channels) if split else None
        self.memory = memory

    def forward(self, x: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
        """The input of the next level (None after the last), the latent of this level, the log-determinant."""
        x = squeeze(x)
        couplings = [step.coupling for step in self.steps]
        weights, biases, log_det_per_pixel = self.channel_maps()
        if self.memory == "constant" and torch.is_grad_enabled():
            x, log_det = apply_reversibly(couplings, weights, biases, x, dtype)
        else:
            log_det = x.new_zeros(len(x))
            for coupling, weight, bias in zip(couplings, weights, biases, strict=True):
                x, coupling_log_det = map_and_couple(coupling, weight, bias, x, dtype)
                log_det = log_det + coupling_log_det
        log_det = log_det + log_det_per_pixel * (x.shape[1] * x.shape[2])
        if self.prior is None:
            return x[..., :0], x, log_det
        kept, z, split_log_det = self.prior(x)
        return kept, z, log_det + split_log_det

    def inverse(self, kept: Tensor | None, z: Tensor, dtype: torch.dtype) -> Tensor:
        """The inverse of `forward`."""
        x = z if self.prior is None or kept is None else self.prior.inverse(kept, z)
        weights, biases, _ = self.channel_maps()
        inverses = inverse_matrix(torch.stack(weights)).unbind()
        for step, weight, bias in zip(reversed(self.steps), reversed(inverses), reversed(biases), strict=True):
            x = uncouple_and_map_back(step.coupling, weight, bias, x, dtype)
        return unsqueeze(x)

    def channel_maps(self) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...], Tensor]:
        """Actnorm and 1×1 convolution of every step, folded into one affine map of a pixel's channels, y = A x + c.

        Computed for all steps at once: the matrices are small, and many small operations are slow.

        Returns:
            A ``(channels, channels)`` and c ``(channels,)`` of every step, and the sum of all log |det A|.
        """
        norms, mixes = [step.norm for step in self.steps], [step.mix for step in self.steps]
        log_scale = torch.stack([norm.log_scale for norm in norms])
        log_diagonal = torch.stack([mix.log_diagonal for mix in mixes])
        mix_weights = lu_product(
            torch.stack([mix.permutation for mix in mixes]),
            torch.stack([mix.lower for mix in mixes]),
            torch.stack([mix.upper for mix in mixes]),
            torch.stack([mix.sign for mix in mixes]) * log_diagonal.exp(),
        )
        weights = mix_weights * log_scale.exp()[:, None, :]
        biases = (weights @ torch.stack([norm.bias for norm in norms])[:, :, None])[:, :, 0]
        return weights.unbind(), biases.unbind(), log_scale.sum() + log_diagonal.sum()

    @torch.no_grad()
    def initialise(self, x: Tensor) -> Tensor:
        """Set every actnorm from a batch; returns the input of the next level."""
        x = squeeze(x)
        for step in self.steps:
            x = step.initialise(x)
        return x if self.prior is None else self.prior.forward(x)[0]


class Glow(nn.Module):
    """A normalizing flow between patches and standard normal latents.

    Under `torch.autocast` the networks inside the couplings run in the autocast type; all that the likelihood is
    added up from, and all that is inverted, stays in the type of the input.

    Args:
        architecture: its shape.
        memory: `"ordinary"`, or `"constant"`: in the backward pass every step is inverted to recompute its
            activations, so that memory does not grow with K.

    Example:
        >>> flow = Glow(Architecture(size=8, steps=2, hidden=16))
        >>> x = torch.rand(5, 8, 8, 3)
        >>> flow.initialise(x)
        >>> flow.log_prob(x).shape
        torch.Size([5])
        >>> torch.allclose(flow.decode(flow.encode(x)), x, atol=1e-4)
        True
    """

    def __init__(self, architecture: Architecture, *, memory: Memory = "ordinary") -> None:
        super().__init__()
        self.architecture = architecture
        levels = []
        channels = architecture.channels
        for number in range(architecture.levels):
            channels *= 4
            split = number < architecture.levels - 1
            levels.append(Level(channels, architecture.steps, architecture.hidden, split=split, memory=memory))
            channels //= 2
        self.levels: Sequence[Level] = _Modules(levels)

    #: Number of patches that actnorm is initialised with.
    initial_patches = 1024

    @property
    def hidden_values(self) -> int:
        """Values of the largest hidden layer while one patch is scored."""
        return self.architecture.hidden * (self.architecture.size // 2) ** 2

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """From patches ``(n, size, size, channels)`` to latents ``(n, D)`` and the log-determinant ``(n,)``, nats."""
        dtype = _coupling_dtype(x)
        with torch.autocast(x.device.type, enabled=False):
            log_det = x.new_zeros(len(x))
            latents = []
            for level in self.levels:
                x, z, level_log_det = level.forward(x, dtype)
                latents.append(z.flatten(1))
                log_det = log_det + level_log_det
        return torch.cat(latents, dim=1), log_det

    def log_prob(self, x: Tensor) -> Tensor:
        """Log-density ``(n,)`` of patches ``(n, size, size, channels)``, in nats, with respect to x itself."""
        z, log_det = self.forward(x)
        return standard_normal_log_prob(z) + log_det

    def encode(self, x: Tensor) -> Tensor:
        """Latents ``(n, D)`` of patches ``(n, size, size, channels)``: standard normal if x comes from the model."""
        return self.forward(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        """Patches ``(n, size, size, channels)`` of latents ``(n, D)``: the inverse of `encode`, exact but for rounding.

        In float32 rounding is magnified to more than a level of 8 bits for patches unlike photographs, such as a
        checkerboard of two strong colours; `illusions.models.latents` goes to float64 for these. Where it divides by
        scales near zero it may overflow.
        """
        dtype = _coupling_dtype(z)
        x: Tensor | None = None
        with torch.autocast(z.device.type, enabled=False):
            for level, latent in zip(reversed(self.levels), reversed(self._split(z)), strict=True):
                x = level.inverse(x, latent, dtype)
        assert x is not None
        return x

    def sample(self, n: int, *, temperature: float = 1.0, generator: torch.Generator | None = None) -> Tensor:
        """Draw n patches ``(n, size, size, channels)``; `temperature` scales the standard deviation of the latents.

        Raises:
            InputError: a patch overflowed. `illusions.models.latents.draw_samples` replaces those that do.
        """
        parameter = next(self.parameters())
        z = torch.randn(n, self.architecture.dimensions, generator=generator, dtype=parameter.dtype)
        x = self.decode(temperature * z.to(parameter.device))
        overflowed = n - int(x.isfinite().flatten(1).all(dim=1).sum())
        if overflowed:
            raise InputError(
                f"{overflowed} of {n} samples overflowed at a temperature of {temperature:g}; expected a lower one"
            )
        return x

    @torch.no_grad()
    def initialise(self, x: Tensor) -> None:
        """Set every actnorm from a batch of patches ``(n, size, size, channels)``."""
        for level in self.levels:
            x = level.initialise(x)

    def _split(self, z: Tensor) -> list[Tensor]:
        """Latents as each level sends them out, first level first."""
        side, channels = self.architecture.size, self.architecture.channels
        shapes = []
        for number in range(self.architecture.levels):
            side, channels = side // 2, channels * 4
            if number < self.architecture.levels - 1:
                channels //= 2
            shapes.append((side, side, channels))
        parts = z.split([math.prod(shape) for shape in shapes], dim=1)
        return [part.reshape(-1, *shape) for part, shape in zip(parts, shapes, strict=True)]


def standard_normal_log_prob(z: Tensor) -> Tensor:
    """Log-density ``(n,)`` of ``(n, D)`` under the standard normal, in nats."""
    return -0.5 * (z.square().sum(dim=1) + z.shape[1] * math.log(2 * math.pi))


def _coupling_dtype(x: Tensor) -> torch.dtype:
    device = x.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype
