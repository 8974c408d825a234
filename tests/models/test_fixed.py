from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from illusions.models import convolution, fixed
from illusions.models.convolution import three_convolutions
from illusions.models.layers import AffineCoupling, map_and_couple, uncouple_and_map_back
from illusions.models.scoring import Scorer
from tests.models.flows import random_flow, random_patches

kernel = fixed.kernel_for(torch.zeros(1))
needs_kernel = pytest.mark.skipif(kernel is None, reason="needs AVX2 and a C compiler")
#: Patches, height, width, inputs, hidden channels, outputs: odd numbers of everything, and blocks that are not full.
SIZES = [(5, 8, 8, 6, 96, 12), (70, 2, 2, 24, 33, 48), (3, 6, 10, 3, 40, 4), (2, 17, 17, 2, 8, 4), (1, 1, 1, 1, 1, 2)]


def network(inputs, hidden, outputs):
    torch.manual_seed(0)
    shapes = [(hidden, inputs, 3, 3), (hidden,), (hidden, hidden, 1, 1), (hidden,), (outputs, hidden, 3, 3), (outputs,)]
    return [torch.randn(shape) / max(1, shape[-1] * shape[0]) ** 0.5 for shape in shapes]


def in_kernel(x, parameters):
    return fixed.FixedNetwork(kernel, *parameters)(x)


@needs_kernel
@pytest.mark.parametrize(("n", "height", "width", "inputs", "hidden", "outputs"), SIZES)
def test_networks_are_as_exact_as_pytorchs(n, height, width, inputs, hidden, outputs):
    parameters = network(inputs, hidden, outputs)
    x = torch.randn(n, height, width, inputs)
    exact = three_convolutions(x.double(), *parameters)
    usual = three_convolutions(x, *parameters)
    found = in_kernel(x, parameters)
    assert found.shape == exact.shape
    assert (found - exact).norm() <= 2 * (usual - exact).norm() + 1e-6 * exact.norm()
    assert_close(found.double(), exact, rtol=1e-4, atol=1e-4)
    with torch.no_grad():
        assert torch.equal(three_convolutions(x, *parameters), found)


@needs_kernel
@pytest.mark.parametrize(("n", "height", "width", "inputs", "hidden", "outputs"), SIZES)
def test_gradients_are_as_exact_as_pytorchs(n, height, width, inputs, hidden, outputs, monkeypatch):
    parameters = network(inputs, hidden, outputs)
    x, y_grad = torch.randn(n, height, width, inputs), torch.randn(n, height, width, outputs)

    def gradients(dtype):
        given = [tensor.to(dtype).requires_grad_() for tensor in (x, *parameters)]
        return torch.autograd.grad(three_convolutions(*given), given, y_grad.to(dtype))

    found, exact = gradients(torch.float32), gradients(torch.float64)
    monkeypatch.setattr(convolution, "kernel_for", lambda x: None)
    usual = gradients(torch.float32)
    assert n == 1 or any(not torch.equal(one, other) for one, other in zip(found, usual, strict=True))
    for one, other, true in zip(found, usual, exact, strict=True):
        assert one.shape == true.shape
        assert (one - true).norm() <= 2 * (other - true).norm() + 1e-6 * true.norm()


def random_step(n, height, width, channels, hidden):
    """A coupling with random weights, a map of the channels, its bias, and values to be mapped."""
    torch.manual_seed(0)
    coupling = AffineCoupling(channels, hidden)
    for parameter in coupling.parameters():
        torch.nn.init.normal_(parameter, std=2 * parameter[0].numel() ** -0.5)
    return coupling, torch.randn(channels, channels), torch.randn(channels), torch.randn(n, height, width, channels)


@needs_kernel
@pytest.mark.parametrize(
    ("n", "height", "width", "channels", "hidden"), [(5, 8, 8, 12, 96), (70, 2, 2, 5, 33), (1, 1, 3, 2, 1)]
)
def test_steps_are_as_exact_as_pytorchs(n, height, width, channels, hidden):
    coupling, weight, bias, x = random_step(n, height, width, channels, hidden)
    usual = map_and_couple(coupling, weight, bias, x, torch.float32)
    with torch.no_grad():
        found = map_and_couple(coupling, weight, bias, x, torch.float32)
    wide = coupling.double()
    exact = map_and_couple(wide, weight.double(), bias.double(), x.double(), torch.float64)
    for one, other, true in zip(found, usual, exact, strict=True):
        assert one.shape == true.shape
        assert (one - true).norm() <= 2 * (other - true).norm() + 1e-6 * true.norm()
        assert_close(one.double(), true, rtol=1e-4, atol=1e-4)


@needs_kernel
@pytest.mark.parametrize(
    ("n", "height", "width", "channels", "hidden"), [(5, 8, 8, 12, 96), (70, 2, 2, 5, 33), (1, 1, 3, 2, 1)]
)
def test_inverses_of_steps_are_as_exact_as_pytorchs(n, height, width, channels, hidden):
    coupling, inverse, bias, y = random_step(n, height, width, channels, hidden)
    usual = uncouple_and_map_back(coupling, inverse, bias, y, torch.float32)
    with torch.no_grad():
        found = uncouple_and_map_back(coupling, inverse, bias, y, torch.float32)
    exact = uncouple_and_map_back(coupling.double(), inverse.double(), bias.double(), y.double(), torch.float64)
    assert found.shape == y.shape
    assert not torch.equal(found, usual)
    assert (found - exact).norm() <= 2 * (usual - exact).norm() + 1e-6 * exact.norm()


@needs_kernel
def test_a_patch_has_the_same_output_in_every_batch():
    parameters, x = network(6, 20, 12), torch.randn(11, 8, 8, 6)
    assert torch.equal(in_kernel(x, parameters)[3:7], in_kernel(x[3:7], parameters))


@needs_kernel
def test_what_is_no_number_stays_none_in_its_own_patch_only():
    x = torch.randn(3, 4, 4, 6)
    x[1, 0, 0, 0] = torch.nan
    y = in_kernel(x, network(6, 20, 12))
    assert y[1, 0, 0].isnan().all()
    assert y[[0, 2]].isfinite().all()


@pytest.mark.parametrize("weight", [torch.zeros(1, dtype=torch.float64), torch.zeros(1, device="meta")])
def test_other_types_and_devices_are_pytorchs(weight):
    assert fixed.kernel_for(weight) is None


def no_compiler(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    return "there is no C compiler (no-such-compiler)"


def no_instructions(monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "DEFAULT")
    return "this processor has no AVX2, or may not use it"


@needs_kernel
@pytest.mark.parametrize("missing", [no_compiler, no_instructions])
def test_without_the_kernel_one_line_says_why_and_scores_are_the_same(missing, monkeypatch, capsys):
    flow, x = random_flow(dtype=torch.float32), random_patches(5, dtype=torch.float32)
    expected = Scorer(flow)(x)
    monkeypatch.setattr(fixed, "_kernel", fixed.cache(fixed._kernel.__wrapped__))
    why = missing(monkeypatch)
    found = Scorer(flow)(x)
    assert capsys.readouterr().err == f"float32 in PyTorch, not in the kernel for AVX2: {why}\n"
    assert_close(found, expected, rtol=1e-5, atol=1e-4)
