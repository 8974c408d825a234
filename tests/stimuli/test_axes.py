import numpy as np
import pytest

from illusions.errors import InputError
from illusions.stimuli.axes import AXES, parse_axis
from illusions.stimuli.colours import parse_colour

ORANGE = parse_colour({"hsv": [0.08, 0.5, 0.6]})


@pytest.mark.parametrize("name", AXES)
def test_what_is_set_is_what_is_got(name):
    axis = AXES[name]
    values = {"lightness": [55.0, 60.0], "chroma": [10.0, 30.0]}.get(name, [0.3, 0.55])
    rgb = axis.set(np.array([[0.6, 0.45, 0.4], [0.5, 0.6, 0.45]]), values)
    np.testing.assert_allclose(axis.get(rgb), values, atol=0.02 * axis.high / 100)


@pytest.mark.parametrize("name", AXES)
def test_setting_one_coordinate_keeps_the_others(name):
    axis = AXES[name]
    before = np.array([0.6, 0.45, 0.4])
    after = axis.set(before, 1.1 * axis.get(before))
    for other in AXES.values():
        if other.space == axis.space and other is not axis:
            assert other.get(after) == pytest.approx(other.get(before), abs=0.001 * other.high)


def test_setting_clips_and_wraps():
    np.testing.assert_allclose(AXES["brightness"].set([0.5, 0.5, 0.5], 1.7), [1, 1, 1])
    np.testing.assert_allclose(AXES["hue"].set([1.0, 0.0, 0.0], 1 + 1 / 3), [0, 1, 0], atol=1e-12)


def test_setting_works_on_pictures():
    picture = np.random.default_rng(0).random((5, 7, 3))
    values = np.random.default_rng(1).random((5, 7))
    np.testing.assert_allclose(AXES["brightness"].get(AXES["brightness"].set(picture, values)), values)


@pytest.mark.parametrize(
    ("name", "n", "last"), [("brightness", 256, 1), ("saturation", 256, 1), ("hue", 255, 254 / 255)]
)
def test_sweeps_of_hsv_are_bytes(name, n, last):
    values = AXES[name].sweep(ORANGE)
    assert len(values) == n
    assert values[0] == 0
    assert values[-1] == last
    np.testing.assert_allclose(np.diff(values), AXES[name].step)


@pytest.mark.parametrize(
    ("name", "colour"),
    [
        *(("lightness", colour) for colour in ("#999999", "#fefefe", "#99704d", "#ff8000", "#203040")),
        *(("chroma", colour) for colour in ("#99704d", "#ff8000", "#203040")),
    ],
)
def test_sweeps_of_lab_stay_in_the_gamut_and_contain_the_value(name, colour):
    axis, base = AXES[name], parse_colour(colour)
    values = axis.sweep(base)
    np.testing.assert_allclose(np.diff(values), axis.step)
    assert abs(values - axis.value(base)).min() < 1e-9
    assert values[0] >= 0
    assert values[-1] <= axis.high
    np.testing.assert_allclose(axis.get(axis.at(base, values) / 255), values, atol=1.0)


@pytest.mark.parametrize("name", ["lightness", "chroma"])
def test_beyond_the_sweep_there_is_no_colour(name):
    axis = AXES[name]
    with pytest.raises(InputError, match="outside the sRGB gamut; expected"):
        axis.at(ORANGE, axis.sweep(ORANGE)[-1] + 2 * axis.step)


def test_the_lightness_of_a_grey_is_grey():
    greys = AXES["lightness"].at(parse_colour("#777777"), AXES["lightness"].sweep(parse_colour("#777777")))
    assert (greys == greys[:, :1]).all()
    assert len(greys) >= 255


def test_hue_and_saturation_survive_a_grey():
    base = parse_colour({"hsv": [0.6, 0, 0.5]})
    np.testing.assert_array_equal(AXES["saturation"].at(base, [0, 1]), [[128, 128, 128], [0, 51, 128]])
    black = parse_colour({"hsv": [0.6, 1, 0]})
    np.testing.assert_array_equal(AXES["brightness"].at(black, 1.0), [0, 102, 255])


def test_a_value_is_exact_as_written():
    assert AXES["saturation"].value(parse_colour({"hsv": [0.6, 0.123, 0.5]})) == 0.123
    assert AXES["lightness"].value(parse_colour({"lab": [41.5, 3, 4]})) == 41.5
    assert AXES["chroma"].value(parse_colour({"lab": [41.5, 3, 4]})) == pytest.approx(5)


def test_a_hue_beyond_a_turn_is_that_hue():
    np.testing.assert_array_equal(AXES["hue"].at(ORANGE, [-0.25, 0.75, 1.75]), [AXES["hue"].at(ORANGE, 0.75)] * 3)


@pytest.mark.parametrize("value", [-0.01, 1.01, np.nan])
def test_values_out_of_range(value):
    with pytest.raises(InputError, match="out of range; expected 0 to 1"):
        AXES["brightness"].at(ORANGE, [0.5, value])


@pytest.mark.parametrize(
    ("name", "colour", "message"),
    [
        ("saturation", "#808080", "needs a hue"),
        ("chroma", "#808080", "needs a hue"),
        ("chroma", {"hsv": [0.6, 0, 0.5]}, "needs a hue"),
        ("saturation", "#7f8080", "is grey, to the precision of 8 bits, so its saturation needs a hue"),
        ("saturation", "#010000", "needs a hue"),
        ("chroma", "#807f80", "needs a hue"),
        ("hue", "#808080", "has no hue to vary"),
        ("hue", "#7f8080", "has no hue to vary"),
        ("hue", {"hsv": [0.3, 0.5, 0]}, "same colour at every hue"),
        ("saturation", {"hsv": [0.3, 0.5, 0]}, "same colour at every saturation"),
    ],
)
def test_colours_that_do_not_vary(name, colour, message):
    with pytest.raises(InputError, match=message):
        AXES[name].check(parse_colour(colour))


@pytest.mark.parametrize("colour", ["#ffff00", "#ffff20", "#ff0000", "#00ffff", "#ff00ff", "#0000ff"])
def test_a_line_that_grazes_the_edge_of_the_gamut_is_swept_to_grey(colour):
    axis, base = AXES["chroma"], parse_colour(colour)
    values = axis.sweep(base)
    assert values[0] < axis.step
    assert values[-1] > axis.value(base) - axis.step
    assert np.abs(axis.get(axis.at(base, values) / 255) - values).max() < 2  # clipped by three levels, and rounded
    assert not axis.shortness(base)


def test_a_sweep_of_few_values_is_told_with_its_range():
    assert "#010000 sRGB has only 2 values of chroma, 0.2773 to 0.6691" in AXES["chroma"].shortness(
        parse_colour("#010000")
    )
    assert not AXES["hue"].shortness(ORANGE)


@pytest.mark.parametrize("written", ["brightnes", None, ["brightness"]])
def test_what_is_no_axis(written):
    with pytest.raises(InputError, match="no axis is called"):
        parse_axis(written)
