from dataclasses import replace

import numpy as np
import pytest

from illusions.displays import SRGB
from illusions.errors import InputError
from illusions.stimuli.axes import AXES, parse_axis
from illusions.stimuli.colours import parse_colour

ORANGE = parse_colour({"hsv": [0.08, 0.5, 0.6]})


@pytest.mark.parametrize("name", AXES)
def test_what_is_set_is_what_is_got(name):
    axis = AXES[name]
    values = {
        "lightness": [55.0, 60.0], "chroma": [10.0, 30.0], "a": [-9.0, 15.0], "b": [-9.0, 15.0],
        "l-m": [-0.05, 0.03], "s-lm": [-0.3, 0.4], "dkl-hue": [20.0, 310.0], "dkl-contrast": [0.05, 0.1],
    }.get(name, [0.3, 0.55])  # fmt: skip
    rgb = axis.set(np.array([[0.6, 0.45, 0.4], [0.5, 0.6, 0.45]]), values)
    np.testing.assert_allclose(axis.get(rgb), values, atol=0.02 * axis.span / 100)


@pytest.mark.parametrize("name", AXES)
def test_setting_one_coordinate_keeps_the_others(name):
    axis = AXES[name]
    before = np.array([0.6, 0.45, 0.4])
    after = axis.set(before, 1.1 * axis.get(before))
    for other in AXES.values():
        if other.space == axis.space and other is not axis:
            assert other.get(after) == pytest.approx(other.get(before), abs=0.001 * other.span)


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


@pytest.mark.parametrize("name", ["a", "b", "l-m", "s-lm"])
@pytest.mark.parametrize("colour", ["#808080", "#bcbcbc", "#404040", "#99704d"])
def test_sweeps_of_signed_axes_go_both_ways_from_grey(name, colour):
    axis, base = AXES[name], parse_colour(colour)
    values = axis.sweep(base)
    colours = axis.at(base, values).astype(int)
    grey = np.ptp(base.bytes.astype(int)) == 0
    assert axis.signed
    assert (axis.value(base) == 0) == grey
    np.testing.assert_allclose(np.diff(values), axis.step)
    own = int(np.abs(values - axis.value(base)).argmin())
    assert values[own] == axis.value(base)
    np.testing.assert_array_equal(colours[own], base.bytes)
    assert 0 < own < len(values) - 1
    steps = np.abs(np.diff(colours, axis=0)).max(axis=1)
    assert np.median(steps) <= (2 if base.bytes.max() < 100 else 1)
    assert steps.max() <= 13  # where a channel is nearly dark, and a little light makes many levels
    assert ((colours[[0, -1]] <= 13) | (colours[[0, -1]] >= 250)).any(axis=1).all()  # both ends are of the gamut
    np.testing.assert_allclose(axis.get(colours / 255), values, atol=5 * axis.step)


def test_the_ends_of_signed_axes_are_those_of_all_srgb_colours():
    edge = np.linspace(0, 1, 18)
    cube = np.stack(np.meshgrid(edge, edge, edge), axis=-1).reshape(-1, 3)
    for name in ("a", "b", "l-m", "s-lm"):
        found = AXES[name].get(cube)
        assert AXES[name].low < found.min() < 0.98 * AXES[name].low
        assert 0.98 * AXES[name].high < found.max() < AXES[name].high


def test_along_the_axes_of_cones_luminance_stays():
    base = parse_colour("#909090")
    for name in ("l-m", "s-lm"):
        colours = AXES[name].at(base, AXES[name].sweep(base))
        display = replace(SRGB, white=1.0)
        luminances = display.luminances(colours)
        np.testing.assert_allclose(luminances, display.luminances(base.bytes), rtol=0.015)  # but for 8 bits
    bluish, yellowish = AXES["s-lm"].at(base, [0.5, -0.3]).astype(int)
    assert bluish[2] > 144 > yellowish[2]
    reddish, greenish = AXES["l-m"].at(base, [0.1, -0.1]).astype(int)
    assert reddish[0] > 144 > reddish[1]
    assert greenish[1] > 144 > greenish[0]


