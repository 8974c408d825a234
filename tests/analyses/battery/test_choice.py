from __future__ import annotations

import math

import numpy as np
from numpy.testing import assert_array_equal

from illusions.analyses.battery.choice import best_setting, choose, held_out
from illusions.stimuli.published import load_published
from tests.analyses.battery.people import saying, seen


def test_most_directions_win_then_strengths_then_the_first():
    stimuli = [seen(1, strength=s) for s in (1.0, 2.0, 3.0)]
    right, wrong = [1.0, 2.0, 3.0], [3.0, 2.0, -1.0]
    backwards = [3.0, 2.0, 1.0]
    assert best_setting(stimuli, np.array([wrong, right]).T) == 1
    assert best_setting(stimuli, np.array([backwards, right]).T) == 1
    assert best_setting(stimuli, np.array([right, right]).T) == 0
    assert best_setting(stimuli, np.array([[2, 4, 6], right]).T) == 0


def test_a_contested_direction_chooses_nothing():
    assert best_setting([seen(1), seen(1, contested=True)], np.array([[1.0, 1.0], [-1.0, 1.0]])) == 0


def test_settings_are_chosen_without_the_family_that_is_scored():
    stimuli = [seen(1, family=family) for family in ("a", "a", "a", "b", "b", "c")]
    # The first setting is right of all of a, the second of all of b and c.
    differences = np.array([[1, -1], [1, -1], [1, -1], [-1, 1], [-1, 1], [-1, 1]], dtype=float)
    choice = choose(stimuli, differences)
    assert choice.on_everything == 0  # 3 and 3: the first
    assert choice.without == {"a": 1, "b": 0, "c": 0}  # 0 and 3; 3 and 1; 3 and 2
    assert_array_equal(held_out(stimuli, differences, choice), [-1, -1, -1, -1, -1, -1])


def test_what_was_tuned_on_everything_scores_better_in_sample():
    stimuli = [seen(1, family=family) for family in ("a", "a", "a", "b", "b", "c")]
    result = saying(stimuli, [[1, -1], [1, -1], [1, -1], [-1, 1], [-1, 1], [-1, 1]], ("x", "y"))
    (in_sample, _), (cross_validated, _) = (result.scores("s", cross_validated=held) for held in (False, True))
    assert (in_sample.value, cross_validated.value) == (0.5, 0)
    assert (result.setting, result.setting_without("a")) == ("x", "y")


def test_with_one_family_nothing_is_left_to_choose_on():
    assert choose([seen(1), seen(1)], np.array([[-1.0, 1.0], [-1.0, 1.0]])).without == {"white": 0}


def test_without_settings_both_are_the_same():
    result = saying([seen(1), seen(2, family="b")], [[0.5], [math.nan]])
    assert_array_equal(result.in_sample, result.cross_validated)


def test_a_setting_that_is_random_does_no_better_than_chance_out_of_sample():
    stimuli = [s for s in load_published("rhs2007") if s.lighter and not s.contested]
    differences = np.random.default_rng(0).normal(size=(len(stimuli), 400))
    result = saying(stimuli, differences, [str(i) for i in range(400)])
    in_sample, held = (result.scores("rhs2007", cross_validated=held)[0].value for held in (False, True))
    assert in_sample >= 0.75
    assert abs(held - 0.5) < 0.25


def test_a_score_does_not_depend_on_what_else_is_asked_for():
    stimuli = [seen(1, name=name, set=name[0], family=name) for name in ("a1", "a2", "b1", "b2", "b3")]
    said = dict(zip((s.name for s in stimuli), [[1, -1], [1, -1], [-1, 1], [-1, 1], [-1, 1]], strict=True))
    shipped = list(stimuli)

    def scored(chosen):
        asked = {stimulus.name: stimulus for stimulus in (*chosen, *shipped)}
        return saying(chosen, [said[name] for name in asked], ("x", "y"), chosen_on=shipped)

    alone, together = scored(stimuli[:2]), scored(stimuli)
    assert alone.setting == together.setting == "y"  # on set a alone it would be x
    for held in (False, True):
        assert alone.scores("a", cross_validated=held) == together.scores("a", cross_validated=held)


def test_ones_own_stimuli_choose_nothing():
    shipped = [seen(1, family=family) for family in ("a", "b")]
    mine = [seen(1, name="mine", set="mine", family="c")]
    result = saying(mine, [[-1, 1], [1, -1], [1, -1]], ("x", "y"), chosen_on=shipped)
    assert (result.setting, result.setting_without("c")) == ("x", "x")
    assert result.scores("mine", cross_validated=True)[0].value == 0
