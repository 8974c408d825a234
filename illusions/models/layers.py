"""The layers of a Glow: actnorm, invertible 1×1 convolution, affine coupling, squeeze and split.

Every layer maps ``(n, height, width, channels)`` to the same number of values. Channels come last, so that a 1×1
convolution is a matrix product, and a patch as it lies in memory needs no transposition. ``forward`` goes from data
to latent and also returns the log-determinant of its Jacobian, in nats; ``inverse`` goes back.

Source: Kingma & Dhariwal 2018, *Glow: Generative Flow with Invertible 1×1 Convolutions*, arXiv 1807.03039, table 1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from illusions.models.amx import kernel_for
from illusions.models.amx import step as step_in_kernel
from illusions.models.convolution import three_convolutions
from illusions.models.devices import widest_float
from illusions.models.fixed import FixedStep, inverse_step
from illusions.models.fixed import kernel_for as fixed_kernel_for

#: Actnorm never multiplies by more than this: a channel that is constant in the first batch has no standard deviation.
LARGEST_INITIAL_SCALE = 100.0
#: The coupling never multiplies by less than sigmoid(-6) = 0.0025, so that going back never divides by zero.
SMALLEST_LOGIT = -6.0


class ActNorm(nn.Module):
    """Activation normalisation: a scale and a bias per channel, y = (x + b) · exp(s).

    The first batch sets them so that every channel of y has mean 0 and variance 1 (section 3.1 of the source). A
    channel that is constant in that batch gets the scale `LARGEST_INITIAL_SCALE` at most.

    Args:
        channels: number of channels.

    Example:
        >>> layer = ActNorm(3)
        >>> layer.initialise(torch.randn(8, 4, 4, 3) * 5 + 2)
        >>> y, log_det = layer(torch.randn(8, 4, 4, 3))
    """

    initialised: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))
        self.log_scale = nn.Parameter(torch.zeros(channels))
        self.register_buffer("initialised", torch.tensor(False))

    @torch.no_grad()
    def initialise(self, x: Tensor) -> None:
        """Set scale and bias from a batch ``(n, height, width, channels)``."""
        mean = x.mean(dim=(0, 1, 2))
        deviation = x.std(dim=(0, 1, 2), correction=0).clamp_min(1 / LARGEST_INITIAL_SCALE)
        self.bias.copy_(-mean)
        self.log_scale.copy_(-deviation.log())
        self.initialised.fill_(True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return (x + self.bias) * self.log_scale.exp(), self.log_scale.sum() * _pixels(x)

    def inverse(self, y: Tensor) -> Tensor:
        return y * (-self.log_scale).exp() - self.bias


class InvertibleConvolution(nn.Module):
    """Invertible 1×1 convolution, y = W x at every pixel, with W = P L (U + diag(± exp(s))) (equation 10).

    P is a fixed permutation, L unit lower triangular, U strictly upper triangular. W starts as a random rotation.

    Args:
        channels: number of channels.
    """

    permutation: Tensor
    sign: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        rotation = torch.linalg.qr(torch.randn(channels, channels, dtype=torch.float64))[0]
        permutation, lower, upper = torch.linalg.lu(rotation)
        diagonal = upper.diagonal()
        dtype = torch.get_default_dtype()
        self.register_buffer("permutation", permutation.to(dtype))
        self.register_buffer("sign", diagonal.sign().to(dtype))
        self.lower = nn.Parameter(lower.tril(-1).to(dtype))
        self.upper = nn.Parameter(upper.triu(1).to(dtype))
        self.log_diagonal = nn.Parameter(diagonal.abs().log().to(dtype))

    def weight(self) -> Tensor:
        """The matrix W, ``(channels, channels)``."""
        return lu_product(self.permutation, self.lower, self.upper, self.sign * self.log_diagonal.exp())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return F.linear(x, self.weight()), self.log_diagonal.sum() * _pixels(x)

    def inverse(self, y: Tensor) -> Tensor:
        return F.linear(y, inverse_matrix(self.weight()))


class CouplingNetwork(nn.Module):
    """Network for the shift and scale of a coupling: convolutions 3×3, 1×1, 3×3 with ReLU between.

    The last one starts at zero, so that a new coupling is nearly the identity (section 3.3 of the source).

    Args:
        inputs: channels that go in.
        hidden: channels of the two hidden layers.
        outputs: channels that come out.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, hidden, 3, padding=1)
        self.middle = nn.Conv2d(hidden, hidden, 1)
        self.last = nn.Conv2d(hidden, outputs, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, dtype: torch.dtype) -> Tensor:
        """``(n, height, width, inputs)`` to ``(n, height, width, outputs)``, computed in `dtype`."""
        return three_convolutions(x.to(dtype), *self.parameters()).to(x.dtype)


