"""Published settings: by how much people's matches moved, with its standard error, and the stimulus they looked at.

A set of settings is a table, ``NAME.csv``, with a row per mean match, and beside it ``NAME.toml``: title, source, unit,
and the stimuli. A stimulus stands there as in a file of its own; a column with a dot in its name is a key of it that
each row sets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt, field_validator

from illusions.arrays import Floats
from illusions.content import parse_toml, read_toml
from illusions.displays import Display
from illusions.errors import InputError, unknown_name
from illusions.stimuli.axes import Axis
from illusions.stimuli.colours import Colour
from illusions.stimuli.loading import stimulus_of
from illusions.stimuli.rows import Number, Row, empty_is_none, find_table, published_folder, read_rows
from illusions.stimuli.stimulus import Stimulus

AZIMUTH, HUE, LUMINANCE, LOG = "degrees of azimuth", "degrees of HSV hue", "cd/m2", "log10 units"
#: What a set can be measured in, and the axis of its stimuli.
UNITS = {AZIMUTH: "dkl-hue", HUE: "hue", LUMINANCE: "brightness", LOG: "brightness"}


@dataclass(frozen=True, eq=False)
class Setting:
    """A mean match of people."""

    name: str  #: unique in the set.
    set: str  #: name of the set.
    #: what is left out together in cross-validation: the surround. All settings of a group have the same conditions.
    group: str
    stimulus: Stimulus  #: with the physical target, at a known size in degrees.
    reference: str  #: the condition in which people set the match.
    test: str  #: the condition in which the target has its physical value.
    value: float  #: of the physical target, in units of the axis.
    shift: float  #: people's mean match minus the physical target, in the unit of the set.
    standard_error: float  #: of the shift, at least 0.
    observers: int | None  #: how many there were, or None if unknown.
    x: float  #: what figures plot the shift against.


@dataclass(frozen=True, eq=False)
class SettingsSet:
    """Mean matches of one experiment."""

    name: str  #: of the set.
    #: the same for all sets that are made from the same matches, which cross-validation leaves out together.
    study: str
    title: str  #: what people set, in a line.
    #: of the shifts and their standard errors, one of `UNITS`: degrees of azimuth in the cone-opponent plane or of HSV
    #: hue, cd/m², or the decimal logarithm of a luminance.
    unit: str
    x_label: str  #: name and unit of ``Setting.x``.
    contested: bool  #: whether the matches are uncertain, so that no score is made from them.
    source: str  #: paper, with its figure or table.
    note: str  #: what is assumed, and what is open.
    settings: tuple[Setting, ...]  #: in the order of the table.

    @cached_property
    def axis(self) -> Axis:
        """Along which people set the matches, the same in all settings."""
        return self.settings[0].stimulus.axis

    @property
    def display(self) -> Display:
        """By which the bytes of the stimuli become light."""
        return self.axis.cones.display

    def shifts(self, values: ArrayLike, matches: ArrayLike) -> Floats:
        """Matches minus physical values, in the unit of the set.

        Args:
            values: in units of the axis.
            matches: of the same shape, in units of the axis.

        Returns:
            The same shape; of hues within half a turn, from −180 to less than 180.
        """
        difference = np.asarray(self._in_unit(matches) - self._in_unit(values))
        return (difference + 180) % 360 - 180 if self.axis.circular else difference

    def _in_unit(self, values: ArrayLike) -> Floats:
        if self.axis.circular:
            return 360 / self.axis.high * np.asarray(values, dtype=np.float64)
        luminances = self.display.white_luminance * self.display.linear(values)
        return np.log10(luminances) if self.unit == LOG else luminances


def settings_sets() -> list[str]:
    """The names of the sets of settings in ``stimuli/published/``, sorted."""
    return sorted(path.stem for path in published_folder().glob("*.toml") if path.with_suffix(".csv").is_file())


def load_settings(name_or_path: str | Path) -> SettingsSet:
    """Read a set of published settings.

    Args:
        name_or_path: a name in ``stimuli/published/``, or a path of one's own to the ``.csv`` or the ``.toml`` file.

    Raises:
        InputError: there is no such set; a key or a column is missing or unknown; the unit is none; a stimulus is not
            as expected or has no size in degrees; a value is missing or out of range (a standard error below 0, an
            azimuth outside a turn, a colour outside the gamut); or a name occurs twice. The message names the file, and
            the line.
    """
    table = find_table(name_or_path, settings_sets(), "settings", "a .toml file of the same name")
    return _Reader(table).read()


class _SetFile(BaseModel):
    """The keys of the ``.toml`` file of a set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    source: str = Field(min_length=1)
    unit: str
    x_label: str = Field(min_length=1)
    #: The condition in which people set the match, and the one in which the target has its physical value.
    reference: str
    test: str
    study: str | None = None
    contested: bool = False
    note: str = ""
    #: By the name that rows give in the column ``stimulus``.
    stimuli: dict[str, dict[str, Any]] = Field(min_length=1)

    @field_validator("unit")
    @classmethod
    def _is_a_unit(cls, unit: str) -> str:
        if unit not in UNITS:
            raise unknown_name("unit of settings", unit, UNITS, otherwise=f"expected {', '.join(UNITS)}")
        return unit


