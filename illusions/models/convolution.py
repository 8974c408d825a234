"""The network inside a coupling, 3×3, 1×1, 3×3 convolutions, as fast as matrix products.

With channels last, the middle convolution is a matrix product. The outer ones have few channels on one side (6 in,
12 out for the first level of a colour Glow), where the general convolution gradients of PyTorch are several times
slower than a product with the gathered 3×3 neighbourhoods. So the backward pass is written out here, once, for every
device and precision; ``make bench`` measures it against the plain layers. In float32 on a CPU the kernel of
`illusions.models.fixed` takes values and gradients through the layers, and PyTorch computes gradients of the weights.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from illusions.models.fixed import FixedNetwork, kernel_for, network_gradients

#: Channels that oneDNN's kernels for AVX2 compute at a time; those for AVX-512 fill up to twice as many themselves.
_AT_A_TIME = 8
#: Largest number of channels for which gathering neighbourhoods pays.
_FEW = 12


def three_convolutions(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor) -> Tensor:
    """conv3×3(relu(conv1×1(relu(conv3×3(x))))), all in the type of x.

    Args:
        x: ``(n, height, width, inputs)``.
        w1: weight of the first convolution, ``(hidden, inputs, 3, 3)``.
        b1: its bias, ``(hidden,)``.
        w2: weight of the second, ``(hidden, hidden, 1, 1)``.
        b2: its bias, ``(hidden,)``.
        w3: weight of the third, ``(outputs, hidden, 3, 3)``.
        b3: its bias, ``(outputs,)``.

    Returns:
        ``(n, height, width, outputs)``.
    """
    parameters = [parameter.to(x.dtype) for parameter in (w1, b1, w2, b2, w3, b3)]
    if not torch.is_grad_enabled() and x.numel() and (kernel := kernel_for(x)):
        return FixedNetwork(kernel, *parameters)(x)
    y: Tensor = _ThreeConvolutions.apply(x, *parameters)  # type: ignore[no-untyped-call]
    return y


class FixedConvolutions:
    """`three_convolutions` with parameters that do not change any more: laid out once, and without gradients.

    With few channels PyTorch's convolutions are the slow part on a CPU. So the first, in float32, is a product with the
    gathered neighbourhoods, and the last gives as many channels as its kernels compute at a time, of which those too
    many are dropped. What each is worth: `python tests/benchmarks/variants.py`.

    Args:
        parameters: as of `three_convolutions`, all of one type and device.
    """

    def __init__(self, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor) -> None:
        self._hidden, inputs = w1.shape[:2]
        self._outputs = len(w3)
        on_cpu = w1.device.type == "cpu"
        self._gathers = on_cpu and w1.dtype != torch.bfloat16 and inputs <= _FEW
        too_many = -self._outputs % _AT_A_TIME if on_cpu else 0
        self._first = (
            w1.permute(2, 3, 1, 0).reshape(-1, self._hidden).contiguous() if self._gathers else channels_last(w1)
        )
        self._last = channels_last(F.pad(w3, (0, 0, 0, 0, 0, 0, 0, too_many)))
        self._middle = w2[:, :, 0, 0].contiguous()
        self._biases = b1, b2, F.pad(b3, (0, too_many))

    def __call__(self, x: Tensor) -> Tensor:
        """``(n, height, width, inputs)`` to ``(n, height, width, outputs)``."""
        b1, b2, b3 = self._biases
        if self._gathers:
            h = torch.addmm(b1, neighbourhoods(x), self._first).relu_()
        else:
            h = _convolve_relu(x, self._first, b1).flatten(0, 2)
        h = _linear_relu(h, self._middle, b2).view(*x.shape[:3], self._hidden)
        return _convolve(h, self._last, b3)[..., : self._outputs]


def convolve_three_times(
    x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The two hidden layers and the output of `three_convolutions`, without gradients."""
    if x.numel() and (kernel := kernel_for(x)):
        return FixedNetwork(kernel, w1, b1, w2, b2, w3, b3).with_hidden_layers(x)
    h1 = _convolve_relu(x, w1, b1)
    h2 = _linear_relu(h1.flatten(0, 2), w2[:, :, 0, 0], b2).view(h1.shape)
    return h1, h2, _convolve(h2, w3, b3)


