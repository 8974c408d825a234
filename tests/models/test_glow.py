from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_t
from torch.testing import assert_close

from illusions.models.glow import Architecture, Glow, standard_normal_log_prob
from tests.models.flows import TWO_LEVELS, log_determinant, random_flow, random_patches

THREE_LEVELS = Architecture(size=8, channels=3, levels=3, steps=2, hidden=8)


@pytest.mark.parametrize("memory", ["ordinary", "constant"])
def test_log_determinant_of_a_two_level_flow(memory):
    flow = random_flow(memory=memory)
    x = random_patches(1)
    expected = log_determinant(flow.encode, x)
    assert abs(expected) > 10
    assert flow(x)[1].item() == pytest.approx(expected, rel=1e-8)


def test_log_prob_is_that_of_the_latents_and_the_log_determinant():
    flow = random_flow()
    x = random_patches(3)
    z, log_det = flow(x)
    gaussian = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(dim=1)
    assert z.shape == (3, TWO_LEVELS.dimensions)
    assert_close(flow.log_prob(x), gaussian + log_det, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    "architecture", [TWO_LEVELS, THREE_LEVELS, Architecture(size=4, channels=1, steps=3, hidden=8)]
)
@pytest.mark.parametrize(("dtype", "largest_error"), [(torch.float64, 1e-9), (torch.float32, 1e-3)])
def test_decode_goes_back(architecture, dtype, largest_error):
    flow = random_flow(architecture, dtype=dtype)
    x = random_patches(16, architecture, dtype=dtype)
    assert (flow.decode(flow.encode(x)) - x).abs().max() < largest_error


def test_encode_goes_back():
    flow = random_flow(THREE_LEVELS)
    z = torch.randn(16, THREE_LEVELS.dimensions, dtype=torch.float64)
    assert (flow.encode(flow.decode(z)) - z).abs().max() < 1e-9


def test_the_density_of_a_small_patch_integrates_to_1():
    """By importance sampling: a wide t-distribution around samples of the flow, whose own density is known."""
    architecture = Architecture(size=2, channels=1, levels=1, steps=3, hidden=8)
    flow = random_flow(architecture, scale=0.3)
    with torch.no_grad():
        drawn = flow.decode(torch.randn(2_000, 4, dtype=torch.float64)).flatten(1).numpy()
        centre, spread = drawn.mean(axis=0), np.cov(drawn.T)
        rng = np.random.default_rng(0)
        wide = multivariate_t(centre, spread, df=4)
        x = wide.rvs(100_000, random_state=rng)
        log_prob = flow.log_prob(torch.from_numpy(x).view(-1, 2, 2, 1)).numpy()
    ratios = np.exp(log_prob - wide.logpdf(x))
    error = ratios.std() / math.sqrt(len(ratios))
    assert error < 0.02
    assert abs(ratios.mean() - 1) < 4 * error


def test_a_constant_channel_at_initialisation_stays_finite():
    flow = Glow(TWO_LEVELS)
    x = random_patches(32, dtype=torch.float32)
    x[..., 1] = 0.25
    flow.initialise(x)
    adam = torch.optim.Adam(flow.parameters(), 1e-3)
    for _ in range(3):
        loss = -flow.log_prob(x).mean()
        assert torch.isfinite(loss)
        adam.zero_grad()
        loss.backward()
        adam.step()
    assert torch.isfinite(flow.decode(flow.encode(x))).all()


def test_patches_that_are_all_the_same_at_initialisation_stay_finite():
    flow = Glow(TWO_LEVELS)
    flow.initialise(torch.zeros(8, 4, 4, 3))
    assert torch.isfinite(flow.log_prob(random_patches(8, dtype=torch.float32))).all()


@pytest.mark.parametrize("logit", [-50.0, 50.0])
def test_a_scale_near_zero_goes_back_without_overflow(logit):
    architecture = Architecture(size=8, steps=8, hidden=8)
    flow = random_flow(architecture, dtype=torch.float32, scale=0.05)
    coupling = flow.levels[0].steps[3].coupling
    with torch.no_grad():
        coupling.network.last.bias[6:] = logit
        x = random_patches(16, architecture, dtype=torch.float32)
        assert torch.isfinite(flow.log_prob(x)).all()
        assert (flow.decode(flow.encode(x)) - x).abs().max() < 1e-2
        assert torch.isfinite(flow.sample(16)).all()


def test_samples_of_a_flow_have_its_density():
    """Minus the mean log-density of samples is the entropy: that of the latents less the mean log-determinant."""
    flow = random_flow(Architecture(size=2, channels=1, steps=2, hidden=8))
    with torch.no_grad():
        x = flow.sample(20_000, generator=torch.Generator().manual_seed(0))
        log_det = flow(x)[1]
    entropy = 2 * math.log(2 * math.pi * math.e) - log_det.mean().item()
    assert -flow.log_prob(x).mean().item() == pytest.approx(entropy, abs=0.05)


def test_samples_are_the_same_for_the_same_seed_and_shrink_with_temperature():
    flow = random_flow()
    first, second, cold = (
        flow.sample(8, temperature=temperature, generator=torch.Generator().manual_seed(3))
        for temperature in (1.0, 1.0, 0.0)
    )
    assert torch.equal(first, second)
    assert cold.std(dim=0).max() < 1e-12


def test_initialisation_makes_every_step_standard():
    architecture = Architecture(size=8, levels=2, steps=2, hidden=8)
    flow = Glow(architecture)
    x = 0.1 * random_patches(256, architecture, dtype=torch.float32) + 3
    flow.initialise(x)
    z = flow.encode(x)
    assert z.mean().abs() < 0.1
    assert 0.5 < z.std() < 1.5
    assert all(step.norm.initialised for level in flow.levels for step in level.steps)


def test_autocast_reaches_only_the_couplings():
    flow = random_flow(dtype=torch.float32, scale=0.1)
    x = random_patches(4, dtype=torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        z, log_det = flow(x)
        back = flow.decode(z)
    assert z.dtype == log_det.dtype == back.dtype == torch.float32
    assert (back - x).abs().max() < 1e-3  # what goes in is rounded alike on both ways
    reference = flow.log_prob(x)
    assert not torch.equal(standard_normal_log_prob(z) + log_det, reference)
    assert_close(standard_normal_log_prob(z) + log_det, reference, rtol=0.02, atol=0.1)


def test_a_size_that_cannot_be_halved_is_refused():
    with pytest.raises(ValueError, match="size 6 cannot be halved 2 times"):
        Architecture(size=6, levels=2)
