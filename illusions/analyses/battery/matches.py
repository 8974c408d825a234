"""Matches that people set, and who predicts them.

People's mean matches are the settings of `illusions.stimuli.settings`. Those that share both surrounds are a `Group`: a
predictor is asked about each group once, and says which match it expects to every target of the group.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from illusions.analyses.battery.predictors import NO_SETTING, failure_in_words
from illusions.analyses.densities.transport import circular_map, line_map
from illusions.arrays import Floats

if TYPE_CHECKING:
    from illusions.stimuli.axes import Axis
    from illusions.stimuli.settings import Setting, SettingsSet
    from illusions.stimuli.stimulus import Stimulus

#: By setting of a predictor: the predicted match to each target of a group, shape (n,), in the axis' units; or why
#: there are none, in words.
Matches: TypeAlias = Mapping[str, "Floats | str"]


@dataclass(frozen=True, eq=False)
class Group:
    """People's matches with the same two surrounds."""

    people: SettingsSet  #: the set that they are of.
    name: str  #: of the group, unique in the set.
    settings: tuple[Setting, ...]  #: n of them.

    @property
    def stimulus(self) -> Stimulus:
        """With both surrounds, and the target of the first setting."""
        return self.settings[0].stimulus

    @property
    def reference(self) -> str:
        """The condition in which the match is set."""
        return self.settings[0].reference

    @property
    def test(self) -> str:
        """The condition in which the target has its physical value."""
        return self.settings[0].test

    @cached_property
    def values(self) -> Floats:
        """Shape (n,): the physical targets, in the axis' units."""
        return np.array([setting.value for setting in self.settings])

    @cached_property
    def shifts(self) -> Floats:
        """Shape (n,): by how much people's matches differ from the targets, in the unit of the set."""
        return np.array([setting.shift for setting in self.settings])

    @cached_property
    def standard_errors(self) -> Floats:
        """Shape (n,): of the shifts."""
        return np.array([setting.standard_error for setting in self.settings])

    @cached_property
    def x(self) -> Floats:
        """Shape (n,): what shifts are plotted against."""
        return np.array([setting.x for setting in self.settings])


def groups_of(people: SettingsSet) -> list[Group]:
    """The groups of a set, in the order of its settings."""
    names = dict.fromkeys(setting.group for setting in people.settings)
    return [Group(people, name, tuple(s for s in people.settings if s.group == name)) for name in names]


@dataclass(frozen=True, eq=False)
class MatchEntry:
    """A predictor of matches, with one setting or several."""

    name: str  #: its name in tables and figures.
    description: str  #: what it does, and its source, in a sentence or two.
    #: from a group to the matches by setting. All settings at once, so that what they share is computed once.
    answer: Callable[[Group], Matches]
    #: every setting, the simplest first: where several do equally well, the first of them is taken.
    settings: tuple[str, ...] = (NO_SETTING,)
    is_flow: bool = False  #: whether it rests on a flow; all others are rivals of the flows.


@dataclass(frozen=True, eq=False)
class MatchAnswer:
    """What a predictor says of a group."""

    #: shape (settings, n): predicted match minus target, in the unit of the set; NaN where it says nothing.
    shifts: Floats
    reasons: tuple[str, ...]  #: by setting: why it says nothing; empty where it does.


def ask_for_matches(entry: MatchEntry, group: Group) -> MatchAnswer:
    """What an entry says of a group; whatever goes wrong in it is a reason, and nothing else stops."""
    try:
        matches: Matches = entry.answer(group)
    except (Exception, SystemExit) as error:
        matches = dict.fromkeys(entry.settings, failure_in_words(error))
    rows = [_checked(matches.get(setting, "nothing was said at this setting"), group) for setting in entry.settings]
    return MatchAnswer(np.array([shifts for shifts, _ in rows]), tuple(reason for _, reason in rows))


def _checked(matches: Floats | str, group: Group) -> tuple[Floats, str]:
    """Shifts, and what is wrong with them."""
    nothing = np.full(len(group.values), np.nan)
    if isinstance(matches, str):
        return nothing, matches
    numbers = np.asarray(matches, dtype=np.float64)
    if numbers.shape != group.values.shape:
        return nothing, f"matches of shape {numbers.shape}; expected {group.values.shape}, one per target"
    if not np.isfinite(numbers).all():
        return nothing, "a match is not a finite number"
    with np.errstate(divide="ignore"):
        shifts = group.people.shifts(group.values, numbers)
    if not np.isfinite(shifts).all():
        return nothing, f"a match is black, which is no number of {group.people.unit}"
    return shifts, ""


def sweep_of(group: Group, most: int = 128) -> Floats:
    """Evenly spaced values of the axis for densities, up to a largest number; on a circle all around."""
    axis = group.stimulus.axis
    if axis.circular:
        return np.arange(most) * axis.high / most
    values = group.stimulus.values()
    return np.asarray(values[:: -(-len(values) // most)])


def carried(axis: Axis, values: Floats, test: Floats, reference: Floats, at: Floats) -> Floats:
    """The matches by two densities: where the map between them that moves values least carries the targets.

    Args:
        axis: what varies.
        values: shape (m,), evenly spaced; on a circle a whole turn, without its end.
        test: shape (m,): the density in the condition of the targets, in any unit.
        reference: shape (m,): the density in the condition of the matches.
        at: shape (n,): the targets, in the axis' units.

    Returns:
        Shape (n,), in the axis' units.
    """
    if axis.circular:
        return np.asarray(circular_map(test, reference, (at - values[0]) / axis.high) * axis.high + values[0])
    return np.asarray(np.interp(at, values, line_map(values, test, reference)))


def with_even_share(density: Floats, share: float) -> Floats:
    """Densities (..., m) of sum 1, mixed with one that is the same everywhere and has a share of the mass."""
    return np.asarray((1 - share) * density / density.sum(axis=-1, keepdims=True) + share / density.shape[-1])


def share_in_words(share: float) -> str:
    """``", 80 % even"``; nothing for none."""
    return f", {100 * share:g} % even" if share else ""
