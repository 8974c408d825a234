from __future__ import annotations

import math

import numpy as np
import pytest

from illusions.analyses.readings.calibration import HIGHEST, Measured, fit_temperature, root_mean_square
from illusions.analyses.readings.ranking import rank
from illusions.analyses.readings.scales import Ranking
from illusions.analyses.readings.trivial import equal_contrast, veridical
from illusions.errors import InputError
from tests.analyses.fakes import FakeModel, contrast


def stimulus(name, **conditions):
    from dataclasses import replace

    return replace(contrast(conditions), name=name)


def ranking(of, model=None):
    return Ranking(of, {of.scale: rank(of, model or FakeModel(), 1.0, draws=2)})


STIMULI = [
    stimulus("strong", dark=0.1, light=0.9),
    stimulus("weak", dark=0.4, light=0.6),
    stimulus("three", a=0.3, b=0.5, c=0.8),
]
RANKINGS = [ranking(each) for each in STIMULI]


def set_at(temperature, rankings=RANKINGS, *, error=math.nan, off=0.0):
    """What people would set whose matches are those at a temperature."""
    return [
        Measured(m.stimulus, m.reference_condition, m.comparison_condition, m.pse + off, error)
        for each in rankings
        for m in each.at_temperature(temperature).matches
    ]


@pytest.mark.parametrize("temperature", [250.0, 532.0, 2400.0])
def test_the_temperature_of_simulated_people_is_found(temperature):
    fit = fit_temperature(RANKINGS, set_at(temperature))
    assert fit.temperature == pytest.approx(temperature, rel=0.01)
    assert fit.error < 2e-3
    assert fit.held_out < 2e-3
    assert (fit.stimuli, fit.matches, fit.side) == (3, 10, None)
    assert math.isnan(fit.low)
    assert not fit.is_at_an_end


def test_whether_t_moves_the_predictions_is_known():
    """On a surround and its equal no T predicts anything but the value itself."""
    same = [ranking(stimulus("same", a=0.3, b=0.3))]
    measured = [Measured("same", "a", "b", 0.53), Measured("same", "b", "a", 0.53)]
    assert fit_temperature(same, measured).tells_little
    fit = fit_temperature(RANKINGS, set_at(532.0))
    assert fit.worst > 0.1
    assert not fit.tells_little


def test_people_without_an_illusion_have_none():
    fit = fit_temperature(
        RANKINGS, [Measured(m.stimulus, m.reference_condition, m.comparison_condition, 0.5) for m in set_at(500)]
    )
    assert fit.temperature == HIGHEST
    assert fit.is_at_an_end
    assert fit.veridical == 0


def test_the_interval_covers_the_temperature_and_shrinks_with_the_errors():
    rough, fine = (fit_temperature(RANKINGS, set_at(500, error=error)) for error in (0.03, 0.003))
    for fit in (rough, fine):
        assert fit.low < 500 < fit.high
    assert (rough.high - rough.low) > 5 * (fine.high - fine.low)


def test_resamples_that_are_given_are_used():
    values = np.array([[m.value for m in set_at(t)] for t in (200, 400, 400, 400)])
    fit = fit_temperature(RANKINGS, set_at(400), resampled=values)
    assert 200 <= fit.low < 300
    assert fit.high == pytest.approx(400, rel=0.02)
    values[1:, 0] = np.nan  # nobody in this resample has set the first
    assert fit_temperature(RANKINGS, set_at(400), resampled=values).high == pytest.approx(400, rel=0.02)


def test_the_held_out_error_is_that_of_the_temperature_of_the_others():
    """Two stimuli of one shape, set as at 200 and at 2000: each is predicted at the other's temperature."""
    first, second = (ranking(stimulus(name, dark=0.2, light=0.8)) for name in ("first", "second"))
    measured = [*set_at(200, [first]), *set_at(2000, [second])]
    fit = fit_temperature([first, second], measured)
    apart = np.mean([(a.value - b.value) ** 2 for a, b in zip(measured[:2], measured[2:], strict=True)]) ** 0.5
    assert fit.held_out == pytest.approx(apart, rel=0.02)
    assert fit.error < 0.7 * apart
    assert 200 < fit.temperature < 2000


