"""Luminances of targets and of their surrounds on a display, cd/m²."""

from __future__ import annotations

import math
from functools import lru_cache

from illusions.displays import Display
from illusions.stimuli.stimulus import Stimulus


def target_luminance(stimulus: Stimulus, value: float, display: Display) -> float:
    """Of the target at a value; NaN for NaN, which stands where there is no match.

    Raises:
        InputError: the value is out of range, or its colour outside the sRGB gamut.
    """
    return math.nan if math.isnan(value) else round(float(display.luminances(stimulus.colour(value))), 4)


@lru_cache(maxsize=256)
def surround_luminance(stimulus: Stimulus, condition: str, display: Display) -> float:
    """Mean over all of the picture of which the target covers nothing; NaN where nothing is left.

    Raises:
        InputError: there is no such condition.
    """
    surround = stimulus.picture(condition)[stimulus.picture_surround(condition)]
    return round(float(display.luminances(surround).mean()), 4) if len(surround) else math.nan
