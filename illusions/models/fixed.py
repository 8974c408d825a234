"""Steps of flow in float32 on the CPU: `convolution.c`, compiled when it is first needed.

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
        self.network_backward = library.network_backward
        self.network_backward.argtypes = [*[ctypes.c_long] * 6, *[ctypes.c_void_p] * 7]
        self.network.argtypes = [*[ctypes.c_long] * 6, *[ctypes.c_void_p] * 5]
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
        return self._run(x)

    def with_hidden_layers(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Both hidden layers ``(n, height, width, hidden)``, and the output."""
        h1, h2 = (x.new_empty(*x.shape[:3], self._hidden) for _ in range(2))
        return h1, h2, self._run(x, h1, h2)

    def _run(self, x: Tensor, *layers: Tensor) -> Tensor:
        x = x.contiguous()
        y = x.new_empty(*x.shape[:3], self._outputs)
        sizes = *x.shape, self._hidden, self._outputs
        pointers = [tensor.data_ptr() for tensor in (x, y, *layers)] + [None] * (2 - len(layers))
        _check(self._kernel.network(*sizes, _addresses(self._parameters), *pointers))
        return y


def network_gradients(
    kernel: Kernel, y_grad: Tensor, h1: Tensor, h2: Tensor, w1: Tensor, w2: Tensor, w3: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of a network's input and before the ReLU of both hidden layers, each of its tensor's shape.

    Args:
        kernel: the kernel, see `kernel_for`.
        y_grad: gradient of the output ``(n, height, width, outputs)``.
        h1: first hidden layer, of `FixedNetwork.with_hidden_layers`.
        h2: second hidden layer.
        w1: weight of the first convolution ``(hidden, inputs, 3, 3)``.
        w2: weight of the second.
        w3: weight of the third.
    """
    y_grad = y_grad.contiguous()
    hidden, inputs = w1.shape[:2]
    x_grad, h1_grad, h2_grad = y_grad.new_empty(*h1.shape[:3], inputs), torch.empty_like(h1), torch.empty_like(h2)
    # A correlation with a kernel goes back as a correlation with the kernel turned by half a turn.
    weights = [
        _padded(w3.flip(2, 3).permute(2, 3, 0, 1).flatten(0, 2)),
        _padded(w2[:, :, 0, 0]),
        _padded(w1.flip(2, 3).permute(0, 2, 3, 1).flatten(1)),
    ]
    no_bias = y_grad.new_zeros(inputs)
    parameters = _addresses([weights[0], None, weights[1], None, weights[2], no_bias])
    pointers = _addresses([y_grad, h1, h2, x_grad, h1_grad, h2_grad])
    sizes = *h1.shape[:3], inputs, hidden, len(w3)
    _check(kernel.network_backward(*sizes, parameters, *pointers))
    return x_grad, h1_grad, h2_grad


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
    missing = -matrix.shape[-1] % _PADDED_TO
    return (F.pad(matrix.detach(), (0, missing)) if missing else matrix.detach()).contiguous()


def _addresses(tensors: Sequence[Tensor | None]) -> ctypes.Array[ctypes.c_void_p]:
    return (ctypes.c_void_p * len(tensors))(*[None if tensor is None else tensor.data_ptr() for tensor in tensors])


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
