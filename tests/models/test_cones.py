from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from illusions.displays import SRGB, Display
from illusions.models.cones import from_opponent, to_opponent

COMPRESSIONS = ["cube-root", "log", "none"]


def colours(n=200):
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (n, 3), dtype=np.uint8))


def test_cones_of_another_display_by_hand():
    """A red of half the range: its light by the display's gamma, its cones by the display's primaries."""
    display = Display(gamma=2.0, red=(0.68, 0.32), green=(0.265, 0.69))
    red = display.cones[0] / display.cones.sum(axis=0) * (128 / 255) ** 2
    seen = to_opponent(torch.tensor([[128, 0, 0]], dtype=torch.uint8), "none", torch.float64, display=display)
    assert_allclose(seen[0], [(red[0] + red[1]) / 2, red[0] - red[1], red[2] - (red[0] + red[1]) / 2])
    assert (
        to_opponent(colours(), "none", torch.float64) != to_opponent(colours(), "none", torch.float64, display=display)
    ).any()


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_white_is_one_black_is_zero_and_greys_have_no_colour(compression):
    greys = torch.arange(256, dtype=torch.uint8)[:, None].expand(-1, 3)
    seen = to_opponent(greys, compression, torch.float64)
    assert_allclose(seen[[0, -1], 0], [0, 1], atol=1e-6)
    assert_allclose(seen[:, 1:], 0, atol=1e-6)
    assert (seen[:, 0].diff() > 0).all()


def test_by_hand():
    """A red of half the light: L, M, S by the matrix, their cube roots, and the differences."""
    byte = 188
    light = ((byte / 255 + 0.055) / 1.055) ** 2.4
    long, middle, short = np.cbrt(light * np.array([0.27173106, 0.10004912, 0.01935314]))
    seen = to_opponent(torch.tensor([[byte, 0, 0]], dtype=torch.uint8), "cube-root", torch.float64)
    assert_allclose(seen[0], [(long + middle) / 2, long - middle, short - (long + middle) / 2])


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("display", [SRGB, Display(gamma=(2.0, 2.2, 2.4), red=(0.68, 0.32), white=100, black=1)])
def test_colours_come_back(compression, display):
    back = from_opponent(
        to_opponent(colours(), compression, torch.float64, display=display), compression, display=display
    )
    assert_allclose(back, colours() / 255, atol=1e-6)


def test_what_a_display_cannot_show_is_clipped_to_its_gamut():
    display = Display(gamma=2.0, white=100, black=1)
    opponent = torch.from_numpy(np.random.default_rng(0).normal(0.5, 0.5, (200, 3)))
    shown = from_opponent(opponent, "none", display=display)
    assert 0 <= shown.min() < 1e-6
    assert shown.max() == pytest.approx(1)


def test_red_and_blue_have_the_signs_of_the_channels():
    shown = torch.tensor([[200, 100, 100], [100, 150, 100], [100, 100, 220]], dtype=torch.uint8)
    red, green, blue = to_opponent(shown, "cube-root", torch.float32)
    assert red[1] > 0 > green[1]
    assert blue[2] > 0 > green[2]


def test_bits_that_are_cut_off_make_no_difference():
    seen = to_opponent(colours(), "log", torch.float32, bits=5)
    assert torch.equal(seen, to_opponent(colours() & 0b11111000, "log", torch.float32, bits=5))
    assert not torch.equal(seen, to_opponent(colours(), "log", torch.float32))
