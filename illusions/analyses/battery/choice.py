"""Which setting of a predictor is taken: the one that does best on everything, and on all but one family.

A setting that was chosen on what it is scored on says little. So each family of illusions is also scored at the setting
that does best on all the others. Settings are chosen on the same stimuli whichever of them are scored, so a score does
not depend on which others are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from illusions.analyses.battery.scores import all_right, mean_correlation
from illusions.arrays import Floats

if TYPE_CHECKING:
    from illusions.stimuli.published import PublishedStimulus


@dataclass(frozen=True)
class Choice:
    """The settings that were chosen, as indices."""

    on_everything: int  #: on all stimuli.
    without: Mapping[str, int]  #: by family, on the stimuli of all the others.


def best_setting(stimuli: Sequence[PublishedStimulus], differences: Floats) -> int:
    """The setting with most directions right; of several, with the highest correlation of strengths; then the first.

    Args:
        stimuli: n of them, of any sets. Only directions that are not contested count, of all sets together;
            correlations are means over sets, weighted by their stimuli.
        differences: shape (n, settings), target 1 minus target 2.
    """
    right = all_right(stimuli, differences)
    correlation = np.where(right == right.max(), mean_correlation(stimuli, differences).round(9), -np.inf)
    return int(np.argmax(correlation))


def choose(stimuli: Sequence[PublishedStimulus], differences: Floats, families: Iterable[str] | None = None) -> Choice:
    """The best setting on everything, and without each family. With one family only, nothing is left: the first.

    Args:
        stimuli: n of them, on which settings are chosen.
        differences: shape (n, settings).
        families: that are scored, and of which each is left out; those of the stimuli if left out.
    """
    without = {}
    for family in dict.fromkeys(families or (stimulus.family for stimulus in stimuli)):
        others = [i for i, stimulus in enumerate(stimuli) if stimulus.family != family]
        without[family] = best_setting([stimuli[i] for i in others], differences[others]) if others else 0
    return Choice(best_setting(stimuli, differences), without)


def held_out(stimuli: Sequence[PublishedStimulus], differences: Floats, choice: Choice) -> Floats:
    """Shape (n,): each stimulus' difference at the setting that was chosen without its family."""
    settings = [choice.without[stimulus.family] for stimulus in stimuli]
    return np.asarray(differences[np.arange(len(stimuli)), settings])
