"""The words of a stimulus as the text of a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import Item

from illusions.errors import InputError
from illusions.stimuli.axes import AXES, Axis
from illusions.stimuli.colours import Colour, is_colour


def to_toml(tables: Mapping[str, Any]) -> str:
    """The text of a TOML file: plain keys first, then the tables, colours in braces.

    Args:
        tables: by key: text, numbers, tuples of them, colours, or tables. Colours may be as they are written in files.
    """
    document = tomlkit.document()
    for key, value in tables.items():
        if not _is_table(value):
            document.add(key, _item(value))
    for key, value in tables.items():
        if _is_table(value):
            document.add(key, _table(value))
    return tomlkit.dumps(document)


def _table(table: Mapping[str, Any]) -> Item:
    nested = all(_is_table(value) for value in table.values())
    written = tomlkit.table(is_super_table=nested)
    for key, value in table.items():
        written.add(key, _table(value) if _is_table(value) else _item(value))
    return written


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) and not is_colour(value)


def _item(value: Any) -> Item:
    if isinstance(value, Colour):
        value = value.written
    if isinstance(value, Axis):
        if value != AXES.get(value.name):
            raise InputError(
                f"the axis {value.name} is not one of those by name; expected it as it is written in files"
            )
        value = value.name
    if isinstance(value, Mapping):
        braces = tomlkit.inline_table()
        braces.update({key: _item(inner) for key, inner in value.items()})
        return braces
    item: Item = tomlkit.item(list(value) if isinstance(value, tuple) else value)
    return item
