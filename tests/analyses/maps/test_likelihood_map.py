from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from illusions.analyses.maps.figure import COLOURS, coloured, map_figure
from illusions.analyses.maps.likelihood_map import likelihood_map, positions
from illusions.analyses.maps.wording import map_caption
from illusions.errors import InputError
from illusions.progress import reported_to
from tests.analyses.tiny import some_picture, tiny_model, tiny_structure


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture(scope="module")
def bits(model):
    return likelihood_map(some_picture(), model, seed=3)


def test_every_value_is_that_of_the_patch_around_its_pixel(model, bits):
    picture = some_picture()
    for y, x in [(4, 4), (10, 20), (26, 37)]:
        nats = model.log_likelihood(picture[None, y - 4 : y + 4, x - 4 : x + 4], seed=3)
        assert_allclose(bits[y, x], -nats[0] / (192 * np.log(2)), rtol=1e-6)


def test_the_map_has_the_size_of_the_picture_and_no_value_where_no_patch_fits(bits):
    assert bits.shape == (30, 41)
    there = np.zeros(bits.shape, dtype=bool)
    there[4:27, 4:38] = True
    assert np.array_equal(np.isfinite(bits), there)


def test_it_is_made_in_bands_that_join(model, bits, monkeypatch):
    monkeypatch.setattr(model._scorer, "batch", 70)
    done = []
    with reported_to(done.append):
        again = likelihood_map(some_picture(), model, seed=3)
    assert_allclose(again, bits, rtol=1e-6)
    assert len(done) > 5
    assert sum(done) == positions(some_picture(), 8) == 23 * 34


def test_a_picture_of_one_patch(model):
    bits = likelihood_map(some_picture(8, 8), model)
    assert np.isfinite(bits).sum() == 1
    assert np.isfinite(bits[4, 4])


def test_a_picture_smaller_than_a_patch_is_refused(model):
    with pytest.raises(InputError, match="a patch needs 8"):
        likelihood_map(some_picture(7, 20), model)


def test_colours_run_from_the_least_to_the_greatest_value_and_are_grey_without_one():
    values = np.array([[np.nan, 1.0], [2.0, 3.0]])
    picture = coloured(values, "viridis")
    assert (picture[0, 0] == 127).all() or (picture[0, 0] == 128).all()
    assert picture[0, 1].tolist() == [68, 1, 84]
    assert picture[1, 1].tolist() == [253, 231, 36]
    assert coloured(np.full((2, 2), 3.0)).shape == (2, 2, 3)


@pytest.mark.parametrize("colours", COLOURS)
def test_the_figure_has_a_colour_bar_in_bits_per_dimension(bits, colours):
    figure = map_figure(some_picture(), bits, colours=colours)
    original, overlay, alone = figure.axes[1:]
    assert np.array_equal(original.images[0].get_array(), some_picture())
    for axes in (overlay, alone):
        assert np.array_equal(axes.images[-1].get_array().filled(np.nan), bits, equal_nan=True)
        assert axes.images[-1].get_cmap().name == colours
    assert [axes.get_title() for axes in figure.axes[1:]] == ["picture", "map over the picture", "map"]
    assert "bits per dimension" in alone.child_axes[0].get_ylabel()


def test_the_caption_names_the_extremes_and_the_model(model, bits):
    caption = map_caption(bits, model, seed=3)
    assert f"{np.nanmin(bits):.2f} to {np.nanmax(bits):.2f} bits" in caption
    assert "Model tiny, noise seed 3." in caption


def test_the_caption_says_what_a_model_sees_that_sees_no_colours(bits):
    caption = map_caption(bits, tiny_structure(), seed=3)
    assert "Model tiny, which sees luminance without its mean and divided by its standard deviation, with" in caption
