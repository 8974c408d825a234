"""The temperature T in p_T(v) ∝ exp(log-likelihood(v) / T): the one parameter of a percentile rank."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from illusions.arrays import Floats
from illusions.errors import InputError, unknown_name
from illusions.models.calibration import Calibration, TemperatureUnit, load_calibration

if TYPE_CHECKING:
    from illusions.analyses.predictions import Unit
    from illusions.models.devices import Precision

#: What a temperature may be called, and what the name means.
NAMES = {
    "exact": "T = 1: the density of the model itself",
    "bits-per-dim": "T = D ln 2, which turns the exponent into minus bits per dimension (the published code)",
    "calibrated": "the number that was fitted to human matches, if the model comes with one",
}
#: What a temperature is in; by field for an exponent of 1.
UNITS: dict[Unit, TemperatureUnit] = {"scale": "nats", "field": "nats per pixel of the target"}
#: Below it differences of log-likelihood overflow, and a sweep is nothing but its likeliest value.
_LEAST = 1e-6
#: At lower temperatures, nats, couplings in bfloat16 change percentile ranks of natural16 by more than 0.005
#: (tests/benchmarks/compare_precisions.py and its table).
LOWEST_FOR_BF16 = 150.0


class _ModelInfo(Protocol):
    """The attributes of a model that a temperature needs."""

    @property
    def dimensions(self) -> int: ...


@dataclass(frozen=True)
class Temperature:
    """T as requested. Its value in nats depends on the model.

    Attributes:
        asked: ``"exact"`` (1), ``"bits-per-dim"`` (D ln 2, as in the code published with Hirsch & Tal 2020, whose
            likelihood graphs show exp of minus the bits per dimension), ``"calibrated"`` (the number in the file
            ``calibration.toml`` beside the weights), the path of such a file, or a positive number of nats.
        calibration: what is in the file, where one was asked for by its path.
    """

    asked: str | float
    calibration: Calibration | None = None

    @classmethod
    def parse(cls, written: Temperature | str | float) -> Temperature:
        """Parse a temperature from Python, the command line or a file.

        Raises:
            InputError: it is neither one of the names, nor a positive number, nor the path of a calibration.
        """
        if isinstance(written, Temperature):
            return written
        if isinstance(written, str) and written in NAMES:
            return cls(written)
        if isinstance(written, str) and (written.endswith(".toml") or Path(written).is_file()):
            return cls(written, load_calibration(Path(written)))
        try:
            number = float(written)
        except ValueError:
            known = [*NAMES, "a positive number", "a .toml file of 'illusions calibrate'"]
            raise unknown_name("temperature", str(written), known) from None
        if not (math.isfinite(number) and number >= _LEAST):
            raise InputError(
                f"temperature {written}: expected a positive number, {_LEAST:g} or more, or one of {', '.join(NAMES)}"
            )
        return cls(number)

    def nats(self, model: _ModelInfo, unit: Unit = "scale", exponent: float = 1.0) -> float:
        """The number by which the log-likelihoods of a model are divided.

        Args:
            model: that is read.
            unit: whether it is read by scale, in nats, or by field, in nats per pixel of the target. It matters to what
                was calibrated, which holds for one of them.
            exponent: by field, that of the reading (`at_target`); what was calibrated holds for one exponent.

        Raises:
            InputError: the model comes with no calibrated temperature, or it was calibrated in the other unit.
        """
        if self.asked == "exact":
            return 1.0
        if self.asked == "bits-per-dim":
            return model.dimensions * math.log(2)
        if self.asked != "calibrated" and self.calibration is None:
            return float(self.asked)
        calibration = self.calibration or calibration_of(model)
        if calibration is None:
            raise InputError(
                f"model '{getattr(model, 'name', '')}' has no calibrated temperature; expected another one, or "
                "--temperature my.toml with what 'illusions calibrate FILES -o my.toml' has fitted to matches of people"
            )
        if calibration.unit != UNITS[unit]:
            raise InputError(
                f"temperature {self.asked}: is in {calibration.unit}, for the reading “{calibration.reading}”; "
                f"expected one in {UNITS[unit]}, or --reading {'paper' if unit == 'field' else 'field'}"
            )
        if unit == "field" and calibration.exponent != exponent:
            raise InputError(
                f"temperature {self.asked}: is in {unit_of_exponent(calibration.exponent)}, for the reading "
                f"“{calibration.reading}”; expected one in {unit_of_exponent(exponent)}"
            )
        return calibration.temperature

    def __str__(self) -> str:
        return str(self.asked)


def at_target(temperature: float, pixels: Floats | float, exponent: float) -> Floats:
    """T in nats for targets that cover some number of pixels of the patch: τ × pixels^γ.

    Args:
        temperature: τ, in the unit of a reading by field (`unit_of_exponent`).
        pixels: shape (n,), at least 1; or one number.
        exponent: γ: 1 for nats per pixel of the target, 0 for nats whatever the target.
    """
    return np.asarray(temperature * np.asarray(pixels, dtype=np.float64) ** exponent)


def unit_of_exponent(exponent: float) -> str:
    """What T of a reading by field is in: ``"nats per pixel of the target"`` for an exponent of 1."""
    if exponent == 1:
        return UNITS["field"]
    return f"nats × pixels of the target^{exponent:g}" if exponent else "nats"


def calibration_of(model: object) -> Calibration | None:
    """The calibration of a model; None if it has none."""
    calibration: Calibration | None = getattr(model, "calibrated_temperature", None)
    return calibration


def check_precision(precision: Precision, nats: float) -> None:
    """Whether percentile ranks at a temperature may be computed with couplings in a precision.

    Args:
        precision: of the networks inside the couplings.
        nats: T.

    Raises:
        InputError: they may not: bfloat16 rounds log-likelihoods by more than this temperature evens out.
    """
    if precision == "bf16" and nats < LOWEST_FOR_BF16:
        raise InputError(
            f"--precision bf16 may change percentile ranks by more than 0.005 at T = {nats:g}; "
            f"expected a temperature of at least {LOWEST_FOR_BF16:g} nats, or --precision 32"
        )
