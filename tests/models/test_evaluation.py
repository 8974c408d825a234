from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from illusions.models.evaluation import Estimate, bits_per_dimension, compare, mean_over_photographs


def test_bits_per_dimension_of_a_fair_byte_is_8():
    assert bits_per_dimension(np.array([-768 * math.log(256)]), 768) == pytest.approx(8)
    assert bits_per_dimension(torch.tensor([-math.log(2)]), 1).item() == pytest.approx(1)


def test_the_photograph_is_the_unit_of_the_standard_error():
    photographs = np.repeat(np.arange(4), 50)
    values = np.array([1.0, 2.0, 3.0, 6.0])[photographs]
    estimate = mean_over_photographs(values, photographs)
    assert estimate.mean == pytest.approx(3)
    assert estimate.standard_error == pytest.approx(np.std([1, 2, 3, 6], ddof=1) / 2)


def test_the_standard_error_covers_the_truth_as_often_as_it_should():
    """200 sets of 20 photographs that differ, with patches that differ less: within two errors in 95 of 100."""
    rng = np.random.default_rng(0)
    photographs = np.repeat(np.arange(20), 10)
    estimates = [
        mean_over_photographs(rng.normal(0, 1, 20)[photographs] + rng.normal(0, 0.3, 200), photographs)
        for _ in range(200)
    ]
    assert np.mean([abs(estimate.mean) < 2.09 * estimate.standard_error for estimate in estimates]) > 0.9


def test_one_photograph_has_no_standard_error():
    alone = mean_over_photographs(np.ones(3), np.zeros(3, int))
    assert math.isnan(alone.standard_error)
    assert str(alone) == "1.000"


def test_an_estimate_reads_as_in_a_table():
    assert str(Estimate(3.26549, 0.0504)) == "3.265 ± 0.050"


def test_compare_sorts_and_takes_differences_patch_by_patch():
    rng = np.random.default_rng(0)
    photographs = np.repeat(np.arange(30), 5)
    hard = rng.normal(4, 1, 30)[photographs]
    rows = compare({"worse": hard + 0.5, "reference": hard, "better": hard - 0.1}, photographs, "reference")
    assert [row.name for row in rows] == ["better", "reference", "worse"]
    assert [row.difference.mean for row in rows] == pytest.approx([-0.1, 0, 0.5])
    assert max(row.difference.standard_error for row in rows) < 1e-12
    assert rows[0].bits_per_dimension.standard_error == pytest.approx(rows[1].bits_per_dimension.standard_error)
