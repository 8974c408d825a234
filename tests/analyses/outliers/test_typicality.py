from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import trapezoid

from illusions.analyses.outliers.typicality import LIKELY, UNLIKELY, area, atypicality, roc, typicality


def test_both_tails_count_and_the_side_is_said():
    reference = np.arange(99.0)
    frame = typicality(np.array([-1.0, 0.0, 49.0, 98.0, 500.0]), reference)
    assert frame["p_value"].tolist() == pytest.approx([0.02, 0.04, 1.0, 0.04, 0.02])
    assert frame["side"].tolist() == [UNLIKELY, UNLIKELY, UNLIKELY, LIKELY, LIKELY]
    assert frame["deviation"].iloc[2] == 0
    assert frame["deviation"].iloc[4] > frame["deviation"].iloc[3] > 0


def test_p_values_of_what_the_reference_is_are_below_alpha_at_most_that_often():
    random = np.random.default_rng(0)
    below = np.zeros(3)
    for _ in range(300):
        values = random.standard_gamma(2, 140)
        p = typicality(values[:40], values[40:])["p_value"].to_numpy()
        below += [(p <= alpha).mean() / 300 for alpha in (0.05, 0.2, 0.5)]
    assert below == pytest.approx([0.05, 0.2, 0.5], abs=0.02)
    assert (below <= np.array([0.05, 0.2, 0.5]) + 0.01).all()


def test_a_constant_reference_is_no_division_by_zero():
    frame = typicality(np.array([1.0, 2.0]), np.ones(9))
    assert np.isfinite(frame["deviation"]).all()
    assert frame["p_value"].tolist() == pytest.approx([1.0, 0.2])


def test_the_score_orders_by_p_value_and_then_by_deviation():
    reference = np.arange(99.0)
    values = np.array([49.0, 98.0, 500.0, 900.0, -1000.0, 60.0])
    scores = atypicality(typicality(values, reference))
    assert np.argsort(scores).tolist() == [0, 5, 1, 2, 3, 4]


def test_roc_of_scores_that_tell_everything_nothing_and_the_wrong_way():
    low, high = np.array([0.0, 1.0]), np.array([2.0, 3.0])
    assert area(low, high) == 1
    assert area(high, low) == 0
    assert area(low, low) == 0.5
    curve = roc(low, high)
    assert curve.iloc[0].tolist() == [0, 0]
    assert curve.iloc[-1].tolist() == [1, 1]
    assert curve["hits"][curve["false_alarms"] == 0].max() == 1


@pytest.mark.parametrize("seed", range(20))
def test_the_area_is_that_under_the_curve_and_the_share_of_pairs(seed):
    random = np.random.default_rng(seed)
    first, second = (random.integers(0, 6, random.integers(1, 20)).astype(float) for _ in range(2))
    pairs = (second[:, None] > first).mean() + (second[:, None] == first).mean() / 2
    assert area(first, second) == pytest.approx(pairs)
    curve = roc(first, second)
    assert trapezoid(curve["hits"], curve["false_alarms"]) == pytest.approx(pairs)
