from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F
from torch.testing import assert_close

from illusions.models import convolution
from illusions.models.convolution import FixedConvolutions, neighbourhoods, three_convolutions

SHAPES = {"w1": (8, 3, 3, 3), "b1": (8,), "w2": (8, 8, 1, 1), "b2": (8,), "w3": (4, 8, 3, 3), "b3": (4,)}


def plain(x, w1, b1, w2, b2, w3, b3):
    h = F.relu(F.conv2d(x.permute(0, 3, 1, 2), w1, b1, padding=1))
    return F.conv2d(F.relu(F.conv2d(h, w2, b2)), w3, b3, padding=1).permute(0, 2, 3, 1)


def tensors(dtype):
    """x ``(5, 4, 6, 3)`` and the parameters, all to be differentiated."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(5, 4, 6, 3), *SHAPES.values()]
    values = [0.5 * torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]
    return [value.to(dtype).requires_grad_() for value in values]


def run(function, dtype):
    """The output, and the gradients of all that goes in."""
    inputs = tensors(dtype)
    y = function(*inputs)
    weights = torch.linspace(-1, 1, y.numel(), dtype=torch.float64).view(y.shape).to(dtype)
    return [y, *torch.autograd.grad((y * weights).sum(), inputs)]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_equals_plain_layers(dtype):
    for found, expected in zip(run(three_convolutions, dtype), run(plain, dtype), strict=True):
        assert_close(found, expected, rtol=1e-5, atol=1e-4 if dtype == torch.float32 else 1e-10)


def test_equals_plain_layers_in_bfloat16_within_its_rounding():
    exact = run(plain, torch.float64)
    for found, expected, true in zip(
        run(three_convolutions, torch.bfloat16), run(plain, torch.bfloat16), exact, strict=True
    ):
        assert found.dtype == torch.bfloat16
        error, usual = (found.double() - true).norm(), (expected.double() - true).norm()
        assert error < 1.5 * usual + 1e-3 * true.norm()
        assert error < 0.02 * true.norm()


@pytest.mark.parametrize("outputs", [4, 8, 12])
@pytest.mark.parametrize("inputs", [1, 6, 12, 13])
def test_fixed_parameters_give_what_plain_layers_give(inputs, outputs):
    """Few channels are gathered and many are not; the last convolution computes 8 or 16, and gives those asked for."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(3, 4, 6, inputs), (16, inputs, 3, 3), (16,), (16, 16, 1, 1), (16,), (outputs, 16, 3, 3), (outputs,)]
    x, *parameters = (torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)
    found, expected = FixedConvolutions(*parameters)(x), plain(x, *parameters)
    assert found.shape == expected.shape
    assert_close(found, expected, rtol=1e-10, atol=1e-10)
    x, *parameters = (tensor.bfloat16() for tensor in (x, *parameters))
    assert_close(
        FixedConvolutions(*parameters)(x).double(), expected, rtol=0.05, atol=0.02 * float(expected.abs().max())
    )


def test_parameters_of_another_type_get_gradients_of_their_own():
    x, *parameters = tensors(torch.float32)
    y = three_convolutions(x.bfloat16(), *parameters)
    gradients = torch.autograd.grad(y.sum(), parameters)
    assert y.dtype == torch.bfloat16
    assert {gradient.dtype for gradient in gradients} == {torch.float32}


@pytest.mark.parametrize("needed", [True, False])
def test_the_gradient_of_an_input_is_computed_where_it_is_needed_only(needed, monkeypatch):
    x, *parameters = tensors(torch.float64)
    y = three_convolutions(x.detach().requires_grad_(needed), *parameters).sum()
    convolved = []
    convolve = convolution._convolve
    monkeypatch.setattr(convolution, "_convolve", lambda *args: convolved.append(args) or convolve(*args))
    y.backward()
    assert len(convolved) == needed
    assert all(parameter.grad is not None for parameter in parameters)


def test_neighbourhoods_are_the_3x3_pixels_around_with_zeros_outside():
    x = torch.arange(9.0).view(1, 3, 3, 1)
    rows = neighbourhoods(x)
    assert rows[4].tolist() == list(range(9))
    assert rows[0].tolist() == [0, 0, 0, 0, 0, 1, 0, 3, 4]
