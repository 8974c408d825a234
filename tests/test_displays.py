"""Light and cones, against values that others have measured and tabulated."""

import numpy as np
import pytest

from illusions.displays import (
    SRGB,
    ConeSpace,
    Display,
    from_dkl,
    from_polar,
    from_xyy,
    gamut_contrast,
    parse_display,
    parse_luminances,
    to_dkl,
    to_polar,
)
from illusions.errors import InputError

#: By wavelength, nm: x and y of the spectral locus (CIE 1931), and the sensitivities of L, M and S, each of greatest 1,
#: as they are tabulated for normal trichromats by DeMarco, P., Pokorny, J. & Smith, V. C. (1992), Full-spectrum cone
#: sensitivity functions for X-chromosome-linked anomalous trichromats, J. Opt. Soc. Am. A, 9, 1465–1476.
LIGHTS = {
    440: ((0.1644, 0.0109), (0.0301, 0.0477, 1.0)),
    480: ((0.0913, 0.1327), (0.102, 0.189, 0.468)),
    500: ((0.0082, 0.5384), (0.263, 0.396, 0.164)),
    520: ((0.0743, 0.8338), (0.617, 0.808, 0.0474)),
    550: ((0.3016, 0.6923), (0.954, 0.987, 0.0055)),
    580: ((0.5125, 0.4866), (0.965, 0.651, 0.0012)),
    600: ((0.6270, 0.3725), (0.795, 0.318, 0.0006)),
    620: ((0.6915, 0.3083), (0.530, 0.110, 0.0002)),
    650: ((0.7260, 0.2740), (0.159, 0.0144, 0.0000)),
}


def cones_of(nm):
    """L, M and S of light of one wavelength: of a display with such a primary."""
    far = {"red": (0.70, 0.28), "green": (0.20, 0.75), "blue": (0.16, 0.02)}
    nearest = min(far, key=lambda name: np.hypot(*np.subtract(far[name], LIGHTS[nm][0])))
    return Display(**(far | {nearest: LIGHTS[nm][0]})).cones[list(far).index(nearest)]


def test_the_cones_are_those_of_smith_and_pokorny():
    """L to M as in the table of their sensitivities, and S to L where it is sensitive, but for a factor."""
    found = np.array([cones_of(nm) for nm in LIGHTS])
    table = np.array([cones for _, cones in LIGHTS.values()])
    for one, other, lights, tolerance in ((0, 1, slice(None), 0.06), (2, 0, slice(0, 4), 0.12)):
        ratio = found[lights, one] / found[lights, other] / (table[lights, one] / table[lights, other])
        assert np.abs(ratio / np.median(ratio) - 1).max() < tolerance


def test_the_luminances_of_srgb():
    """0.2126 R + 0.7152 G + 0.0722 B, IEC 61966-2-1."""
    display = Display(white=100)
    primaries = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0]], dtype=np.uint8)
    np.testing.assert_allclose(display.luminances(primaries), [21.26, 71.52, 7.22, 100, 0], atol=0.01)
    assert display.luminances(np.array([128, 128, 128], np.uint8)) == pytest.approx(21.586, abs=0.001)
    other = Display(gamma=2.2, white=80)
    assert other.luminances(np.array([128, 128, 128], np.uint8)) == pytest.approx(80 * (128 / 255) ** 2.2)


def test_luminance_is_what_l_and_m_add_up_to():
    np.testing.assert_allclose(SRGB.cones[:, :2].sum(axis=1), [0.2126, 0.7152, 0.0722], atol=1e-4)


def test_the_greatest_contrasts_of_an_srgb_screen():
    """From a grey of half the luminance: about 7 % of L, 13 % of M and 84 % of S."""
    grey = SRGB.encoded(0.5)
    assert to_dkl(np.full(3, grey)) == pytest.approx([0, 0, 0], abs=1e-9)
    far = from_dkl([[0, 0.207, 0], [0, 0, 0.84]])
    assert ((far > -0.01) & (far < 1.01)).all()
    of_grey = np.full(3, 0.5) @ SRGB.cones
    reddish, violet = (SRGB.linear(np.clip(colour, 0, 1)) @ SRGB.cones / of_grey - 1 for colour in far)
    assert reddish == pytest.approx([0.07, -0.135, 0], abs=0.01)
    assert violet == pytest.approx([0, 0, 0.84], abs=0.01)


def test_what_is_written_is_read():
    rgb = np.random.default_rng(0).random((50, 3))
    for display in (SRGB, Display(gamma=1.8, white_point=(0.31, 0.32)), Display(white=90, black=0.7)):
        np.testing.assert_allclose(display.encoded(display.linear(rgb)), rgb, atol=1e-9)
        for cones in (ConeSpace(display), ConeSpace(display, (0.5, 0.6, 0.4), 2.6)):
            np.testing.assert_allclose(from_dkl(to_dkl(rgb, cones), cones), rgb, atol=1e-9)
            dkl = to_dkl(rgb, cones)
            np.testing.assert_allclose(from_polar(to_polar(dkl, cones), cones), dkl, atol=1e-12)
        cones = ConeSpace(display)
        assert (to_dkl(np.full(3, 0.3), cones)[1:] == 0).all()
        red, green, blue = from_dkl([-0.4, 0, 0], cones)
        assert red == green == blue


