from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from illusions.analyses.experiment.observers import (
    mean_over_observers,
    measured_matches,
    observer_means,
    resampled_means,
)
from illusions.analyses.readings.calibration import Measured

#: The 0.975 quantiles of Student's t for 1, 2 and 3 degrees of freedom, as tables have them.
T = {1: 12.706, 2: 4.303, 3: 3.182}


def matches(*rows, axis="brightness", physical=0.5):
    """Of (observer, session, reference, comparison, match)."""
    frame = pd.DataFrame(rows, columns=["observer", "session", "reference_condition", "comparison_condition", "match"])
    return frame.assign(stimulus="x", axis=axis, reference_value=physical)


TWO = matches(
    *(("ab", "s1", "dark", "light", value) for value in (0.6, 0.7, 0.8)),
    ("cd", "s2", "dark", "light", 0.4),
    ("cd", "s2", "light", "dark", 0.3),
)


def test_means_of_each_observer_with_their_interval():
    first, second, third = observer_means(TWO).to_dict("records")
    assert (first["observer"], first["trials"]) == ("ab", 3)
    assert first["match"] == pytest.approx(0.7)
    half = T[2] * 0.1 / math.sqrt(3)
    assert (first["low"], first["high"]) == pytest.approx((0.7 - half, 0.7 + half), abs=1e-4)
    assert (second["observer"], second["match"], second["trials"]) == ("cd", 0.4, 1)
    assert math.isnan(second["low"])
    assert math.isnan(second["high"])
    assert third["reference_condition"] == "light"


def test_over_observers_each_counts_once_however_many_trials_they_did():
    there, back = mean_over_observers(observer_means(TWO)).to_dict("records")
    assert there["observers"] == 2
    assert there["match"] == pytest.approx(0.55)  # not 0.625, the mean of the trials
    assert there["standard_error"] == pytest.approx(0.15)  # of 0.7 and 0.4: 0.2121 / √2
    assert (there["low"], there["high"]) == pytest.approx((0.55 - T[1] * 0.15, 0.55 + T[1] * 0.15), abs=1e-3)
    assert (back["observers"], back["match"]) == (1, 0.3)
    assert math.isnan(back["low"])


def test_sessions_of_one_observer_are_theirs_and_without_a_code_each_is_a_person():
    rows = [("ab", "s1", "dark", "light", 0.4), ("ab", "s2", "dark", "light", 0.6)]
    assert observer_means(matches(*rows))["trials"].tolist() == [2]
    without = [("", "s1", "dark", "light", 0.4), ("", "s2", "dark", "light", 0.6)]
    assert observer_means(matches(*without))["observer"].tolist() == ["s1", "s2"]


def test_hues_are_averaged_the_shorter_way_round():
    """0.95 and 0.05 are a tenth apart; their mean is red, not cyan."""
    rows = [("ab", "s1", "a", "b", value) for value in (0.95, 0.05)]
    (found,) = observer_means(matches(*rows, axis="hue", physical=0.02)).to_dict("records")
    assert found["match"] == pytest.approx(0.0, abs=1e-9)
    assert found["high"] == pytest.approx(T[1] * 0.05, abs=1e-3)
    straight = observer_means(matches(*rows, axis="brightness"))
    assert straight["match"].tolist() == [0.5]


def test_measured_as_a_temperature_is_fitted_to_them():
    first, second = measured_matches(mean_over_observers(observer_means(TWO)))
    assert (first.stimulus, first.reference_condition, first.comparison_condition) == ("x", "dark", "light")
    assert (first.value, first.standard_error) == pytest.approx((0.55, 0.15))
    assert isinstance(second, Measured)
    assert math.isnan(second.standard_error)


def test_resamples_keep_an_observer_together():
    means = observer_means(TWO)
    people = mean_over_observers(means)
    drawn = resampled_means(means, people, count=400)
    assert drawn.shape == (400, 2)
    # Both from ab, one of each, both from cd; only cd has set the second.
    assert set(np.round(drawn[:, 0], 9)) == {0.7, 0.55, 0.4}
    assert np.isnan(drawn[np.isclose(drawn[:, 0], 0.7), 1]).all()
    assert np.allclose(drawn[~np.isclose(drawn[:, 0], 0.7), 1], 0.3)
    assert 0.4 < np.isclose(drawn[:, 0], 0.55).mean() < 0.6
    assert np.array_equal(drawn, resampled_means(means, people, count=400), equal_nan=True)
