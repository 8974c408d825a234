"""Likelihoods of many patches, fast: everything that does not depend on the patch is computed once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial, singledispatch
from typing import TypeAlias, TypeVar

import torch
from torch import Tensor
from torch.nn import functional as F

from illusions import progress
from illusions.models import amx
from illusions.models.convolution import FixedConvolutions
from illusions.models.fixed import FixedStep, kernel_for
from illusions.models.glow import Glow, Level, standard_normal_log_prob
from illusions.models.layers import AffineCoupling, bounded_log_sigmoid, squeeze
from illusions.models.networks import Network
from illusions.models.numerics import own_numerics
from illusions.models.threads import in_parallel, is_part
from illusions.models.vae import Vae

_Thing = TypeVar("_Thing")
_LogProb: TypeAlias = Callable[[Tensor], Tensor]
_Step: TypeAlias = Callable[[Tensor], tuple[Tensor, Tensor]]
#: Bytes that one hidden layer of a batch may take: on a CPU to stay near the cache, on a GPU to fit beside others.
_HIDDEN_BYTES_CPU, _HIDDEN_BYTES_GPU = 2**22, 2**29
#: On a CPU: number of batches for few patches, and least number of patches in each, below which a patch takes longer.
_PARTS, _SMALLEST = 8, 16


class Scorer:
    """Log-density of patches, or its bound, under a network whose weights no longer change.

    Patches go through in batches whose hidden layers stay in the cache, on a CPU each with one core
    (`illusions.models.threads`). How patches are cut into batches does not depend on the number of threads.

    Args:
        network: the network; its weights must not change afterwards.
        coupling_dtype: type in which the networks inside the couplings of a flow run; by default that of its weights.
    """

    @own_numerics(gradients=True)
    @torch.no_grad()
    def __init__(self, network: Network, coupling_dtype: torch.dtype | None = None) -> None:
        parameter = next(network.parameters())
        dtype = coupling_dtype or parameter.dtype
        self._made_of = network, coupling_dtype
        self._log_prob = _prepared(network, dtype)
        self.is_parallel = parameter.device.type == "cpu"
        per_patch = network.hidden_values * dtype.itemsize
        self.batch = max(1, (_HIDDEN_BYTES_CPU if self.is_parallel else _HIDDEN_BYTES_GPU) // per_patch)

    def __reduce__(self) -> tuple[type[Scorer], tuple[Network, torch.dtype | None]]:
        return Scorer, self._made_of  # made again in another process, for whose processor kernels are compiled

    def __call__(self, x: Tensor) -> Tensor:
        """Log-density ``(n,)``, nats, of continuous patches ``(n, size, size, channels)``; tells how many are done."""
        return torch.cat(self.spread(self._score, x.tensor_split(self._batches(len(x)))))

    @own_numerics()
    def spread(self, function: Callable[[_Thing], Tensor], things: Sequence[_Thing]) -> list[Tensor]:
        """Apply a scoring function to items: on a CPU in all threads, else one after the other."""
        return in_parallel(function, things) if self.is_parallel else [function(thing) for thing in things]

    def _batches(self, n: int) -> int:
        """Into how many batches n patches go: few patches into smaller ones, so that all threads have some."""
        size = self.batch
        if self.is_parallel and not is_part():
            size = min(size, max(_SMALLEST, math.ceil(n / _PARTS)))
        return max(1, math.ceil(n / size))

    @torch.inference_mode()
    def _score(self, batch: Tensor) -> Tensor:
        log_prob = self._log_prob(batch)
        progress.report(len(batch))
        return log_prob


@singledispatch
def _prepared(network: Network, dtype: torch.dtype) -> _LogProb:
    """The function that scores patches ``(n, size, size, channels)``, with all that is the same for each computed."""
    raise TypeError(f"{type(network).__name__}: expected a flow or a variational autoencoder")


@_prepared.register
def _(network: Vae, dtype: torch.dtype) -> _LogProb:
    return network.bound_of


@_prepared.register
def _(network: Glow, dtype: torch.dtype) -> _LogProb:
    """Actnorm and 1×1 convolution of every step become one matrix; weights of couplings are laid out and converted."""
    levels = [_FoldedLevel(level, dtype) for level in network.levels]

    def log_prob(x: Tensor) -> Tensor:
        total = x.new_zeros(len(x))
        for level in levels:
            x, z, log_det = level(x)
            total += log_det + standard_normal_log_prob(z.flatten(1))
        return total

    return log_prob


class _FoldedLevel:
    """One level of the flow with everything that does not depend on the patch computed."""

    def __init__(self, level: Level, dtype: torch.dtype) -> None:
        weights, biases, self._log_det_per_pixel = level.channel_maps()
        self._steps = [
            _folded_step(step.coupling, weight, bias, dtype)
            for step, weight, bias in zip(level.steps, weights, biases, strict=True)
        ]
        self._prior = level.prior

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As `Level.forward`."""
        x = squeeze(x)
        log_det = self._log_det_per_pixel * (x.shape[1] * x.shape[2])
        for step in self._steps:
            x, step_log_det = step(x)
            log_det = log_det + step_log_det
        if self._prior is None:
            return x[..., :0], x, log_det
        kept, z, split_log_det = self._prior.forward(x)
        return kept, z, log_det + split_log_det


def _folded_step(coupling: AffineCoupling, weight: Tensor, bias: Tensor, dtype: torch.dtype) -> _Step:
    """An affine map of the channels and a coupling whose network runs in a type: output and log-determinant of x."""
    if amx_kernel := amx.kernel_for(weight, dtype):
        return partial(amx_kernel.forward, parameters=[weight, bias, *coupling.parameters()])
    parameters = [parameter.to(dtype) for parameter in coupling.parameters()]
    if dtype == weight.dtype and (kernel := kernel_for(weight)):
        return FixedStep(kernel, weight, bias, *parameters)
    network = FixedConvolutions(*parameters)

    def step(x: Tensor) -> tuple[Tensor, Tensor]:
        x = F.linear(x, weight, bias)
        a, b = x.split(coupling.sizes, dim=-1)
        shift, raw = network(a.to(dtype)).to(x.dtype).chunk(2, dim=-1)
        log_scale = bounded_log_sigmoid(raw)
        b.add_(shift).mul_(log_scale.exp())
        return x, log_scale.sum(dim=(1, 2, 3))

    return step
