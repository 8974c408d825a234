from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from illusions.analyses.densities.temperature import (
    LOWEST_FOR_BF16,
    Temperature,
    at_target,
    check_precision,
    unit_of_exponent,
)
from illusions.errors import InputError
from illusions.models.calibration import Calibration, write_calibration
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


@pytest.mark.parametrize("bad", ["0", "-1", "nan", "inf", 0, "1e-308", "warm", "bits-per-dimm", ""])
def test_anything_else_is_refused_with_what_is_accepted(bad):
    with pytest.raises(InputError, match=r"exact|bits-per-dim"):
        Temperature.parse(bad)


def test_bfloat16_is_for_high_temperatures():
    for nats in (532.0, LOWEST_FOR_BF16):
        check_precision("bf16", nats)
    check_precision("32", 1.0)
    for nats in (1.0, 99.0):
        with pytest.raises(InputError, match=r"expected a temperature of at least 150 nats, or --precision 32"):
            check_precision("bf16", nats)


def calibration(**changes):
    known = {"temperature": 250.0, "low": 200.0, "high": 310.5, "unit": "nats", "reading": "paper", "data": "two files"}
    return Calibration(**{**known, "command": 'illusions calibrate "my file.json"', **changes})


@dataclass(frozen=True)
class Fitted(FakeModel):
    calibrated_temperature: Calibration | None = None


def test_the_calibrated_one_is_that_of_the_model():
    assert Temperature.parse("calibrated").nats(Fitted(calibrated_temperature=calibration())) == 250.0


@pytest.mark.parametrize("model", [Fitted(), FakeModel()])
def test_a_model_without_one_says_how_to_make_one(model):
    with pytest.raises(InputError, match=r"model 'fake' has no calibrated temperature; .*illusions calibrate FILES"):
        Temperature("calibrated").nats(model)


def test_a_file_is_a_temperature(tmp_path):
    path = tmp_path / "my.toml"
    write_calibration(path, calibration(low=None))
    asked = Temperature.parse(str(path))
    assert asked.calibration == calibration(low=None)
    assert asked.nats(FakeModel()) == 250.0
    assert str(asked) == str(path)
    assert "temperature = 250.0  # T, at which" in path.read_text("utf-8")
    assert "low" not in path.read_text("utf-8")


def test_what_holds_by_field_is_refused_by_scale_and_the_other_way_round(tmp_path):
    by_field = Fitted(calibrated_temperature=calibration(unit="nats per pixel of the target"))
    assert Temperature("calibrated").nats(by_field, "field") == 250.0
    with pytest.raises(InputError, match=r"is in nats per pixel of the target, .*expected one in nats, or --reading f"):
        Temperature("calibrated").nats(by_field)
    with pytest.raises(InputError, match=r"calibrated: is in nats, .*or --reading paper"):
        Temperature("calibrated").nats(Fitted(calibrated_temperature=calibration()), "field")


def test_what_was_calibrated_holds_for_one_exponent():
    by_field = Fitted(calibrated_temperature=calibration(unit="nats per pixel of the target", exponent=0.25))
    assert Temperature("calibrated").nats(by_field, "field", 0.25) == 250.0
    with pytest.raises(InputError, match=r"is in nats × pixels of the target\^0\.25, .*expected one in nats per pixel"):
        Temperature("calibrated").nats(by_field, "field")


def test_nats_of_targets_grow_with_a_power_of_their_pixels():
    assert at_target(3.0, np.array([1.0, 16.0]), 0.25) == pytest.approx([3, 6])
    assert [unit_of_exponent(g) for g in (0.0, 0.5, 1.0)] == [
        "nats",
        "nats × pixels of the target^0.5",
        "nats per pixel of the target",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [("temperature = -1", "key 'temperature'"), ("hello", "not a valid TOML"), ("temperature = 2.0", "key 'unit' is")],
)
def test_a_file_that_is_no_calibration_is_refused(text, message, tmp_path):
    path = tmp_path / "my.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        Temperature.parse(str(path))
    with pytest.raises(InputError, match=r"nowhere\.toml: cannot be read"):
        Temperature.parse("nowhere.toml")