def test_lab_is_kept_as_it_is_written():
    base = parse_colour({"lab": [60, -7.5, 12.25]})
    assert AXES["a"].value(base) == pytest.approx(-7.5, abs=1e-12)
    assert AXES["b"].value(AXES["a"].colour(base, 3)) == pytest.approx(12.25, abs=1e-12)
    assert AXES["s-lm"].value(parse_colour({"dkl": [0.1, 0.02, -0.25]})) == -0.25
    with pytest.raises(InputError, match=r"dkl = .* lies outside the sRGB gamut; expected contrasts nearer to 0"):
        parse_colour({"dkl": [0, 0.5, 0]})


def test_an_axis_of_another_display():
    wide = {"red": [0.68, 0.32], "green": [0.265, 0.69], "blue": [0.15, 0.06], "gamma": 2.2}  # Display P3
    axis = parse_axis({"name": "l-m", "display": wide})
    base = parse_colour("#808080")
    values = axis.sweep(base)
    assert axis.name == "l-m"
    assert 0.0 in values
    np.testing.assert_array_equal(axis.at(base, 0.0), base.bytes)
    assert values[-1] > 1.15 * AXES["l-m"].sweep(base)[-1]  # of its greater gamut
    shifted = axis.colour(base, 0.05)
    assert axis.value(shifted) == pytest.approx(0.05)
    np.testing.assert_array_equal(shifted.bytes, axis.at(base, 0.05))
    assert parse_axis({"name": "l-m", "display": {}}).sweep(base)[-1] == pytest.approx(
        AXES["l-m"].sweep(base)[-1], abs=2 * axis.step
    )


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"name": "a", "display": {}}, "the axis a is one of sRGB, whatever the display; expected l-m, s-lm, dkl-hue"),
        ({"name": "l-n", "display": {}}, "did you mean 'l-m'"),
        ({"name": "l-m", "display": {"rad": [0.6, 0.3]}}, "did you mean 'red'"),
        ({"name": "l-m", "display": {"red": [0.6]}}, r"red of the display is \[0.6\]; expected \[x, y\]"),
        ({"name": "l-m", "display": {"red": [0.9, 0.9]}}, "red of the display is .*; expected x and y"),
        ({"name": "l-m", "display": {"red": [0.31, 0.33]}}, "does not lie between its primaries"),
        ({"name": "l-m", "display": {"red": [0.15, 0.06]}}, "does not lie between its primaries"),
        ({"name": "l-m", "display": {"gamma": True}}, "gamma of the display: expected a number, not True"),
        ({"name": "l-m", "display": {"gamma": 22}}, "gamma of the display is 22; expected 0.5 to 5"),
        ({"name": "l-m", "display": 7}, "a display is { gamma = 2.2"),
        ({"nome": "l-m"}, "no axis is called"),
        ({"name": "l-m", "s-scale": 2}, "no key of an axis is called 's-scale'; did you mean 's_scale'"),
        ({"name": "dkl-hue", "s_scale": 0}, "s_scale is 0; expected a positive number"),
        ({"name": "dkl-hue", "s_scale": "2"}, "s_scale is '2'; expected a number"),
        ({"name": "dkl-hue", "adapt": "reference"}, "there is no reference condition with a uniform surround"),
        ({"name": "dkl-hue", "adapt": "#000000"}, "the colour to adapt to is black"),
        ({"name": "brightness", "s_scale": 2}, "the axis brightness is one of sRGB"),
    ],
)
def test_axes_of_displays_that_are_none(written, message):
    with pytest.raises(InputError, match=message):
        parse_axis(written)


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
        ("dkl-hue", "#808080", "has no hue to vary"),
        ("dkl-contrast", "#808080", "so its dkl-contrast needs a hue"),
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


