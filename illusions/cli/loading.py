"""Load what the command line names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from illusions.errors import InputError

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus


def load_stimuli(given: Iterable[str]) -> list[Stimulus]:
    """Load stimuli, each by its name or by the path of its file.

    Raises:
        InputError: one does not exist or is not valid, or two have the same name, and so the same files.
    """
    from illusions.stimuli.loading import load_stimulus

    stimuli = [load_stimulus(name) for name in given]
    refuse_twins("stimulus", [stimulus.name for stimulus in stimuli])
    return stimuli


def refuse_twins(kind: str, names: Iterable[str]) -> None:
    """Results are written under the name of what they are of: two of one name would be mixed up.

    Raises:
        InputError: a name occurs twice.
    """
    for name, times in Counter(names).items():
        if times > 1:
            raise InputError(
                f"{kind} '{name}' is given {times} times; expected different ones, as files bear their names"
            )
