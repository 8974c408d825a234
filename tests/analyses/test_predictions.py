from __future__ import annotations

import math

import numpy as np
import pytest

from illusions.analyses.predictions import MEAN, Prediction, with_mean
from illusions.estimates import Replicated, mean_of
from illusions.stimuli.families.uniform import uniform_contrast

SUMMARY = (
    "stimulus,condition,axis,value,percentile_rank,effect,temperature,model,percentile_rank_standard_error,"
    "effect_standard_error,lowest_value,highest_value,values,coverage,cautions,scale"
)


def stimulus(*surrounds):
    return uniform_contrast(
        axis="brightness",
        value=0.5,
        surrounds={name: surround for name, surround in zip("abc", surrounds, strict=False)},
        base={"hsv": [0, 0, 0.5]},
        size=6,
    )


def prediction(*ranks, **more):
    """At one scale; every rank as its value from all draws, and the two without one of them."""
    shown = stimulus(*np.linspace(0.2, 0.8, len(ranks)))
    by_condition = {name: Replicated(np.array(rank)) for name, rank in zip("abc", ranks, strict=False)}
    return Prediction(shown, {2.0: by_condition}, "somebody", **more)


def test_the_error_of_an_effect_is_that_of_the_difference_not_of_its_parts():
    found = prediction([0.7, 0.6, 0.8], [0.4, 0.3, 0.5])  # both go up and down together
    effect = found.effects(2.0)["a"]
    assert effect.value == pytest.approx(0.3)
    assert effect.standard_error == pytest.approx(0)
    # jackknife of two: sqrt(1/2 · ((0.6 − 0.7)² + (0.8 − 0.7)²)) = 0.1
    assert found.ranks[2.0]["a"].standard_error == pytest.approx(0.1)


def test_the_rows_of_two_conditions():
    table = prediction([0.7, 0.6, 0.8], [0.4, 0.4, 0.4], temperature=3.0).summary()
    assert ",".join(table.columns) == SUMMARY
    assert list(table["percentile_rank"]) == [0.7, 0.4]
    assert list(table["effect"]) == pytest.approx([0.3, -0.3])
    assert list(table["effect_standard_error"]) == pytest.approx([0.1, 0.1])
    assert set(table["temperature"]) == {3.0}
    assert set(table["model"]) == {"somebody"}


def test_of_three_conditions_each_is_compared_with_the_mean_of_the_others():
    table = prediction([0.9, 0.9], [0.5, 0.5], [0.2, 0.2]).summary()
    assert list(table["effect"]) == pytest.approx([0.9 - 0.35, 0.5 - 0.55, 0.2 - 0.7])


def test_a_single_condition_has_no_effect():
    assert prediction([0.9, 0.8]).summary()["effect"].isna().all()


def test_the_mean_over_scales_stands_for_all():
    ranks = with_mean(
        {
            scale: {"a": Replicated(np.array([rank, rank - 0.1, rank + 0.1]))}
            for scale, rank in ((2.0, 0.3), (4.0, 0.6))
        },
        mean_of,
    )
    found = Prediction(stimulus(0.2), ranks, "somebody")
    assert found.whole == MEAN
    assert found.scales == [2, 4]
    assert found.ranks[MEAN]["a"].value == pytest.approx(0.45)
    assert found.ranks[MEAN]["a"].standard_error == pytest.approx(0.1)
    assert list(found.summary()["scale"]) == [2, 4, MEAN]


def test_reasons_are_told_once():
    none = [math.nan, math.nan]
    found = prediction(none, none, reasons={2.0: {"a": "no pixel is all target", "b": "no pixel is all target"}})
    assert found.why_none(2.0) == ["no pixel is all target"]