KLAUKE = {"name": "dkl-hue", "display": {"white": 82}, "adapt": {"xyY": [0.310, 0.316, 40]}, "s_scale": 2.6}


def test_azimuth_is_measured_in_degrees_from_l_m_towards_s():
    axis = parse_axis("dkl-hue")
    for azimuth, dkl in ((0, [0, 0.1, 0]), (90, [0, 0, 0.1]), (180, [0, -0.1, 0]), (270, [0, 0, -0.1])):
        assert axis.value(parse_colour({"dkl": dkl})) == pytest.approx(azimuth)
        np.testing.assert_array_equal(
            axis.at(parse_colour({"dkl": [0, 0.1, 0]}), azimuth), parse_colour({"dkl": dkl}).bytes
        )
    scaled = parse_axis(KLAUKE)
    assert scaled.label == "azimuth (DKL, degrees, S ÷ 2.6)"
    pink = parse_colour({"dkl-polar": [0, 0.2, 45]}, scaled.cones)
    assert scaled.value(pink) == pytest.approx(45)
    contrast = parse_axis({**KLAUKE, "name": "dkl-contrast"})
    assert contrast.value(pink) == pytest.approx(0.2)
    assert parse_axis({**KLAUKE, "name": "l-m"}).value(pink) == pytest.approx(0.2 * np.sqrt(0.5))
    assert parse_axis({**KLAUKE, "name": "s-lm"}).value(pink) == pytest.approx(2.6 * 0.2 * np.sqrt(0.5))


def test_a_sweep_of_azimuth_goes_around():
    axis = parse_axis(KLAUKE)
    base = parse_colour({"dkl-polar": [0, 0.2, 22.5]}, axis.cones)
    values = axis.sweep(base)
    assert len(values) == 360
    assert (np.diff(values) > 0).all()
    assert abs(values - 22.5).min() < 1e-9
    colours = axis.at(base, values)
    steps = np.abs(np.diff(np.vstack([colours, colours[:1]]).astype(int), axis=0)).max(axis=1)
    assert steps.max() <= 4
    light = axis.cones.display.luminances(colours)
    np.testing.assert_allclose(light, 40, rtol=0.01)  # but for 8 bits


def test_a_sweep_of_contrast_ends_at_the_gamut():
    axis = parse_axis({**KLAUKE, "name": "dkl-contrast"})
    base = parse_colour({"dkl-polar": [0, 0.1, 90]}, axis.cones)
    values = axis.sweep(base)
    assert 0 <= values[0] < axis.step
    assert 0.25 < values[-1] < axis.high
    assert np.median(np.abs(np.diff(axis.at(base, values).astype(int), axis=0)).max(axis=1)) <= 1


def test_a_circle_that_leaves_the_gamut_names_the_largest_that_fits():
    axis = parse_axis("dkl-hue")
    with pytest.raises(InputError, match=r"a contrast of 0\.3 .* at azimuth \d+°; expected at most 0\.") as raised:
        axis.check(parse_colour({"dkl-polar": [0, 0.3, 90]}))
    largest = float(str(raised.value).split("at most ")[1].split(",")[0])
    axis.check(parse_colour({"dkl-polar": [0, largest, 90]}))
    with pytest.raises(InputError, match="the largest that fits at every azimuth"):
        axis.check(parse_colour({"dkl-polar": [0, 1.1 * largest, 90]}))
    with pytest.raises(InputError, match="the largest that fits at every azimuth"):
        axis.at(parse_colour({"dkl-polar": [0, 0.3, 90]}), np.arange(360.0))


def test_the_reference_surround_can_be_what_observers_adapt_to():
    axis = parse_axis({"name": "s-lm", "adapt": "reference"}, parse_colour("#a08080"))
    assert axis.value(parse_colour("#a08080")) == pytest.approx(0, abs=1e-12)
    assert axis.value(parse_colour("#808080")) > 0.01
