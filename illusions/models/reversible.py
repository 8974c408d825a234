"""Backward passes whose memory does not grow with depth: activations are recomputed from the output.

Every step of a flow can be inverted, so the input of a step need not be kept: in the backward pass it is computed from
the step's output (Gomez et al. 2017, *The Reversible Residual Network*, arXiv 1707.04585, applied to flows as the Glow
article describes it). The half of the channels that a coupling lets through unchanged is known on both sides, so its
network runs once, for the inversion and for the gradient together: one network evaluation more than usual per step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from illusions.models.layers import AffineCoupling, inverse_matrix


def apply_reversibly(
    couplings: Sequence[AffineCoupling],
    weights: Sequence[Tensor],
    biases: Sequence[Tensor],
    x: Tensor,
    dtype: torch.dtype,
) -> tuple[Tensor, Tensor]:
    """Run steps of flow, keeping only their output for the backward pass.

    Every parameter is an input of one autograd function, so that gradients reach them the ordinary way: hooks run,
    and several processes can average gradients as they become ready.

    Args:
        couplings: the coupling of every step.
        weights: the matrix ``(channels, channels)`` that the channels of a pixel go through before each coupling.
        biases: what is added to them after it, ``(channels,)``.
        x: ``(n, height, width, channels)``.
        dtype: type in which the networks inside the couplings run.

    Returns:
        The output, of x's shape, and the log-determinant ``(n,)`` of the couplings.
    """
    parameters = [parameter for coupling in couplings for parameter in coupling.parameters()]
    output: tuple[Tensor, Tensor] = _Reversible.apply(  # type: ignore[no-untyped-call]
        couplings, dtype, x, *weights, *biases, *parameters
    )
    return output


class _Reversible(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, couplings: Sequence[AffineCoupling], dtype: torch.dtype, x: Tensor, *tensors: Tensor
    ) -> tuple[Tensor, Tensor]:
        ctx.couplings, ctx.dtype = couplings, dtype
        steps = len(couplings)
        weights, biases = tensors[:steps], tensors[steps : 2 * steps]
        log_det = x.new_zeros(len(x))
        for coupling, weight, bias in zip(couplings, weights, biases, strict=True):
            x, coupling_log_det = coupling(F.linear(x, weight, bias), dtype)
            log_det += coupling_log_det
        ctx.save_for_backward(x, *weights, *biases)
        return x, log_det

    @staticmethod
    def backward(ctx: Any, y_grad: Tensor, log_det_grad: Tensor) -> tuple[Any, ...]:
        y, *maps = ctx.saved_tensors
        steps = len(ctx.couplings)
        weights, biases = maps[:steps], maps[steps:]
        inverses = inverse_matrix(torch.stack(weights))
        weight_grads, bias_grads, parameter_grads = [], [], []
        for k in reversed(range(steps)):
            h, h_grad, coupling_grads = _coupling_backward(ctx.couplings[k], ctx.dtype, y, y_grad, log_det_grad)
            y = F.linear(h - biases[k], inverses[k])
            rows = h_grad.flatten(0, 2)
            weight_grads.append(rows.T @ y.flatten(0, 2))
            bias_grads.append(rows.sum(dim=0))
            parameter_grads.append(coupling_grads)
            y_grad = h_grad @ weights[k]
        flat = [grad for grads in reversed(parameter_grads) for grad in grads]
        return None, None, y_grad, *reversed(weight_grads), *reversed(bias_grads), *flat


def _coupling_backward(
    coupling: AffineCoupling, dtype: torch.dtype, y: Tensor, y_grad: Tensor, log_det_grad: Tensor
) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
    """A coupling's input, the gradient there, and the gradients of its parameters, from its output and the one there.

    With y_b = (h_b + t) · exp(l), and Σ l the log-determinant: ∂t = ∂y_b · exp(l), ∂l = ∂y_b · y_b + ∂(log-det).
    """
    a, y_b = y.split(coupling.sizes, dim=-1)
    a_grad, y_b_grad = y_grad.split(coupling.sizes, dim=-1)
    with torch.enable_grad():
        a = a.detach().requires_grad_()
        shift, log_scale = coupling.shift_and_log_scale(a, dtype)
    with torch.no_grad():
        scale = log_scale.exp()
        shift_grad = y_b_grad * scale
        log_scale_grad = torch.addcmul(log_det_grad[:, None, None, None], y_b_grad, y_b)
        network_input_grad, *network_grads = torch.autograd.grad(
            [shift, log_scale], [a, *coupling.parameters()], [shift_grad, log_scale_grad]
        )
        h = torch.cat([a, y_b / scale - shift], dim=-1)
        h_grad = torch.cat([a_grad + network_input_grad, shift_grad], dim=-1)
    return h, h_grad, tuple(network_grads)
