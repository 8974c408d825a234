from __future__ import annotations

import math

import pytest

from illusions.stimuli.degrees import pixels_per_degree


def test_at_57_3_cm_a_degree_is_a_centimetre():
    assert pixels_per_degree(57.3, 38) == pytest.approx(38, rel=1e-3)


def test_it_grows_with_distance_and_resolution():
    assert pixels_per_degree(114.6, 38) == pytest.approx(2 * pixels_per_degree(57.3, 38))
    assert pixels_per_degree(57.3, 76) == pytest.approx(2 * pixels_per_degree(57.3, 38))


def test_what_is_so_wide_is_seen_under_one_degree():
    width = pixels_per_degree(60, 1)
    assert math.degrees(2 * math.atan(width / 2 / 60)) == pytest.approx(1)
