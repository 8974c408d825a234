from __future__ import annotations

import pytest
import torch

from illusions.models.glow import Architecture, Glow
from tests.models.flows import TWO_LEVELS, random_flow, random_patches

ONE_LEVEL = Architecture(size=8, channels=3, levels=1, steps=4, hidden=8)


def gradients(memory, architecture, dtype, precision=None):
    """The gradients of a flow's loss, by the name of the parameter, and that of the patches."""
    flow = random_flow(architecture, memory=memory, dtype=dtype)
    x = random_patches(8, architecture, dtype=dtype).requires_grad_()
    with torch.autocast("cpu", precision, enabled=precision is not None):
        loss = -flow.log_prob(x).mean()
    loss.backward()
    return {"patches": x.grad} | {name: parameter.grad for name, parameter in flow.named_parameters()}


def relative_error(found, expected):
    return ((found - expected).norm() / expected.norm()).item()


@pytest.mark.parametrize("architecture", [ONE_LEVEL, TWO_LEVELS])
@pytest.mark.parametrize(("dtype", "largest_error"), [(torch.float64, 1e-9), (torch.float32, 1e-4)])
def test_gradients_equal_ordinary_ones(architecture, dtype, largest_error):
    expected = gradients("ordinary", architecture, dtype)
    found = gradients("constant", architecture, dtype)
    errors = {name: relative_error(found[name], expected[name]) for name in expected}
    assert all(gradient.norm() > 0 for gradient in expected.values())
    assert max(errors.values()) < largest_error, errors


def test_gradients_under_autocast_are_as_near_as_its_rounding():
    exact = gradients("ordinary", ONE_LEVEL, torch.float32)
    ordinary = gradients("ordinary", ONE_LEVEL, torch.float32, torch.bfloat16)
    constant = gradients("constant", ONE_LEVEL, torch.float32, torch.bfloat16)
    for name in exact:
        assert relative_error(constant[name], exact[name]) < 1.5 * relative_error(ordinary[name], exact[name]) + 0.01


def test_gradients_add_up_over_two_backward_passes():
    flow = random_flow(ONE_LEVEL, memory="constant")
    x = random_patches(4, ONE_LEVEL)
    (-flow.log_prob(x).mean()).backward()
    first = {name: parameter.grad.clone() for name, parameter in flow.named_parameters()}
    (-flow.log_prob(x).mean()).backward()
    for name, parameter in flow.named_parameters():
        assert relative_error(parameter.grad, 2 * first[name]) < 1e-12


def test_hooks_on_parameters_run_once():
    flow = random_flow(TWO_LEVELS, memory="constant")
    calls = dict.fromkeys((name for name, _ in flow.named_parameters()), 0)

    def count(name):
        def hook(_parameter):
            calls[name] += 1

        return hook

    for name, parameter in flow.named_parameters():
        parameter.register_post_accumulate_grad_hook(count(name))
    (-flow.log_prob(random_patches(4)).mean()).backward()
    assert set(calls.values()) == {1}


def kept_for_backward(memory, steps):
    """Bytes of activations that one forward pass keeps: of every tensor that has a row per patch."""
    patches = 13
    flow = Glow(Architecture(size=8, levels=2, steps=steps, hidden=8), memory=memory)
    kept = {}

    def pack(tensor):
        if tensor.dim() and tensor.numel() % patches == 0 and not isinstance(tensor, torch.nn.Parameter):
            storage = tensor.untyped_storage()
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        log_prob = flow.log_prob(torch.rand(patches, 8, 8, 3))
    assert log_prob.requires_grad
    return sum(kept.values())


def test_constant_memory_keeps_no_activations_of_steps():
    assert kept_for_backward("constant", 8) == kept_for_backward("constant", 2) > 0
    assert kept_for_backward("ordinary", 8) > 3 * kept_for_backward("ordinary", 2)


def test_both_ways_give_the_same_density():
    x = random_patches(4)
    ordinary, constant = (random_flow(memory=memory).log_prob(x) for memory in ("ordinary", "constant"))
    assert torch.equal(ordinary, constant)
