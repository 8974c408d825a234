"""Small flows with random weights, and what their tests share."""

from __future__ import annotations

import torch

from illusions.models.glow import Architecture, Glow

TWO_LEVELS = Architecture(size=4, channels=3, levels=2, steps=2, hidden=8)


def random_flow(architecture=TWO_LEVELS, *, memory="ordinary", dtype=torch.float64, scale=0.2, seed=0):
    """A flow of which every parameter differs from where it starts: at the start a coupling is nearly nothing."""
    torch.manual_seed(seed)
    flow = Glow(architecture, memory=memory)
    with torch.no_grad():
        for parameter in flow.parameters():
            inputs = parameter[0].numel()
            parameter.add_(scale / inputs**0.5 * torch.randn_like(parameter))
    return flow.to(dtype)


def random_patches(n, architecture=TWO_LEVELS, *, dtype=torch.float64, seed=1):
    """Patches ``(n, size, size, channels)`` with values in [-1/2, 1/2)."""
    shape = n, architecture.size, architecture.size, architecture.channels
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype) - 0.5


def log_determinant(function, x):
    """log |det| of the Jacobian of a function of one patch ``(1, height, width, channels)``, by autograd."""
    jacobian = torch.autograd.functional.jacobian(lambda flat: function(flat.view(x.shape)).flatten(), x.flatten())
    return torch.linalg.slogdet(jacobian)[1].item()