class _ThreeConvolutions(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor, w3: Tensor, b3: Tensor) -> Tensor:
        h1, h2, y = convolve_three_times(x, w1, b1, w2, b2, w3, b3)
        ctx.save_for_backward(x, w1, w2, w3, h1, h2)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, y_grad: Tensor) -> tuple[Tensor | None, ...]:
        x, w1, w2, w3, h1, h2 = ctx.saved_tensors
        hidden, inputs = w1.shape[:2]
        h1_rows, h2_rows = h1.flatten(0, 2), h2.flatten(0, 2)
        y_grad = y_grad.to(x.dtype)
        around_y = neighbourhoods(y_grad)
        x_grad = None
        if y_grad.numel() and (kernel := kernel_for(y_grad)):
            x_grad, h1_grad, h2_grad = network_gradients(kernel, y_grad, h1, h2, w1, w2, w3)
            h1_grad, h2_grad = h1_grad.flatten(0, 2), h2_grad.flatten(0, 2)
        else:
            # A correlation with the kernel goes back as a correlation with the kernel turned by half a turn.
            h2_grad = around_y @ w3.flip(2, 3).permute(2, 3, 0, 1).reshape(-1, hidden)
            h2_grad = _through_relu(h2_grad, h2_rows)
            h1_grad = _through_relu(h2_grad @ w2[:, :, 0, 0], h1_rows)
            if ctx.needs_input_grad[0]:
                x_grad = _convolve(h1_grad.view(h1.shape), w1.flip(2, 3).transpose(0, 1), None)
        w3_grad = (around_y.T @ h2_rows).view(3, 3, -1, hidden).flip(0, 1).permute(2, 3, 0, 1)
        w2_grad = h2_grad.T @ h1_rows
        w1_grad = (h1_grad.T @ neighbourhoods(x)).view(hidden, 3, 3, inputs).permute(0, 3, 1, 2)
        return (
            x_grad,
            w1_grad,
            h1_grad.sum(dim=0),
            w2_grad[:, :, None, None],
            h2_grad.sum(dim=0),
            w3_grad,
            y_grad.sum(dim=(0, 1, 2)),
        )


def neighbourhoods(x: Tensor) -> Tensor:
    """The 3×3 neighbourhood of every pixel, zeros outside: ``(n, h, w, c)`` to ``(n·h·w, 9·c)``."""
    windows = F.pad(x, (0, 0, 1, 1, 1, 1)).unfold(1, 3, 1).unfold(2, 3, 1)
    return windows.permute(0, 1, 2, 4, 5, 3).reshape(-1, 9 * x.shape[3])


def _convolve(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """3×3 convolution of ``(n, h, w, c)``, channels last on both sides."""
    y = F.conv2d(x.permute(0, 3, 1, 2), channels_last(weight), bias, padding=1)
    return y.permute(0, 2, 3, 1).contiguous()


def _convolve_relu(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    if not _has_fused_relu(x):
        return _convolve(x, weight, bias).relu_()
    y: Tensor = torch.ops.mkldnn._convolution_pointwise(
        x.permute(0, 3, 1, 2), channels_last(weight), bias, [1, 1], [1, 1], [1, 1], 1, "relu", [], ""
    )
    return y.permute(0, 2, 3, 1)


def _linear_relu(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    if not _has_fused_relu(x):
        return F.linear(x, weight, bias).relu_()
    y: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "relu", [], "")
    return y


def _has_fused_relu(x: Tensor) -> bool:
    """Whether oneDNN can apply a ReLU while the product is still in cache (bfloat16 on the CPU)."""
    if x.device.type != "cpu" or x.dtype != torch.bfloat16 or not torch.backends.mkldnn.is_available():
        return False
    onednn = torch.ops.mkldnn
    fused = hasattr(onednn, "_convolution_pointwise") and hasattr(onednn, "_linear_pointwise")
    return bool(fused and hasattr(onednn, "_is_mkldnn_bf16_supported") and onednn._is_mkldnn_bf16_supported())


def channels_last(weight: Tensor) -> Tensor:
    """The weight of a convolution ``(outputs, inputs, height, width)``, laid out for channels-last convolutions."""
    return weight.contiguous(memory_format=torch.channels_last)  # nothing to do where it lies so already


def _through_relu(gradient: Tensor, activation: Tensor) -> Tensor:
    """The gradient before a ReLU, from the one after it and the ReLU's output."""
    before: Tensor = torch.ops.aten.threshold_backward(gradient, activation, 0)
    return before
