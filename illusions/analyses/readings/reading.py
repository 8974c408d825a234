"""Readings: the model, the part of the picture that it sees, and the temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.predictions import Unit
from illusions.analyses.readings.fields import PLACEMENTS, patch_count_by_field, rank_by_field
from illusions.analyses.readings.ranking import DRAWS, patch_count
from illusions.analyses.readings.scales import Ranking, at_each, rank_at_scales
from illusions.errors import InputError, unknown_name
from illusions.models.stacks import PatchModel, sees_colour

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

#: Names of readings.
Name: TypeAlias = Literal["paper", "field"]
#: Below this T, nats per pixel of the target, every tenth value is too few for ranks within 0.0005.
_LOW = 20.0
#: Axes along which luminance varies and nothing else has to be seen.
_AXES_OF_LIGHT = ("brightness", "lightness")


class ModelWithFloor(PatchModel, Protocol):
    """A model whose surrounds can be given a least contrast; ``illusions.models.model.Model`` is one."""

    def with_floor(self, floor: float) -> PatchModel:
        """The same model, which takes surrounds of less contrast than the floor for surrounds of that contrast."""


@dataclass(frozen=True)
class Reading:
    """A way to compute ranks: a model, the size of its patches, and T.

    Attributes:
        name: ``"paper"`` or ``"field"``, the reading that it is or was made from.
        model: name of the model, or a folder that holds one.
        temperature: T. By field it is in nats × pixels of the target^exponent (`FieldCurve`).
        unit: what ``sides`` are: scales, patch ÷ target, or fields in degrees of visual angle.
        sides: of the patch. Ranks are means over them; no scale stands for the stimulus' own.
        draws: of the noise, at least 1. By field each of them is at a placement of its own.
        floor: least standard deviation of a surround, as a share of the range, for models that divide by it; None
            for that of their training.
        full_sweep: whether all values of the target are scored. If not, by scale those that ranks and matches at this
            temperature depend on; by field every tenth, or all if T is below `_LOW`.
        effect_precision: by scale, the standard error of the effects that is enough, in place of a number of draws.
        exponent: by field, the power of the target's pixels with which T grows: 1 for T in nats per pixel.
    """

    name: Name
    model: str
    temperature: Temperature
    unit: Unit
    sides: tuple[float, ...]
    draws: int
    floor: float | None = None
    full_sweep: bool = True
    effect_precision: float | None = None
    exponent: float = 1.0

    def rank(self, stimulus: Stimulus, model: ModelWithFloor, *, seed: int = 0) -> Ranking:
        """How likely every value of the target is in each condition, and how it ranks.

        Args:
            stimulus: the stimulus.
            model: the model of that name, loaded.
            seed: of the noise, and of the placements.

        Raises:
            InputError: as `rank_at_scales` and `rank_by_field`; by field the stimulus needs a size in degrees; or the
                axis is one of colour, and the model sees luminance alone.
        """
        check_sees(model, stimulus)
        seen_by = model if self.floor is None else model.with_floor(self.floor)
        if self.unit == "field":
            return rank_by_field(
                stimulus,
                seen_by,
                self.sides,
                self.temperature,
                exponent=self.exponent,
                placements=self.draws,
                seed=seed,
                full_sweep=self._scores_all(model),
            )
        return rank_at_scales(
            stimulus,
            seen_by,
            self.sides,
            self.temperature,
            draws=self.draws,
            seed=seed,
            full_sweep=self.full_sweep,
            effect_precision=self.effect_precision,
        )

    def patch_count(self, stimulus: Stimulus, model: PatchModel) -> int | None:
        """How many patches ``rank`` scores, each counted once per draw of the noise; None if unknown.

        Args:
            stimulus: the stimulus.
            model: as for ``rank``; by field, T decides whether all values are scored.
        """
        if self.unit == "field":
            return patch_count_by_field(stimulus, self.sides, self.draws, full_sweep=self._scores_all(model))
        if not self.full_sweep or self.effect_precision is not None:
            return None
        return patch_count(at_each(stimulus, self.sides).values(), self.draws)

    def _scores_all(self, model: PatchModel) -> bool:
        """Whether all values of a sweep by field are scored: at a low T every tenth is not enough."""
        return self.full_sweep or self.temperature.nats(model, "field", self.exponent) < _LOW


#: As in Hirsch & Tal 2020: colours, minus the bits per dimension as exponent, the patch as wide as the stimulus says.
PAPER = Reading("paper", "natural16", Temperature("bits-per-dim"), "scale", (), DRAWS)
#: Of brightness and lightness: the most published directions are right (docs/battery.md). T fits the published
#: strengths best (models/cones16/calibration.toml, rounded).
FIELD = Reading(
    "field", "cones16", Temperature(36.0), "field", (10.0, 12.0, 14.0), PLACEMENTS, floor=0.1, full_sweep=False
)
#: Of the axes of colour. T fits the published strengths of brightness best (models/natural16/calibration.toml,
#: rounded), and what people set on coloured surrounds (klauke2015) gives nearly the same.
COLOUR = Reading("field", "natural16", Temperature(154.0), "field", (10.0, 12.0, 14.0), PLACEMENTS, full_sweep=False)
#: Of colours in the plane: at this T the same matches are predicted best (docs/battery/battery.csv).
PLANE = Reading("field", "natural16", Temperature(60.0), "field", (10.0,), PLACEMENTS, full_sweep=False)
#: By their names.
READINGS: dict[str, Reading] = {reading.name: reading for reading in (PAPER, FIELD)}


def default_reading(stimulus: Stimulus) -> Reading:
    """By field where the size in degrees is known, else `PAPER`; see `field_reading`."""
    return PAPER if why_not_by_field(stimulus) else field_reading(stimulus)


def field_reading(stimulus: Stimulus) -> Reading:
    """`FIELD` for brightness and lightness, `COLOUR` for all other axes."""
    return FIELD if stimulus.axis.name in _AXES_OF_LIGHT else COLOUR


def why_not_by_field(stimulus: Stimulus) -> str:
    """Why a stimulus is read as in the paper by default; empty if it is read by field."""
    return "its size in degrees of visual angle is not known" if stimulus.units_per_degree is None else ""


def find_reading(name: str, stimulus: Stimulus) -> Reading:
    """The reading of a stimulus by its name.

    Raises:
        InputError: there is none of this name.
    """
    if name not in READINGS:
        raise unknown_name("reading", name, READINGS)
    return PAPER if name == "paper" else field_reading(stimulus)


def check_sees(model: PatchModel, stimulus: Stimulus) -> None:
    """Whether a model sees what is varied.

    Raises:
        InputError: it sees luminance alone, and the axis is one of colour.
    """
    if stimulus.axis.name not in _AXES_OF_LIGHT and not sees_colour(model):
        raise InputError(
            f"{stimulus.name}: {model.name} sees luminance and no {stimulus.axis.name}; expected a model of colours, "
            "such as natural16"
        )


def predict(
    stimulus: Stimulus, reading: Reading | str | None = None, *, device: str = "auto", seed: int = 0
) -> Ranking:
    """Predict ranks and matches of a stimulus by a reading.

    Args:
        stimulus: the stimulus.
        reading: ``"field"``, ``"paper"`` or one of your own; left out, ``"field"`` where the stimulus has a size
            in degrees, else ``"paper"``.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
        seed: of the noise, and of the placements.

    Returns:
        The curves by condition (``curves``), the ranks of the physical target (``prediction``) and the matches
        (``matches``).

    Raises:
        InputError: there is no such reading, model or device; or as `Reading.rank`.
    """
    from illusions.models.model import load_model

    if reading is None:
        reading = default_reading(stimulus)
    elif isinstance(reading, str):
        reading = find_reading(reading, stimulus)
    return reading.rank(stimulus, load_model(reading.model, device=device), seed=seed)
