from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from illusions.analyses.outliers.controls import CONTROLS, drawing, negative, noise, scrambled
from tests.analyses.tiny import some_picture


@pytest.fixture
def random():
    return np.random.default_rng(4)


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_is_a_picture_of_the_same_size_and_repeats_with_its_seed(name):
    picture = some_picture(31, 44)
    first, again = (CONTROLS[name](picture, np.random.default_rng(1)) for _ in range(2))
    assert (first.shape, first.dtype) == (picture.shape, np.uint8)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, picture)


def test_noise_is_white(random):
    values = noise(np.zeros((100, 100, 3), np.uint8), random)
    assert values.mean() == pytest.approx(127.5, abs=2)
    assert np.corrcoef(values[:, 1:].ravel(), values[:, :-1].ravel())[0, 1] == pytest.approx(0, abs=0.03)


def test_scrambling_keeps_the_spectrum_the_mean_and_the_relation_of_colours(random):
    grey = np.repeat(some_picture(32, 32)[..., :1] // 2 + 64, 3, axis=2)
    shuffled = scrambled(grey, random)
    assert np.array_equal(shuffled[..., 0], shuffled[..., 2])
    before, after = (np.abs(np.fft.fft2(p[..., 0].astype(float))) for p in (grey, shuffled))
    assert_allclose(after.ravel(), before.ravel(), atol=0.02 * before[1:].max() + 40)
    assert shuffled.mean() == pytest.approx(grey.mean(), abs=1)


def test_a_drawing_is_mostly_paper_with_dark_lines(random):
    page = drawing(np.zeros((120, 160, 3), np.uint8), random)
    assert np.array_equal(page[..., 0], page[..., 1])
    assert 0.5 < (page == 255).mean() < 0.97
    assert page.min() < 100


def test_the_negative_of_the_negative_is_the_picture(random):
    picture = some_picture()
    assert np.array_equal(negative(negative(picture, random), random), picture)
