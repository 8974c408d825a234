import numpy as np
import pytest

from illusions.stimuli.families.grating import GratingFile
from illusions.stimuli.loading import load_stimulus
from tests.stimuli.families.drawing import BLACK, WHITE, either, scenes

GREY = np.array([[128, 128, 128]], dtype=np.uint8)


def grating(length, orientation="vertical"):
    """A target in a black bar of eleven."""
    table = {"first": BLACK, "second": WHITE, "bars": 11, "orientation": orientation}
    return scenes(GratingFile, either("interrupts"), target={"length": length}, grating=table)["first"]


def test_bars_and_target_have_exact_edges():
    patch = grating(2).patch(16 / 4, 16).paint(GREY)[0, ..., 0]  # bars of 2 pixels
    bars = np.array([0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0])
    target = np.s_[6:10, 7:9]
    np.testing.assert_array_equal(patch[0], bars)
    assert (patch[target] == 128).all()
    patch[target] = 0
    np.testing.assert_array_equal(patch, np.tile(bars, (16, 1)))


def test_horizontal_is_vertical_on_its_side():
    upright, lying = (grating(3, way).patch(3, 18) for way in ("vertical", "horizontal"))
    np.testing.assert_array_equal(upright.paint(GREY)[0], lying.paint(GREY)[0].transpose(1, 0, 2))


def test_the_interrupted_bar_continues_beyond_both_ends():
    stimulus = load_stimulus("white")
    for condition, own in (("black", 0), ("white", 255)):
        picture, mask = stimulus.picture(condition), stimulus.target_mask(condition)
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        middle = picture[len(picture) // 2, :, 0]
        assert (picture[[rows[0] - 1, rows[-1] + 1]][:, columns] == own).all()
        assert middle[columns[0] - 1] == middle[columns[-1] + 1] == 255 - own
        assert len(rows) == 2 * len(columns)


def test_eleven_bars():
    row = load_stimulus("white").picture("black")[0, :, 0].astype(int)
    assert (np.diff(row) != 0).sum() == 10


@pytest.mark.parametrize("name", ["white", "munker"])
def test_both_conditions_are_the_same_grating(name):
    stimulus = load_stimulus(name)
    for condition in stimulus.conditions:
        picture = stimulus.picture(condition)
        colours = {tuple(colour) for colour in np.unique(picture.reshape(-1, 3), axis=0).tolist()}
        assert len(colours) == 3
        assert tuple(stimulus.colour(stimulus.value).tolist()) in colours
