"""Work for other processes; a module that imports little, as each of them imports it anew."""

from __future__ import annotations

import os
from pathlib import Path

from illusions import progress
from illusions.errors import InputError


def twice(number):
    progress.report(number)
    if number == 3:
        raise InputError("3 is no number of mine")
    return 2 * number, os.getpid()


def die_once(number, folder):
    """Kill the process that works on 5, or on an array of fives, the first time."""
    number = number if isinstance(number, int) else int(number[0])
    mark = Path(folder) / str(number)
    if number == 5 and not mark.exists():
        mark.touch()
        os._exit(1)
    return number


def die_always(number):
    if number == 5:
        os._exit(1)
    return number
