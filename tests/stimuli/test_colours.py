import numpy as np
import pytest
from skimage import color

from illusions.displays import ConeSpace, Display
from illusions.errors import InputError
from illusions.stimuli.colours import Colour, from_rgb, parse_colour, to_bytes, to_rgb


def test_hex():
    colour = parse_colour("#8a6F3c")
    np.testing.assert_array_equal(colour.bytes, [0x8A, 0x6F, 0x3C])
    assert colour.hex == "#8a6f3c"


def test_hsv_is_that_of_scikit_image():
    random = np.random.default_rng(0)
    rgb = np.concatenate([random.integers(0, 256, (1000, 2, 3)), random.integers(0, 2, (50, 2, 3)) * 255]) / 255
    hsv = from_rgb("hsv", rgb)
    np.testing.assert_array_equal(hsv, color.rgb2hsv(rgb))
    for each in (hsv, random.random((1000, 3)), hsv[0, 0]):
        np.testing.assert_array_equal(to_rgb("hsv", each), color.hsv2rgb(each))


@pytest.mark.parametrize(
    ("hsv", "rgb"),
    [
        ([0, 0, 0.5], "#808080"),
        ([0, 1, 1], "#ff0000"),
        ([1 / 3, 1, 1], "#00ff00"),
        ([2 / 3, 1, 1], "#0000ff"),
        ([1, 1, 1], "#ff0000"),
        ([0.5, 0.5, 0.8], "#66cccc"),
    ],
)
def test_hsv(hsv, rgb):
    assert parse_colour({"hsv": hsv}).hex == rgb


@pytest.mark.parametrize(
    ("lab", "rgb"),
    [([0, 0, 0], "#000000"), ([100, 0, 0], "#ffffff"), ([50, 0, 0], "#777777"), ([53.24, 80.09, 67.2], "#ff0000")],
)
def test_lab(lab, rgb):
    """The red primary: L* 53.24, a* 80.09, b* 67.20 (CIELAB of sRGB, D65)."""
    assert parse_colour({"lab": lab}).hex == rgb


def test_a_colour_is_exact_in_its_own_space():
    np.testing.assert_array_equal(parse_colour({"hsv": [0.6, 0, 0.5]}).coordinates("hsv"), [0.6, 0, 0.5])
    np.testing.assert_array_equal(parse_colour({"hsv": [0.6, 0.3, 0]}).coordinates("hsv"), [0.6, 0.3, 0])
    assert parse_colour({"lab": [50, 0, 20]}).coordinates("lch")[1] == 20


def test_a_colour_stays_one():
    colour = Colour("hsv", (0.1, 0.2, 0.3))
    assert parse_colour(colour) is colour


def test_greys_have_no_hue_but_the_one_they_were_written_with():
    assert not parse_colour("#808080").has_hue("hsv")
    assert not parse_colour("#808080").has_hue("lch")
    assert not parse_colour({"lab": [50, 0, 0]}).has_hue("hsv")
    assert not parse_colour({"hsv": [0.6, 0, 0.5]}).has_hue("lch")
    assert parse_colour({"hsv": [0.6, 0, 0.5]}).has_hue("hsv")
    assert parse_colour("#828080").has_hue("hsv")


@pytest.mark.parametrize("written", ["#818080", "#7f8080", "#807f80", "#010000", "#fffffe"])
def test_within_a_level_of_grey_bytes_have_no_hue(written):
    assert not parse_colour(written).has_hue("hsv")
    assert not parse_colour(written).has_hue("lch")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("#12345", "six hexadecimal digits"),
        ("grey", "six hexadecimal digits"),
        ({"hsv": [0, 0, 1.5]}, "v of hsv is 1.5; expected 0 to 1"),
        ({"hsv": [-0.1, 0, 1]}, "h of hsv is -0.1; expected 0 to 1"),
        ({"hsv": [0, 0]}, "three numbers"),
        ({"hsv": "abc"}, "three numbers"),
        ({"hsv": [0, 0, "1"]}, "three numbers"),
        ({"hsv": [0, 0, float("nan")]}, "three numbers"),
        ({"hsv": [[0], 0, 0]}, "three numbers"),
        ({"hsv": 0.5}, "three numbers"),
        ({"lab": [101, 0, 0]}, "L of lab is 101; expected 0 to 100"),
        ({"lab": [50, 120, 0]}, "outside the sRGB gamut"),
        ({"lab": [2, 0, 90]}, "outside the sRGB gamut"),
        ({"rgb": [0, 0, 0]}, "a colour is"),
        ({"hsv": [0, 0, 0], "lab": [0, 0, 0]}, "a colour is"),
        (0.5, "a colour is"),
        (None, "a colour is"),
    ],
)
def test_what_is_no_colour(written, message):
    with pytest.raises(InputError, match=message):
        parse_colour(written)


def test_bytes_are_rounded_to_the_nearest():
    np.testing.assert_array_equal(to_bytes([0, 0.4 / 255, 0.5 / 255, 0.5, 254.6 / 255, 1]), [0, 0, 1, 128, 255, 255])


def test_colours_of_the_isoluminant_plane():
    colour = parse_colour({"dkl-polar": [0, 0.1, 90]})
    np.testing.assert_allclose(colour.coordinates("dkl"), [0, 0, 0.1], atol=1e-12)
    np.testing.assert_allclose(parse_colour({"dkl": [0, 0, 0.1]}).coordinates("dkl-polar"), [0, 0.1, 90], atol=1e-12)
    assert parse_colour(colour.written) == colour
    with pytest.raises(
        InputError, match=r"outside the sRGB gamut; expected a contrast of at most 0\.\d+ at azimuth 0°"
    ):
        parse_colour({"dkl-polar": [0, 0.5, 0]})
    for azimuth in (-1, 360):
        with pytest.raises(InputError, match="expected degrees, from 0 to less than 360"):
            parse_colour({"dkl-polar": [0, 0.1, azimuth]})


def test_lights_of_a_display():
    cones = ConeSpace(Display(white=100))
    assert parse_colour({"xyY": [0.3127, 0.3290, 21.586]}, cones).hex == "#808080"
    with pytest.raises(InputError, match="outside the gamut of the display, whose white has 100 cd/m²"):
        parse_colour({"xyY": [0.42, 0.45, 120]}, cones)
    with pytest.raises(InputError, match="the luminance of the display's white is unknown"):
        parse_colour({"xyY": [0.42, 0.45, 24]})
