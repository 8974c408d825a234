"""Steps of flow in float32 on the CPU, without gradients: `convolution.c`, compiled when it is first needed.

PyTorch's products and convolutions of so few channels reach a quarter to a half of what the processor can do. The
kernel keeps the hidden layers in the cache. Where it cannot run, one line on stderr says why, and PyTorch computes the
same: the numbers differ by rounding.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from illusions.models.compiled import KernelMissing, load_library

_SOURCE = Path(__file__).with_name("convolution.c")
_INSTRUCTIONS = {
    "AVX2": ("avx2", "fma"),
    "AVX512": ("avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"),
}
#: Outputs of the weights are padded to a multiple of it.
_PADDED_TO = 16


class Kernel:
    """The functions of `convolution.c`."""

    def __init__(self) -> None:
        capability = torch.backends.cpu.get_cpu_capability()
        if capability not in _INSTRUCTIONS:
            raise KernelMissing("this processor has no AVX2, or may not use it")
        library = load_library(_SOURCE, _INSTRUCTIONS[capability])
        self.network, self.step, self.inverse = library.network_forward, library.step_forward, library.step_inverse
        self.network.argtypes = [*[ctypes.c_long] * 6, *[ctypes.c_void_p] * 3]
        self.step.argtypes = [*[ctypes.c_long] * 5, *[ctypes.c_void_p] * 4]
        self.inverse.argtypes = [*[ctypes.c_long] * 5, *[ctypes.c_void_p] * 3]


class FixedNetwork:
    """`illusions.models.convolution.three_convolutions` with fixed float32 parameters, in the kernel.

    Args:
        kernel: the kernel, see `kernel_for`.
        parameters: as of `three_convolutions`.
    """

    def __init__(self, kernel: Kernel, *parameters: Tensor) -> None:
        self._kernel = kernel
        self._hidden, self._outputs = len(parameters[0]), len(parameters[4])
        self._parameters = _laid_out(*parameters)

    def __call__(self, x: Tensor) -> Tensor:
        """``(n, height, width, inputs)`` to ``(n, height, width, outputs)``."""
        x = x.contiguous()
        y = x.new_empty(*x.shape[:3], self._outputs)
        sizes = *x.shape, self._hidden, self._outputs
        _check(self._kernel.network(*sizes, _addresses(self._parameters), x.data_ptr(), y.data_ptr()))
        return y


class FixedStep:
    """A step of flow, `illusions.models.layers.map_and_couple`, with fixed float32 parameters, in the kernel.

    Args:
        kernel: the kernel, see `kernel_for`.
        weight: matrix of the affine map ``(channels, channels)``.
        bias: what is added after it ``(channels,)``.
        parameters: of the coupling's network, as of `three_convolutions`.
    """

    def __init__(self, kernel: Kernel, weight: Tensor, bias: Tensor, *parameters: Tensor) -> None:
        self._kernel = kernel
        self._hidden = len(parameters[0])
        self._parameters = [_padded(weight.T), _padded(bias), *_laid_out(*parameters)]

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Output of x's shape ``(n, height, width, channels)``, and the log-determinant ``(n,)`` of the coupling."""
        x = x.contiguous()
        y, log_det = torch.empty_like(x), x.new_empty(len(x))
        pointers = x.data_ptr(), y.data_ptr(), log_det.data_ptr()
        _check(self._kernel.step(*x.shape, self._hidden, _addresses(self._parameters), *pointers))
        return y, log_det


def inverse_step(kernel: Kernel, y: Tensor, weight: Tensor, bias: Tensor, *parameters: Tensor) -> Tensor:
    """The inverse of a step of flow in the kernel: from y ``(n, height, width, channels)`` to x of the same shape.

    Args:
        kernel: the kernel, see `kernel_for`.
        y: output of the step.
        weight: inverse of the matrix of the affine map ``(channels, channels)``.
        bias: of the affine map, as for `FixedStep`.
        parameters: of the coupling's network, as of `three_convolutions`.
    """
    y = y.contiguous()
    x = torch.empty_like(y)
    laid_out = [_padded(weight.T), _padded(-(weight @ bias)), *_laid_out(*parameters)]
    _check(kernel.inverse(*y.shape, len(parameters[0]), _addresses(laid_out), y.data_ptr(), x.data_ptr()))
    return x


def _laid_out(w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor) -> list[Tensor]:
    return [
        _padded(w1.permute(2, 3, 1, 0).flatten(0, 2)),
        _padded(b1),
        _padded(w2[:, :, 0, 0].T),
        _padded(b2),
        _padded(w3.permute(1, 2, 3, 0).flatten(1)),
        b3.detach().contiguous(),
    ]


def _padded(matrix: Tensor) -> Tensor:
    return F.pad(matrix.detach(), (0, -matrix.shape[-1] % _PADDED_TO)).contiguous()


def _addresses(tensors: Sequence[Tensor]) -> ctypes.Array[ctypes.c_void_p]:
    return (ctypes.c_void_p * len(tensors))(*[tensor.data_ptr() for tensor in tensors])


def _check(done: int) -> None:
    if not done:
        raise MemoryError("no memory for a block of patches")


def kernel_for(weight: Tensor) -> Kernel | None:
    """The kernel, if it computes with weights of this type and device; None where PyTorch does."""
    if weight.dtype != torch.float32 or weight.device.type != "cpu" or platform.machine() not in ("x86_64", "AMD64"):
        return None
    return _kernel()


@cache
def _kernel() -> Kernel | None:
    """The kernel of this process; where there is none, one line on stderr says why."""
    try:
        return Kernel()
    except KernelMissing as missing:
        print(f"float32 in PyTorch, not in the kernel for AVX2: {missing}", file=sys.stderr)
        return None
