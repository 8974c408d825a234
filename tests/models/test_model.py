from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from illusions.errors import InputError
from illusions.models.calibration import Calibration, write_calibration
from illusions.models.dequantisation import uniform_noise
from illusions.models.model import Model, load_model
from illusions.models.recipe import FlowTable, PhotographsTable, Recipe, TrainingTable
from illusions.models.view import luminance as seen_luminance
from illusions.models.weights import WEIGHTS, write_tensors
from tests.models.flows import random_flow

RECIPE = Recipe(
    title="a test",
    flow=FlowTable(size=8, levels=2, steps=2, hidden=8),
    photographs=PhotographsTable(bits=8),
    training=TrainingTable(updates=1),
)
TOML = 'title = "a test"\n[flow]\nsize = 8\nlevels = 2\nsteps = 2\nhidden = 8\n[training]\nupdates = 1\n'


@pytest.fixture(scope="module")
def flow():
    return random_flow(RECIPE.flow.architecture(), dtype=torch.float64, scale=0.1)


@pytest.fixture(scope="module")
def model(flow):
    return Model("tiny", flow, RECIPE)


@pytest.fixture
def patches():
    return np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path, flow):
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "recipe.toml").write_text(TOML)
    write_tensors(tmp_path / "tiny" / WEIGHTS, flow.float().state_dict(), {})
    flow.double()
    return tmp_path / "tiny"


def test_log_likelihood_is_that_of_bytes_in_nats(model, patches):
    found = model.log_likelihood(patches)
    u = np.random.Generator(np.random.PCG64([0, 0])).random((1, 8, 8, 3), dtype=np.float32)
    x = torch.from_numpy((patches + u.astype(np.float64)) / 256 - 0.5)
    expected = model.flow.log_prob(x).numpy() - 192 * np.log(256)
    assert found.dtype == np.float64
    assert_allclose(found, expected, rtol=1e-9)


def test_the_same_seed_gives_the_same_numbers_to_the_last_bit(model, patches):
    first = model.log_likelihood_draws(patches, draws=3, seed=5)
    assert np.array_equal(first, model.log_likelihood_draws(patches, draws=3, seed=5))
    assert np.array_equal(first[:1], model.log_likelihood_draws(patches, draws=1, seed=5))
    assert not np.array_equal(first, model.log_likelihood_draws(patches, draws=3, seed=6))
    assert_allclose(model.log_likelihood(patches, draws=3, seed=5), first.mean(axis=0))


def test_common_noise_makes_equal_patches_equal(model, patches):
    same = patches[:1].repeat(4, axis=0)
    common = model.log_likelihood_draws(same, draws=1)[0]
    own = model.log_likelihood_draws(same, draws=1, common_noise=False)[0]
    assert np.ptp(common) < 1e-9
    assert np.ptp(own) > 1e-3


def test_a_map_scores_the_patch_at_every_position(model):
    picture = np.random.default_rng(1).integers(0, 256, (11, 14, 3), dtype=np.uint8)
    found = model.likelihood_map(picture, seed=2)
    assert found.shape == (4, 7)
    cut = np.stack([picture[row : row + 8, column : column + 8] for row in range(4) for column in range(7)])
    assert_allclose(found.ravel(), model.log_likelihood(cut, seed=2), rtol=1e-9)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((2, 8, 8, 3)),
        np.zeros((8, 8, 3), np.uint8),
        np.zeros((2, 9, 8, 3), np.uint8),
        np.zeros((2, 8, 8, 1), np.uint8),
    ],
)
def test_patches_of_another_shape_or_type_are_refused(model, wrong):
    with pytest.raises(InputError, match=r"takes patches of shape \(n, 8, 8, 3\) and type uint8; given"):
        model.log_likelihood(wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.zeros((20, 20), np.uint8), "given: .20, 20., uint8"),
        (np.zeros((20, 20, 3)), "float64"),
        (np.zeros((7, 20, 3), np.uint8), "20×7 pixels; a patch needs 8"),
    ],
)
def test_pictures_that_cannot_be_mapped_are_refused(model, wrong, message):
    with pytest.raises(InputError, match=message):
        model.likelihood_map(wrong)


