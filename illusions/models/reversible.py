"""Backward passes whose memory does not grow with depth: activations are recomputed from the output.

Every step of a flow can be inverted, so the input of a step need not be kept: in the backward pass it is computed from
the step's output (Gomez et al. 2017, *The Reversible Residual Network*, arXiv 1707.04585, applied to flows as the Glow
article describes it). The half of the channels that a coupling lets through unchanged is known on both sides, so its
network runs once, for the inversion and for the gradient together: one network evaluation more than usual per step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from illusions.models.amx import kernel_for
from illusions.models.layers import AffineCoupling, inverse_matrix, map_and_couple


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
            x, coupling_log_det = map_and_couple(coupling, weight, bias, x, dtype)
            log_det += coupling_log_det
        ctx.save_for_backward(x, *weights, *biases)
        return x, log_det

    @staticmethod
    def backward(ctx: Any, y_grad: Tensor, log_det_grad: Tensor) -> tuple[Any, ...]:
        y, *maps = ctx.saved_tensors
        steps = len(ctx.couplings)
        weights, biases = maps[:steps], maps[steps:]
        inverses = inverse_matrix(torch.stack(weights))
        # What stays is allocated before what goes, or small gradients would come to lie between large activations and
        # keep the allocator from using their places again.
        weight_grads, bias_grads = _like(weights), _like(biases)
        network_grads = [_like(coupling.parameters()) for coupling in ctx.couplings]
        kernel = kernel_for(y, ctx.dtype)
        for k in reversed(range(steps)):
            if kernel:
                parameters = [weights[k], biases[k], *ctx.couplings[k].parameters()]
                y, y_grad, gradients = kernel.backward(y, parameters, y_grad, log_det_grad, inverse=inverses[k])
                torch._foreach_copy_([weight_grads[k], bias_grads[k], *network_grads[k]], gradients)
                continue
            h, h_grad = _coupling_backward(ctx.couplings[k], ctx.dtype, y, y_grad, log_det_grad, network_grads[k])
            y = F.linear(h - biases[k], inverses[k])
            rows = h_grad.flatten(0, 2)
            torch.mm(rows.T, y.flatten(0, 2), out=weight_grads[k])
            torch.sum(rows, dim=0, out=bias_grads[k])
            y_grad = h_grad @ weights[k]
        return None, None, y_grad, *weight_grads, *bias_grads, *(grad for grads in network_grads for grad in grads)


def _like(tensors: Iterable[Tensor]) -> list[Tensor]:
    return [torch.empty_like(tensor) for tensor in tensors]


def _coupling_backward(
    coupling: AffineCoupling,
    dtype: torch.dtype,
    y: Tensor,
    y_grad: Tensor,
    log_det_grad: Tensor,
    network_grads: list[Tensor],
) -> tuple[Tensor, Tensor]:
    """A coupling's input and the gradient there, from its output and the one there; fills in its parameters' gradients.

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
        network_input_grad, *gradients = torch.autograd.grad(
            [shift, log_scale], [a, *coupling.parameters()], [shift_grad, log_scale_grad]
        )
        torch._foreach_copy_(network_grads, gradients)
        h = torch.cat([a, y_b / scale - shift], dim=-1)
        h_grad = torch.cat([a_grad + network_input_grad, shift_grad], dim=-1)
    return h, h_grad
