"""Verdicts on claims that are put to the test more than once."""

from __future__ import annotations

from collections.abc import Iterable

from illusions.analyses.claims.analysis import Verdict
from illusions.estimates import is_certain

#: Smaller differences of bits per dimension are not worth mentioning, however certain: 5 nats of a patch of 16×16.
SMALLEST_BITS = 0.01
#: What one test may come out as.
YES, NO, UNDECIDED = "yes", "no", "undecided"


def check(difference: float, standard_error: float, *, least: float = 0.0) -> str:
    """Whether a difference that is claimed to be positive is, by more than twice its standard error.

    Undecided where no standard error is known, and where it is smaller than the least worth mentioning.
    """
    if not is_certain(difference, standard_error) or abs(difference) < least:
        return UNDECIDED
    return YES if difference > 0 else NO


def check_each(differences: Iterable[float], standard_errors: Iterable[float], *, least: float) -> list[str]:
    """`check` of several."""
    tested = zip(differences, standard_errors, strict=True)
    return [check(difference, error, least=least) for difference, error in tested]


def verdict(checks: Iterable[str]) -> Verdict:
    """The claim holds if every test says yes, in part if some do; it does not if none does and some say no."""
    found = set(checks)
    if found == {YES}:
        return "holds"
    if YES in found:
        return "holds in part"
    return "does not hold" if NO in found else "undecided"
