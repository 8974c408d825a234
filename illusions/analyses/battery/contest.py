"""The contest: every entry is asked about every stimulus, its settings are chosen, and it is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from illusions.analyses.battery.choice import Choice, choose, held_out
from illusions.analyses.battery.predictors import Answer, Entry, ask
from illusions.analyses.battery.scores import Score, correlations, directions
from illusions.arrays import Floats
from illusions.progress import report, reported_to

if TYPE_CHECKING:
    from illusions.analyses.battery.matches import MatchEntry
    from illusions.stimuli.published import PublishedStimulus

_Question = TypeVar("_Question")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, eq=False)
class Result:
    """What one entry says of all stimuli."""

    entry: Entry  #: who.
    stimuli: Sequence[PublishedStimulus]  #: n of them, of one set or several, that are scored.
    answers: Sequence[dict[str, Answer]]  #: by stimulus, by setting.
    chosen_on: Sequence[PublishedStimulus]  #: stimuli on which settings are chosen.
    on_these: Sequence[dict[str, Answer]]  #: its answers to these, by setting.

    @cached_property
    def choice(self) -> Choice:
        """The settings that were chosen."""
        families = [stimulus.family for stimulus in self.stimuli]
        return choose(self.chosen_on, self._differences(self.on_these), families)

    @cached_property
    def in_sample(self) -> Floats:
        """Shape (n,): the differences at the setting that does best on everything."""
        return np.asarray(self._differences(self.answers)[:, self.choice.on_everything])

    @cached_property
    def cross_validated(self) -> Floats:
        """Shape (n,): the differences at the settings chosen without the family of each stimulus."""
        return held_out(self.stimuli, self._differences(self.answers), self.choice)

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

    def _differences(self, answers: Sequence[dict[str, Answer]]) -> Floats:
        """Shape (n, settings)."""
        return np.array([[answer[setting].difference for setting in self.entry.settings] for answer in answers])


def compete(
    entry: Entry, stimuli: Sequence[PublishedStimulus], chosen_on: Sequence[PublishedStimulus] | None = None
) -> Result:
    """Ask an entry about every stimulus.

    Args:
        entry: who.
        stimuli: that are scored.
        chosen_on: on which settings are chosen; those that are scored if left out. An entry without settings is not
            asked about them.
    """
    chosen_on = stimuli if chosen_on is None or len(entry.settings) == 1 else chosen_on
    answers = ask_each(partial(ask, entry), to_ask(entry, stimuli, chosen_on))
    by = [[answers[id(stimulus)] for stimulus in some] for some in (stimuli, chosen_on)]
    return Result(entry, stimuli, by[0], chosen_on, by[1])


def ask_each(answer: Callable[[_Question], _Answer], questions: Sequence[_Question]) -> dict[int, _Answer]:
    """The answers by the identity of a question. Each question is one step of progress (`illusions.progress`)."""
    answers = {}
    for question in questions:
        with reported_to(lambda n: None):  # of patches within, which are not what is counted here
            answers[id(question)] = answer(question)
        report(1)
    return answers


def to_ask(entry: Entry | MatchEntry, scored: Sequence[_Question], chosen_on: Sequence[_Question]) -> list[_Question]:
    """What an entry is asked about, each question once: also what settings are chosen on, if there are several."""
    also = chosen_on if len(entry.settings) > 1 else ()
    return list({id(question): question for question in (*scored, *also)}.values())


def set_names(stimuli: Sequence[PublishedStimulus]) -> list[str]:
    """The sets, in the order of the stimuli."""
    return list(dict.fromkeys(stimulus.set for stimulus in stimuli))
