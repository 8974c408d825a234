"""The same weights in another implementation of Glow give the same likelihood."""

from __future__ import annotations

import normflows
import pytest
import torch
from torch import nn
from torch.testing import assert_close

from illusions.models.glow import Architecture
from tests.models.flows import random_flow, random_patches


def normflows_block(step):
    """A `GlowBlock` with the weights of one of our steps.

    It divides where we multiply (its direction is from latent to data), adds the shift with the opposite sign, and
    takes shift and scale of a coupling from alternating channels.
    """
    channels = sum(step.coupling.sizes)
    block = normflows.flows.GlowBlock(channels, step.coupling.network.first.out_channels)
    coupling, mix, norm = block.flows
    first, middle, last = (layer for layer in coupling.flows[1].param_map.net if isinstance(layer, nn.Conv2d))
    half = step.coupling.sizes[1]
    alternating = torch.arange(2 * half).view(2, half).T.flatten()
    sign = torch.tensor([-1.0, 1.0]).repeat(half)
    ours = step.coupling.network
    with torch.no_grad():
        for theirs, own in ((first, ours.first), (middle, ours.middle)):
            theirs.weight.copy_(own.weight)
            theirs.bias.copy_(own.bias)
        last.weight.copy_(ours.last.weight[alternating] * sign[:, None, None, None])
        last.bias.copy_(ours.last.bias[alternating] * sign)
        mix.P.copy_(step.mix.permutation)
        mix.sign_S.copy_(step.mix.sign)
        mix.L.copy_(step.mix.lower)
        mix.U.copy_(step.mix.upper)
        mix.log_S.copy_(step.mix.log_diagonal)
        norm.s.copy_(-step.norm.log_scale[None, :, None, None])
        norm.t.copy_(-step.norm.bias[None, :, None, None])
    norm.data_dep_init_done = torch.tensor(1.0)
    return block


def normflows_glow(flow):
    """A `MultiscaleFlow` with the weights of ours; it has no prior for a split, so ours must be at its start."""
    side, flows, bases, merges = flow.architecture.size, [], [], []
    for level in flow.levels:
        side //= 2
        channels = sum(level.steps[0].coupling.sizes)
        leaving = channels if level.prior is None else channels // 2
        flows.append([*[normflows_block(step) for step in reversed(level.steps)], normflows.flows.Squeeze()])
        bases.append(normflows.distributions.DiagGaussian((leaving, side, side), trainable=False))
        if level.prior is not None:
            merges.append(normflows.flows.Merge())
    return normflows.MultiscaleFlow(bases[::-1], flows[::-1], merges, class_cond=False)


@pytest.mark.filterwarnings("ignore:torch.lu is deprecated")  # normflows calls it
@pytest.mark.parametrize("levels", [1, 2])
def test_log_likelihood(levels):
    architecture = Architecture(size=16, levels=levels, steps=4, hidden=16)
    flow = random_flow(architecture, dtype=torch.float32)
    for level in flow.levels[:-1]:
        nn.init.zeros_(level.prior.predict.weight)
        nn.init.zeros_(level.prior.predict.bias)
    x = random_patches(32, architecture, dtype=torch.float32)
    with torch.no_grad():
        theirs = normflows_glow(flow).log_prob(x.permute(0, 3, 1, 2).contiguous(), None)
        ours = flow.log_prob(x)
    assert_close(ours, theirs, rtol=1e-4, atol=0)
    assert ours.std() > 10
