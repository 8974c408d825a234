from __future__ import annotations

import math

import pytest

from illusions.analyses.ranks.temperature import (
    LOWEST_FOR_BF16,
    check_precision,
    parse_temperature,
    temperature_in_nats,
)
from illusions.errors import InputError


def test_each_form():
    assert temperature_in_nats("exact", 768) == 1
    assert temperature_in_nats("bits-per-dim", 768) == pytest.approx(768 * math.log(2))
    assert temperature_in_nats("12.5", 768) == 12.5
    assert temperature_in_nats(3, 768) == 3


@pytest.mark.parametrize("bad", ["0", "-1", "nan", "inf", 0, "calibrated", "bits-per-dimm", ""])
def test_anything_else_is_refused_with_what_is_accepted(bad):
    with pytest.raises(InputError, match=r"exact|bits-per-dim"):
        parse_temperature(bad)


def test_bfloat16_is_for_high_temperatures():
    for temperature in ("bits-per-dim", LOWEST_FOR_BF16):
        check_precision("bf16", temperature, 768)
    check_precision("32", "exact", 768)
    for temperature in ("exact", 99):
        with pytest.raises(InputError, match=r"expected a temperature of at least 100 nats, or --precision 32"):
            check_precision("bf16", temperature, 768)
