from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from illusions.analyses.exaggeration.exaggeration import exaggerate
from illusions.models.latents import decode, encode, log_likelihood
from illusions.models.model import Model, load_model
from illusions.models.numerics import own_numerics
from illusions.models.photographs import PhotographBank
from illusions.models.training import train
from tests.analyses.tiny import some_picture, tiny_structure
from tests.models.pictures_for_training import tiny_recipe

NEWER = hasattr(torch._C, "_get_fp32_precision_getter")


def precision(backend, operation):
    return lambda value: torch._C._set_fp32_precision_setter(backend, operation, value)


def attribute(holder, name):
    return lambda value: setattr(holder, name, value)


#: What a program may have set: how, to what, and what sets it back.
SWITCHES = {
    "float32_matmul_precision high": (torch.set_float32_matmul_precision, "high", "highest"),
    "float32_matmul_precision medium": (torch.set_float32_matmul_precision, "medium", "highest"),
    "default dtype float64": (torch.set_default_dtype, torch.float64, torch.float32),
    "default dtype bfloat16": (torch.set_default_dtype, torch.bfloat16, torch.float32),
    "default device": (torch.set_default_device, "meta", None),
    "autocast of the CPU": (lambda on: torch.set_autocast_enabled("cpu", on), True, False),
    "TF32 of cuBLAS": (attribute(torch.backends.cuda.matmul, "allow_tf32"), True, False),
    "no TF32 of cuDNN": (attribute(torch.backends.cudnn, "allow_tf32"), False, True),
    "cuDNN's benchmark": (attribute(torch.backends.cudnn, "benchmark"), True, False),
    "no oneDNN": (attribute(torch.backends.mkldnn, "enabled"), False, True),
    "deterministic oneDNN": (attribute(torch.backends.mkldnn, "deterministic"), True, False),
    "deterministic algorithms": (torch.use_deterministic_algorithms, True, False),
    "subnormal numbers flushed": (torch.set_flush_denormal, True, False),
    "no gradients": (torch.set_grad_enabled, False, True),
}
if NEWER:
    SWITCHES |= {
        "fp32_precision tf32": (precision("generic", "all"), "tf32", "none"),
        "fp32_precision of oneDNN bf16": (precision("mkldnn", "all"), "bf16", "none"),
        "fp32_precision of oneDNN's products bf16": (precision("mkldnn", "matmul"), "bf16", "none"),
        "fp32_precision of oneDNN's convolutions bf16": (precision("mkldnn", "conv"), "bf16", "none"),
        "fp32_precision of CUDA's products tf32": (precision("cuda", "matmul"), "tf32", "none"),
        "fp32_precision of CUDA's convolutions ieee": (precision("cuda", "conv"), "ieee", "tf32"),
    }


@contextmanager
def switched(name):
    write, value, usual = SWITCHES[name]
    write(value)
    try:
        yield
    finally:
        write(usual)


def state():
    """All that the switches change."""

    def told(read, *arguments):
        try:
            return read(*arguments)
        except RuntimeError:  # PyTorch's way to say that two ways to set it contradict one another
            return "contradictory"

    backends = torch.backends
    plain = [
        told(torch.get_float32_matmul_precision),
        torch.get_default_dtype(),
        torch.get_default_device(),
        [torch.is_autocast_enabled(device) for device in ("cpu", "cuda")],
        told(getattr, backends.cuda.matmul, "allow_tf32"),
        told(getattr, backends.cudnn, "allow_tf32"),
        [backends.cudnn.enabled, backends.cudnn.benchmark, backends.cudnn.deterministic],
        [backends.mkldnn.enabled, backends.mkldnn.deterministic],
        torch.are_deterministic_algorithms_enabled(),
        (torch.tensor(5e-324, dtype=torch.float64, device="cpu") + 0).item(),
        [torch.is_grad_enabled(), torch.is_inference_mode_enabled()],
    ]
    if NEWER:
        pairs = [("generic", "all"), *((b, o) for b in ("cuda", "mkldnn") for o in ("all", "matmul", "conv", "rnn"))]
        plain.append([torch._C._get_fp32_precision_getter(*pair) for pair in pairs])
    return plain


