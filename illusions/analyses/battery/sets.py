"""The published sets of the battery: stimuli with two targets, and people's matches; those asked for, all shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from illusions.analyses.battery.matches import Group, groups_of
from illusions.errors import unknown_name
from illusions.stimuli import published, settings
from illusions.stimuli.published import PublishedStimulus

#: The published sets in the order of the tables; others come after them.
_FIRST = ("rhs2007", "murray2020", "bindman2004", "betz2015", "klauke2015")


@dataclass(frozen=True, eq=False)
class Sets:
    """What is asked about, and what settings of predictors are chosen on."""

    stimuli: Sequence[PublishedStimulus]  #: with two targets, of the sets that are asked for.
    shipped_stimuli: Sequence[PublishedStimulus]  #: of all shipped sets; none if no stimuli are asked for.
    groups: Sequence[Group]  #: people's matches, of the sets that are asked for.
    shipped_groups: Sequence[Group]  #: of all shipped sets; none if no matches are asked for.

    @property
    def names(self) -> list[str]:
        """Of the sets that are asked for."""
        return list(
            dict.fromkeys([*(each.set for each in self.stimuli), *(group.people.name for group in self.groups)])
        )


def load_sets(names: Sequence[str] = ()) -> Sets:
    """The sets of these names or paths; all shipped ones without names.

    Raises:
        InputError: there is no such set, or as of `load_published` and `load_settings`.
    """
    of_stimuli, of_matches = _in_order(published.published_sets()), _in_order(settings.settings_sets())
    asked = list(names) or [*of_stimuli, *of_matches]
    for name in asked:
        if "." not in name and "/" not in name and name not in (*of_stimuli, *of_matches) and not Path(name).exists():
            raise unknown_name("published set", name, [*of_stimuli, *of_matches])
    matched = [name for name in asked if name in of_matches or (name not in of_stimuli and _has_settings(name))]
    shown = [name for name in asked if name not in matched]
    stimuli = {name: published.load_published(name) for name in (*(of_stimuli if shown else ()), *shown)}
    people = {name: groups_of(settings.load_settings(name)) for name in (*(of_matches if matched else ()), *matched)}
    return Sets(
        list(chain.from_iterable(stimuli[name] for name in shown)),
        list(chain.from_iterable(stimuli[name] for name in of_stimuli if name in stimuli)),
        list(chain.from_iterable(people[name] for name in matched)),
        list(chain.from_iterable(people[name] for name in of_matches if name in people)),
    )


def _in_order(names: Sequence[str]) -> list[str]:
    return sorted(names, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))


def _has_settings(name: str) -> bool:
    """Whether a path is that of a set of matches: beside its table lies a file of the same name that explains it."""
    return Path(name).with_suffix(".toml").is_file()
