from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from illusions.models.glow import Step
from illusions.models.layers import (
    ActNorm,
    AffineCoupling,
    InvertibleConvolution,
    SplitPrior,
    inverse_matrix,
    squeeze,
    unsqueeze,
)
from tests.models.flows import log_determinant


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def randomised(layer):
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return layer.double()


def batch(n, channels):
    return torch.randn(n, 4, 4, channels, dtype=torch.float64)


@pytest.mark.parametrize("channels", [4, 5])
@pytest.mark.parametrize("make", [ActNorm, InvertibleConvolution, lambda c: AffineCoupling(c, 8), lambda c: Step(c, 8)])
def test_log_determinant_and_inverse(make, channels):
    layer = randomised(make(channels))
    x = batch(1, channels)
    y, log_det = layer(x)
    expected = log_determinant(lambda x: layer(x)[0], x)
    assert abs(expected) > 0.1
    assert log_det.item() == pytest.approx(expected, rel=1e-8)
    assert (layer.inverse(y) - x).abs().max() < 1e-10


def test_log_determinant_and_inverse_of_a_split():
    layer = randomised(SplitPrior(6))
    x = batch(1, 6)
    kept, z, log_det = layer(x)
    expected = log_determinant(lambda x: torch.cat(layer(x)[:2], dim=-1), x)
    assert abs(expected) > 1
    assert log_det.item() == pytest.approx(expected, rel=1e-8)
    assert (layer.inverse(kept, z) - x).abs().max() < 1e-10


def test_a_split_standardises_with_the_predicted_gaussian():
    layer = SplitPrior(2).double()
    with torch.no_grad():
        layer.predict.bias.copy_(torch.tensor([1.5, 0.7]))  # mean and log standard deviation
    x = batch(3, 2)
    _, z, log_det = layer(x)
    gaussian = torch.distributions.Normal(1.5, torch.tensor(0.7, dtype=torch.float64).exp())
    standard = torch.distributions.Normal(torch.zeros((), dtype=torch.float64), 1)
    found = standard.log_prob(z).sum(dim=(1, 2, 3)) + log_det
    assert_close(found, gaussian.log_prob(x[..., 1:]).sum(dim=(1, 2, 3)), rtol=1e-6, atol=0)


class TestActNorm:
    def test_the_first_batch_gets_mean_0_and_variance_1(self):
        layer = ActNorm(3)
        x = torch.randn(64, 8, 8, 3) * torch.tensor([0.1, 1.0, 30.0]) + torch.tensor([5.0, 0.0, -2.0])
        layer.initialise(x)
        y, _ = layer(x)
        assert layer.initialised
        assert_close(y.mean(dim=(0, 1, 2)), torch.zeros(3), rtol=0, atol=1e-4)
        assert_close(y.std(dim=(0, 1, 2)), torch.ones(3), rtol=0, atol=1e-3)

    def test_a_constant_channel_stays_finite(self):
        layer = ActNorm(2)
        x = torch.randn(16, 4, 4, 2)
        x[..., 1] = 0.25
        layer.initialise(x)
        y, log_det = layer(x)
        assert torch.isfinite(y).all()
        assert torch.isfinite(log_det)
        assert y[..., 1].abs().max() == 0
        assert layer.log_scale[1].exp().item() == pytest.approx(100)


class TestInvertibleConvolution:
    def test_starts_as_a_rotation(self):
        weight = InvertibleConvolution(12).double().weight()
        assert (weight @ weight.T - torch.eye(12)).abs().max() < 1e-6

    def test_only_the_triangles_count(self):
        layer = InvertibleConvolution(4)
        before = layer.weight().detach()
        with torch.no_grad():
            layer.lower += torch.ones(4, 4).triu()
            layer.upper += torch.ones(4, 4).tril()
        assert torch.equal(layer.weight(), before)

    def test_the_inverse_of_a_matrix_in_float32_is_as_good_as_float32_is(self):
        weight = torch.linalg.qr(torch.randn(12, 12, dtype=torch.float64))[0] * torch.logspace(0, -3, 12)
        error = (inverse_matrix(weight.float()).double() @ weight.float().double() - torch.eye(12)).abs().max()
        assert error < 1e-4


class TestAffineCoupling:
    def test_is_nearly_the_identity_at_first(self):
        layer = AffineCoupling(4, 8)
        x = torch.randn(2, 4, 4, 4)
        y, log_det = layer(x)
        scale = torch.sigmoid(torch.tensor(2.0))
        assert torch.equal(y[..., :2], x[..., :2])
        assert (y[..., 2:] - scale * x[..., 2:]).abs().max() < 1e-6
        assert_close(log_det, 32 * scale.log().expand(2))

    def test_a_scale_near_zero_goes_back_without_overflow(self):
        layer = AffineCoupling(4, 8)
        with torch.no_grad():
            layer.network.last.bias[2:] = -50
        x = torch.randn(2, 4, 4, 4)
        y, log_det = layer(x)
        assert torch.isfinite(log_det).all()
        assert (layer.inverse(y) - x).abs().max() < 1e-3
        assert layer.inverse(torch.full_like(x, 10)).abs().max() < 1e4


def test_squeeze_makes_channels_of_blocks():
    x = torch.arange(16.0).view(1, 4, 4, 1)
    assert squeeze(x)[0, 0, 1].tolist() == [2, 3, 6, 7]
    assert squeeze(x).shape == (1, 2, 2, 4)


def test_unsqueeze_is_the_inverse_of_squeeze():
    x = torch.randn(2, 4, 6, 3)
    assert torch.equal(unsqueeze(squeeze(x)), x)


def test_a_coupling_has_the_three_convolutions_of_the_source():
    network = AffineCoupling(12, 32).network
    shapes = [tuple(module.weight.shape) for module in network.children() if isinstance(module, nn.Conv2d)]
    assert shapes == [(32, 6, 3, 3), (32, 32, 1, 1), (12, 32, 3, 3)]
