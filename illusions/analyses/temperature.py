"""The temperature T in p_T(v) ∝ exp(log-likelihood(v) / T): the one parameter of a percentile rank."""

from __future__ import annotations

import math

from illusions.errors import InputError, unknown_name

#: What a temperature may be called, and what the name means.
NAMES = {
    "exact": "T = 1: the density of the model itself",
    "bits-per-dim": "T = D ln 2, which turns the exponent into minus bits per dimension (the published code)",
}


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
