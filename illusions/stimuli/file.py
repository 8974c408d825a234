"""What every stimulus file has, whatever its kind."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from illusions.stimuli.axes import Axis, parse_axis
from illusions.stimuli.colours import Colour, parse_colour
from illusions.stimuli.scene import PATCH
from illusions.stimuli.shapes import Shape

#: A colour and an axis, as they are written in TOML.
ColourKey = Annotated[Colour, PlainValidator(parse_colour)]
AxisKey = Annotated[Axis, PlainValidator(parse_axis)]


def parse_size(size: Any) -> float:
    """The extent of a target, in pixels of a patch of 16×16.

    Raises:
        ValueError: it is no number, smaller than a pixel, or leaves nothing of the surround in the patch.
    """
    if isinstance(size, bool) or not isinstance(size, (int, float)):
        raise ValueError(f"a size is a number of pixels of the {PATCH}×{PATCH} patch")
    if size >= PATCH:
        raise ValueError(
            f"a target of {size:g} pixels is too large for the {PATCH}×{PATCH} patch; expected 1 to {PATCH - 1}"
        )
    if not size >= 1:
        raise ValueError(f"a target has 1 to {PATCH - 1} pixels of the {PATCH}×{PATCH} patch")
    return float(size)


SizeKey = Annotated[float, PlainValidator(parse_size)]


class Table(BaseModel):
    """A table of a stimulus file: nothing may stand in it that has no meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StimulusFile(Table):
    """The keys that every kind has."""

    kind: str
    title: str = Field(min_length=1)
    description: str
    source: str
    axis: AxisKey


class TargetTable(Table):
    """The table ``[target]``."""

    colour: ColourKey
    size: SizeKey
    shape: Shape = "square"
