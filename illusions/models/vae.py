"""A variational autoencoder of patches: its likelihood is known by lower bounds only. It is here to compare flows with.

Sources: Kingma & Welling 2014, *Auto-Encoding Variational Bayes*, arXiv 1312.6114 (ELBO); Burda, Grosse & Salakhutdinov
2016, *Importance Weighted Autoencoders*, arXiv 1509.00519 (the bound by K samples, equation 8).
"""

from __future__ import annotations

import copy
import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from illusions.models.architecture import VaeArchitecture

#: Samples of the latents that are decoded at once.
SAMPLES_AT_ONCE = 64
#: Least log standard deviation of a value given the latents: a quarter of a level of 8 bits.
_LEAST_LOG_SCALE = math.log(1 / 1024)


class Bound(NamedTuple):
    """Which lower bound of the log-likelihood a patch is scored by.

    Attributes:
        samples: K, number of samples of the latents. All patches share their standard normal noise.
        seed: of that noise.
        importance_weighted: log of the mean of the weights p(x, z) / q(z | x), else the mean of their logs, the ELBO.
    """

    samples: int = 64
    seed: int = 0
    importance_weighted: bool = True

    def noise(self, latents: int) -> Tensor:
        """Standard normal noise ``(samples, latents)``, float64; the first samples of a seed are always the same."""
        return torch.from_numpy(np.random.default_rng(self.seed).standard_normal((self.samples, latents)))

    def of(self, log_weights: Tensor) -> Tensor:
        """The bound ``(n,)``, nats, from log-weights ``(n, samples)``."""
        if not self.importance_weighted:
            return log_weights.mean(dim=1)
        return log_weights.logsumexp(dim=1) - math.log(log_weights.shape[1])


BOUND = Bound()
#: Orthonormal: luminance, red less blue, green less both.
_OPPONENT = (
    (3**-0.5, 3**-0.5, 3**-0.5),
    (2**-0.5, 0.0, -(2**-0.5)),
    (-(6**-0.5), 2 * 6**-0.5, -(6**-0.5)),
)


