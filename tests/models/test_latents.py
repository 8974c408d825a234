from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from illusions.analyses.patches.crops import crop_at_random
from illusions.errors import InputError
from illusions.models import latents
from illusions.models.latents import decode, dequantised, encode, is_finite, share_clipped, to_bytes
from illusions.progress import reported_to
from tests.analyses.tiny import some_picture, tiny_model


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture
def patches():
    return crop_at_random(some_picture(), "p", 8, 7, (0,)).patches


def test_latents_are_those_of_what_the_model_sees(model, patches):
    with torch.inference_mode():
        assert_allclose(encode(model, patches, seed=2), model.flow.encode(model.see(patches, seed=2)), atol=1e-6)
    assert torch.equal(dequantised(model, patches, seed=2), model.see(patches, seed=2))


def test_patches_come_back(model, patches):
    assert np.array_equal(to_bytes(decode(model, encode(model, patches))), patches)


def test_batches_join_and_report(model, patches, monkeypatch):
    whole = encode(model, patches)
    monkeypatch.setattr(latents, "BATCH", 3)
    done = []
    with reported_to(done.append):
        assert_allclose(encode(model, patches), whole, atol=1e-6)
        assert done == [3, 3, 1]
        assert decode(model, whole).shape == (7, 8, 8, 3)
    assert sum(done) == 14


def test_nothing_in_nothing_out(model, patches):
    assert encode(model, patches[:0]).shape == (0, 192)
    assert decode(model, np.empty((0, 192), np.float32)).shape == (0, 8, 8, 3)


def test_what_overflows_and_what_is_clipped():
    colours = np.full((3, 2, 2, 3), 100, dtype=np.float32)
    colours[1, 0, 0, 0], colours[2, 1, 1, 1] = np.inf, np.nan
    assert is_finite(colours).tolist() == [True, False, False]
    colours = np.array([[[[-1, 0, 255.9]], [[256, 128.6, 300]]]], dtype=np.float32)
    assert share_clipped(colours) == 0.5
    assert to_bytes(colours).ravel().tolist() == [0, 0, 255, 255, 128, 255]


def test_there_is_no_way_back_from_what_is_not_colour(patches):
    with pytest.raises(InputError, match="model 'tiny' sees luminance, from which pictures cannot be made again"):
        encode(tiny_model(channels="luminance"), patches)


def test_what_does_not_come_back_in_float32_is_in_float64(model, patches, monkeypatch):
    """By how much rounding is magnified depends on the processor, so here it is said which patches do not come back."""
    decode, middle = type(model.flow).decode, float(np.median(encode(model, patches)[:, 0]))

    def rounded(flow, z):
        return decode(flow, z) + (0.01 * (z[:, :1, None, None] > middle) if z.dtype == torch.float32 else 0)

    lost = encode(model, patches)[:, 0] > middle
    monkeypatch.setattr(type(model.flow), "decode", rounded)
    assert encode(model, patches[~lost]).dtype == np.float32
    z = encode(model, patches)
    assert z.dtype == np.float64
    with torch.inference_mode():
        seen = model.double().see(patches)
        assert_allclose(z, model.double().flow.encode(seen))
    assert np.abs(latents.decode(model, z) - 256 * (seen.numpy() + 0.5)).max() < 0.5


def test_what_does_not_come_back_at_all_is_nan(model, patches, monkeypatch):
    decode, middle = type(model.flow).decode, float(np.median(encode(model, patches)[:, 0]))
    monkeypatch.setattr(type(model.flow), "decode", lambda flow, z: decode(flow, z) + (z[:, :1, None, None] > middle))
    z = encode(model, patches)
    lost = np.isnan(z).any(axis=1)
    assert 0 < lost.sum() < len(z)
    assert np.isnan(z[lost]).all()


def test_what_overflowed_never_becomes_a_colour():
    for value in (np.nan, np.inf, -np.inf):
        colours = np.full((3, 2, 2, 3), 100, dtype=np.float32)
        colours[1, 0, 0, 0] = value
        with pytest.raises(InputError, match="1 of 3 patches overflowed"):
            to_bytes(colours)
