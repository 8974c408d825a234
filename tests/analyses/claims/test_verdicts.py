from __future__ import annotations

import pytest

from illusions.analyses.claims.verdicts import NO, UNDECIDED, YES, check, verdict


def test_a_check_needs_more_than_twice_the_standard_error():
    assert check(0.3, 0.1) == YES
    assert check(-0.3, 0.1) == NO
    assert check(0.19, 0.1) == check(-0.19, 0.1) == UNDECIDED
    assert check(0.3, float("nan")) == check(-0.3, float("nan")) == UNDECIDED


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([YES, YES], "holds"),
        ([YES, NO], "holds in part"),
        ([YES, UNDECIDED], "holds in part"),
        ([NO, UNDECIDED], "does not hold"),
        ([UNDECIDED], "undecided"),
        ([], "undecided"),
    ],
)
def test_verdicts(checks, expected):
    assert verdict(checks) == expected
