from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.errors import InputError
from illusions.stimuli.axes import AXES


def curve(log_likelihood, *, temperature=1.0, value=0.5, circular=False, draws=None):
    log_likelihood = np.asarray(draws[0] if draws is not None else log_likelihood, dtype=float)
    n = len(log_likelihood)
    axis = replace(AXES["hue" if circular else "brightness"], count=n)
    return LikelihoodCurve(
        stimulus="s",
        condition="c",
        axis=axis,
        value=value,
        values=np.arange(n) * axis.step,
        draws=log_likelihood[None] if draws is None else draws,
        temperature=temperature,
        model="m",
    )


def gaussian(mean, sd, n=256, **options):
    v = np.linspace(0, 1, n)
    return curve(norm.logpdf(v, mean, sd), **options)


def test_density_integrates_to_one_also_where_exp_underflows():
    c = gaussian(0.4, 0.1)
    assert c.density.sum() * c.axis.step == pytest.approx(1)
    steep = curve(np.linspace(-9000, 0, 256) ** 2 / -9000, temperature=1.0)
    assert steep.density.sum() * steep.axis.step == pytest.approx(1)


def test_ranks_of_a_gaussian_are_its_distribution_function():
    c = gaussian(0.5, 0.1)
    for v in (0.3, 0.43, 0.5, 0.61):
        assert c.percentile_rank(v) == pytest.approx(norm.cdf(v, 0.5, 0.1), abs=2e-4)
    assert c.percentile_rank(0.5) == pytest.approx(0.5, abs=1e-12)


def test_mid_rank_and_linear_interpolation():
    c = curve(np.log([0.1, 0.2, 0.3, 0.4]))
    assert c.percentile_ranks == pytest.approx([0.05, 0.2, 0.45, 0.8])
    assert c.percentile_rank(1 / 6) == pytest.approx(0.125)
    assert c.percentile_rank(1) == pytest.approx(0.8)


def test_a_rank_outside_the_sweep_is_refused():
    with pytest.raises(InputError, match=r"brightness 1.2 lies outside the sweep; expected 0 to 1"):
        gaussian(0.5, 0.1).percentile_rank(1.2)


def test_temperature_flattens_and_the_rank_tends_to_the_value():
    cold = gaussian(0.2, 0.05)
    warm = cold.at_temperature(1e9)
    assert cold.percentile_rank(0.5) > 0.999
    assert warm.percentile_rank(0.5) == pytest.approx(0.5, abs=1e-3)
    assert cold.at_temperature(4).density == pytest.approx(gaussian(0.2, 0.1).density)
    with pytest.raises(InputError):
        cold.at_temperature(0)


def test_peak():
    assert gaussian(0.4, 0.1).peak == pytest.approx(102 / 255)


def test_the_first_of_circular_ranks_are_cut_opposite_to_the_target():
    n = 256
    hues = np.arange(n) / n

    def at(mean, value):
        turn = (hues - mean + 0.5) % 1 - 0.5
        return curve(-(turn**2) / (2 * 0.05**2), circular=True, value=value)

    near_zero = at(0.98, 0.02)
    assert near_zero.percentile_rank(0.02) == pytest.approx(norm.cdf(0.04, 0, 0.05), abs=1e-3)
    assert near_zero.percentile_rank(1.02) == pytest.approx(near_zero.percentile_rank(0.02))
    turned = at(0.48, 0.52)
    assert turned.percentile_rank(0.52) == pytest.approx(near_zero.percentile_rank(0.02))
    assert at(0.3, 0.3).percentile_rank(0.3) == pytest.approx(0.5, abs=1e-3)
    assert (np.diff(near_zero.positions) > 0).all()


def test_standard_errors_from_noise_that_moves_the_curve():
    rng = np.random.default_rng(0)
    v = np.linspace(0, 1, 256)
    sd, shift, k = 0.1, 0.01, 400
    means = 0.5 + rng.normal(0, shift, (k, 1))
    c = curve(v, draws=norm.logpdf(v, means, sd))
    # The mean of the draws is a Gaussian about the mean of the means.
    expected = norm.pdf(0, 0, sd) * shift / math.sqrt(k)
    assert c.percentile_rank_standard_error(0.5) == pytest.approx(expected, rel=0.1)


def test_what_all_draws_share_costs_nothing():
    v = np.linspace(0, 1, 256)
    offsets = np.array([[-50.0], [0.0], [50.0]])
    c = curve(v, draws=norm.logpdf(v, 0.5, 0.1) + offsets)
    assert (c.standard_error > 20).all()
    assert c.density_standard_error == pytest.approx(0, abs=1e-9)


def test_one_draw_has_no_standard_error():
    c = gaussian(0.5, 0.1)
    assert np.isnan(c.standard_error).all()
    assert c.standard_error.shape == c.values.shape
    assert math.isnan(c.percentile_rank_standard_error(0.5))


def test_a_likelihood_that_is_not_finite_is_refused():
    bad = np.zeros(256)
    bad[10] = np.nan
    with pytest.raises(InputError, match=r"m: .* not finite at brightness 0.0392"):
        curve(bad)


def test_frame_has_the_columns_of_ranks_csv():
    frame = gaussian(0.5, 0.1).to_frame()
    assert list(frame.columns) == [
        "stimulus", "condition", "axis", "value", "log_likelihood", "standard_error", "density",
        "percentile_rank", "temperature", "model", "lowest_value", "highest_value", "values", "evaluated",
    ]  # fmt: skip
    assert len(frame) == 256
    assert frame[["lowest_value", "highest_value", "values"]].drop_duplicates().to_numpy().tolist() == [[0, 1, 256]]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(-3000, 3000), min_size=4, max_size=40),
    st.floats(0, 1),
    st.sampled_from([1.0, 10.0, 532.3]),
    st.booleans(),
)
@example([0.0, 0.0, 0.0, 0.0, 39.0], 0.59375, 1.0, True)  # its rank is that of the end, but for the last bit
def test_value_at_inverts_the_rank_for_any_curve(log_likelihood, value, temperature, circular):
    c = curve(log_likelihood, temperature=temperature, circular=circular, value=0.3)
    found = c.value_at(*c.log_odds_terms(value))
    assert found is not None
    assert c.log_odds_terms(found) == pytest.approx(c.log_odds_terms(value), rel=1e-6, abs=1e-9)
