"""What people see, as numbers that predictions are held against."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from illusions.stimuli.published import PublishedStimulus

#: The unit of strengths that are shares of choices.
SHARE = "share of target 2"


def sign(stimulus: PublishedStimulus) -> float:
    """+1 where people see target 1 as lighter, −1 where it is target 2; NaN if neither or unknown."""
    return {1: 1.0, 2: -1.0}.get(stimulus.lighter or 0, math.nan)


def is_scored(stimulus: PublishedStimulus) -> bool:
    """Whether there is a direction that is not contested."""
    return stimulus.lighter is not None and not stimulus.contested


def has_strength(stimulus: PublishedStimulus) -> bool:
    """Whether there is a strength, other than a share of choices, with a direction that is not contested or none."""
    measured = stimulus.strength is not None and stimulus.strength_unit != SHARE
    return measured and not stimulus.contested and (stimulus.lighter is not None or stimulus.equal)


def has_share(stimulus: PublishedStimulus) -> bool:
    """Whether its strength is a share of choices, which says itself which way it goes."""
    return stimulus.strength is not None and stimulus.strength_unit == SHARE
