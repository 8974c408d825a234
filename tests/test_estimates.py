from __future__ import annotations

import numpy as np
import pytest

from illusions.estimates import jackknife_standard_error


def test_of_a_mean_it_is_the_usual_standard_error():
    x = np.random.default_rng(0).normal(size=(9, 4))
    means = np.array([np.delete(x, i, axis=0).mean(axis=0) for i in range(9)])
    assert jackknife_standard_error(means) == pytest.approx(x.std(axis=0, ddof=1) / 3)


def test_unknown_for_one_draw_and_where_a_replicate_is_missing():
    assert np.isnan(jackknife_standard_error([[1.0, 2.0]])).all()
    assert np.isnan(jackknife_standard_error([1.0, np.nan]))
