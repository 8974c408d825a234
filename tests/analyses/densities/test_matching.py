from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from illusions.analyses.densities.curve import LikelihoodCurve, cut_together
from illusions.analyses.densities.matching import match, match_all, matches_frame
from illusions.analyses.densities.transport import circular_map
from illusions.analyses.readings.ranking import effect, rank
from illusions.errors import InputError
from illusions.stimuli.axes import AXES
from tests.analyses.densities.test_curve import curve as circular_curve
from tests.analyses.densities.test_curve import gaussian
from tests.analyses.fakes import FakeModel, contrast


def test_the_match_of_two_gaussians_is_the_shift_between_them():
    found = match(gaussian(0.4, 0.05), 0.45, gaussian(0.5, 0.05))
    assert found.pse == pytest.approx(0.55, abs=1e-4)
    assert found.change_percent == pytest.approx(100 * 0.1 / 0.45, abs=0.03)
    assert found.in_gamut
    assert found.bound is None
    assert found.reason == ""


def test_both_ranks_agree_at_the_match_and_back_again():
    curves = rank(contrast(), FakeModel(), "bits-per-dim")
    there = match(curves["dark"], 0.5, curves["light"])
    assert curves["light"].percentile_rank(there.pse) == pytest.approx(there.percentile_rank, abs=1e-12)
    back = match(curves["light"], there.pse, curves["dark"])
    assert back.pse == pytest.approx(0.5, abs=1e-9)


def test_a_curve_matches_itself():
    curve = gaussian(0.3, 0.1)
    for value in (0.0, 0.123, 0.5, 0.98, 1.0):
        assert match(curve, value, curve).pse == pytest.approx(value, abs=1e-9)


def test_out_of_gamut_is_an_answer():
    found = match(gaussian(0.1, 0.05), 0.4, gaussian(0.9, 0.05))
    assert not found.in_gamut
    assert math.isnan(found.pse)
    assert math.isnan(found.change_percent)
    assert found.bound == 1.0
    assert "even brightness 1, the end of the gamut" in found.reason
    low = match(gaussian(0.9, 0.05), 0.6, gaussian(0.1, 0.05))
    assert low.bound == 0.0
    assert "already brightness 0" in low.reason


def signed(mean, sd=0.2, k=3):
    """Gaussian densities on S−(L+M) from −0.31 to 1.39, the means of k placements around one."""
    axis = AXES["s-lm"]
    values = axis.step * np.arange(-47, 212)
    draws = np.array([norm.logpdf(values, mean + 0.004 * (i - (k - 1) / 2), sd) for i in range(k)])
    return LikelihoodCurve("s", "c", axis, 0.1, values, draws, 1.0, "m")


def test_a_match_moves_where_the_gamut_is_cut_by_as_much_as_densities_that_are_cut():
    a, b = signed(0.0), signed(0.3)
    found = match(a, 0.1, b)
    keep = (a.values >= 0.9 * a.values[0]) & (a.values <= 0.9 * a.values[-1])
    cut = [replace(curve, values=curve.values[keep], draws=curve.draws[:, keep]) for curve in (a, b)]
    assert found.gamut_shift == pytest.approx(match(cut[0], 0.1, cut[1]).pse - found.pse, abs=5e-4)
    assert abs(found.gamut_shift) > 0.004
    assert found.pse_standard_error < abs(found.gamut_shift)
    assert any("cut by a tenth" in caution for caution in found.cautions)


def test_a_match_far_from_the_edge_does_not_depend_on_the_gamut():
    found = match(signed(0.4, 0.05), 0.45, signed(0.6, 0.05))
    assert found.gamut_shift == pytest.approx(0, abs=1e-6)
    assert not any("cut by a tenth" in caution for caution in found.cautions)


@pytest.mark.parametrize("value", [-0.3, 1.3])
def test_a_target_that_is_cut_off_has_no_shift(value):
    assert math.isnan(match(signed(0.0, 0.5), value, signed(0.01, 0.5)).gamut_shift)


def test_brightness_ends_at_black_and_white_and_has_no_shift():
    assert math.isnan(match(gaussian(0.4, 0.3), 0.45, gaussian(0.5, 0.3)).gamut_shift)


def test_where_ranks_round_to_one_the_match_is_still_the_shift():
    """At T = 1 likelihoods differ by thousands of nats; ranks are 1 to the last bit, but not their logarithms."""
    found = match(gaussian(0.2, 0.004), 0.5, gaussian(0.4, 0.004))
    assert found.percentile_rank == 1.0
    assert found.pse == pytest.approx(0.7, abs=1e-3)


@pytest.mark.parametrize("temperature", ["exact", 0.01, 1e-6, 1e12])
def test_any_temperature_gives_a_match_or_a_reason(temperature):
    for found in match_all(rank(contrast(), FakeModel(), temperature)):
        assert found.in_gamut != bool(found.reason)
        assert found.in_gamut == math.isfinite(found.pse)


def test_standard_error_of_the_match():
    rng = np.random.default_rng(1)
    shifts = rng.normal(0, 0.01, (200, 1))
    v = np.linspace(0, 1, 256)

    def curve(mean, common):
        centre = mean + common * shifts
        base = gaussian(mean, 0.05)
        return type(base)(**{**vars(base), "draws": -((v - centre) ** 2) / (2 * 0.05**2)})

    moved = match(curve(0.4, 0), 0.45, curve(0.5, 1))
    assert moved.pse_standard_error == pytest.approx(0.01 / math.sqrt(200), rel=0.15)
    together = match(curve(0.4, 1), 0.45, curve(0.5, 1))
    assert together.pse_standard_error < moved.pse_standard_error / 10