@pytest.mark.parametrize("double", [False, True])
def test_a_model_is_loaded_from_a_folder(folder, model, patches, double):
    loaded = load_model(folder, device="cpu", double=double)
    assert (loaded.name, loaded.size, loaded.dimensions) == ("tiny", 8, 192)
    assert not loaded.flow.training
    assert_allclose(loaded.log_likelihood(patches), model.log_likelihood(patches), rtol=1e-4)


def test_a_calibration_lies_beside_the_weights(folder):
    assert load_model(folder, device="cpu").calibrated_temperature is None
    known = {"temperature": 40.0, "unit": "nats", "reading": "paper", "data": "one file", "command": ""}
    write_calibration(folder / "calibration.toml", Calibration(**known))
    loaded = load_model(folder, device="cpu")
    assert loaded.calibrated_temperature == Calibration(**known)
    assert (
        loaded.with_floor(0.1).calibrated_temperature == loaded.double().calibrated_temperature == Calibration(**known)
    )
    (folder / "calibration.toml").write_text("temperature = 0")
    with pytest.raises(InputError, match=r"calibration\.toml: key 'temperature'"):
        load_model(folder, device="cpu")


def test_bf16_is_near_float32(folder, patches):
    exact, rough = (load_model(folder, device="cpu", precision=precision) for precision in ("32", "bf16"))
    difference = np.abs(exact.log_likelihood(patches) - rough.log_likelihood(patches))
    assert 0 < difference.max() < 10


def test_a_folder_without_weights(folder):
    (folder / WEIGHTS).unlink()
    with pytest.raises(InputError, match=r"weights\.safetensors: no such file"):
        load_model(folder, device="cpu")


def test_weights_of_another_architecture(folder):
    (folder / "recipe.toml").write_text(TOML.replace("hidden = 8", "hidden = 4"))
    with pytest.raises(InputError, match="another architecture"):
        load_model(folder, device="cpu")


def test_no_such_model():
    with pytest.raises(InputError, match="no model is called 'natrual16'"):
        load_model("natrual16")