class _SettingRow(Row):
    """A row of a table. Columns with a dot in their names are keys of the stimulus."""

    model_config = ConfigDict(extra="allow")

    setting: str = Field(min_length=1)
    group: str = Field(min_length=1)
    #: Of the set; may be left out where there is one.
    stimulus: str = ""
    #: The physical target, in the unit of the set (of logarithms: cd/m²).
    target: float
    shift: float
    standard_error: float = Field(ge=0)
    observers: Annotated[PositiveInt | None, BeforeValidator(empty_is_none)] = None
    #: The default target.
    x: Number = None


class _Reader:
    """Reads a set; stimuli with the same surrounds are drawn once."""

    def __init__(self, table: Path) -> None:
        self._table = table
        self._place = table.with_suffix(".toml")
        self._file = read_toml(self._place, _SetFile)
        self._templates = {
            name: self._template(name, tables) for name, tables in parse_toml(self._place)["stimuli"].items()
        }
        self._drawn: dict[tuple[str, ...], Stimulus] = {}

    def read(self) -> SettingsSet:
        settings = tuple(self._settings())
        file = self._file
        return SettingsSet(
            name=self._table.stem,
            study=file.study or self._table.stem,
            title=file.title,
            unit=file.unit,
            x_label=file.x_label,
            contested=file.contested,
            source=file.source,
            note=file.note,
            settings=settings,
        )

    def _settings(self) -> Iterator[Setting]:
        lines: dict[str, str] = {}
        for where, row in read_rows(self._table, _SettingRow):
            if row.setting in lines:
                raise InputError(
                    f"{where}: setting '{row.setting}' is on {lines[row.setting]} already; expected one row each"
                )
            lines[row.setting] = where.rpartition(", ")[2]
            try:
                yield self._setting(row)
            except InputError as error:
                raise InputError(f"{where}: {error}") from None

    def _setting(self, row: _SettingRow) -> Setting:
        stimulus = self._stimulus(row)
        return Setting(
            name=row.setting,
            set=self._table.stem,
            group=row.group,
            stimulus=stimulus,
            reference=self._file.reference,
            test=self._file.test,
            value=stimulus.value,
            shift=_checked_shift(row.shift, stimulus),
            standard_error=row.standard_error,
            observers=row.observers,
            x=row.target if row.x is None else row.x,
        )

    def _template(self, name: str, tables: dict[str, Any]) -> Stimulus:
        place = Path(f"{self._place}, stimuli.{name}")
        stimulus = stimulus_of(tables, f"{self._table.stem}-{name}", place)
        if stimulus.axis.name != UNITS[self._file.unit]:
            raise InputError(
                f"{place}: its axis is {stimulus.axis.name}; expected {UNITS[self._file.unit]}, as the unit is "
                f"{self._file.unit}"
            )
        if not stimulus.axis.circular:
            try:
                _ = stimulus.axis.cones.display.white_luminance
            except InputError as error:
                raise InputError(f"{place}: {error}") from None
        if stimulus.units_per_degree is None:
            raise InputError(f"{place}: key 'target.degrees' is missing; expected the size of the target in degrees")
        for key in ("reference", "test"):
            if (condition := getattr(self._file, key)) not in stimulus.conditions:
                raise InputError(
                    f"{place}: {unknown_name('condition', condition, stimulus.conditions)}; see key '{key}'"
                )
        return stimulus

    def _stimulus(self, row: _SettingRow) -> Stimulus:
        name = row.stimulus or next(iter(self._templates))
        if name not in self._templates or (not row.stimulus and len(self._templates) > 1):
            raise unknown_name("stimulus of the set", row.stimulus, self._templates)
        template, changes = self._templates[name], {key: self._key(name, key, cell) for key, cell in _changes(row)}
        stimulus = template.with_keys({**changes, "target.colour": self._colour(template, row.target)})
        drawn = self._drawn.setdefault((name, *(cell for _, cell in _changes(row))), stimulus)
        return replace(stimulus, name=f"{self._table.stem}-{row.setting}", conditions=drawn.conditions)

    def _key(self, name: str, key: str, cell: str) -> Any:
        try:
            number = float(cell)
        except ValueError:
            return cell
        template = self._templates[name]
        is_colour = isinstance(template.written and template.written.value(key), Colour)
        return self._colour(template, number) if is_colour else number

    def _colour(self, stimulus: Stimulus, number: float) -> Any:
        """A number of the table as what `Stimulus.with_keys` takes: a hue on the axis, or the grey of a luminance."""
        if stimulus.axis.circular:
            if not 0 <= number < 360:
                raise InputError(f"an azimuth is {number:g}; expected degrees of a turn, from 0 to less than 360")
            return number * stimulus.axis.high / 360
        display = stimulus.axis.cones.display
        white = display.white_luminance
        if not display.black <= number <= white:
            raise InputError(
                f"a luminance of {number:g} cd/m² lies outside the gamut of the display; expected {display.black:g} to "
                f"{white:g}"
            )
        return {"hsv": [0.0, 0.0, float(display.encoded(number / white))]}


def _checked_shift(shift: float, stimulus: Stimulus) -> float:
    if stimulus.axis.circular and not -180 <= shift <= 180:
        raise InputError(f"a shift of azimuth is {shift:g}; expected degrees, from -180 to 180")
    return shift


def _changes(row: _SettingRow) -> Iterator[tuple[str, str]]:
    """The keys of the stimulus that a row sets, and their cells; an empty cell leaves the key as it is."""
    return ((key, cell.strip()) for key, cell in (row.model_extra or {}).items() if cell.strip())
