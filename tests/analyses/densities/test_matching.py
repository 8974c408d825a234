from __future__ import annotations

import math

import numpy as np
import pytest

from illusions.analyses.densities.matching import match, match_all, matches_frame
from illusions.analyses.readings.ranking import rank
from illusions.errors import InputError
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
        "lowest_value", "highest_value", "values", "coverage", "cautions",
    ]  # fmt: skip
    assert list(frame["comparison_condition"]) == ["light", "dark"]