def numbers(photograph, structure):
    """What natural16, loaded anew, and a model of luminance make of a photograph: all that is computed."""
    model = load_model("natural16", device="cpu")
    patches = np.stack([photograph[i : i + 16, 2 * i : 2 * i + 16] for i in range(24)])
    z = encode(model, patches[:3])
    target = np.zeros((20, 20), dtype=bool)
    return {
        "likelihood": model.log_likelihood(patches, draws=2),
        "one likelihood": model.log_likelihood(patches[:1]),
        "in float64": model.double().log_likelihood(patches[:1]),
        "in bfloat16": Model("bf16", model.flow, model.recipe, precision="bf16").log_likelihood(patches[:2]),
        "of luminance": structure.log_likelihood(patches[:, :8, :8]),
        "map": model.likelihood_map(photograph[:20, :18]),
        "latents": z,
        "colours": decode(model, z),
        "likelihood of latents": log_likelihood(model, z),
        "seen": model.see(patches[:2]).numpy(),
        "samples": model.sample(2),
        "exaggerated": exaggerate(photograph[:20, :20], target, model)[0].picture,
    }


@pytest.fixture(scope="module")
def structure():
    return tiny_structure()


@pytest.fixture(scope="module")
def usual(structure):
    return numbers(some_picture(40, 70), structure)


@pytest.mark.parametrize("name", SWITCHES)
def test_no_setting_of_the_caller_changes_a_bit_nor_is_changed(name, usual, structure):
    with switched(name):
        before = state()
        found = numbers(some_picture(40, 70), structure)
        assert state() == before
    assert {key: value.tobytes() for key, value in found.items()} == {
        key: value.tobytes() for key, value in usual.items()
    }


def test_settings_that_contradict_one_another_come_back():
    if not NEWER:
        pytest.skip("older versions of PyTorch have one way to set precisions")
    with switched("float32_matmul_precision medium"), switched("fp32_precision of oneDNN's convolutions bf16"):
        precision("mkldnn", "matmul")("tf32")
        torch.backends.cudnn.allow_tf32 = True
        precision("cuda", "rnn")("ieee")
        before = state()
        with own_numerics():
            assert torch.get_float32_matmul_precision() == "highest"
            assert not torch.backends.cudnn.allow_tf32
        assert state() == before
        precision("mkldnn", "matmul")("bf16")
        assert torch.get_float32_matmul_precision() == "medium"
        precision("cuda", "rnn")("tf32")
        assert torch.backends.cudnn.allow_tf32


def test_what_one_thread_needs_stays_until_the_last_one_leaves():
    entered, leave = threading.Event(), threading.Event()

    def other():
        with own_numerics():
            entered.set()
            leave.wait(10)

    with switched("float32_matmul_precision medium"):
        thread = threading.Thread(target=other)
        with own_numerics():
            thread.start()
            assert entered.wait(10)
        assert torch.get_float32_matmul_precision() == "highest"
        leave.set()
        thread.join()
        assert torch.get_float32_matmul_precision() == "medium"


def test_a_model_loaded_in_inference_mode_is_like_any_other():
    with torch.inference_mode():
        model = load_model("natural16", device="cpu")
    assert not any(parameter.is_inference() for parameter in model.flow.parameters())
    assert not model.see(np.zeros((1, 16, 16, 3), np.uint8)).is_inference()


def test_loading_a_model_draws_no_random_numbers_of_the_caller():
    torch.manual_seed(0)
    load_model("natural16", device="cpu")
    found = torch.rand(3)
    torch.manual_seed(0)
    assert torch.equal(found, torch.rand(3))


@pytest.mark.parametrize("name", ["float32_matmul_precision medium", "default dtype float64", "autocast of the CPU"])
def test_training_goes_by_the_recipe_and_not_by_what_the_caller_set(name, tmp_path):
    from lightning_fabric import Fabric

    photograph = some_picture()
    held_out = photograph[None, :8, :8], np.zeros(1, int)

    def trained(folder):
        rows = train(
            tiny_recipe(), PhotographBank([photograph]), held_out, folder, fabric=Fabric(accelerator="cpu", devices=1)
        )
        return [(row.train_bits_per_dimension, row.validation_bits_per_dimension) for row in rows]

    expected = trained(tmp_path / "usual")
    with switched(name):
        assert trained(tmp_path / "switched") == expected


def test_convolutions_are_exact_where_onednn_was_told_to_round():
    program = (
        "import numpy as np, warnings; from illusions.models.model import load_model\n"
        "warnings.simplefilter('ignore')\n"
        "p = np.random.default_rng(0).integers(0, 256, (16, 16, 16, 3), dtype=np.uint8)\n"
        "print(*load_model('natural16', device='cpu').log_likelihood(p))"
    )

    def scores(**environment):
        done = subprocess.run(
            [sys.executable, "-c", program], env=os.environ | environment, capture_output=True, text=True, check=True
        )
        return np.array(done.stdout.split(), float)

    # The kernels differ, so the last digits do; rounding to bfloat16 costs nats.
    np.testing.assert_allclose(scores(ONEDNN_DEFAULT_FPMATH_MODE="BF16"), scores(), rtol=1e-6)
