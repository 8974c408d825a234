from __future__ import annotations

import math

import pytest

from illusions.analyses.ranks.temperature import LOWEST_FOR_BF16, Temperature, check_precision
from illusions.errors import InputError
from tests.analyses.fakes import FakeModel


@pytest.mark.parametrize(
    ("written", "nats"), [("exact", 1), ("bits-per-dim", 768 * math.log(2)), ("12.5", 12.5), (3, 3)]
)
def test_each_form(written, nats):
    asked = Temperature.parse(written)
    assert asked.nats(FakeModel(dimensions=768)) == pytest.approx(nats)
    assert Temperature.parse(asked) is asked
    assert Temperature.parse(str(asked)) == asked


def test_the_published_one_depends_on_the_model():
    assert Temperature("bits-per-dim").nats(FakeModel(dimensions=256)) == pytest.approx(256 * math.log(2))


@pytest.mark.parametrize("bad", ["0", "-1", "nan", "inf", 0, "warm", "bits-per-dimm", ""])
def test_anything_else_is_refused_with_what_is_accepted(bad):
    with pytest.raises(InputError, match=r"exact|bits-per-dim"):
        Temperature.parse(bad)


def test_bfloat16_is_for_high_temperatures():
    for nats in (532.0, LOWEST_FOR_BF16):
        check_precision("bf16", nats)
    check_precision("32", 1.0)
    for nats in (1.0, 99.0):
        with pytest.raises(InputError, match=r"expected a temperature of at least 100 nats, or --precision 32"):
            check_precision("bf16", nats)
