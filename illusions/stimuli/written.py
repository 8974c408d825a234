"""The definition of a stimulus: the keys and values of its file or of a function. They can be changed and saved."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from illusions.content import check_written
from illusions.errors import InputError, unknown_name
from illusions.files import write_whole
from illusions.pictures import write_picture
from illusions.stimuli.colours import Colour
from illusions.stimuli.families.base import PICTURE, StimulusFile, colour_context
from illusions.stimuli.scenes.shapes import Silhouette
from illusions.stimuli.stimulus import Stimulus
from illusions.stimuli.toml import to_toml

#: The key that says what kind of thing a stimulus is: with another value it would be another thing.
_FIXED = ("kind",)


@dataclass(frozen=True, eq=False)
class Written:
    """The words of a stimulus."""

    name: str  #: of the stimulus.
    tables: Mapping[str, Any]  #: what stands, or would stand, in its file.
    file: StimulusFile  #: the same, validated.
    place: Path  #: its file, or what messages call it; files that it names are seen from the folder of this path.

    def stimulus(self) -> Stimulus:
        """What the words describe.

        Raises:
            InputError: as `StimulusFile.stimulus`.
        """
        return replace(self.file.stimulus(self.place), name=self.name, written=self)

    def value(self, path: str) -> Any:
        """Value of a key, given by its dotted path: ``"conditions.light.surround"``.

        Raises:
            InputError: there is no such key, and which there are; or it is a table.
        """
        here = self._at(path)
        if known := _keys(here):
            raise InputError(f"{self.name}: '{path}' is a table; expected one of its keys: {', '.join(known)}")
        return here

    def keys(self, path: str) -> list[str]:
        """The keys of a table, given by its dotted path.

        Raises:
            InputError: there is no such table, and which there are.
        """
        return _keys(self._at(path))

    def _at(self, path: str) -> Any:
        here: Any = self.file
        parts = path.split(".")
        for i, part in enumerate(parts):
            known = _keys(here)
            if part not in known:
                raise self._no_key(parts[: i + 1], known)
            here = here[part] if isinstance(here, Mapping) else getattr(here, part)
        return here

    def changed(self, changes: Mapping[str, Any]) -> Stimulus:
        """The stimulus with other values of some keys.

        Args:
            changes: new values by dotted path. For a colour a number will do: its value on the axis of the stimulus;
                the other two coordinates stay those that the colour has.

        Raises:
            InputError: there is no such key, it must not change, or the value does not fit it.
        """
        tables = copy.deepcopy(dict(self.tables))
        for path, value in changes.items():
            now = self.value(path)
            if path in _FIXED:
                raise InputError(f"{self.name}: '{path}' says what the stimulus is, and does not change")
            *outer, last = path.split(".")
            table = tables
            for part in outer:
                table = table.setdefault(part, {})
            table[last] = self._colour(path, now, value) if isinstance(now, Colour) and _is_number(value) else value
        return write(type(self.file), tables, name=self.name, place=self.place)

    def save(self, path: Path) -> None:
        """Write the words as a TOML file, and pictures that are arrays as PNG files beside it.

        Raises:
            InputError: it cannot be written.
        """
        tables = copy.deepcopy(dict(self.tables))
        for dotted in _pictures(self.file):
            *outer, last = dotted
            table = tables
            for part in outer:
                table = table[part]
            if isinstance(table[last], str):
                table[last] = _seen_from(path.parent, self.place.parent / table[last])
            else:
                beside = path.with_name(f"{path.stem}-{'-'.join(dotted)}.png")
                write_picture(beside, self._picture(dotted))
                table[last] = beside.name
        write_whole(path, to_toml(tables).encode())

    def _colour(self, path: str, now: Colour, value: Any) -> Colour:
        try:
            return self.file.axis.colour(now, float(value))
        except InputError as error:
            raise InputError(f"{self.place}: key '{path}': {error}") from None

    def _picture(self, dotted: tuple[str, ...]) -> Any:
        return self.value(".".join(dotted))

    def _no_key(self, parts: list[str], known: list[str]) -> InputError:
        *outer, last = parts
        where = f"key in '{'.'.join(outer)}' of {self.name}" if outer else f"key of {self.name}"
        there = f"there is: {', '.join(known)}" if known else f"'{'.'.join(outer)}' is no table"
        message = str(unknown_name(where, last, known, otherwise=there))
        return InputError(message if there in message else f"{message} ({there})")


def write(kind: type[StimulusFile], tables: Mapping[str, Any], *, name: str, place: Path | None = None) -> Stimulus:
    """A stimulus from the words of a stimulus file, written in Python.

    Args:
        kind: the schema of its family.
        tables: what would stand in the file.
        name: of the stimulus.
        place: what messages name, and beside which other files are looked for; the name, in the working folder, if left
            out.

    Raises:
        InputError: the name is none; or as for a file.
    """
    if not name or Path(name).name != name:
        raise InputError(f"name '{name}': expected the name of a file, without a folder")
    words = _plain(tables)
    place = Path(name) if place is None else place
    return Written(name, words, check_written(words, kind, place, colour_context(words)), place).stimulus()


def _plain(written: Any) -> Any:
    """Dictionaries, tuples, text and Python's own numbers, without the keys that have nothing; pictures as they are."""
    if isinstance(written, Mapping):
        return {str(key): _plain(value) for key, value in written.items() if value is not None}
    if isinstance(written, list | tuple) or (isinstance(written, np.ndarray) and written.ndim == 1):
        return tuple(_plain(value) for value in written)
    if isinstance(written, Path):
        return str(written)
    return written.item() if isinstance(written, np.generic) else written


def _keys(table: Any) -> list[str]:
    """Keys of a table; empty if the value is not a table."""
    if isinstance(table, BaseModel):
        return [name for name in type(table).model_fields if name not in _FIXED]
    return list(table) if isinstance(table, Mapping) else []


def _pictures(table: Any) -> Iterator[tuple[str, ...]]:
    """Where the names of pictures, or pictures, stand in a table."""
    if isinstance(table, BaseModel):
        for name, field in type(table).model_fields.items():
            if PICTURE in field.metadata and getattr(table, name) is not None:
                yield (name,)
            elif isinstance(getattr(table, name), Silhouette):
                yield (name, "mask")
            else:
                yield from ((name, *inner) for inner in _pictures(getattr(table, name)))
    elif isinstance(table, Mapping):
        for name, inner_table in table.items():
            yield from ((name, *inner) for inner in _pictures(inner_table))


def _seen_from(folder: Path, file: Path) -> str:
    """A file as it is called in a folder; where there is no way, on another drive, its whole path."""
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:
        return file.absolute().as_posix()


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
