"""The table in docs/cone-space.md: our cone-opponent space beside PsychoPy's and luxpy's, computed again."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from skimage.color.colorconv import xyz_from_rgb

from illusions.displays import SRGB, to_dkl, to_polar
from illusions.stimuli.colours import parse_colour

PAGE = Path(__file__).parents[2] / "docs" / "cone-space.md"
#: From luminance, L−M and L+M−S to signed RGB: what psychopy.tools.colorspacetools.dkl2rgb has where none is given.
PSYCHOPY = np.array([[1.0, 1.0, -0.1462], [1.0, -0.39, 0.2094], [1.0, 0.018, -1.0]])
#: From XYZ to L, M and S: luxpy._CMF["1931_2"]["M"].
LUXPY = np.array([[0.38971, 0.68898, -0.07868], [-0.22981, 1.18340, 0.04641], [0.0, 0.0, 1.0]])
ROWS = re.findall(r"^\| `(#\w{6})` [\w-]+ \|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def numbers(cells: str) -> list[float]:
    return [float(cell.strip(" °").replace("−", "-") or "nan") for cell in cells.split("|")]


def test_the_table_has_seven_colours():
    assert len(ROWS) == 7


@pytest.mark.parametrize(("colour", "cells"), ROWS)
def test_ours_is_what_the_package_says(colour: str, cells: str):
    found = numbers(cells)
    dkl = to_dkl(parse_colour(colour).rgb)
    np.testing.assert_allclose(found[:3], dkl, atol=6e-4)
    _, contrast, azimuth = to_polar(dkl)
    assert found[3] == pytest.approx(contrast, abs=6e-4)
    assert np.isnan(found[4]) or found[4] == pytest.approx(azimuth, abs=0.51)


@pytest.mark.parametrize(("colour", "cells"), ROWS)
def test_the_others_are_what_their_matrices_say(colour: str, cells: str):
    found = numbers(cells)
    light = SRGB.linear(parse_colour(colour).rgb)
    signed = np.linalg.inv(PSYCHOPY) @ (2 * light - 1)
    np.testing.assert_allclose(found[5:8], signed, atol=6e-4)
    azimuth = np.degrees(np.arctan2(signed[2], signed[1])) % 360
    assert np.isnan(found[8]) or found[8] == pytest.approx(azimuth, abs=0.51)
    cones, white = (LUXPY @ (xyz_from_rgb @ values) for values in (light, np.ones(3)))
    (r, b), (white_r, white_b) = ((of[0] / of[:2].sum(), of[2] / of[:2].sum()) for of in (cones, white))
    np.testing.assert_allclose(found[9:], [r - white_r, b / white_b - 1], atol=2e-3)


def test_the_signs_agree_on_l_m_and_differ_on_s():
    for colour, _ in ROWS[1:]:
        light = SRGB.linear(parse_colour(colour).rgb)
        _, l_m, s = np.linalg.inv(PSYCHOPY) @ (2 * light - 1)
        _, our_l_m, our_s = to_dkl(parse_colour(colour).rgb)
        assert np.sign(l_m) == np.sign(our_l_m)
        assert np.sign(s) == -np.sign(our_s)