def test_a_black_screen_has_no_luminance():
    for luminance in (0, -1, np.nan, np.inf):
        with pytest.raises(InputError, match="expected a positive number"):
            Display(white=luminance)


def test_the_black_of_a_display_has_light():
    """black + (white − black) · v^gamma, as a photometer measures it."""
    display = Display(gamma=2.0, white=100.0, black=4.0)
    greys = np.array([[0, 0, 0], [51, 51, 51], [255, 255, 255]], dtype=np.uint8)
    np.testing.assert_allclose(display.luminances(greys), [4, 4 + 96 * 0.04, 100])
    assert parse_luminances("gamma=2, white=100, black=4") == display
    for black in (-1, 100, np.nan):
        with pytest.raises(InputError, match="expected 0 or more, and less than its white"):
            Display(white=100, black=black)


def test_an_unknown_white_is_none_and_one_candela_is_a_luminance():
    assert SRGB.white is None
    with pytest.raises(InputError, match="the luminance of the display's white is unknown"):
        SRGB.luminances(np.full((1, 3), 255, dtype=np.uint8))
    with pytest.raises(
        InputError, match=r"black of the display is 0\.5 cd/m²; expected the luminance of its white, too"
    ):
        Display(black=0.5)
    dim = Display(white=1, black=0.5)
    np.testing.assert_allclose(from_xyy([0.3127, 0.3290, 0.5], dim), 0, atol=1e-12)


def test_the_white_of_a_display_is_a_luminance():
    assert parse_display({"white": 80, "black": 0.5, "white_point": [0.31, 0.32]}) == Display(
        white=80, black=0.5, white_point=(0.31, 0.32)
    )
    with pytest.raises(InputError, match=r"white of the display is its luminance.*white_point = \[x, y\]"):
        parse_display({"white": [0.31, 0.32]})


def test_lights_become_values():
    """The white of sRGB at a fifth of its light, and its red primary alone."""
    display = Display(white=80)
    np.testing.assert_allclose(from_xyy([0.3127, 0.3290, 16], display), np.full(3, SRGB.encoded(0.2)), atol=1e-4)
    np.testing.assert_allclose(from_xyy([0.64, 0.33, 80 * 0.2126], display), [1, 0, 0], atol=2e-3)
    with pytest.raises(InputError, match="the luminance of the display's white is unknown"):
        from_xyy([0.3127, 0.3290, 16], SRGB)


def test_the_recipe_of_klauke_and_wachtler():
    """S·(1 + k·c·sin φ), L·(1 + c·cos φ·M/(L+M)), M·(1 − c·cos φ·L/(L+M)): their laboratory's library, lib/dkl.cc."""
    display = Display(white=80)
    grey = from_xyy([0.310, 0.316, 40], display)
    cones = ConeSpace(display, tuple(grey), 2.6)
    long, middle, short = cones.grey
    for azimuth in (0.0, 22.5, 90.0, 160.0, 315.0):
        x, y = 0.2 * np.cos(np.radians(azimuth)), 0.2 * np.sin(np.radians(azimuth))
        theirs = [long * (1 + x * middle / (long + middle)), middle * (1 - x * long / (long + middle))]
        rgb = from_dkl(from_polar([0.0, 0.2, azimuth], cones), cones)
        np.testing.assert_allclose(display.linear(rgb) @ display.cones, [*theirs, short * (1 + 2.6 * y)], rtol=1e-9)
        np.testing.assert_allclose(to_polar(to_dkl(rgb, cones), cones), [0, 0.2, azimuth], atol=1e-9)


def test_the_largest_contrast_touches_the_gamut():
    azimuths = np.arange(0.0, 360.0, 15.0)
    for cones in (ConeSpace(), ConeSpace(Display(white=100, black=1.0), (0.5, 0.55, 0.6), 2.6)):
        largest = gamut_contrast(0.1, azimuths, cones)
        polar = np.stack([np.full(azimuths.shape, 0.1), largest, azimuths], axis=-1)
        rgb = from_dkl(from_polar(polar, cones), cones)
        assert ((rgb > -1e-6) & (rgb < 1 + 1e-6)).all()
        np.testing.assert_allclose(np.minimum(rgb.min(axis=-1), (1 - rgb).min(axis=-1)), 0, atol=1e-6)
    assert (gamut_contrast(1.5, azimuths) == 0).all()  # brighter than the white
