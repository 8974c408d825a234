from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

import illusions
from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.readings.fields import rank_by_field
from illusions.analyses.readings.ranking import rank
from illusions.analyses.readings.reading import (
    COLOUR,
    FIELD,
    PAPER,
    default_reading,
    find_reading,
    predict,
    why_not_by_field,
)
from illusions.errors import InputError
from illusions.stimuli.loading import load_stimulus
from tests.analyses.fakes import FakeModel, contrast


@dataclass(frozen=True)
class Counting(FakeModel):
    """A fake that notes its floors and how many patches it scores."""

    floors: list[float] = field(default_factory=list)
    scored: list[int] = field(default_factory=list)

    def with_floor(self, floor):
        self.floors.append(floor)
        return self

    def log_likelihood_draws(self, patches, *, draws, seed, surround=None):
        self.scored.append(len(patches) * draws)
        return super().log_likelihood_draws(patches, draws=draws, seed=seed, surround=surround)


@pytest.fixture
def stimulus():
    """A target of 3° on uniform surrounds."""
    return replace(contrast(), units_per_degree=2.0)


def test_the_papers_reading_is_rank_to_the_last_digit(stimulus):
    ranking, curves = PAPER.rank(stimulus, FakeModel(), seed=3), rank(stimulus, FakeModel(), "bits-per-dim", seed=3)
    assert ranking.unit == "scale"
    assert list(ranking.at_scales) == [stimulus.scale]
    for condition, curve in curves.items():
        np.testing.assert_array_equal(ranking.curves[condition].draws, curve.draws)
        assert ranking.curves[condition].temperature == curve.temperature == 768 * np.log(2)


def test_the_reading_by_field(stimulus):
    ranking = FIELD.rank(stimulus, FakeModel(), seed=3)
    same = rank_by_field(stimulus, FakeModel(), [10, 12, 14], 36, placements=8, seed=3)
    assert ranking.unit == "field"
    assert list(ranking.at_scales) == [10, 12, 14]
    for condition, curve in same.curves.items():
        np.testing.assert_array_equal(ranking.curves[condition].density, curve.density)


def test_only_a_reading_with_a_floor_sets_one(stimulus):
    model = Counting()
    PAPER.rank(stimulus, model)
    assert model.floors == []
    FIELD.rank(stimulus, model)
    assert model.floors == [0.1]


@pytest.mark.parametrize(
    "reading",
    [
        PAPER,
        FIELD,
        replace(PAPER, sides=(2.0, 3.0), draws=2),
        replace(FIELD, sides=(9.0,), draws=3),
        replace(FIELD, temperature=Temperature(19.0)),
    ],
    ids=str,
)
def test_the_patches_are_counted_before_they_are_scored(reading, stimulus):
    model = Counting()
    reading.rank(stimulus, model)
    assert sum(model.scored) == reading.patch_count(stimulus, model)


def test_the_default_is_by_field_for_light_of_a_known_size(stimulus):
    assert default_reading(stimulus) is FIELD
    assert why_not_by_field(stimulus) == ""
    assert default_reading(contrast()) is PAPER
    assert "degrees" in why_not_by_field(contrast())
    hue = replace(contrast(axis="hue"), units_per_degree=2.0)
    assert default_reading(hue) is COLOUR
    assert why_not_by_field(hue) == ""
    assert default_reading(load_stimulus("white")) is FIELD


def test_predict_reads_by_name_by_default_and_as_one_likes(stimulus, monkeypatch):
    calls = []

    def load_model(name, *, device):
        calls.append((name, device))
        return FakeModel(name=name)

    monkeypatch.setattr("illusions.models.model.load_model", load_model)
    assert predict(stimulus).unit == "field"
    assert predict(stimulus, "paper", device="cpu").unit == "scale"
    own = replace(FIELD, model="mine", sides=(5.0,), temperature=Temperature(9.0), draws=2)
    ranking = predict(stimulus, own, seed=1)
    assert list(ranking.at_scales) == [5]
    assert {curve.temperature for curve in ranking.curves.values()} == {9}
    assert calls == [("cones16", "auto"), ("natural16", "cpu"), ("mine", "auto")]
    with pytest.raises(InputError, match="no reading is called 'fields'; did you mean 'field'"):
        predict(stimulus, "fields")


def test_names():
    assert illusions.predict is predict
    assert find_reading("paper", contrast()) is PAPER
    assert find_reading("field", contrast()) is FIELD
    assert find_reading("field", contrast(axis="hue")) is COLOUR


def test_a_model_that_sees_no_colour_is_not_asked_about_one():
    hue = replace(contrast(axis="hue"), units_per_degree=2.0)
    blind = FakeModel(name="blind", dimensions=256)
    for reading in (COLOUR, PAPER):
        with pytest.raises(InputError, match="blind sees luminance and no hue; expected a model of colours"):
            reading.rank(hue, blind)
    assert FIELD.rank(replace(contrast(), units_per_degree=2.0), blind).curves
