"""Published strengths as matches that people set: what a temperature can be calibrated with where no matches are known.

A strength is taken for half the difference of both matches, in per cent of the range of the picture: the match to the
target that looks lighter lies so far above the physical value, the match to the other as far below it. For strengths
whose unit is stated nowhere (rhs2007) that is an assumption, and it is not known to hold for all of their sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from illusions.analyses.battery.people import has_strength, sign
from illusions.analyses.readings.calibration import RESAMPLES, Measured
from illusions.arrays import Floats
from illusions.errors import InputError
from illusions.stimuli.families.masked import labelled_picture

if TYPE_CHECKING:
    from illusions.stimuli.published import PublishedStimulus
    from illusions.stimuli.stimulus import Stimulus

#: The unit of which the strengths can be taken for per cent of the range.
_UNIT = "unstated"


def with_strengths(published: Sequence[PublishedStimulus]) -> list[PublishedStimulus]:
    """Those with a strength and a direction that is not contested, or that people see as equal.

    Raises:
        InputError: none has.
    """
    found = [each for each in published if has_strength(each) and each.strength_unit == _UNIT]
    if not found:
        raise InputError(
            f"{', '.join(dict.fromkeys(each.set for each in published)) or 'the set'}: has no strength that can be "
            "taken for per cent of the range; expected a set as rhs2007"
        )
    return found


def as_stimuli(published: Sequence[PublishedStimulus]) -> list[Stimulus]:
    """Stimuli with the conditions ``"1"`` and ``"2"``, at the greatest usual scale at which their patches fit."""
    return [_as_stimulus(each) for each in published]


def _as_stimulus(each: PublishedStimulus) -> Stimulus:
    labels = np.where(each.targets <= 2, each.targets, 0)
    stimulus = labelled_picture(
        each.picture, labels, each.axis, name=each.name, pixels_per_degree=each.pixels_per_degree
    )
    widest = max(scene.target.extent for scene in stimulus.conditions.values())
    return replace(stimulus, scale=min(stimulus.scale, min(labels.shape) / widest))


def measured_strengths(published: Sequence[PublishedStimulus], stimuli: Sequence[Stimulus]) -> list[Measured]:
    """Two matches for each stimulus: of target 2 to target 1, and of target 1 to target 2."""
    measured = []
    for each, stimulus in zip(published, stimuli, strict=True):
        shift = np.nan_to_num(sign(each)) * (each.strength or 0.0) / 100 * stimulus.axis.span
        measured.append(Measured(each.name, "1", "2", stimulus.value + shift))
        measured.append(Measured(each.name, "2", "1", stimulus.value - shift))
    return measured


def resampled_stimuli(measured: Sequence[Measured], *, seed: int = 0) -> Floats:
    """Shape (b, n): the measured values, in each resample NaN for the stimuli that were not drawn.

    Of s stimuli s are drawn with replacement; how often one was drawn is not counted.
    """
    names = list(dict.fromkeys(each.stimulus for each in measured))
    drawn = np.random.default_rng(seed).integers(0, len(names), (RESAMPLES, len(names)))
    of = np.array([names.index(each.stimulus) for each in measured])
    values = np.array([each.value for each in measured])
    present = (drawn[:, :, None] == np.arange(len(names))).any(axis=1)
    return np.where(present[:, of], values, np.nan)
