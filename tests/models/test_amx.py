from __future__ import annotations

import shutil

import pytest
import torch
from torch.nn import functional as F
from torch.testing import assert_close

from illusions.models import amx, threads
from illusions.models.glow import Architecture
from illusions.models.layers import AffineCoupling
from tests.models.flows import TWO_LEVELS, random_flow, random_patches

kernel = amx._kernel()
needs_kernel = pytest.mark.skipif(kernel is None, reason="needs AMX and a C compiler")
#: Patches, height, width, channels, hidden channels: odd numbers of everything, and blocks that are not full.
SIZES = [
    (5, 8, 8, 12, 96),
    (70, 2, 2, 48, 33),
    (3, 6, 10, 5, 40),
    (2, 17, 17, 4, 8),
    (1, 1, 1, 2, 1),
    (9, 4, 4, 24, 64),
]
NAMES = ["y", "log_det", "x", "weight", "bias", "w1", "b1", "w2", "b2", "w3", "b3"]


def step(n, height, width, channels, hidden):
    """A random coupling, matrix and bias of the map, input, and gradients of output and log-determinant."""
    torch.manual_seed(0)
    coupling = AffineCoupling(channels, hidden)
    for parameter in coupling.parameters():
        torch.nn.init.normal_(parameter, std=parameter[0].numel() ** -0.5)
    weight = torch.linalg.qr(torch.randn(channels, channels))[0] * 1.2
    x = torch.randn(n, height, width, channels)
    return coupling, weight, torch.randn(channels), x, torch.randn(x.shape), torch.randn(n)


def by_pytorch(coupling, weight, bias, x, y_grad, log_det_grad, *, dtype, network_dtype):
    """Output, log-determinant, and the gradients of input and parameters, by autograd."""
    twin = AffineCoupling(x.shape[-1], coupling.network.first.out_channels).to(dtype)
    twin.load_state_dict(coupling.state_dict())
    x, weight, bias = (tensor.detach().to(dtype).requires_grad_() for tensor in (x, weight, bias))
    y, log_det = twin(F.linear(x, weight, bias), network_dtype)
    inputs = [x, weight, bias, *twin.parameters()]
    gradients = torch.autograd.grad([y, log_det], inputs, [y_grad.to(dtype), log_det_grad.to(dtype)])
    return [y.detach(), log_det.detach(), *gradients]


def by_kernel(coupling, weight, bias, x, y_grad, log_det_grad):
    x, weight, bias = (tensor.detach().requires_grad_() for tensor in (x, weight, bias))
    inputs = [x, weight, bias, *coupling.parameters()]
    y, log_det = amx.step(kernel, x, inputs[1:])
    return [y.detach(), log_det.detach(), *torch.autograd.grad([y, log_det], inputs, [y_grad, log_det_grad])]


def relative_error(found, expected):
    return ((found.double() - expected.double()).norm() / expected.double().norm().clamp_min(1e-9)).item()


@needs_kernel
@pytest.mark.parametrize("size", SIZES)
def test_outputs_and_gradients_are_as_near_to_the_exact_ones_as_those_of_pytorch_in_bfloat16(size):
    given = step(*size)
    exact = by_pytorch(*given, dtype=torch.float64, network_dtype=torch.float64)
    usual = by_pytorch(*given, dtype=torch.float32, network_dtype=torch.bfloat16)
    found = by_kernel(*given)
    for name, one, other, true in zip(NAMES, found, usual, exact, strict=True):
        assert one.shape == true.shape
        assert relative_error(one, true) < 1.5 * relative_error(other, true) + 0.01, name
        assert relative_error(one, true) < 0.15, name


@needs_kernel
def test_where_bfloat16_holds_every_value_gradients_equal_those_of_float64():
    """Integers of few bits: nothing is rounded but the affine part, in float32."""
    generator = torch.Generator().manual_seed(0)
    coupling, _, _, x, *_ = step(3, 4, 6, 6, 8)
    with torch.no_grad():
        for parameter in coupling.parameters():
            parameter.copy_(torch.randint(-1, 2, parameter.shape, generator=generator))
        coupling.network.last.bias[3:] = 200  # σ(s + 2) is 1, and what goes back to s is nothing
    weight, bias = torch.eye(6), torch.zeros(6)
    x, y_grad = (torch.randint(-2, 3, x.shape, generator=generator).float() for _ in range(2))
    given = coupling, weight, bias, x, y_grad, torch.zeros(3)
    exact = by_pytorch(*given, dtype=torch.float64, network_dtype=torch.float64)
    for name, one, true in zip(NAMES, by_kernel(*given), exact, strict=True):
        assert_close(one.double(), true, rtol=1e-5, atol=1e-4, msg=lambda text, name=name: f"{name}: {text}")


@needs_kernel
@pytest.mark.parametrize("size", SIZES)
def test_going_back_from_the_output_gives_the_input_and_the_same_gradients(size):
    coupling, weight, bias, x, y_grad, log_det_grad = step(*size)
    parameters = [weight, bias, *(parameter.detach() for parameter in coupling.parameters())]
    y, _ = kernel.forward(x, parameters)
    _, x_grad, gradients = kernel.backward(x, parameters, y_grad, log_det_grad)
    found, *others = kernel.backward(y, parameters, y_grad, log_det_grad, inverse=torch.linalg.inv(weight))
    assert relative_error(found, x) < 1e-4
    for one, other in zip([others[0], *others[1]], [x_grad, *gradients], strict=True):
        assert relative_error(one, other) < 1e-2  # an input that rounds to the next number of bfloat16