@pytest.mark.parametrize(("device", "message"), [("tpu", "no device is called 'tpu'"), ("mps", "has no mps device")])
def test_no_such_device(folder, device, message, monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(InputError, match=message):
        load_model(folder, device=device)


@pytest.mark.parametrize("bits", [5, 8])
def test_the_flow_is_given_as_many_bits_as_the_recipe_says_and_the_noise_of_the_draw(flow, patches, bits):
    recipe = RECIPE.model_copy(update={"photographs": PhotographsTable(bits=bits)})
    u = torch.from_numpy(uniform_noise((1, 8, 8, 3), seed=3, draw=1)).double()
    x = ((torch.from_numpy(patches) >> (8 - bits)) + u) / 2**bits - 0.5
    expected = flow.log_prob(x) - 192 * np.log(256)
    assert_allclose(Model("tiny", flow, recipe).log_likelihood_draws(patches, draws=2, seed=3)[1], expected, rtol=1e-9)


SURROUND = np.ones((8, 8), dtype=bool)
SURROUND[3:5, 3:6] = False


def structured(**sees):
    table = PhotographsTable(**{"channels": "luminance", "normalise": "contrast", "noise": 0.3} | sees)
    recipe = RECIPE.model_copy(update={"photographs": table})
    return Model("structure", random_flow(recipe.architecture(), dtype=torch.float64, scale=0.1), recipe)


def test_the_log_likelihood_of_luminance_is_that_of_its_bytes(patches):
    luminance = structured(normalise="none", noise=0)
    grey = seen_luminance(torch.from_numpy(patches)).expand(-1, -1, -1, 3).numpy()
    assert luminance.dimensions == 64
    assert_allclose(luminance.log_likelihood(patches), luminance.log_likelihood(grey))
    u = np.random.Generator(np.random.PCG64([0, 0])).random((1, 8, 8, 1), dtype=np.float32)
    x = torch.from_numpy((grey[..., :1] + u.astype(np.float64)) / 256 - 0.5)
    assert_allclose(luminance.log_likelihood(grey), luminance.flow.log_prob(x).numpy() - 64 * np.log(256), rtol=1e-9)


def test_the_log_likelihood_of_normalised_patches_is_the_density_of_what_is_seen(patches):
    model = structured()
    draws = model.log_likelihood_draws(patches, draws=2, seed=4)
    assert_allclose(draws[0], model.flow.log_prob(model.see(patches, seed=4)).numpy(), rtol=1e-9)
    assert not np.isclose(draws[0], draws[1]).any()


def test_patches_are_normalised_by_the_surround_that_is_given(patches):
    model = structured()
    by_surround = model.log_likelihood(patches, surround=SURROUND)
    assert not np.isclose(by_surround, model.log_likelihood(patches)).any()
    assert_allclose(model.log_likelihood(patches, surround=np.ones_like(SURROUND)), model.log_likelihood(patches))


def test_a_surround_makes_no_difference_to_a_model_that_does_not_normalise(model, patches):
    assert np.array_equal(model.log_likelihood(patches, surround=SURROUND), model.log_likelihood(patches))


def test_equal_patches_are_equal_under_the_common_noise_of_a_model_of_structure(patches):
    same, model = patches[:1].repeat(4, axis=0), structured()
    assert np.ptp(model.log_likelihood_draws(same, draws=1, surround=SURROUND)[0]) < 1e-9
    assert np.ptp(model.log_likelihood_draws(same, draws=1, common_noise=False)[0]) > 1e-3


def test_a_curve_of_normalised_patches_does_not_change_with_brightness_and_contrast(model):
    """The surround and the sweep three times as strong: the same curve, but for the dequantisation noise."""
    levels = np.random.default_rng(0).integers(20, 80, (1, 8, 8)).repeat(14, axis=0)
    levels[:, ~SURROUND] = np.arange(15, 85, 5)[:, None]
    pictures = [np.repeat(shown[..., None], 3, axis=-1).astype(np.uint8) for shown in (levels, 3 * levels - 7)]

    def curves(model):
        first, second = (model.log_likelihood(shown, surround=SURROUND, draws=4) for shown in pictures)
        return first - first.mean(), second - second.mean()

    first, second = curves(structured())
    assert np.abs(first - second).max() < 0.05 * np.ptp(first)
    first, second = curves(model)
    assert np.abs(first - second).max() > 0.05 * np.ptp(first)


def test_a_map_normalises_every_patch_by_itself():
    picture, model = np.random.default_rng(1).integers(0, 256, (10, 9, 3), dtype=np.uint8), structured()
    cut = np.stack([picture[row : row + 8, column : column + 8] for row in range(3) for column in range(2)])
    assert_allclose(model.likelihood_map(picture, seed=2).ravel(), model.log_likelihood(cut, seed=2), rtol=1e-9)


def test_a_model_of_luminance_is_given_colours(patches):
    with pytest.raises(InputError, match=r"takes patches of shape \(n, 8, 8, 3\)"):
        structured().log_likelihood(patches[..., :1])


def test_a_likelihood_that_is_not_finite_is_an_error(patches):
    flow = random_flow(RECIPE.flow.architecture(), dtype=torch.float32)
    parameter = next(parameter for name, parameter in flow.named_parameters() if name.endswith("log_scale"))
    with torch.no_grad():
        parameter.fill_(200.0)
    absurd = Model("absurd", flow, RECIPE)
    with pytest.raises(InputError, match=r"'absurd': the log-likelihood of 100 % of the patches is not finite"):
        absurd.log_likelihood(patches)
    with pytest.raises(InputError, match=r"'absurd': the log-likelihood of 100 % of the patches is not finite"):
        absurd.likelihood_map(patches[0].repeat(2, axis=0))


def test_a_folder_that_holds_no_model(tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match=r"mine: no model is there; expected a folder with recipe\.toml and weights"):
        load_model(tmp_path / "mine")
    with pytest.raises(InputError, match="the name of a model is empty; expected one of the names"):
        load_model("")


def test_fewer_samples_than_none_are_refused(model):
    with pytest.raises(InputError, match="-1 samples; expected 0 or more"):
        model.sample(-1)
