"""The temperature that was fitted to human matches, as a file: beside a model's weights, or wherever it is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from illusions.content import read_toml
from illusions.files import write_whole

#: Beside the weights of a model.
CALIBRATION = "calibration.toml"
#: What a temperature is in: by scale, and by field.
TemperatureUnit: TypeAlias = Literal["nats", "nats per pixel of the target"]


class Calibration(BaseModel):
    """A fitted temperature, as ``calibration.toml`` holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    temperature: float = Field(gt=0, description="T, at which predicted matches are nearest to those that people set")
    low: float | None = Field(None, gt=0, description="of the 95 % interval of T, by the bootstrap")
    high: float | None = Field(None, gt=0, description="its other end")
    unit: TemperatureUnit = Field(description="of T; by field for an exponent of 1")
    exponent: float = Field(
        1.0, ge=0, le=1, description="by field, the power of the target's pixels with which T grows"
    )
    reading: str = Field(min_length=1, description="how the model was read: T holds for this reading")
    data: str = Field(min_length=1, description="what it was fitted to")
    command: str = Field(description="the command that made this file")
    elsewhere: str | None = Field(None, description="T by other data, with its interval, the data and the command")


def load_calibration(path: Path) -> Calibration:
    """Read a calibration from a TOML file.

    Raises:
        InputError: as `illusions.content.read_toml`.
    """
    return read_toml(path, Calibration)


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Write a calibration as TOML with the meaning of each key, atomically; unknown values are left out.

    Raises:
        InputError: the file cannot be written.
    """
    known = [(key, field) for key, field in Calibration.model_fields.items() if getattr(calibration, key) is not None]
    lines = [
        f"{key} = {json.dumps(getattr(calibration, key), ensure_ascii=False)}  # {field.description}"
        for key, field in known
    ]
    write_whole(path, ("\n".join(lines) + "\n").encode())