def test_of_a_single_stimulus_there_is_no_held_out_error():
    assert math.isnan(fit_temperature(RANKINGS[:1], set_at(500, RANKINGS[:1])).held_out)


def test_every_stimulus_counts_the_same():
    """The errors by hand: one stimulus of two matches off by 0.1, one of six off by 0.2."""
    measured = [
        Measured(each.stimulus, each.reference_condition, each.comparison_condition, 0.5 + off)
        for number, off in ((0, 0.1), (2, -0.2))
        for each in set_at(500, [RANKINGS[number]])
    ]
    fit = fit_temperature(RANKINGS, measured)
    assert fit.veridical == pytest.approx(math.sqrt((0.1**2 + 0.2**2) / 2))
    predicted = [veridical(STIMULI[0], "dark", "light")] * len(measured)
    assert root_mean_square(predicted, measured, STIMULI) == pytest.approx(fit.veridical)


def test_hues_are_apart_the_shorter_way_round():
    hues = contrast({"red": 0.9, "orange": 0.15}, value=0.02, axis="hue")
    (there, back) = set_at(300, [ranking(hues, FakeModel(circular=True))])
    beyond = Measured(there.stimulus, there.reference_condition, there.comparison_condition, there.value + 1)
    fit = fit_temperature([ranking(hues, FakeModel(circular=True))], [beyond, back])
    assert fit.temperature == pytest.approx(300, rel=0.02)
    assert fit.error < 1e-3


def test_the_field_is_found_with_the_temperature():
    narrow, wide = (rank(STIMULI[0], FakeModel(strength), 1.0, draws=2) for strength in (100.0, 4000.0))
    both = Ranking(STIMULI[0], {10.0: narrow, 14.0: wide}, unit="field")
    weak = {
        10.0: rank(STIMULI[1], FakeModel(4000.0), 1.0, draws=2),
        14.0: rank(STIMULI[1], FakeModel(100.0), 1.0, draws=2),
    }
    other = Ranking(STIMULI[1], weak, unit="field")
    measured = set_at(300, [Ranking(r.stimulus, {14.0: r.at_scales[14.0]}, "field") for r in (both, other)])
    fit = fit_temperature([both, other], measured, each_side=True)
    assert fit.side == 14.0
    assert fit.temperature == pytest.approx(300, rel=0.02)
    assert fit_temperature([both, other], measured).error > 5 * fit.error


@pytest.mark.parametrize(
    ("measured", "message"),
    [
        ([], "no match was measured"),
        ([Measured("stron", "dark", "light", 0.5)], "did you mean 'strong'"),
        ([Measured("strong", "dark", "lihgt", 0.5)], "no condition of strong is called 'lihgt'"),
        ([Measured("strong", "dark", "light", math.nan)], "expected a finite number"),
    ],
)
def test_what_cannot_be_fitted_is_refused(measured, message):
    with pytest.raises(InputError, match=message):
        fit_temperature(RANKINGS, measured)


def linear(v):
    return v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4


def test_equal_contrast_is_the_ratio_of_luminances():
    of = contrast({"dark": 0.4, "light": 0.6})
    found = equal_contrast(of, "dark", "light")
    ratio = linear(round(0.6 * 255) / 255) / linear(round(0.4 * 255) / 255)
    assert linear(found) == pytest.approx(linear(0.5) * ratio, abs=0.005)
    assert found == pytest.approx(equal_contrast(of, "dark", "light"))
    assert equal_contrast(of, "light", "dark") < 0.5 < found
    assert equal_contrast(contrast({"dark": 0.1, "light": 0.9}), "dark", "light") == 1.0  # beyond white
    assert equal_contrast(contrast({"dark": 0.0, "light": 0.9}), "dark", "light") == 1.0


def test_equal_contrast_of_hues_is_their_difference():
    of = contrast({"red": 0.9, "orange": 0.1}, value=0.02, axis="hue")
    assert equal_contrast(of, "red", "orange") == pytest.approx(0.02 + 0.2, abs=0.01)
    assert equal_contrast(of, "orange", "red") == pytest.approx(0.02 - 0.2, abs=0.01)
