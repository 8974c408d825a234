"""Where named content is found: the three folders of the checkout, or the copies that the wheel carries."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from illusions.errors import InputError, unknown_name

Kind = Literal["stimuli", "models", "analyses"]
_Schema = TypeVar("_Schema", bound=BaseModel)

_PACKAGE = Path(__file__).resolve().parent
_SINGULAR: dict[Kind, str] = {"stimuli": "stimulus", "models": "model", "analyses": "analysis"}
#: In the context of a validation: the folder of the file, from which the files that it names are seen.
FOLDER = "folder"
#: What makes a folder of content complete: the file inside a model's folder, or the suffix of a single file.
_MODEL_FILE = "recipe.toml"


def folder(kind: Kind) -> Path:
    """The folder that holds the named content of one kind.

    In a checkout it lies beside the package; a wheel carries a copy inside the package.
    """
    carried = _PACKAGE / "data" / kind
    return carried if carried.is_dir() else _PACKAGE.parent / kind


def names(kind: Kind) -> list[str]:
    """Every name of one kind of content, sorted."""
    return sorted(_entries(kind))


def find(kind: Kind, name: str | Path) -> Path:
    """The file (for a model: the folder) that a name, or a path of one's own, stands for.

    Args:
        kind: ``"stimuli"``, ``"models"`` or ``"analyses"``.
        name: a name in that folder, or a path to a ``.toml`` file (for a model: to its folder).

    Raises:
        InputError: nothing is there; the message names the nearest name that exists.
    """
    entries = _entries(kind)
    if str(name) in entries:
        return entries[str(name)]
    if not str(name):
        raise InputError(f"the name of a {_SINGULAR[kind]} is empty; expected one of the names in 'illusions list'")
    # pathlib's own raises for a user who does not exist
    path = Path(os.path.expanduser(name))  # noqa: PTH111
    if kind == "models":
        if (path / _MODEL_FILE).is_file():
            return path
    elif path.is_file():
        return path
    if path.suffix or len(path.parts) > 1 or path.exists():
        expected = "a folder with recipe.toml and weights" if kind == "models" else "a .toml file"
        raise InputError(
            f"{path}: no {_SINGULAR[kind]} is there; expected {expected}, or one of the names in 'illusions list'"
        )
    raise unknown_name(_SINGULAR[kind], str(name), entries, otherwise="see 'illusions list'")


def _entries(kind: Kind) -> dict[str, Path]:
    return dict(_scan(kind))


def _scan(kind: Kind) -> Iterator[tuple[str, Path]]:
    root = folder(kind)
    if not root.is_dir():
        return
    for path in root.iterdir():
        if kind == "models":
            if (path / _MODEL_FILE).is_file():
                yield path.name, path
        elif path.suffix == ".toml" and not path.name.startswith("."):  # as macOS lays beside files
            yield path.stem, path


def read_toml(path: Path, schema: type[_Schema]) -> _Schema:
    """Read a content file and validate it. Types are strict: ``"8"`` is no number, ``8`` is a float where one is asked.

    Raises:
        InputError: the file cannot be read or parsed, or a key is unknown, missing, of the wrong type or out of
            range; the message names the file, the key and what was expected.
    """
    return _validate(parse_toml(path), path, TypeAdapter(schema))


def read_kind(path: Path, what: str, kinds: TypeAdapter[_Schema]) -> _Schema:
    """Read a content file whose key ``kind`` says by which schema.

    Args:
        path: the file.
        what: what there are kinds of, as it should be read: ``"stimulus"``, ``"analysis"``.
        kinds: a union of schemas, told apart by ``kind``.

    Raises:
        InputError: as `read_toml`; or the kind is missing or unknown, and the message names the nearest.
    """
    return check_kind(parse_toml(path), path, what, kinds)


def check_kind(
    tables: Mapping[str, Any],
    place: Path,
    what: str,
    kinds: TypeAdapter[_Schema],
    context: Mapping[str, Any] | None = None,
) -> _Schema:
    """Validate the content of a file whose key ``kind`` selects the schema; see `read_kind`.

    Args:
        tables: see `parse_toml`.
        place: the file, or what messages name in its place; from its folder other files are seen.
        what: what there are kinds of.
        kinds: a union of schemas, told apart by ``kind``.
        context: what validators are told beside the folder.

    Raises:
        InputError: as `read_kind`.
    """
    return _validate(tables, place, kinds, what, context)


def check_written(
    tables: Mapping[str, Any], schema: type[_Schema], place: Path, context: Mapping[str, Any] | None = None
) -> _Schema:
    """Validate tables given in Python as `read_toml` validates a file.

    Args:
        tables: what would stand in the file: dictionaries, tuples, text and numbers, or what the schema makes of them.
        schema: of the file.
        place: what messages name in place of the file; from its folder other files are seen.
        context: what validators are told beside the folder.

    Raises:
        InputError: a key is unknown, missing, of the wrong type or out of range.
    """
    try:
        return schema.model_validate(tables, strict=True, context={FOLDER: place.parent, **(context or {})})
    except ValidationError as error:
        raise InputError(f"{place}: {_describe(error, '')}") from None


def _validate(
    tables: Mapping[str, Any],
    place: Path,
    schema: TypeAdapter[_Schema],
    what: str = "",
    context: Mapping[str, Any] | None = None,
) -> _Schema:
    # As JSON, which has arrays but no tuples as TOML has, so that strict types accept an array for a tuple.
    as_json = json.dumps(tables, default=_unlike_text)
    try:
        return schema.validate_json(as_json, strict=True, context={FOLDER: place.parent, **(context or {})})
    except ValidationError as error:
        raise InputError(f"{place}: {_describe(error, what)}") from None


def parse_toml(path: Path) -> dict[str, Any]:
    """Parse a TOML file.

    Raises:
        InputError: the file cannot be read or parsed.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # some editors begin files with a mark
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: is not a valid TOML file ({error})") from None


def _unlike_text(date: Any) -> dict[str, str]:
    """A date or a time, which JSON knows only as text, as something that no key takes for text."""
    return {type(date).__name__: str(date)}


def _describe(error: ValidationError, what: str) -> str:
    """The first complaint of a validation, in one line: the key, what is wrong, what was given."""
    first = error.errors(include_url=False)[0]
    place, given, message = first["loc"], first["input"], first["msg"].removeprefix("Value error, ")
    if first["type"] == "union_tag_not_found":
        return "key 'kind' is missing"
    if first["type"] == "union_tag_invalid":
        known = first["ctx"]["expected_tags"].replace("'", "").split(", ")
        place, given = ("kind",), given["kind"]
        message = str(unknown_name(f"kind of {what}", str(given), known))
    elif what:  # the place begins with the kind
        place = place[1:]
    key = ".".join(map(str, place)) or "the file"
    if first["type"] == "extra_forbidden":
        return f"unknown key '{key}'"
    if first["type"] == "missing":
        return f"key '{key}' is missing"
    shown = f" (given: {given!r})" if len(repr(given)) <= 60 and not isinstance(given, dict) else ""
    return f"key '{key}': {message[0].lower() + message[1:]}{shown}"
