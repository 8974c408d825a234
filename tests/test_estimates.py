from __future__ import annotations

import numpy as np
import pytest

from illusions.estimates import Replicated, is_certain, jackknife_standard_error


def test_of_a_mean_it_is_the_usual_standard_error():
    x = np.random.default_rng(0).normal(size=(9, 4))
    means = np.array([np.delete(x, i, axis=0).mean(axis=0) for i in range(9)])
    assert jackknife_standard_error(means) == pytest.approx(x.std(axis=0, ddof=1) / 3)


def test_unknown_for_one_draw_and_where_a_replicate_is_missing():
    assert np.isnan(jackknife_standard_error([[1.0, 2.0]])).all()
    assert np.isnan(jackknife_standard_error([1.0, np.nan]))


def test_certain_means_two_standard_errors():
    assert is_certain(0.21, 0.1)
    assert not is_certain(-0.19, 0.1)


def test_without_an_error_nothing_is_certain():
    assert not is_certain(0.9, float("nan"))
    assert not Replicated(np.array([0.9])).is_certain


def test_a_difference_to_no_others_is_none():
    assert np.isnan(Replicated(np.array([0.5, 0.4])).minus([]).value)