def test_on_a_circular_axis_the_match_goes_round_zero():
    stimulus = contrast({"a": 0.95, "b": 0.05}, value=0.98, axis="hue")
    curves = rank(stimulus, FakeModel(circular=True), 100)
    found = match(curves["a"], 0.98, curves["b"])
    assert found.pse == pytest.approx(0.08, abs=0.01)
    assert found.change_percent == pytest.approx(10, abs=1)


def bump(mean, kappa, *, value=0.2, noise=0.0, draws=6):
    """Log-likelihood of a von Mises density of hues, in turns, each draw of it about a mean of its own."""
    hues = np.arange(360) / 360
    means = mean + noise * np.random.default_rng(2).normal(size=(draws, 1))
    return circular_curve(None, draws=kappa * np.cos(2 * np.pi * (hues - means)), value=value, circular=True)


def test_on_a_circle_the_match_is_the_map_that_turns_hues_least():
    a, b = bump(0.1, 2), bump(0.3, 5)
    for value in (0.0, 0.2, 0.55, 0.97):
        found = match(a, value, b)
        turn = (found.pse - value + 0.5) % 1 - 0.5
        assert value + turn == pytest.approx(circular_map(a.density, b.density, [value])[0], abs=1e-6)
        assert found.change_percent == pytest.approx(100 * turn)
        assert match(b, found.pse, a).pse == pytest.approx(value, abs=1e-6)


def test_a_sweep_may_begin_anywhere_on_the_circle():
    """As one of azimuths does, which has the target among its values."""
    a, b = bump(0.1, 2), bump(0.3, 5)
    off = 0.4 / 360

    def moved(curve):
        return replace(curve, values=curve.values + off)

    assert match(moved(a), 0.2 + off, moved(b)).pse == pytest.approx(match(a, 0.2, b).pse + off)


def test_hues_of_equal_rank_are_a_match_where_circles_are_cut_together():
    curves = cut_together({"a": bump(0.1, 2), "b": bump(0.3, 5), "c": bump(0.25, 3)})
    assert curves["a"].percentile_rank(0.2) == pytest.approx(bump(0.1, 2).percentile_rank(0.2))
    for name in "bc":
        found = match(curves["a"], 0.2, curves[name])
        assert curves[name].percentile_rank(found.pse) == pytest.approx(found.percentile_rank, abs=1e-9)
        rank = curves[name].percentile_rank(0.2)
        # the target ranks lower where a higher hue looks like it
        assert (rank < found.percentile_rank) == ((found.pse - 0.2 + 0.5) % 1 - 0.5 > 0)
    warm = {name: curve.at_temperature(3) for name, curve in curves.items()}
    found = match(warm["a"], 0.2, warm["b"])
    assert warm["b"].percentile_rank(found.pse) == pytest.approx(found.percentile_rank, abs=1e-9)


def test_a_circle_around_the_target_makes_no_effect():
    curves = cut_together({"a": bump(0.2, 2), "b": bump(0.2, 6)})
    assert effect(curves["a"], curves["b"])[0] == pytest.approx(0, abs=1e-6)
    assert match(curves["a"], 0.2, curves["b"]).pse == pytest.approx(0.2, abs=1e-6)


def test_the_standard_error_of_a_match_on_a_circle_is_that_of_the_turn():
    still, noisy = bump(0.1, 30, value=0.1, draws=400), bump(0.3, 30, value=0.1, noise=0.01, draws=400)
    found = match(still, 0.1, noisy)
    assert found.pse == pytest.approx(0.3, abs=0.002)
    assert found.pse_standard_error == pytest.approx(0.01 / math.sqrt(400), rel=0.15)
    near = bump(0.13, 30, value=0.1, noise=0.01, draws=400)
    cut = cut_together({"still": still, "noisy": near})
    density = near.density[np.abs(near.values - 0.1).argmin()]
    assert effect(cut["still"], cut["noisy"])[1] == pytest.approx(density * 0.0005, rel=0.2)
    spread = cut["noisy"].percentile_ranks_standard_error
    assert (spread < 0.1).all()  # also where a cut that moves makes 0 of a rank of 1


def test_the_change_of_nothing_is_not_a_number():
    assert math.isnan(match(gaussian(0.1, 0.3), 0.0, gaussian(0.1, 0.3)).change_percent)


def test_curves_that_cannot_be_compared():
    with pytest.raises(InputError, match="differ in their temperature"):
        match(gaussian(0.4, 0.05), 0.45, gaussian(0.5, 0.05).at_temperature(2))


def test_frame_has_the_columns_of_matches_csv():
    frame = matches_frame(match_all(rank(contrast(), FakeModel())))
    assert list(frame.columns) == [
        "stimulus", "axis", "reference_condition", "reference_value", "comparison_condition", "percentile_rank",
        "pse", "pse_standard_error", "change_percent", "in_gamut", "temperature", "model",
        "lowest_value", "highest_value", "values", "coverage", "gamut_shift", "cautions",
    ]  # fmt: skip
    assert list(frame["comparison_condition"]) == ["light", "dark"]
