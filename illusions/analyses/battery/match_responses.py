"""Predictors that respond to a picture, where people set matches: the match is the target with the same response.

A predictor gets the picture of each condition with its target at several values. Its response to a target in the test
condition is looked up among those in the reference condition.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from illusions.analyses.battery.matches import Group, MatchEntry, Matches, sweep_of
from illusions.analyses.battery.predictors import NO_SETTING, Predictor
from illusions.arrays import Floats
from illusions.errors import InputError

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

#: At how many values of the target a predictor is asked in the reference condition.
_VALUES = 24


def match_by_response(name: str, description: str, predictor: Predictor) -> MatchEntry:
    """An entry without settings: a predictor that gives a value, or a colour, to each target of a picture."""
    return MatchEntry(name, description, partial(_matches, predictor))


def _matches(predictor: Predictor, group: Group) -> Matches:
    stimulus, axis = group.stimulus, group.stimulus.axis
    values = sweep_of(group, _VALUES)
    targets = _responses(predictor, stimulus, group.test, group.values)
    references = _responses(predictor, stimulus, group.reference, values)
    if axis.circular:
        order = np.argsort(references)
        turns = np.concatenate([references[order] + turn * axis.high for turn in (-1, 0, 1)])
        unwrapped = values[order] + axis.high * np.rint((references - values)[order] / axis.high)
        found = np.concatenate([unwrapped + turn * axis.high for turn in (-1, 0, 1)])
        return {NO_SETTING: np.interp(targets, turns, found)}
    order = np.argsort(references, kind="stable")
    return {NO_SETTING: np.interp(targets, references[order], values[order])}


def _responses(predictor: Predictor, stimulus: Stimulus, condition: str, values: Floats) -> Floats:
    """Shape (n,): the responses to the target at values of the axis.

    Raises:
        InputError: a response is neither a number nor, with its value on the axis, a colour.
    """
    labels = stimulus.target_mask(condition).astype(np.int64)
    pixels_per_degree = stimulus.resolution or stimulus.conditions[condition].density * stimulus.units(1.0)
    return np.array(
        [
            _number(stimulus, predictor(stimulus.picture(condition, value), labels.copy(), pixels_per_degree))
            for value in values
        ]
    )


def _number(stimulus: Stimulus, response: object) -> float:
    given = np.asarray(response, dtype=np.float64)
    if given.shape == (1, 3):
        return float(stimulus.axis.get(given[0] / 255))
    if given.shape != (1,):
        raise InputError(f"a response of shape {given.shape}; expected (1,), a value, or (1, 3), a colour")
    if stimulus.axis.circular:
        raise InputError(f"a value says nothing about {stimulus.axis.name}; expected a colour, 0 to 255, per target")
    return float(given[0])
