"""Steps of flow on processors with AMX: `step.c`, compiled when it is first needed, with its gradients for autograd.

Training in bfloat16 is bound by the passes over memory between the products. The kernel takes blocks of patches through
a whole step, forwards and backwards, without leaving the cache. Where it cannot run (another processor, no C compiler,
no folder to keep it in), one line on stderr says why, and PyTorch computes the steps.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from illusions.models.compiled import KernelMissing, load_library
from illusions.models.threads import in_parallel, threads

_SOURCE = Path(__file__).with_name("step.c")
_INSTRUCTIONS = ("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512bf16", "amx-tile", "amx-bf16", "fma")
#: Least number of patches per thread.
_PATCHES_PER_THREAD = 32


def kernel_for(x: Tensor, dtype: torch.dtype) -> Kernel | None:
    """The kernel, if it computes steps of this input with networks of this type; None where PyTorch does.

    Args:
        x: the input of a step ``(n, height, width, channels)``.
        dtype: type of the networks inside the couplings.
    """
    if dtype != torch.bfloat16 or x.dtype != torch.float32 or x.device.type != "cpu" or not x.numel():
        return None
    return _kernel()


def step(kernel: Kernel, x: Tensor, parameters: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """An affine map of the channels of every pixel, then an affine coupling; differentiable once.

    Args:
        kernel: the kernel.
        x: ``(n, height, width, channels)`` float32, of at least two channels.
        parameters: matrix ``(channels, channels)`` and bias ``(channels,)`` of the map, then weight and bias of the
            three convolutions of the coupling's network; float32.

    Returns:
        The output, of x's shape, and the log-determinant ``(n,)`` of the coupling.
    """
    output: tuple[Tensor, Tensor] = _Step.apply(kernel, x, *parameters)  # type: ignore[no-untyped-call]
    return output


class Kernel:
    """The functions of `step.c`. Batches are cut into one part per thread."""

    def __init__(self) -> None:
        loaded = load_library(_SOURCE, _INSTRUCTIONS)
        sizes, pointer = [ctypes.c_long] * 5, ctypes.c_void_p
        self._forward, self._backward = loaded.step_forward, loaded.step_backward
        self._forward.argtypes, self._backward.argtypes = [*sizes, *[pointer] * 4], [*sizes, *[pointer] * 8]

    def forward(self, x: Tensor, parameters: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Output and log-determinant, as `step`, without gradients."""
        x, *parameters = (tensor.contiguous() for tensor in (x, *parameters))
        y, log_det = torch.empty_like(x), x.new_empty(len(x))

        def run(part: slice) -> None:
            sizes = _sizes(x[part], parameters)
            _check(self._forward(*sizes, _addresses(parameters), *_pointers(part, x, y, log_det)))

        _in_parts(run, len(x))
        return y, log_det

    def backward(
        self,
        x: Tensor,
        parameters: Sequence[Tensor],
        y_grad: Tensor,
        log_det_grad: Tensor,
        *,
        inverse: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Gradients, from those of the output and the log-determinant.

        Args:
            x: the input of the step; its output, if `inverse` is given.
            parameters: as of `step`.
            y_grad: gradient of the output, of x's shape.
            log_det_grad: gradient of the log-determinant ``(n,)``.
            inverse: inverse of the map's matrix.

        Returns:
            The input of the step, the gradient there, and those of the parameters.
        """
        x, y_grad, log_det_grad, *parameters = (
            tensor.contiguous() for tensor in (x, y_grad, log_det_grad, *parameters)
        )
        x_grad = torch.empty_like(x)
        found = x if inverse is None else torch.empty_like(x)
        inverse = None if inverse is None else inverse.contiguous()

        def run(part: slice) -> list[Tensor]:
            sums = [torch.empty_like(parameter) for parameter in parameters]
            *shared, found_pointer = _pointers(part, x, y_grad, log_det_grad, x_grad, found)
            rest = _addresses(sums), None if inverse is None else inverse.data_ptr(), found_pointer
            _check(self._backward(*_sizes(x[part], parameters), _addresses(parameters), *shared, *rest))
            return sums

        first, *others = _in_parts(run, len(x))
        for other in others:
            torch._foreach_add_(first, other)
        return found, x_grad, first


class _Step(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, kernel: Kernel, x: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        ctx.kernel = kernel
        ctx.save_for_backward(x, *parameters)
        return kernel.forward(x, parameters)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, y_grad: Tensor, log_det_grad: Tensor) -> tuple[Any, ...]:
        x, *parameters = ctx.saved_tensors
        _, x_grad, gradients = ctx.kernel.backward(x, parameters, y_grad, log_det_grad)
        return None, x_grad, *gradients


def _in_parts(run: Callable[[slice], Any], n: int) -> list[Any]:
    parts = max(1, min(threads(), torch.get_num_threads(), n // _PATCHES_PER_THREAD))
    ends = [n * part // parts for part in range(parts + 1)]
    slices = [slice(start, end) for start, end in pairwise(ends)]
    return [run(slices[0])] if parts == 1 else in_parallel(run, slices)


def _sizes(x: Tensor, parameters: Sequence[Tensor]) -> tuple[int, ...]:
    return *x.shape, len(parameters[2])


def _addresses(tensors: Sequence[Tensor]) -> ctypes.Array[ctypes.c_void_p]:
    return (ctypes.c_void_p * len(tensors))(*[tensor.data_ptr() for tensor in tensors])


def _pointers(part: slice, *tensors: Tensor) -> list[int | None]:
    return [tensor[part].data_ptr() for tensor in tensors]


def _check(done: int) -> None:
    if not done:
        raise MemoryError("no memory for a block of patches")


@cache
def _kernel() -> Kernel | None:
    """The kernel of this process; where there is none, one line on stderr says why."""
    try:
        _check_processor()
        return Kernel()
    except KernelMissing as missing:
        print(f"bfloat16 in PyTorch, not in the kernel for AMX: {missing}", file=sys.stderr)
        return None


def _check_processor() -> None:
    """Whether the processor has AMX, and the system and oneDNN's settings let this process use it."""
    is_x86_linux = sys.platform == "linux" and platform.machine() == "x86_64"
    has_amx = getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    bf16_allowed = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)
    if not (is_x86_linux and has_amx() and bf16_allowed() and torch.cpu._init_amx()):
        raise KernelMissing("this processor has no AMX, or may not use it")
