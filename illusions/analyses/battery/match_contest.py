"""The contest about matches: every entry is asked about every group, its settings are chosen, and it is scored.

Errors are root mean squares over matches, in the unit of the set. Where a predictor says nothing it counts as if it
said that nothing moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal, TypeAlias

import numpy as np

from illusions.analyses.battery.contest import ask_each, to_ask
from illusions.analyses.battery.matches import Group, MatchAnswer, MatchEntry, ask_for_matches
from illusions.arrays import Floats

#: What a setting was chosen without: nothing, the surround that is scored, or all matches of the study that is scored.
LeftOut: TypeAlias = Literal["nothing", "surround", "set"]


@dataclass(frozen=True, eq=False)
class MatchResult:
    """What one entry says of all groups."""

    entry: MatchEntry  #: who.
    groups: Sequence[Group]  #: that are scored, of one set or several.
    chosen_on: Sequence[Group]  #: groups on which settings are chosen where a whole set is left out.
    answers: Mapping[int, MatchAnswer]  #: by the identity of a group.

    def shifts(self, group: Group, left_out: LeftOut) -> Floats:
        """Shape (n,): the predicted shifts, in the unit of the set; NaN where nothing is said or can be chosen."""
        setting = self.setting(group, left_out)
        if setting is None:
            return np.full(len(group.values), np.nan)
        return np.asarray(self.answers[id(group)].shifts[setting])

    def reason(self, group: Group, left_out: LeftOut) -> str:
        """Why nothing is said; empty where something is."""
        setting = self.setting(group, left_out)
        if setting is None:
            return "there is no other set to choose a setting on"
        return self.answers[id(group)].reasons[setting]

    def setting(self, group: Group, left_out: LeftOut) -> int | None:
        """Which setting is chosen for a group; None where nothing is left to choose on."""
        if len(self.entry.settings) == 1:
            return 0
        if left_out == "set":
            return self._without_study.get(group.people.study)
        return self._within[group.people.name].get(group.name if left_out == "surround" else None)

    @cached_property
    def _within(self) -> Mapping[str, Mapping[str | None, int]]:
        """By set, then by the group that is left out (None: none): the setting with the least error on the others."""
        chosen: dict[str, dict[str | None, int]] = {}
        for name in dict.fromkeys(group.people.name for group in self.groups):
            of_set = [group for group in self.groups if group.people.name == name]
            squares = {group.name: self._squares(group) for group in of_set}
            whole = np.sum(list(squares.values()), axis=0)
            chosen[name] = {None: _least(whole)}
            if len(of_set) > 1:
                chosen[name].update((left, _least(whole - of_one)) for left, of_one in squares.items())
        return chosen

    @cached_property
    def _without_study(self) -> Mapping[str, int]:
        """By study: the setting with the least error on the sets of all others: the mean share of that of no shift."""
        relative: dict[tuple[str, str], Floats] = {}
        for name in dict.fromkeys(group.people.name for group in self.chosen_on):
            of_set = [group for group in self.chosen_on if group.people.name == name]
            said = [not all(self.answers[id(group)].reasons) for group in of_set]
            if of_set[0].people.contested or not any(said):
                continue
            nothing = sum(float((group.shifts**2).sum()) for group in of_set)
            squares = np.sum([self._squares(group) for group in of_set], axis=0)
            relative[of_set[0].people.study, name] = np.sqrt(squares / nothing)
        chosen = {}
        for study in dict.fromkeys(group.people.study for group in self.groups):
            others = [errors for (other, _), errors in relative.items() if other != study]
            if others:
                chosen[study] = _least(np.mean(others, axis=0))
        return chosen

    def _squares(self, group: Group) -> Floats:
        """Shape (settings,): the sum of squared errors."""
        predicted = np.nan_to_num(self.answers[id(group)].shifts, nan=0.0)
        return np.asarray(((predicted - group.shifts) ** 2).sum(axis=1))


def compete_in_matches(
    entry: MatchEntry, groups: Sequence[Group], chosen_on: Sequence[Group] | None = None
) -> MatchResult:
    """Ask an entry about every group.

    Args:
        entry: who.
        groups: that are scored.
        chosen_on: on which settings are chosen where a whole set is left out; those that are scored if left out.
    """
    others = groups if chosen_on is None else chosen_on
    return MatchResult(entry, groups, others, ask_each(partial(ask_for_matches, entry), to_ask(entry, groups, others)))


def _least(errors: Floats) -> int:
    """The first of the smallest, but for the last digits."""
    return int(np.argmin(errors.round(9)))
