from __future__ import annotations

import numpy as np
import pytest
from skimage.color import rgb2hsv

from illusions.analyses.patches.attributes import (
    ATTRIBUTES,
    brightness,
    check_attribute,
    contrast,
    orientation,
    saturation,
    warmth,
)
from illusions.errors import InputError


@pytest.fixture(scope="module")
def patches():
    return np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)


def flat(*colour):
    return np.full((1, 8, 8, 3), colour, dtype=np.uint8)


def test_brightness_and_saturation_are_those_of_hsv(patches):
    hsv = rgb2hsv(patches / 255)
    assert brightness(patches) == pytest.approx(hsv[..., 2].mean(axis=(1, 2)))
    assert saturation(patches) == pytest.approx(hsv[..., 1].mean(axis=(1, 2)))
    assert saturation(flat(0, 0, 0)) == 0


def test_warm_is_red_and_cool_is_blue():
    assert warmth(flat(255, 0, 0)) == 1
    assert warmth(flat(0, 9, 255)) == -1
    assert warmth(flat(7, 250, 7)) == 0


def test_contrast_is_the_standard_deviation_of_luma():
    half = flat(0, 0, 0)
    half[:, :, 4:] = 255
    assert contrast(half) == pytest.approx(0.5)
    assert contrast(flat(9, 80, 200)) == pytest.approx(0, abs=1e-12)


def test_vertical_lines_have_an_orientation_above_zero():
    lines = flat(0, 0, 0)
    lines[:, :, ::2] = 255
    assert orientation(lines) == pytest.approx(1, abs=1e-4)
    assert orientation(lines.transpose(0, 2, 1, 3)) == pytest.approx(-1, abs=1e-4)
    assert orientation(flat(5, 5, 5)) == 0


def test_every_attribute_gives_a_number_per_patch(patches):
    for name, function in ATTRIBUTES.items():
        assert function(patches).shape == (4,)
        assert check_attribute(name) == name
    with pytest.raises(InputError, match="did you mean 'warmth'"):
        check_attribute("warmht")
