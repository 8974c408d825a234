import numpy as np
import pytest
from numpy.testing import assert_allclose

from illusions.analyses.battery.flows import ScaledTemperature, mean_consistency, mean_rank, share_of_placements

STEADY = [[0.2, 0.3, 0.4], [0.8, 0.9, 1.0]]  # targets, placements: e = −0.3 everywhere
NOT_STEADY = [[0.9, 0.9, 0.1], [0.1, 0.1, 0.9]]  # e = 0.4, 0.4, −0.4: a mean of a third of the root mean square


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([STEADY], [-1, 1]),
        ([NOT_STEADY], [1 / 3, -1 / 3]),
        ([STEADY, NOT_STEADY], [-1 / 3, 1 / 3]),
        ([[[0.5, 0.6], [0.5, 0.6]]], [0, 0]),
    ],
)
def test_consistency_is_a_mean_over_a_root_mean_square_and_the_mean_over_fields(fields, expected):
    assert_allclose(mean_consistency(np.array(fields)), expected, atol=1e-12)


def test_the_share_of_placements_counts_ties_half():
    ranks = np.array([[[0.9, 0.9, 0.1, 0.5], [0.1, 0.1, 0.9, 0.5]]])
    assert_allclose(share_of_placements(ranks), [2.5 / 4, 1.5 / 4])
    assert_allclose(mean_rank(ranks), [0.6, 0.4])


@pytest.mark.parametrize(("exponent", "nats"), [(0.0, [20, 20]), (0.5, [40, 80]), (1.0, [80, 320])])
def test_temperature_grows_with_the_pixels_of_the_target(exponent, nats):
    assert_allclose(ScaledTemperature(20.0, exponent).at(np.array([4.0, 16.0])), nats)
