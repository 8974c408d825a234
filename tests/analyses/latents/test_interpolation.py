from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from illusions.analyses.latents.interpolation import LATENT, PIXELS, interpolate
from illusions.analyses.latents.interpolation_figure import interpolation_figure
from illusions.analyses.latents.wording import interpolation_caption, interpolation_sentence
from illusions.errors import InputError
from illusions.models.latents import decode, encode, to_bytes
from tests.analyses.tiny import some_picture, tiny_model


@pytest.fixture(scope="module")
def model():
    return tiny_model(scale=0.4)


@pytest.fixture(scope="module")
def ends():
    picture = some_picture()
    return picture[:8, :8], picture[20:28, 25:33]


@pytest.fixture(scope="module")
def done(model, ends):
    return interpolate(*ends, model, steps=5, draws=3, seed=2)


def test_both_paths_begin_and_end_with_the_patches(done, ends):
    for patches in done.patches.values():
        assert patches.shape == (5, 8, 8, 3)
        assert np.array_equal(patches[0], ends[0])
        assert np.array_equal(patches[-1], ends[1])


def test_the_middle_is_that_of_the_latents_and_that_of_the_pixels(done, ends, model):
    z = encode(model, np.stack(ends), seed=2)
    expected = to_bytes(decode(model, z.mean(axis=0, keepdims=True)))[0]
    assert np.abs(done.patches[LATENT][2].astype(int) - expected).max() <= 1
    blend = (ends[0].astype(float) + ends[1]) / 2
    assert np.abs(done.patches[PIXELS][2] - blend).max() <= 0.5
    assert not np.array_equal(done.patches[LATENT][2], done.patches[PIXELS][2])


def test_the_table(done, model):
    frame = done.frame
    assert list(frame["path"].unique()) == [LATENT, PIXELS]
    row = frame.query("path == @PIXELS and step == 1").iloc[0]
    draws = model.log_likelihood_draws(done.patches[PIXELS][1][None], draws=3, seed=2)[:, 0]
    assert row["share"] == 0.25
    assert_allclose(row["log_likelihood"], draws.mean(), rtol=1e-6)
    assert_allclose(row["standard_error"], draws.std(ddof=1) / np.sqrt(3), rtol=1e-3)
    ends_of_path = frame[frame["share"].isin([0, 1])].groupby("step")["log_likelihood"]
    assert (ends_of_path.nunique() == 1).all()


def test_a_single_draw_has_no_standard_error(ends, model):
    assert interpolate(*ends, model, steps=2, draws=1).frame["standard_error"].isna().all()


def test_an_overflow_on_the_way_is_named(ends, model, monkeypatch):
    monkeypatch.setattr(type(model.flow), "decode", lambda flow, z: torch.full((len(z), 8, 8, 3), torch.inf))
    with pytest.raises(InputError, match=r"overflows, at 0\.00 of the way"):
        interpolate(*ends, model)


def test_the_figure_and_its_words(done):
    figure = interpolation_figure(done, caption=interpolation_caption(done))
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert "log-likelihood, nats" in labels
    middle = done.frame.query("step == 2").set_index("path")["bits_per_dimension"]
    assert f"latent space {middle[LATENT]:.2f} bits" in interpolation_sentence(done)
    assert f"pixels {middle[PIXELS]:.2f}" in interpolation_sentence(done)
