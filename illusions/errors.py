"""The one exception for bad input: a message that says what is wrong, where, and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Bad input from the user: a file, a name, a value. The command line prints it and exits with status 2.

    The message is complete in one or two lines: what is wrong, where (file, key, row), what was expected.
    """


def unknown_name(kind: str, name: str, known: Iterable[str], *, otherwise: str = "") -> InputError:
    """The error for a name that does not exist, with the nearest that does.

    Args:
        kind: what was looked for, as it should be read: ``"stimulus"``, ``"condition"``.
        name: what the user wrote.
        known: every name that would have been accepted.
        otherwise: what is said if none is near, in place of all that are known.
    """
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else otherwise or f"there is: {', '.join(known) or 'none'}"
    return InputError(f"no {kind} is called '{name}'; {hint}")