class AffineCoupling(nn.Module):
    """Affine coupling: one half of the channels sets shift and scale of the other, y_b = (x_b + t) · σ(s + 2).

    Args:
        channels: number of channels; the first half, rounded up, goes through unchanged.
        hidden: channels of the hidden layers of the network.
    """

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.sizes = [(channels + 1) // 2, channels // 2]
        self.network = CouplingNetwork(self.sizes[0], hidden, 2 * self.sizes[1])

    def shift_and_log_scale(self, a: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Shift t and log σ(s + 2) for the second half, each ``(n, height, width, channels // 2)``."""
        shift, raw = self.network(a, dtype).chunk(2, dim=-1)
        return shift, bounded_log_sigmoid(raw)

    def forward(self, x: Tensor, dtype: torch.dtype | None = None) -> tuple[Tensor, Tensor]:
        a, b = x.split(self.sizes, dim=-1)
        shift, log_scale = self.shift_and_log_scale(a, dtype or x.dtype)
        y = torch.cat([a, (b + shift) * log_scale.exp()], dim=-1)
        return y, log_scale.sum(dim=(1, 2, 3))

    def inverse(self, y: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        a, b = y.split(self.sizes, dim=-1)
        shift, log_scale = self.shift_and_log_scale(a, dtype or y.dtype)
        return torch.cat([a, b * (-log_scale).exp() - shift], dim=-1)


class SplitPrior(nn.Module):
    """Gaussian prior of the half of the channels that a level lets go, given the half that it keeps.

    A 3×3 convolution, zero at first, predicts mean and log standard deviation. The half that goes is standardised
    with them, so that every latent of the flow is a standard normal (section 3.4 of the source).

    Args:
        channels: number of channels, even.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.predict = nn.Conv2d(channels // 2, channels, 3, padding=1)
        nn.init.zeros_(self.predict.weight)
        nn.init.zeros_(self.predict.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The half that is kept, the standardised half that goes, the log-determinant ``(n,)``."""
        kept, gone = x.chunk(2, dim=-1)
        mean, log_deviation = self._predict(kept)
        return kept, (gone - mean) * (-log_deviation).exp(), -log_deviation.sum(dim=(1, 2, 3))

    def inverse(self, kept: Tensor, z: Tensor) -> Tensor:
        mean, log_deviation = self._predict(kept)
        return torch.cat([kept, z * log_deviation.exp() + mean], dim=-1)

    def _predict(self, kept: Tensor) -> tuple[Tensor, Tensor]:
        h = self.predict(kept.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        mean, log_deviation = h.chunk(2, dim=-1)
        return mean, log_deviation.clamp(-6, 6)


def map_and_couple(
    coupling: AffineCoupling, weight: Tensor, bias: Tensor, x: Tensor, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """An affine map of the channels of every pixel, then a coupling: a step of flow.

    Args:
        coupling: the coupling.
        weight: matrix of the map, ``(channels, channels)``.
        bias: what is added after it, ``(channels,)``.
        x: ``(n, height, width, channels)``.
        dtype: type of the network inside the coupling.

    Returns:
        The output, of x's shape, and the log-determinant ``(n,)`` of the coupling.
    """
    if kernel := kernel_for(x, dtype):
        return step_in_kernel(kernel, x, [weight, bias, *coupling.parameters()])
    if dtype == x.dtype and x.numel() and not torch.is_grad_enabled() and (fixed := fixed_kernel_for(x)):
        return FixedStep(fixed, weight, bias, *coupling.parameters())(x)
    output: tuple[Tensor, Tensor] = coupling(F.linear(x, weight, bias), dtype)
    return output


def uncouple_and_map_back(
    coupling: AffineCoupling, inverse: Tensor, bias: Tensor, y: Tensor, dtype: torch.dtype
) -> Tensor:
    """The inverse of `map_and_couple`.

    Args:
        coupling: the coupling.
        inverse: inverse of the matrix of the map, ``(channels, channels)``.
        bias: as of `map_and_couple`.
        y: ``(n, height, width, channels)``.
        dtype: type of the network inside the coupling.
    """
    if dtype == y.dtype and y.numel() and not torch.is_grad_enabled() and (fixed := fixed_kernel_for(y)):
        return inverse_step(fixed, y, inverse, bias, *coupling.parameters())
    return F.linear(coupling.inverse(y, dtype) - bias, inverse)


def bounded_log_sigmoid(raw: Tensor) -> Tensor:
    """Log σ(s + 2), the log-scale of a coupling, for s + 2 not below `SMALLEST_LOGIT`."""
    return F.logsigmoid((raw + 2).clamp_min(SMALLEST_LOGIT))


def squeeze(x: Tensor) -> Tensor:
    """Blocks of 2×2 pixels become channels: ``(n, h, w, c)`` to ``(n, h/2, w/2, 4c)``."""
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 5, 2, 4).reshape(n, h // 2, w // 2, 4 * c)


def unsqueeze(y: Tensor) -> Tensor:
    """The inverse of `squeeze`: ``(n, h, w, 4c)`` to ``(n, 2h, 2w, c)``."""
    n, h, w, c = y.shape
    return y.reshape(n, h, w, c // 4, 2, 2).permute(0, 1, 4, 2, 5, 3).reshape(n, 2 * h, 2 * w, c // 4)


def lu_product(permutation: Tensor, lower: Tensor, upper: Tensor, diagonal: Tensor) -> Tensor:
    """P L (U + diag(d)), of matrices ``(…, c, c)`` and d ``(…, c)``; L and U are cut to their triangles."""
    identity = torch.eye(diagonal.shape[-1], dtype=diagonal.dtype, device=diagonal.device)
    return permutation @ (lower.tril(-1) + identity) @ (upper.triu(1) + torch.diag_embed(diagonal))


def inverse_matrix(weight: Tensor) -> Tensor:
    """The inverse of small matrices ``(…, c, c)``, computed in float64 where there is one."""
    inverse: Tensor = torch.linalg.inv_ex(weight.to(widest_float(weight.device))).inverse  # inv makes a GPU wait
    return inverse.to(weight.dtype)


def _pixels(x: Tensor) -> int:
    return x.shape[1] * x.shape[2]
