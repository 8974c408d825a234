from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeModel, FakeStimulus

from illusions.analyses.ranking import effect, rank, summary
from illusions.errors import InputError


def test_the_likelihood_peaks_at_the_surround_and_the_dark_one_ranks_higher():
    curves = rank(FakeStimulus(), FakeModel(), "bits-per-dim")
    assert list(curves) == ["dark", "light"]
    assert curves["dark"].peak == pytest.approx(0.2, abs=0.01)
    difference, error = effect(curves["dark"], curves["light"])
    assert difference > 0.5
    assert 0 < error < 0.01


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    def numbers(seed):
        return rank(FakeStimulus(), FakeModel(), seed=seed)["dark"].draws

    assert np.array_equal(numbers(3), numbers(3))
    assert not np.array_equal(numbers(3), numbers(4))


def test_conditions_that_are_equal_get_equal_noise():
    curves = rank(FakeStimulus(conditions={"a": 0.3, "b": 0.3}), FakeModel())
    assert np.array_equal(curves["a"].draws, curves["b"].draws)
    assert effect(curves["a"], curves["b"]) == (0, 0)


def test_summary_of_two_conditions():
    frame = summary(rank(FakeStimulus(), FakeModel()))
    assert list(frame.columns) == [
        "stimulus", "condition", "axis", "value", "percentile_rank", "effect", "temperature", "model",
    ]  # fmt: skip
    a, b = frame["percentile_rank"]
    assert list(frame["effect"]) == pytest.approx([a - b, b - a])


def test_summary_of_three_conditions_compares_each_with_the_mean_of_the_others():
    frame = summary(rank(FakeStimulus(conditions={"a": 0.2, "b": 0.5, "c": 0.9}), FakeModel()))
    a, b, c = frame["percentile_rank"]
    assert list(frame["effect"]) == pytest.approx([a - (b + c) / 2, b - (a + c) / 2, c - (a + b) / 2])


def test_a_single_condition_has_no_effect():
    assert summary(rank(FakeStimulus(conditions={"image": 0.2}), FakeModel()))["effect"].isna().all()


def test_a_model_that_gives_nan_is_named():
    class Broken(FakeModel):
        def log_likelihood_draws(self, patches, *, draws, seed, surround=None):
            return np.full((draws, len(patches)), np.nan)

    with pytest.raises(InputError, match="broken: "):
        rank(FakeStimulus(), replace(Broken(), name="broken"))