class Vae(nn.Module):
    """A convolutional variational autoencoder with standard normal latents.

    Posterior q(z | x) and likelihood p(x | z) are normal and independent by dimension. Their means are a linear map of
    x and of z plus the output of a network, which also gives the standard deviations. Training begins with the linear
    maps of probabilistic PCA, whose ELBO is the exact likelihood, and with networks that add almost nothing.

    Colours are first turned into a luminance and two differences, by an orthonormal matrix, whose noise is independent.
    Under `torch.autocast` all layers but these maps and the last of the decoder run in its type.

    Args:
        architecture: its shape.
        bound: by which patches are scored, and which training does not use.

    Example:
        >>> vae = Vae(VaeArchitecture(size=8, latents=4, hidden=8))
        >>> x = torch.rand(5, 8, 8, 3) - 0.5
        >>> vae.initialise(x)
        >>> vae.bound_of(x).shape
        torch.Size([5])
    """

    def __init__(self, architecture: VaeArchitecture, *, bound: Bound = BOUND) -> None:
        super().__init__()
        self.architecture, self.bound = architecture, bound
        colours, hidden, side = architecture.channels, architecture.hidden, architecture.size // 4
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(2), _convolution(4 * colours, hidden), nn.SiLU(),
            nn.PixelUnshuffle(2), _convolution(4 * hidden, 2 * hidden), nn.SiLU(),
            nn.Flatten(),
        )  # fmt: skip
        self.to_posterior = nn.Linear(2 * hidden * side**2, 2 * architecture.latents)
        self.decoder = nn.Sequential(
            nn.Linear(architecture.latents, 2 * hidden * side**2), nn.SiLU(), nn.Unflatten(1, (2 * hidden, side, side)),
            _convolution(2 * hidden, 4 * hidden), nn.SiLU(), nn.PixelShuffle(2),
            _convolution(hidden, hidden), nn.SiLU(),
        )  # fmt: skip
        self.output = _convolution(hidden, 4 * 2 * colours)
        self.linear_in = nn.Linear(architecture.dimensions, architecture.latents)
        self.linear_out = nn.Linear(architecture.latents, architecture.dimensions)
        self.log_gains = nn.Parameter(torch.zeros(2, architecture.latents))  # of both maps, by latent

    #: Number of patches that it is initialised with.
    initial_patches = 16_384

    @property
    def hidden_values(self) -> int:
        """Values of the largest hidden layer while one patch is scored."""
        hidden = self.architecture.hidden * (self.architecture.size // 2) ** 2
        return min(self.bound.samples, SAMPLES_AT_ONCE) * hidden

    def bounded_by(self, bound: Bound) -> Vae:
        """The same weights, which both share, scored by another bound."""
        other = copy.copy(self)
        other.bound = bound
        return other

    def log_prob(self, x: Tensor) -> Tensor:
        """ELBO ``(n,)``, nats, of patches ``(n, size, size, channels)``, as training maximises it.

        One sample of the latents per patch, from PyTorch's random numbers; the divergence of the posterior from the
        prior is exact.
        """
        x = _turned(x)
        mean, log_scale = self.posterior(x)
        z = mean + log_scale.exp() * torch.randn_like(mean)
        divergence = 0.5 * (mean.square() + (2 * log_scale).exp() - 1) - log_scale
        return self._log_likelihood(x, z[:, None])[:, 0] - divergence.sum(dim=1)

    def bound_of(self, x: Tensor) -> Tensor:
        """Lower bound ``(n,)`` of the log-density of patches ``(n, size, size, channels)``, nats (see `Bound`)."""
        return self.bound.of(self.log_weights(x))

    def log_weights(self, x: Tensor) -> Tensor:
        """Log p(x, z) − log q(z | x), ``(n, samples)``, nats, of patches ``(n, size, size, channels)``."""
        x = _turned(x)
        mean, log_scale = self.posterior(x)
        noise = self.bound.noise(self.architecture.latents).to(x)
        found = []
        for some in noise.split(SAMPLES_AT_ONCE):
            z = mean[:, None] + log_scale.exp()[:, None] * some
            prior_to_posterior = 0.5 * (some.square() - z.square()).sum(dim=2) + log_scale.sum(dim=1, keepdim=True)
            found.append(self._log_likelihood(x, z) + prior_to_posterior)
        return torch.cat(found, dim=1)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log standard deviation of q(z | x), each ``(n, latents)``, of patches of turned colours."""
        mean, log_scale = self.to_posterior(self.encoder(x.movedim(-1, 1))).to(x.dtype).chunk(2, dim=1)
        with torch.autocast(x.device.type, enabled=False):  # bfloat16 is coarser than a byte
            mean = mean + self.linear_in(x.flatten(1)) * self.log_gains[0].exp()
        return mean, log_scale.clamp(-10, 5)

    def _log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        """Log p(x | z) ``(n, k)`` of patches ``(n, size, size, channels)`` and latents ``(n, k, latents)``."""
        hidden = self.decoder(z.flatten(0, 1))
        with torch.autocast(x.device.type, enabled=False):
            added, raw = F.pixel_shuffle(self.output(hidden.to(x.dtype)), 2).movedim(1, -1).chunk(2, dim=-1)
            mean = self.linear_out(z * self.log_gains[1].exp()) + added.flatten(1).unflatten(0, z.shape[:2])
        raw = raw.flatten(1).unflatten(0, z.shape[:2])
        log_scale = _LEAST_LOG_SCALE + F.softplus(raw - _LEAST_LOG_SCALE)
        deviation = (x.flatten(1)[:, None] - mean) * (-log_scale).exp()
        log_density: Tensor = -0.5 * deviation.square() - log_scale - 0.5 * math.log(2 * math.pi)
        return log_density.sum(dim=2)

    @torch.no_grad()
    def initialise(self, x: Tensor) -> None:
        """Begin with probabilistic PCA of a batch ``(n, size, size, channels)``, of at most a component per 8 patches.

        Source: Tipping & Bishop 1999, Journal of the Royal Statistical Society B, 61, 611–622, equations 7 and 8.
        """
        latents, flat = self.architecture.latents, _turned(x).flatten(1).double()
        mean = flat.mean(dim=0)
        variances, axes = torch.linalg.eigh(torch.cov(flat.T, correction=0))  # the smallest first
        k = min(latents, flat.shape[1], max(1, len(flat) // 8))
        rest = variances[:-k].mean() if k < flat.shape[1] else variances[0]
        noise = rest.clamp_min((2 * math.exp(_LEAST_LOG_SCALE)) ** 2)
        variances, axes = variances[-k:].clamp_min(1.001 * noise), axes[:, -k:]
        self.linear_out.weight[:, :k], self.linear_in.weight[:k] = axes, axes.T
        self.linear_out.bias.copy_(mean)
        self.linear_in.bias.zero_()[:k] = -axes.T @ mean
        self.log_gains.fill_(-5)
        self.log_gains[:, :k] = (variances - noise).sqrt().log() - torch.stack(
            [variances.log(), torch.zeros_like(variances)]
        )
        assert self.output.bias is not None
        for weight, bias in (
            (self.to_posterior.weight, self.to_posterior.bias),
            (self.output.weight, self.output.bias),
        ):
            weight.mul_(0.01)
            bias.zero_()
        self.to_posterior.bias[latents : latents + k] = 0.5 * (noise / variances).log()
        self.output.bias[self.output.out_channels // 2 :] = 0.5 * noise.log()


def _turned(x: Tensor) -> Tensor:
    """Colours ``(..., 3)`` turned: luminance, red less blue, green less both. The volume stays; luminance alone too."""
    if x.shape[-1] != 3:
        return x
    with torch.autocast(x.device.type, enabled=False):
        return x @ torch.tensor(_OPPONENT, dtype=x.dtype, device=x.device).T


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1)
