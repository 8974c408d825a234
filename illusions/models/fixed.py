"""The network of a coupling in float32 on the CPU, without gradients: `convolution.c`, compiled when first needed.

PyTorch's products and convolutions of so few channels reach a quarter to a half of what the processor can do. The
kernel keeps the hidden layers in the cache. Where it cannot run, one line on stderr says why, and PyTorch computes the
same: the numbers differ by rounding.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Any

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


class FixedNetwork:
    """`illusions.models.convolution.three_convolutions` with fixed float32 parameters, in the kernel.

    Args:
        kernel: the kernel, see `kernel_for`.
        parameters: as of `three_convolutions`.
    """

    def __init__(self, kernel: Any, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor) -> None:
        self._kernel = kernel
        self._hidden, self._outputs = len(w1), len(w3)
        self._parameters = [
            _padded(w1.permute(2, 3, 1, 0).reshape(-1, self._hidden)),
            _padded(b1),
            _padded(w2[:, :, 0, 0].T),
            _padded(b2),
            _padded(w3.permute(1, 2, 3, 0).reshape(self._hidden, -1)),
            b3.detach().contiguous(),
        ]
        self._addresses = (ctypes.c_void_p * 6)(*[parameter.data_ptr() for parameter in self._parameters])

    def __call__(self, x: Tensor) -> Tensor:
        """``(n, height, width, inputs)`` to ``(n, height, width, outputs)``."""
        x = x.contiguous()
        y = x.new_empty(*x.shape[:3], self._outputs)
        done = self._kernel(*x.shape, self._hidden, self._outputs, self._addresses, x.data_ptr(), y.data_ptr())
        if not done:
            raise MemoryError("no memory for a block of patches")
        return y


def kernel_for(weight: Tensor) -> Any | None:
    """The kernel, if it computes networks with weights of this type and device; None where PyTorch does."""
    if weight.dtype != torch.float32 or weight.device.type != "cpu" or platform.machine() not in ("x86_64", "AMD64"):
        return None
    return _kernel()


@cache
def _kernel() -> Any | None:
    """The function of the kernel; where there is none, one line on stderr says why."""
    try:
        capability = torch.backends.cpu.get_cpu_capability()
        if capability not in _INSTRUCTIONS:
            raise KernelMissing("this processor has no AVX2, or may not use it")
        function = load_library(_SOURCE, _INSTRUCTIONS[capability]).three_convolutions
    except KernelMissing as missing:
        print(f"float32 in PyTorch, not in the kernel for AVX2: {missing}", file=sys.stderr)
        return None
    function.argtypes = [*[ctypes.c_long] * 6, *[ctypes.c_void_p] * 3]
    return function


def _padded(matrix: Tensor) -> Tensor:
    return F.pad(matrix.detach(), (0, -matrix.shape[-1] % _PADDED_TO)).contiguous()
