from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.densities.matching import match
from illusions.analyses.readings.fields import (
    FieldCurve,
    cubic_spline,
    parse_field,
    patch_count_by_field,
    rank_by_field,
)
from illusions.errors import InputError
from illusions.stimuli.axes import parse_axis
from illusions.stimuli.loading import load_stimulus
from tests.analyses.fakes import FakeModel, contrast
from tests.analyses.tiny import tiny_structure

VALUES = np.linspace(0, 1, 256)


def stimulus(degrees=3.0, conditions=None):
    """A square of so many degrees on uniform surrounds; a unit is a sixth of it."""
    return replace(contrast(conditions), units_per_degree=6 / degrees)


def part(slope, temperature=1.0):
    """A placement whose log-likelihood is a straight line: slope nats over the whole axis."""
    return LikelihoodCurve("s", "c", parse_axis("brightness"), 0.5, VALUES, slope * VALUES[None], temperature, "m")


def looked_at(slopes, pixels, temperature=1.0):
    parts = [part(slope, temperature * n) for slope, n in zip(slopes, pixels, strict=True)]
    return FieldCurve(
        "s", "c", parse_axis("brightness"), 0.5, VALUES, np.concatenate([p.draws for p in parts]), temperature, "m",
        tuple(parts), tuple(pixels),
    )  # fmt: skip


def test_a_look_is_read_at_t_times_the_pixels_of_its_target():
    """A line of slope a nats at T has the density ∝ exp(a v / T), so ranks (e^(v a/T) − 1) / (e^(a/T) − 1)."""
    curve = looked_at([30.0, 8.0], [3.0, 1.0]).at_temperature(4.0)
    assert curve.temperature == 4
    assert [each.temperature for each in curve.parts] == [12, 4]
    expected = [np.expm1(0.5 * a) / np.expm1(a) for a in (30 / 12, 8 / 4)]
    assert curve.percentile_rank(0.5) == pytest.approx(np.mean(expected), abs=0.002)
    with pytest.raises(InputError, match="temperature 0: expected a positive number"):
        curve.at_temperature(0)


def test_the_exponent_is_the_power_of_the_pixels():
    curve = looked_at([30.0, 8.0], [4.0, 1.0])
    for exponent, nats in ((0.0, [3, 3]), (0.5, [6, 3]), (1.0, [12, 3])):
        again = curve.at_temperature(3.0, exponent)
        assert [each.temperature for each in again.parts] == pytest.approx(nats)
        assert [each.temperature for each in again.at_temperature(6.0).parts] == pytest.approx([2 * t for t in nats])


def test_what_is_left_out_is_a_look():
    curve = looked_at([30.0, 8.0, -5.0], [3.0, 1.0, 2.0])
    ranks = np.array([each.percentile_rank(0.3) for each in curve.parts])
    replicates = [each.percentile_rank(0.3) for each in curve.leave_one_out]
    assert replicates == pytest.approx([(ranks.sum() - r) / 2 for r in ranks])
    assert [each.pixels for each in curve.leave_one_out] == [(1.0, 2.0), (3.0, 2.0), (3.0, 1.0)]
    # the jackknife of a mean is its standard error
    assert curve.percentile_rank_standard_error(0.3) == pytest.approx(ranks.std(ddof=1) / np.sqrt(3))
    assert looked_at([1.0], [1.0]).leave_one_out == []


def test_t_is_per_pixel_of_the_target():
    """3° in a field of 12° and 16 pixels are 4×4 pixels, wherever it lies; 0.1° is less than one."""
    for degrees, pixels in ((3.0, 16.0), (0.1, 1.0)):
        curves = rank_by_field(stimulus(degrees), FakeModel(), [12], 40, placements=4).curves
        assert curves["dark"].temperature == 40
        for each, n in zip(curves["dark"].parts, curves["dark"].pixels, strict=True):
            assert n == pytest.approx(pixels, rel=0.02)
            assert each.temperature == 40 * n


def test_a_reading_with_an_exponent_grows_with_a_power_of_the_pixels():
    curve = rank_by_field(stimulus(3.0), FakeModel(), [12], 40, exponent=0.5, placements=2).curves["dark"]
    assert (curve.temperature, curve.exponent) == (40, 0.5)
    assert [each.temperature for each in curve.parts] == pytest.approx([40 * np.sqrt(n) for n in curve.pixels])


def test_both_conditions_are_looked_at_in_the_same_way():
    ranking = rank_by_field(stimulus(conditions={"a": 0.2, "b": 0.2}), FakeModel(), [10, 12], 40, placements=5)
    np.testing.assert_array_equal(ranking.curves["a"].draws, ranking.curves["b"].draws)
    assert ranking.prediction.effects("mean")["a"].value == 0
    found = match(ranking.curves["a"], 0.5, ranking.curves["b"])
    assert found.pse == pytest.approx(0.5)
    assert found.pse_standard_error == pytest.approx(0, abs=1e-9)


def test_the_seed_decides_and_decides_all():
    draws = [
        rank_by_field(stimulus(), FakeModel(), [12], 40, placements=3, seed=seed).curves["dark"].draws
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert (draws[0] != draws[2]).any()


@pytest.mark.parametrize("knots", [2, 3, 4, 5, 26])
def test_the_spline_is_that_of_scipy(knots):
    random = np.random.default_rng(knots)
    x, y = np.cumsum(random.uniform(0.5, 2, knots)), random.normal(size=(3, knots))
    at = np.linspace(x[0], x[-1], 97)
    np.testing.assert_allclose(cubic_spline(x, y, at), CubicSpline(x, y, axis=1)(at), atol=1e-12)


def test_what_is_interpolated_is_close_to_what_is_scored(monkeypatch):
    coarse = rank_by_field(stimulus(), tiny_structure(), [12], 4, placements=2).curves["dark"]
    monkeypatch.setattr("illusions.analyses.readings.fields.EVERY", 1)
    fine = rank_by_field(stimulus(), tiny_structure(), [12], 4, placements=2).curves["dark"]
    assert len(coarse.values) == len(fine.values) == 256
    np.testing.assert_allclose(coarse.percentile_ranks, fine.percentile_ranks, atol=0.005)


def test_patches_are_counted():
    # every tenth of 256 values, and the last: 26 + 1
    assert patch_count_by_field(stimulus(), [10, 12], 8) == 2 * 2 * 8 * 27


def test_a_target_wider_than_the_field_is_looked_at_in_parts():
    """The long bar of 8° by 2° in a field of 4°: what lies within it is varied."""
    curve = rank_by_field(load_stimulus("white-long"), FakeModel(), [4], 40, placements=4).curves["black"]
    assert all(60 < n < 200 for n in curve.pixels)


def test_a_target_that_fills_the_field_is_refused_with_the_reason():
    with pytest.raises(InputError, match=r"the target fills the field of 0\.5° and leaves nothing of its surround"):
        rank_by_field(stimulus(), FakeModel(), [0.5], 40)


def test_a_stimulus_without_degrees_is_refused():
    with pytest.raises(InputError, match=r"brightness-contrast: has no size in degrees .* 'degrees' in the table"):
        rank_by_field(contrast(), FakeModel(), [12], 40)


@pytest.mark.parametrize("field", [0, -1, 181, float("nan"), float("inf")])
def test_a_field_that_is_none(field):
    with pytest.raises(InputError, match="expected the side of the patch in degrees of visual angle, 0 to 180"):
        parse_field(field)
    assert parse_field(12) == 12
