"""The temperature T in p_T(v) ∝ exp(log-likelihood(v) / T): the one parameter of a percentile rank."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from illusions.errors import InputError, unknown_name

if TYPE_CHECKING:
    from illusions.models.devices import Precision

#: What a temperature may be called, and what the name means.
NAMES = {
    "exact": "T = 1: the density of the model itself",
    "bits-per-dim": "T = D ln 2, which turns the exponent into minus bits per dimension (the published code)",
}


#: At lower temperatures, nats, couplings in bfloat16 change percentile ranks by more than 0.005
#: (tests/benchmarks/compare_precisions.py and its table).
LOWEST_FOR_BF16 = 100.0


def parse_temperature(text: str | float) -> str | float:
    """A temperature as it is given on the command line or in a file, checked.

    Args:
        text: ``"exact"``, ``"bits-per-dim"``, or a positive number in nats (as a number or as text).

    Returns:
        The name, or the number.

    Raises:
        InputError: it is none of these.
    """
    if isinstance(text, str) and text in NAMES:
        return text
    try:
        number = float(text)
    except ValueError:
        raise unknown_name("temperature", str(text), [*NAMES, "a positive number"]) from None
    if not (math.isfinite(number) and number > 0):
        raise InputError(f"temperature {text}: expected a positive number, or one of {', '.join(NAMES)}")
    return number


def temperature_in_nats(temperature: str | float, dimensions: int) -> float:
    """The number T by which log-likelihoods are divided.

    Args:
        temperature: ``"exact"`` (1), ``"bits-per-dim"`` (D ln 2, as in the code published with Hirsch & Tal 2020,
            whose likelihood graphs show exp of minus the bits per dimension), or a positive number.
        dimensions: D, the numbers that the model sees of one patch: 3·size², or size² of luminance.

    Raises:
        InputError: the temperature is none of these.
    """
    parsed = parse_temperature(temperature)
    if parsed == "exact":
        return 1.0
    if parsed == "bits-per-dim":
        return dimensions * math.log(2)
    return float(parsed)


def check_precision(precision: Precision, temperature: str | float, dimensions: int) -> None:
    """Whether percentile ranks at a temperature may be computed with couplings in a precision.

    Args:
        precision: of the networks inside the couplings.
        temperature: as `temperature_in_nats` takes it.
        dimensions: D, the numbers in one patch.

    Raises:
        InputError: they may not: bfloat16 rounds log-likelihoods by more than this temperature evens out.
    """
    nats = temperature_in_nats(temperature, dimensions)
    if precision == "bf16" and nats < LOWEST_FOR_BF16:
        raise InputError(
            f"--precision bf16 changes percentile ranks by more than 0.005 at T = {nats:g}; "
            f"expected a temperature of at least {LOWEST_FOR_BF16:g} nats, or --precision 32"
        )
