"""Published stimuli: a picture with two targets, which of them people see as lighter, and where that is written.

A set is a table, ``NAME.csv``, with a row per stimulus, and a folder ``NAME`` beside it with two PNG files per row:
``STIMULUS.png``, what a person looks at, and ``STIMULUS-targets.png``, in 8-bit greyscale 0 on the surround and k on
the k-th target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from PIL import Image
from pydantic import BeforeValidator, Field, PositiveInt, field_validator, model_validator

from illusions.arrays import Bytes
from illusions.errors import InputError, unknown_name
from illusions.pictures import read_picture
from illusions.stimuli.axes import Axis, parse_axis
from illusions.stimuli.rows import Number, Row, empty_is_none, find_table, published_folder, read_rows

#: What a strength can be measured in.
UNITS: Mapping[str, str] = {
    "cd/m2": "luminance of the match to the lighter target minus that of the match to the other, cd/m²",
    "share of target 2": "share of forced choices that call target 2 the lighter one, 0 to 1",
    "unstated": "the unit is not known: larger is stronger, and no more than the order is meant",
}


@dataclass(frozen=True, eq=False)
class PublishedStimulus:
    """A picture in which people compare target 1 with target 2."""

    name: str  #: what tables call it; unique within its set.
    set: str  #: name of the set.
    family: str  #: the kind of illusion; what is fitted without a family has seen nothing like it.
    picture: Bytes  #: shape (h, w, 3), sRGB.
    targets: Bytes  #: shape (h, w), labels: 0 on the surround, k on the k-th target; there are at least 1 and 2.
    pixels_per_degree: float  #: of visual angle, at the distance at which it was shown or modelled.
    axis: Axis  #: along which the targets are compared; "lighter" is what is higher on it.
    lighter: int | None  #: the target that people see as lighter, 1 or 2. None if they look equal, or if unknown.
    equal: bool  #: whether people see them equal.
    contested: bool  #: whether the literature disagrees about the direction, or it could not be found.
    strength: float | None  #: how strong the effect is, in ``strength_unit``; None if unmeasured.
    strength_unit: str | None  #: one of `UNITS`, or None.
    strength_low: float | None  #: lower end of the 95 % interval of the strength, or None.
    strength_high: float | None  #: upper end, or None.
    observers: int | None  #: how many there were, or None.
    source: str  #: paper, with its figure or table.
    note: str  #: what is on the targets' borders, and what is open.


def published_sets() -> list[str]:
    """The names of the sets in ``stimuli/published/``, sorted."""
    return sorted(path.stem for path in published_folder().glob("*.csv") if path.with_suffix("").is_dir())


def load_published(set_name_or_path: str | Path) -> list[PublishedStimulus]:
    """Read a set of published stimuli.

    Args:
        set_name_or_path: a name in ``stimuli/published/``, or a path of one's own to a ``.csv`` file or to the folder
            of the same name beside it.

    Returns:
        The stimuli, in the order of the table.

    Raises:
        InputError: there is no such set; a column is missing or unknown; a value is missing or not as expected (no
            source, an unknown unit or axis, a strength outside its interval); a name occurs twice; a picture or its
            targets are missing, differ in size, or target 1 or 2 is not on them. The message names file and line.
    """
    table = find_table(set_name_or_path, published_sets(), "stimuli", "a folder of the same name")
    folder = table.with_suffix("")
    stimuli: list[PublishedStimulus] = []
    lines: dict[str, str] = {}
    for where, row in read_rows(table, _Row):
        if row.stimulus in lines:
            raise InputError(
                f"{where}: stimulus '{row.stimulus}' is on {lines[row.stimulus]} already; expected one row each"
            )
        lines[row.stimulus] = where.rpartition(", ")[2]
        stimuli.append(_stimulus(where, folder, row))
    return stimuli


class _Row(Row):
    """A row of a table; an empty cell is an unknown value."""

    stimulus: str = Field(pattern=r"^\w[\w.-]*$")
    family: str = Field(min_length=1)
    pixels_per_degree: float = Field(gt=0)
    axis: str
    s_scale: Number = None
    lighter: Literal["1", "2", "none", ""]
    contested: Literal["true", "false"]
    strength: Number = None
    strength_unit: Annotated[str | None, BeforeValidator(empty_is_none)] = None
    strength_low: Number = None
    strength_high: Number = None
    observers: Annotated[PositiveInt | None, BeforeValidator(empty_is_none)] = None
    source: str = Field(min_length=1)
    note: str = ""

    @field_validator("axis")
    @classmethod
    def _is_an_axis(cls, axis: str) -> str:
        return parse_axis(axis).name

    @field_validator("strength_unit")
    @classmethod
    def _is_a_unit(cls, unit: str | None) -> str | None:
        if unit is not None and unit not in UNITS:
            raise unknown_name("unit of a strength", unit, UNITS)
        return unit

    @model_validator(mode="after")
    def _scale_has_an_axis(self) -> _Row:
        if self.s_scale is not None:
            parse_axis({"name": self.axis, "s_scale": self.s_scale})
        return self

    @model_validator(mode="after")
    def _strength_is_complete(self) -> _Row:
        if (self.strength is None) != (self.strength_unit is None):
            raise InputError("has a strength or a strength_unit without the other; expected both or neither")
        low, high = self.strength_low, self.strength_high
        if (low is None) != (high is None):
            raise InputError("has one end of the interval of its strength; expected both or neither")
        if low is not None and high is not None and (self.strength is None or not low <= self.strength <= high):
            raise InputError(
                f"its strength lies outside its interval, {low:g} to {high:g}; "
                "expected strength_low ≤ strength ≤ strength_high"
            )
        if self.strength_unit == "share of target 2" and self.strength is not None and not 0 <= self.strength <= 1:
            raise InputError(f"its strength is a share of {self.strength:g}; expected 0 to 1")
        return self


def _stimulus(where: str, folder: Path, row: _Row) -> PublishedStimulus:
    try:
        picture = read_picture(folder / f"{row.stimulus}.png")
        targets = _read_targets(folder / f"{row.stimulus}-targets.png")
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    if picture.shape[:2] != targets.shape:
        (height, width), (rows, columns) = picture.shape[:2], targets.shape
        raise InputError(
            f"{where}: the picture of '{row.stimulus}' is {width}×{height} pixels and its targets {columns}×{rows}; "
            "expected the same size"
        )
    for k in (1, 2):
        if not (targets == k).any():
            there = ", ".join(str(other) for other in np.unique(targets[targets > 0])) or "none"
            raise InputError(
                f"{where}: {folder / f'{row.stimulus}-targets.png'} has no target {k}; expected 1 and 2, there is: "
                f"{there}"
            )
    return PublishedStimulus(
        name=row.stimulus,
        set=folder.name,
        family=row.family,
        picture=picture,
        targets=targets,
        pixels_per_degree=row.pixels_per_degree,
        axis=parse_axis(row.axis if row.s_scale is None else {"name": row.axis, "s_scale": row.s_scale}),
        lighter=int(row.lighter) if row.lighter in ("1", "2") else None,
        equal=row.lighter == "none",
        contested=row.contested == "true",
        strength=row.strength,
        strength_unit=row.strength_unit,
        strength_low=row.strength_low,
        strength_high=row.strength_high,
        observers=row.observers,
        source=row.source,
        note=row.note,
    )


def _read_targets(path: Path) -> Bytes:
    """The labels, shape (h, w), as they stand in the file.

    Raises:
        InputError: as `read_picture`, or it is not 8-bit greyscale, whose bytes would not be the labels.
    """
    read_picture(path)  # its complaints name what is wrong with the file
    with Image.open(path) as image:
        if image.mode != "L":
            raise InputError(f"{path}: is of mode {image.mode}; expected 8-bit greyscale, 0 on the surround, 1, 2 …")
        return np.asarray(image)
