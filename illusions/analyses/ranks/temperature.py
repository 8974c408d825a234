"""The temperature T in p_T(v) ∝ exp(log-likelihood(v) / T): the one parameter of a percentile rank."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

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


class _Reads(Protocol):
    """What a temperature needs to know of a model."""

    @property
    def dimensions(self) -> int: ...


@dataclass(frozen=True)
class Temperature:
    """T as somebody asked for it. What it is in nats depends on the model that it is read with.

    Attributes:
        asked: ``"exact"`` (1), ``"bits-per-dim"`` (D ln 2, as in the code published with Hirsch & Tal 2020, whose
            likelihood graphs show exp of minus the bits per dimension), or a positive number of nats.
    """

    asked: str | float

    @classmethod
    def parse(cls, written: Temperature | str | float) -> Temperature:
        """A temperature as it is given in Python, on the command line or in a file.

        Raises:
            InputError: it is neither one of the names nor a positive number.
        """
        if isinstance(written, Temperature):
            return written
        if isinstance(written, str) and written in NAMES:
            return cls(written)
        try:
            number = float(written)
        except ValueError:
            raise unknown_name("temperature", str(written), [*NAMES, "a positive number"]) from None
        if not (math.isfinite(number) and number > 0):
            raise InputError(f"temperature {written}: expected a positive number, or one of {', '.join(NAMES)}")
        return cls(number)

    def nats(self, model: _Reads) -> float:
        """The number by which the log-likelihoods of a model are divided."""
        if self.asked == "exact":
            return 1.0
        if self.asked == "bits-per-dim":
            return model.dimensions * math.log(2)
        return float(self.asked)

    def __str__(self) -> str:
        return str(self.asked)


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
            f"--precision bf16 changes percentile ranks by more than 0.005 at T = {nats:g}; "
            f"expected a temperature of at least {LOWEST_FOR_BF16:g} nats, or --precision 32"
        )
