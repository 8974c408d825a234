import numpy as np
import pytest

from illusions.stimuli.axes import AXES
from illusions.stimuli.families.photograph import target_coverage, with_gain
from illusions.stimuli.loading import load_stimulus


@pytest.fixture(scope="module")
def photograph():
    return np.random.default_rng(0).integers(20, 200, (40, 50, 3), dtype=np.uint8)


def test_a_gain_of_one_changes_nothing(photograph):
    for name in ("brightness", "saturation", "lightness", "chroma"):
        np.testing.assert_array_equal(with_gain(photograph, AXES[name], 1), photograph)


def test_darker_is_half_of_every_channel(photograph):
    darker = with_gain(photograph, AXES["brightness"], 0.5)
    np.testing.assert_allclose(darker, photograph / 2, atol=0.51)


def test_no_saturation_is_grey_of_the_same_brightness(photograph):
    grey = with_gain(photograph, AXES["saturation"], 0)
    np.testing.assert_array_equal(grey, np.repeat(photograph.max(axis=2, keepdims=True), 3, axis=2))


def test_too_much_is_clipped(photograph):
    assert AXES["brightness"].get(with_gain(photograph, AXES["brightness"], 100) / 255).min() == 1


@pytest.mark.parametrize("extent", [7, 8])
def test_where_the_target_lies(extent):
    square = target_coverage((40, 50), (20, 10), extent, "square")
    rows, columns = np.nonzero(square)
    assert (rows.min(), columns.min()) == (6, 16)
    assert square.sum() == extent**2
    disc = target_coverage((40, 50), (20, 10), extent, "disc")
    assert disc.sum() == pytest.approx(np.pi * extent**2 / 4, rel=0.01)
    assert (square >= disc).all()


def test_the_surround_is_darkened_and_lightened():
    stimulus = load_stimulus("brightness-contrast-photograph")
    dark, light = (stimulus.picture(name) for name in ("dark", "light"))
    outside = ~stimulus.target_mask("dark")
    assert dark[outside].mean() < 0.6 * light[outside].mean()
    assert dark.shape == (300, 300, 3)


def test_the_surround_is_textured():
    stimulus = load_stimulus("brightness-contrast-photograph")
    for condition in stimulus.conditions:
        patch = stimulus.patches(condition, stimulus.value)[0]
        assert patch[0].std(axis=0).min() > 5
