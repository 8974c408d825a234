from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import norm

from illusions.models.dequantisation import dequantise, eight_bit_log_likelihood, uniform_noise

BYTES = torch.arange(256, dtype=torch.uint8).view(256, 1, 1, 1)


@pytest.mark.parametrize("bits", [8, 5, 1])
def test_the_probabilities_of_all_bytes_add_up_to_the_integral_of_the_density(bits):
    """A known density over x; every byte's probability is averaged over a fine grid of u."""
    density = norm(0.1, 0.2)
    grid = (torch.arange(400, dtype=torch.float64) + 0.5) / 400
    x = torch.cat([dequantise(BYTES, u, bits) for u in grid], dim=1)[:, :, 0, 0]
    log_likelihood = eight_bit_log_likelihood(torch.from_numpy(density.logpdf(x.numpy())), dimensions=1)
    probabilities = log_likelihood.exp().mean(dim=1)
    assert probabilities.sum().item() == pytest.approx(density.cdf(0.5) - density.cdf(-0.5), rel=1e-5)
    if bits == 8:
        edges = density.cdf(np.arange(257) / 256 - 0.5)
        assert probabilities.numpy() == pytest.approx(np.diff(edges), rel=1e-4)


def test_the_term_is_that_of_every_dimension():
    assert eight_bit_log_likelihood(torch.zeros(1), 768).item() == pytest.approx(-768 * np.log(256))


@pytest.mark.parametrize("bits", [8, 5])
def test_dequantised_bytes_fill_the_range_evenly(bits):
    noise = torch.rand(256, 1000, 1, 1, generator=torch.Generator().manual_seed(0))
    x = dequantise(BYTES.expand(256, 1000, 1, 1), noise, bits)
    assert -0.5 <= x.min() < -0.499
    assert 0.499 < x.max() < 0.5
    assert torch.histc(x, 2**bits, -0.5, 0.5).numpy() == pytest.approx(256_000 / 2**bits, rel=0.3)


def test_noise_is_the_same_for_the_same_seed_and_draw():
    first = uniform_noise((1, 4, 4, 3), seed=1, draw=2)
    assert np.array_equal(first, uniform_noise((1, 4, 4, 3), seed=1, draw=2))
    assert not np.array_equal(first, uniform_noise((1, 4, 4, 3), seed=1, draw=3))
    assert not np.array_equal(first, uniform_noise((1, 4, 4, 3), seed=2, draw=1))
    assert 0 <= first.min() < first.max() < 1
    assert first[0, 0, 0, 0] == pytest.approx(0.6432607, abs=1e-6)  # whatever the version of numpy