@needs_kernel
def test_extreme_scales_are_those_of_pytorch():
    coupling, weight, bias, x, y_grad, log_det_grad = step(4, 4, 4, 4, 8)
    with torch.no_grad():
        coupling.network.last.weight.zero_()
        coupling.network.last.bias[2:] = torch.tensor([-300.0, 300.0])
    given = coupling, weight, bias, x, y_grad, log_det_grad
    exact = by_pytorch(*given, dtype=torch.float64, network_dtype=torch.float64)
    found = by_kernel(*given)
    assert_close(found[1].double(), exact[1], rtol=1e-6, atol=0)
    for name, one, true in zip(NAMES, found, exact, strict=True):
        assert relative_error(one, true) < 0.01, name


@needs_kernel
def test_what_is_no_number_stays_none():
    coupling, weight, bias, x, y_grad, log_det_grad = step(3, 4, 4, 4, 8)
    x[1, 2, 2] = float("nan")
    y, log_det, x_grad, *gradients = by_kernel(coupling, weight, bias, x, y_grad, log_det_grad)
    assert log_det.isnan().tolist() == [False, True, False]
    assert y[[0, 2]].isfinite().all()
    assert x_grad[1].isnan().any()
    assert all(gradient.isnan().any() for gradient in gradients)


@needs_kernel
def test_the_number_of_threads_changes_gradients_by_rounding_only(monkeypatch):
    given = step(130, 4, 4, 12, 16)
    alone = by_kernel(*given)
    monkeypatch.setattr(threads, "_chosen", 3)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        together = by_kernel(*given)
    finally:
        torch.set_num_threads(before)
    assert torch.equal(alone[0], together[0])
    assert torch.equal(alone[2], together[2])
    for one, other in zip(alone, together, strict=True):
        assert relative_error(one, other) < 1e-5


def gradients_of_flow(memory, *, architecture=TWO_LEVELS):
    """The density of patches under a flow in float32 with couplings in bfloat16, and the gradients of its mean."""
    flow = random_flow(architecture, memory=memory, dtype=torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        log_prob = flow.log_prob(random_patches(40, architecture, dtype=torch.float32))
    log_prob.mean().backward()
    return log_prob.detach(), {name: parameter.grad for name, parameter in flow.named_parameters()}


@needs_kernel
@pytest.mark.parametrize("memory", ["ordinary", "constant"])
def test_a_flow_in_bfloat16_has_the_density_and_the_gradients_that_it_has_without_the_kernel(memory, monkeypatch):
    architecture = Architecture(size=16, levels=2, steps=2, hidden=32)
    log_prob, gradients = gradients_of_flow(memory, architecture=architecture)
    monkeypatch.setattr(amx, "_kernel", lambda: None)
    expected_log_prob, expected = gradients_of_flow(memory, architecture=architecture)
    assert not torch.equal(log_prob, expected_log_prob)
    bits = (log_prob - expected_log_prob).abs() / architecture.dimensions / torch.tensor(2.0).log()
    assert bits.mean() < 0.001
    for name, gradient in gradients.items():
        assert relative_error(gradient, expected[name]) < 0.05, name


@pytest.mark.parametrize(
    ("x", "dtype"),
    [
        (torch.zeros(2, 4, 4, 4), torch.float32),
        (torch.zeros(2, 4, 4, 4, dtype=torch.float64), torch.float64),
        (torch.zeros(2, 4, 4, 4, dtype=torch.float64), torch.bfloat16),
        (torch.zeros(0, 4, 4, 4), torch.bfloat16),
        (torch.zeros(2, 4, 4, 4, device="meta"), torch.bfloat16),
    ],
)
def test_other_types_devices_and_empty_batches_are_pytorchs(x, dtype):
    assert amx.kernel_for(x, dtype) is None


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """A process that has no kernel yet, and an empty folder of caches."""
    monkeypatch.setattr(amx, "_kernel", amx.cache(amx._kernel.__wrapped__))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(amx, "_check_processor", lambda: None)
    return tmp_path


def no_compiler(monkeypatch, folder):
    monkeypatch.setenv("CC", "no-such-compiler -O1")
    return "there is no C compiler (no-such-compiler)"


def no_instructions(monkeypatch, folder):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False, raising=False)
    monkeypatch.setattr(amx, "_check_processor", CHECK_PROCESSOR)
    return "this processor has no AMX, or may not use it"


CHECK_PROCESSOR = amx._check_processor


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler, so that it can be missing")
@pytest.mark.parametrize("missing", [no_compiler, no_instructions])
def test_without_the_kernel_one_line_says_why_and_pytorch_gives_its_numbers(missing, fresh, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr(amx, "_kernel", lambda: None)
        expected, gradients = gradients_of_flow("ordinary")
    why = missing(monkeypatch, fresh)
    found, found_gradients = gradients_of_flow("ordinary")
    assert capsys.readouterr().err == f"bfloat16 in PyTorch, not in the kernel for AMX: {why}\n"
    assert torch.equal(found, expected)
    assert all(torch.equal(gradient, gradients[name]) for name, gradient in found_gradients.items())
