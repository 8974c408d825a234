"""Analyses: one content file each, with the claim of a source and how it is tested."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from matplotlib.figure import Figure
from pydantic import BaseModel, ConfigDict, PlainValidator

from illusions.analyses.densities.temperature import Temperature
from illusions.errors import InputError

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd

    from illusions.models.model import Model

Verdict = Literal["holds", "holds in direction, not in size", "holds in part", "does not hold", "undecided"]
#: A model by its name, as many times as it is asked for.
Models: TypeAlias = "Callable[[str], Model]"


def _parse_temperature_key(written: Any) -> Temperature:
    """A temperature as it is written in TOML, where text is a name and a number stands without quotes."""
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise InputError(f"a temperature is a number of nats or one of its names, not {written!r}")
    parsed = Temperature.parse(written)
    if isinstance(written, str) and not isinstance(parsed.asked, str):
        raise InputError(f"a temperature in nats is a number, not text; expected {written} without quotes")
    return parsed


#: A temperature, as it is written in TOML.
TemperatureKey = Annotated[Temperature, PlainValidator(_parse_temperature_key)]
#: That of the published code.
BITS_PER_DIM = Temperature("bits-per-dim")


class Claim(BaseModel):
    """A claim of a source, with its number if it gives one.

    ``answers`` says which claim of which source in ``analyses/sources/`` the analysis puts to the test:
    ``"paper.2"``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    text: str
    answers: str | None = None
    change_percent: float | None = None


@dataclass(frozen=True, eq=False)
class Finding:
    """Result of an analysis: claim, measurement, verdict, numbers and figure."""

    title: str  #: of the analysis.
    claim: Claim | None  #: what the source says; None where no source says anything.
    measured: str  #: sentences that say what was measured.
    verdict: Verdict | None  #: whether the claim holds; None without a claim.
    caption: str  #: what the figure shows, with its model and its temperature.
    table: pd.DataFrame  #: the numbers that the figure shows.
    draw: Callable[[str], Figure]  #: draws the figure above the words it is given (none: without a caption).
    #: what was measured as a table of a few rows, where sentences would hold too many numbers.
    overview: pd.DataFrame | None = None


class Analysis(BaseModel, ABC):
    """Base class of all kinds of analyses: common keys and methods.

    ``topic`` is the heading under which the page of figures shows it, and ``order`` its place: topics come in the order
    of their first analyses.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    title: str
    topic: str = "Further figures"
    order: float = 1000

    def read_with(self, *, model: str | None, temperature: Temperature | None) -> Self:
        """The same analysis with another model and another temperature, where these are given and it has them."""
        given = {"model": model, "temperature": temperature}
        return self.model_copy(
            update={key: value for key, value in given.items() if value is not None and key in type(self).model_fields}
        )

    @abstractmethod
    def run(self, models: Models, *, seed: int) -> Finding:
        """Run the analysis.

        Args:
            models: the flows, by name.
            seed: of the dequantisation noise.

        Raises:
            InputError: something that the analysis names does not exist or cannot be used.
        """
