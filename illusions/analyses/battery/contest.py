"""The contest: every entry is asked about every stimulus, its settings are chosen, and it is scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from illusions.analyses.battery.choice import Choice, choose, held_out
from illusions.analyses.battery.predictors import Answer, Entry, ask
from illusions.analyses.battery.scores import Score, correlations, directions
from illusions.arrays import Floats
from illusions.progress import report, reported_to

if TYPE_CHECKING:
    from illusions.stimuli.published import PublishedStimulus


@dataclass(frozen=True, eq=False)
class Result:
    """What one entry says of all stimuli.

    Attributes:
        entry: who.
        stimuli: n of them, of one set or several; what is chosen is chosen over all of them.
        answers: by stimulus, by setting.
    """

    entry: Entry
    stimuli: Sequence[PublishedStimulus]
    answers: Sequence[dict[str, Answer]]

    @cached_property
    def choice(self) -> Choice:
        """The settings that were chosen."""
        return choose(self.stimuli, self._by_setting)

    @cached_property
    def in_sample(self) -> Floats:
        """Shape (n,): the differences at the setting that does best on everything."""
        return np.asarray(self._by_setting[:, self.choice.on_everything])

    @cached_property
    def cross_validated(self) -> Floats:
        """Shape (n,): the differences at the settings chosen without the family of each stimulus."""
        return held_out(self.stimuli, self._by_setting, self.choice)

    def answer(self, index: int) -> Answer:
        """Of a stimulus, at the setting that does best on everything."""
        return self.answers[index][self.setting]

    @property
    def setting(self) -> str:
        """The setting that does best on everything."""
        return self.entry.settings[self.choice.on_everything]

    def setting_without(self, family: str) -> str:
        """The setting that does best on all families but this."""
        return self.entry.settings[self.choice.without[family]]

    def scores(self, set_name: str, *, cross_validated: bool, seed: int = 0) -> list[Score]:
        """The scores on one of the sets.

        Args:
            set_name: of one that is among the stimuli.
            cross_validated: whether each family is scored at a setting that was chosen without it.
            seed: of the resamples for intervals.
        """
        rows = [i for i, stimulus in enumerate(self.stimuli) if stimulus.set == set_name]
        stimuli = [self.stimuli[i] for i in rows]
        differences = (self.cross_validated if cross_validated else self.in_sample)[rows]
        shares = [directions(stimuli, differences, with_contested=contested) for contested in (False, True)]
        return [*(share for share in shares if share), *correlations(stimuli, differences, seed=seed)]

    def failures(self) -> Iterator[tuple[PublishedStimulus, str]]:
        """The stimuli of which nothing is said at the setting that does best on everything, and why."""
        for i, stimulus in enumerate(self.stimuli):
            if self.answer(i).reason:
                yield stimulus, self.answer(i).reason

    @cached_property
    def _by_setting(self) -> Floats:
        """Shape (n, settings): differences."""
        return np.array([[answers[setting].difference for setting in self.entry.settings] for answers in self.answers])


def compete(entry: Entry, stimuli: Sequence[PublishedStimulus]) -> Result:
    """Ask an entry about every stimulus; every stimulus is told as progress (`illusions.progress`)."""
    answers = []
    for stimulus in stimuli:
        with reported_to(lambda n: None):  # of patches within, which are not what is counted here
            answers.append(ask(entry, stimulus))
        report(1)
    return Result(entry, stimuli, answers)


def set_names(stimuli: Sequence[PublishedStimulus]) -> list[str]:
    """The sets, in the order of the stimuli."""
    return list(dict.fromkeys(stimulus.set for stimulus in stimuli))
