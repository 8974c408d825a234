from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import spearmanr

from illusions.analyses.battery.scores import (
    all_right,
    correlations,
    directions,
    effects,
    is_right,
    lighter_of,
    mean_correlation,
    rank_correlation,
)
from tests.analyses.battery.people import seen

NAN = math.nan


@pytest.mark.parametrize(
    ("difference", "lighter"), [(2e-6, "1"), (-0.5, "2"), (9e-7, "none"), (-9e-7, "none"), (0, "none"), (NAN, "")]
)
def test_the_sign_of_a_difference_says_which_target_is_lighter(difference, lighter):
    assert lighter_of(difference) == lighter


@pytest.mark.parametrize(
    ("lighter", "difference", "right"),
    [(1, 0.1, True), (1, -0.1, False), (2, -0.1, True), (2, 0.1, False), (1, 0.0, False), (2, NAN, False)],
)
def test_ties_and_no_prediction_are_wrong(lighter, difference, right):
    assert is_right(seen(lighter), difference) is right


@pytest.mark.parametrize("lighter", ["none", None])
def test_where_people_have_no_direction_nothing_is_right(lighter):
    assert is_right(seen(lighter), 0.3) is None
    assert is_right(seen(lighter), 0.0) is None


def test_directions_by_hand():
    stimuli = [seen(1), seen(2), seen(2), seen(1), seen(1, contested=True), seen("none"), seen(None, contested=True)]
    differences = [0.2, -0.1, 0.3, NAN, 0.5, 0.0, 0.1]
    score = directions(stimuli, differences)
    assert (score.name, score.value, score.n) == ("directions", 0.5, 4)
    # Wilson 1927: (p + z²/2n ± z √(p (1 − p)/n + z²/4n²)) / (1 + z²/n) at p = 1/2, n = 4
    z = 1.959964
    half = z * math.sqrt(1 / 16 + z**2 / 64) / (1 + z**2 / 4)
    assert_allclose([score.low, score.high], [0.5 - half, 0.5 + half], atol=1e-6)
    score = directions(stimuli, differences, with_contested=True)
    assert (score.name, score.value, score.n) == ("directions_with_contested", 0.6, 5)


def test_there_is_no_score_without_a_direction():
    assert directions([seen("none"), seen(1, contested=True)], [0.1, 0.1]) is None


def test_effects_are_signed_by_what_people_see():
    stimuli = [seen(1, strength=1), seen(2, strength=1), seen(2, strength=1), seen("none", strength=0)]
    assert_array_equal(effects(stimuli, [0.2, -0.3, 0.4, -0.5]), [0.2, 0.3, -0.4, 0.5])
    assert_array_equal(effects([seen(1), seen(2)], [NAN, 1e-9]), [0, 0])


def test_the_effect_on_a_share_is_target_2_minus_target_1_whatever_the_direction():
    stimuli = [seen(lighter, strength=0.6, unit="share of target 2", contested=True) for lighter in (1, 2, None)]
    assert_array_equal(effects(stimuli, [0.2, 0.2, 0.2]), [-0.2, -0.2, -0.2])


def test_strengths_by_hand():
    strengths = [1.0, 2.0, 3.0, 4.0, 0.0]
    stimuli = [seen(k, strength=s) for k, s in zip((1, 2, 1, 1, "none"), strengths, strict=True)]
    # effects: 1, 2, 0 (no prediction), 4, 3 (nobody sees it); their ranks 2, 3, 1, 5, 4 beside 2, 3, 4, 5, 1
    (score,) = correlations(stimuli, [1.0, -2.0, NAN, 4.0, -3.0])
    assert (score.name, score.n) == ("strength_correlation", 5)
    assert score.value == pytest.approx(1 - 6 * (9 + 9) / (5 * 24))
    assert score.low < score.value < score.high


def test_contested_strengths_and_those_without_direction_are_left_out():
    kept = [seen(1, strength=s) for s in (1.0, 2.0, 3.0)]
    others = [seen(1, strength=9.0, contested=True), seen(None, strength=9.0), seen(1)]
    (score,) = correlations([*kept, *others], [1.0, 2.0, 3.0, -9.0, -9.0, -9.0])
    assert (score.value, score.n) == (pytest.approx(1), 3)
    assert math.isnan(score.low)
    assert math.isnan(score.high)


def test_units_are_not_mixed():
    stimuli = [seen(1, strength=s) for s in (1, 2, 3)] + [seen(1, strength=s, unit="cd/m2") for s in (1, 2, 3)]
    first, second = correlations(stimuli, [1, 2, 3, 3, 2, 1])
    assert (first.name, first.value) == ("strength_correlation (unstated)", pytest.approx(1))
    assert (second.name, second.value) == ("strength_correlation (cd/m2)", pytest.approx(-1))


def test_a_predictor_that_says_the_same_of_all_has_no_correlation():
    (score,) = correlations([seen(1, strength=s) for s in range(1, 7)], [0.0] * 6)
    assert math.isnan(score.value)
    assert math.isnan(score.low)


def test_intervals_are_over_stimuli_and_seeded():
    rng = np.random.default_rng(0)
    stimuli = [seen(1, strength=s) for s in range(1, 13)]
    differences = np.arange(12) + rng.normal(0, 4, 12)
    found = [correlations(stimuli, differences, seed=seed)[0] for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]
    assert -1 <= found[0].low < found[0].value < found[0].high <= 1


def test_rank_correlations_are_those_of_scipy_column_by_column():
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 5, 20), rng.integers(0, 5, (20, 3))
    assert_allclose(rank_correlation(x, y), [spearmanr(x, column).statistic for column in y.T])
    assert math.isnan(rank_correlation(x, np.ones(20)))


def test_all_right_and_the_mean_correlation_by_setting():
    stimuli = [seen(1, strength=s) for s in (1, 2, 3)] + [seen(2, set="t", strength=s) for s in (1, 2, 3, 4)]
    differences = np.array([[1, 1], [2, -1], [3, 0], [-1, -4], [-2, -3], [-3, -2], [-4, NAN]])
    assert_array_equal(all_right(stimuli, differences), [7, 4])
    # second column: effects 1, −1, 0 (ρ = −1/2, 3 stimuli) and 4, 3, 2, 0 (ρ = −1, 4 stimuli)
    assert_allclose(mean_correlation(stimuli, differences), [1, -(1.5 + 4) / 7])
