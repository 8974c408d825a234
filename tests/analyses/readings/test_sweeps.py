"""Adaptive sweeps, by densities whose curves are known; over all shipped stimuli see tests/benchmarks/sweeps.csv."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pytest

from illusions.analyses.densities.matching import equal_rank
from illusions.analyses.predictions import Prediction
from illusions.analyses.readings.ranking import DRAWS, Ranks, rank
from illusions.analyses.readings.reading import FIELD, PAPER
from illusions.analyses.readings.scales import is_precise, rank_at_scales
from illusions.analyses.readings.sweeps import COARSE, where_to_begin
from illusions.estimates import Replicated
from illusions.models.stacks import run
from illusions.stimuli.axes import AXES
from illusions.stimuli.colours import Colour
from illusions.stimuli.loading import load_stimulus
from tests.analyses.fakes import FakeModel, contrast


@dataclass
class Cusped:
    """ℓ = −height · log(1 + difference / width) between target and corner, in levels: as natural16 has it, a cusp."""

    height: float = 150.0
    width: float = 2.0
    noise: float = 0.5
    name: str = "cusped"
    size: int = 16
    dimensions: int = 768

    def __post_init__(self):
        self.scored = []

    def log_likelihood_draws(self, patches, *, draws, seed, surround=None, first=0):
        self.scored.append(draws * len(patches))
        difference = np.abs(patches[:, 8, 8].astype(float) - patches[:, 0, 0]).mean(axis=1)
        u = np.random.default_rng(seed).random((first + draws, 1))[first:]
        return -1000 - (self.height + self.noise * u) * np.log1p(difference / (self.width + self.noise * u))


CASES = [
    (contrast(), Cusped()),
    (contrast(), FakeModel()),
    (load_stimulus("saturation-contrast"), Cusped(height=200)),
    (load_stimulus("hue-contrast"), FakeModel(circular=True)),
]


@pytest.mark.parametrize("temperature", [1, 50, 100, 532])
@pytest.mark.parametrize(("stimulus", "model"), CASES)
def test_ranks_and_matches_are_those_of_full_sweeps(stimulus, model, temperature):
    full = rank(stimulus, model, temperature)
    thrifty = rank(stimulus, model, temperature, full_sweep=False)
    for name, curve in thrifty.items():
        assert np.abs(curve.percentile_ranks - full[name].percentile_ranks).max() < 5e-4
        assert np.array_equal(curve.draws[:, curve.scored], full[name].draws[:, curve.scored])
        assert 0.1 < curve.scored.mean() < 0.45
        assert curve.to_frame()["evaluated"].tolist() == curve.scored.tolist()
        assert full[name].to_frame()["evaluated"].all()
    for a, b in permutations(full, 2):
        found, expected = (equal_rank(curves[a], stimulus.value, curves[b]) for curves in (thrifty, full))
        assert (found is None) == (expected is None)
        assert found is None or abs(found - expected) < 1e-3 * stimulus.axis.high


@pytest.mark.parametrize("temperature", [50, 532])
@pytest.mark.parametrize(("stimulus", "model"), CASES)
def test_a_sketch_scores_fewer_values_and_is_nearly_right(stimulus, model, temperature):
    full, careful = rank(stimulus, model, temperature), rank(stimulus, model, temperature, full_sweep=False)
    sketch = run(model, Ranks(stimulus, model, temperature, seed=0, full_sweep=False, tolerance=COARSE).under(DRAWS))
    for name, curve in sketch.items():
        assert np.abs(curve.percentile_ranks - full[name].percentile_ranks).max() < 5e-3
        assert curve.scored.mean() < 0.85 * careful[name].scored.mean()


def test_every_tenth_value_alone_would_be_wrong():
    """What an adaptive sweep is for: the same bounds are missed without cutting."""
    stimulus, model = contrast(), Cusped()
    full, coarse = rank(stimulus, model, 50), Ranks(stimulus, model, 50, seed=0, full_sweep=False)
    for name, scored in coarse._scored.items():
        scored.draw(run(model, coarse._score({name: scored.further(8)}))[name])
        assert np.abs(coarse._curve(name).percentile_ranks - full[name].percentile_ranks).max() > 5e-4


def test_the_same_call_gives_the_same_numbers_to_the_last_bit():
    first, second = (rank(contrast(), Cusped(), 100, full_sweep=False) for _ in range(2))
    assert all(np.array_equal(first[name].draws, second[name].draws) for name in first)


def test_a_sweep_begins_with_every_tenth_value_the_target_and_the_patch_that_is_as_its_surround():
    stimulus = contrast()
    begin = where_to_begin(stimulus.values(), stimulus.value, stimulus.patches("dark"), 10)
    assert {0, 10, 250, 255, 127, 128, 50, 51, 52} <= set(begin)
    assert len(begin) < 35


def test_two_values_of_one_colour_lie_at_one_place():
    axis, grey = AXES["saturation"], Colour("hsv", (0.0, 0.5, 0.5))
    values = axis.sweep(grey)
    colours, places = axis.at(grey, values), axis.steps(grey, values)
    same = (colours[1:] == colours[:-1]).all(axis=1)
    assert same.any()
    assert np.abs(np.diff(places)[same]).max() < 1e-9
    assert (np.diff(places)[~same] > 1).all()
    assert np.abs(places - np.arange(len(values))).max() <= 1.5
    black = Colour("hsv", (0.0, 0.0, 0.5))
    assert np.allclose(AXES["brightness"].steps(black, AXES["brightness"].sweep(black)), np.arange(256))


def test_short_sweeps_are_full():
    stimulus = contrast()
    short = PAPER.rank(stimulus, Cusped())
    assert all(curve.scored is None for curve in short.curves.values())
    from illusions.analyses.readings.ranking import thinned

    assert all(c.scored is None for c in rank(thinned(stimulus, 5), Cusped(), full_sweep=False).values())


def test_draws_end_when_the_effect_is_precise_enough():
    counts = {
        precision: len(
            rank_at_scales(contrast(), Cusped(noise=20), (), 532, effect_precision=precision).curves["dark"].draws
        )
        for precision in (1.0, 0.01, 1e-9)
    }
    assert counts[1.0] == 2
    assert 2 < counts[0.01] < 16
    assert counts[1e-9] == 16


def test_further_draws_are_those_that_come_next():
    stimulus, model = contrast(), Cusped(noise=20)
    few = rank_at_scales(stimulus, model, (2.0, 3.0), 532, effect_precision=0.01)
    k = len(few.curves["dark"].draws)
    assert 2 < k < 16
    many = rank_at_scales(stimulus, model, (2.0, 3.0), 532, draws=k)
    for scale, curves in many.at_scales.items():
        for name, curve in curves.items():
            assert np.array_equal(few.at_scales[scale][name].draws, curve.draws)


@pytest.mark.parametrize(("draws", "factor"), [(2, 7.96), (4, 2.27), (8, 1.57), (16, 1.32)])
def test_a_standard_error_from_few_draws_has_to_be_smaller(draws, factor):
    """√((k − 1) / χ²) with the 10 % quantiles of tables: 0.0158, 0.584, 2.83, 8.55 for 1, 3, 7, 15 degrees."""
    rng = np.random.default_rng(0)
    ranks = {
        name: Replicated(np.concatenate([[0.5], 0.5 + 0.01 * rng.normal(size=draws)])) for name in ("dark", "light")
    }
    prediction = Prediction(stimulus=contrast(), ranks={2.0: ranks}, predictor="x")
    error = prediction.effects(2.0)["dark"].standard_error
    assert is_precise(prediction, draws, error * factor * 1.01)
    assert not is_precise(prediction, draws, error * factor * 0.99)


def test_by_field_every_tenth_value_is_scored_or_all():
    from dataclasses import replace

    from illusions.analyses.densities.temperature import Temperature

    model, stimulus = FakeModel(), load_stimulus("white")
    few, all_of_them = FIELD.rank(stimulus, model), replace(FIELD, full_sweep=True).rank(stimulus, model)
    low = replace(FIELD, temperature=Temperature(1.0)).rank(stimulus, model)
    for name, curve in few.curves.items():
        assert curve.scored.sum() == 27
        assert all_of_them.curves[name].scored is None
        assert low.curves[name].scored is None
        assert np.abs(curve.percentile_ranks - all_of_them.curves[name].percentile_ranks).max() < 5e-4
