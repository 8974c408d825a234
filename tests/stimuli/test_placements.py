from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from illusions.stimuli.families.uniform import uniform_scene
from illusions.stimuli.loading import load_stimulus
from illusions.stimuli.placements import placements
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box


def centres(boxes):
    return np.array([((box.left + box.right) / 2, (box.top + box.bottom) / 2) for box in boxes])


def _two_squares(x, y):
    near = np.maximum(np.minimum(abs(x - 4), abs(x + 4)), abs(y))
    return np.where(near < 1, 0, 1)


#: Two squares of 2 by 2 with a gap of 6 between, as one target.
TWO_SQUARES = LabelledScene(
    labels=_two_squares, surrounds=np.zeros((1, 3), np.uint8), target=Box(-5, -1, 5, 1), frame=Box.centred(20)
)


def test_a_look_is_a_square_of_the_side_that_is_asked_for():
    for box in placements(TWO_SQUARES, 12.0, 16, 5):
        assert (box.width, box.height) == pytest.approx((12, 12))


@pytest.mark.parametrize("seed", range(5))
def test_a_look_is_centred_on_the_target_but_for_half_a_pixel(seed):
    side, size = 1.6, 16
    found = centres(placements(TWO_SQUARES, side, size, 16, seed=seed))
    # half a pixel of the model, and half a cell of those in which the target is searched
    slack = side / size / 2 + 10 / 64 / 2
    assert (abs(abs(found[:, 0]) - 4) < 1 + slack).all()
    assert (abs(found[:, 1]) < 1 + slack).all()
    assert (found[:, 0] < 0).sum() == 8  # each square has half of the area


def test_looks_are_spread_along_the_longer_side_by_area():
    """A bar of 8 by 1: of 8 placements one in each eighth; moved by less than a thousandth."""
    bar = LabelledScene(
        labels=lambda x, y: np.where((abs(x) < 4) & (abs(y) < 0.5), 0, 1),
        surrounds=np.zeros((1, 3), np.uint8), target=Box(-4, -0.5, 4, 0.5), frame=Box.centred(20),
    )  # fmt: skip
    found = centres(placements(bar, 1e-3, 16, 8))
    assert sorted(np.floor(found[:, 0] + 4 - 1e-6)) == pytest.approx(range(8))
    upright = LabelledScene(
        labels=lambda x, y: bar.labels(y, x), surrounds=bar.surrounds, target=Box(-0.5, -4, 0.5, 4), frame=bar.frame
    )
    turned = centres(placements(upright, 1e-3, 16, 8))
    assert sorted(np.floor(turned[:, 1] + 4 - 1e-6)) == pytest.approx(range(8))


def test_the_jitter_is_a_latin_hypercube_over_a_pixel():
    """On a target as small as a point, 8 placements fall into 8 different eighths of a pixel in both directions."""
    dot = uniform_scene(np.zeros(3, np.uint8), 1e-9, "square")
    found = centres(placements(dot, 16.0, 16, 8, seed=2))
    for direction in found.T:
        assert sorted(np.floor((direction + 0.5) * 8)) == pytest.approx(range(8))


def test_the_same_seed_gives_the_same_looks():
    placement = partial(placements, TWO_SQUARES, 12.0, 16, 8)
    assert placement(seed=1) == placement(seed=1)
    assert placement(seed=1) != placement(seed=2)


def test_a_field_is_as_wide_as_so_many_degrees():
    """The bars of White's effect are 2° wide: a field of 12° holds 3 pairs of them, half of it is white."""
    white = load_stimulus("white")
    assert white.target_degrees == 4
    for box in placements(white.conditions["black"], white.units(12), 16, 4):
        assert box.width == pytest.approx(12 * white.units_per_degree)
    for surround in white.views("black", 12, 4):
        # what is not target: 72 square degrees of white, 72 − 8 of black; the target covers 8 of 144
        assert surround.surround.mean() == pytest.approx(255 * 72 / 144, rel=0.01)
        assert surround.coverage.sum() == pytest.approx(256 * 8 / 144, rel=0.02)


def test_every_size_in_degrees_is_that_of_its_file():
    sizes = {"brightness-contrast": 3, "todorovic": 4.8, "bullseye": 0.61, "checkerboard": 0.16, "grating-induction": 2}
    for name, degrees in sizes.items():
        assert load_stimulus(name).target_degrees == pytest.approx(degrees)
    assert load_stimulus("dungeon").target_degrees is None
