"""The shipped weights: small enough, invertible, and of a likelihood that does not depend on how it is computed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from illusions import content
from illusions.models.glow import Glow, Memory
from illusions.models.model import load_model
from illusions.stimuli.loading import load_stimulus


@pytest.fixture(scope="module")
def patches() -> np.ndarray:
    """Patches of a photograph and uniform ones."""
    stimulus = load_stimulus("brightness-contrast-photograph")
    picture = stimulus.picture("light")
    cut = [picture[16 * i : 16 * i + 16, 8 * i : 8 * i + 16] for i in range(12)]
    return np.concatenate([np.stack(cut), load_stimulus("brightness-contrast").patches("dark", [0.2, 0.5, 0.8])])


def test_weights_take_at_most_15_megabytes() -> None:
    assert (content.find("models", "natural16") / "weights.safetensors").stat().st_size <= 15e6


@pytest.mark.parametrize(("double", "tolerance"), [(True, 1e-9), (False, 1e-3)])
def test_decoding_inverts_encoding(patches: np.ndarray, double: bool, tolerance: float) -> None:
    flow = load_model("natural16", device="cpu", double=double).flow
    x = torch.from_numpy(patches).to(torch.float64 if double else torch.float32) / 256 - 0.5
    assert (flow.decode(flow.encode(x)) - x).abs().max() < tolerance


def test_it_has_at_least_32_steps() -> None:
    architecture = load_model("natural16", device="cpu").flow.architecture
    assert architecture.levels * architecture.steps >= 32


def test_float32_agrees_with_float64(patches: np.ndarray) -> None:
    single, double = (load_model("natural16", device="cpu", double=double) for double in (False, True))
    np.testing.assert_allclose(single.log_likelihood(patches), double.log_likelihood(patches), atol=0.1)


@pytest.mark.parametrize(("double", "largest_error"), [(True, 1e-9), (False, 1e-2)])
def test_its_gradients_are_the_same_in_constant_memory(patches: np.ndarray, double: bool, largest_error: float) -> None:
    """Activations are computed again by the inverse, which magnifies rounding: in float32 errors were up to 0.0033."""
    trained = load_model("natural16", device="cpu", double=double)
    x = trained.see(patches[:12])  # of a photograph

    def gradients(memory: Memory) -> dict[str, torch.Tensor]:
        flow = Glow(trained.flow.architecture, memory=memory).to(x.dtype)
        flow.load_state_dict(trained.flow.state_dict())
        (-flow.log_prob(x).mean()).backward()
        return {name: parameter.grad for name, parameter in flow.named_parameters() if parameter.grad is not None}

    ordinary, constant = gradients("ordinary"), gradients("constant")
    assert ordinary.keys() == constant.keys() == dict(trained.flow.named_parameters()).keys()
    for name, expected in ordinary.items():
        assert (constant[name] - expected).norm() < largest_error * expected.norm(), name
