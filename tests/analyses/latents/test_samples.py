from __future__ import annotations

import numpy as np
import pytest
import torch

from illusions.analyses.latents.samples import sample
from illusions.analyses.latents.samples_figure import samples_figure
from illusions.analyses.latents.wording import samples_caption
from illusions.errors import InputError
from illusions.models import latents
from illusions.models.latents import decode, to_bytes
from illusions.progress import reported_to
from tests.analyses.tiny import tiny_model, tiny_structure


@pytest.fixture
def model():
    return tiny_model()


def test_samples_are_decoded_latents(model):
    drawn = sample(model, 5, prior_temperature=0.5, seed=3)
    z = 0.5 * np.random.default_rng(3).standard_normal((5, 192), dtype=np.float32)
    expected = to_bytes(decode(model, z))
    assert np.array_equal(drawn.patches, expected)
    assert np.array_equal(drawn.log_likelihood, model.log_likelihood(expected, seed=3))
    assert list(drawn.to_frame()["sample"]) == [0, 1, 2, 3, 4]


def test_the_first_samples_of_a_seed_are_always_the_same(model, monkeypatch):
    first = sample(model, 9, seed=1).patches
    done = []
    monkeypatch.setattr(latents, "BATCH", 4)
    with reported_to(done.append):
        assert np.array_equal(sample(model, 15, seed=1).patches[:9], first)
    assert sum(done) == 2 * 15  # drawn, and scored
    assert not np.array_equal(sample(model, 9, seed=2).patches, first)


def test_a_lower_temperature_gives_latents_nearer_to_zero(model):
    spread = [np.std(sample(model, 40, prior_temperature=t).patches.astype(float)) for t in (0.3, 1.0)]
    assert spread[0] < spread[1]


def test_draws_that_overflow_are_replaced_and_counted(model, monkeypatch):
    decode = type(model.flow).decode

    def overflow(flow, z):
        x = decode(flow, z)
        x[z[:, 0] > 1] = torch.inf
        return x

    monkeypatch.setattr(type(model.flow), "decode", overflow)
    drawn = sample(model, 30)
    assert len(drawn.patches) == 30
    assert drawn.overflowed > 0
    assert f"{drawn.overflowed} more draws overflowed" in samples_caption(drawn)


def test_a_flow_of_which_nothing_decodes_is_an_error_and_not_for_ever(model, monkeypatch):
    monkeypatch.setattr(type(model.flow), "decode", lambda flow, z: torch.full((len(z), 8, 8, 3), torch.nan))
    with pytest.raises(InputError, match="only 0 of 20 draws decode"):
        sample(model, 2)


def test_the_sheet_shows_them(model):
    drawn = sample(model, 20)
    figure = samples_figure(drawn, caption=samples_caption(drawn))
    assert len(figure.axes[1].images) == 20
    assert f"{drawn.bits_per_dimension.mean():.2f} bits per dimension" in samples_caption(drawn)


def test_samples_of_a_model_of_structure_have_the_likelihood_of_what_it_came_up_with():
    model = tiny_structure()
    drawn = sample(model, 5, seed=3)
    z = np.random.default_rng(3).standard_normal((5, 64), dtype=np.float32)
    with torch.inference_mode():
        expected = model.flow.log_prob(model.flow.decode(torch.from_numpy(z))).numpy()
    assert np.array_equal(drawn.patches, to_bytes(decode(model, z)))
    assert drawn.log_likelihood == pytest.approx(expected, rel=1e-5)
    assert drawn.bits_per_dimension == pytest.approx(-expected / 64 / np.log(2), rel=1e-5)
    assert "The model sees luminance without its mean" in samples_caption(drawn)


def test_samples_of_structure_are_greys_around_the_middle():
    patches = sample(tiny_structure(), 20, seed=1).patches
    assert np.ptp(patches, axis=-1).max() == 0
    assert patches.mean() == pytest.approx(128, abs=20)
    assert patches.std() > 20
