"""Tables of published data: which file a name stands for, and its rows, validated."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from illusions import content
from illusions.errors import InputError, unknown_name


def published_folder() -> Path:
    """Where the published sets lie."""
    return content.folder("stimuli") / "published"


def find_table(name_or_path: str | Path, known: Sequence[str], what: str, beside: str) -> Path:
    """The table of a published set, a ``.csv`` file.

    Args:
        name_or_path: a name in ``stimuli/published/``, or a path of one's own, with or without the suffix.
        known: the names of the sets of this kind.
        what: what a set of this kind is called.
        beside: what lies beside its table.

    Raises:
        InputError: it does not exist.
    """
    if str(name_or_path) in known:
        return published_folder() / f"{name_or_path}.csv"
    # pathlib's own raises for a user who does not exist
    path = Path(os.path.expanduser(name_or_path))  # noqa: PTH111
    table = path.with_suffix(".csv") if path.suffix == ".toml" else path
    table = table if table.suffix == ".csv" else path.parent / f"{path.name}.csv"
    if table.is_file():
        return table
    if path.suffix or len(path.parts) > 1 or path.exists():
        raise InputError(f"{table}: no table of {what} is there; expected a .csv file with {beside}")
    raise unknown_name(f"set of published {what}", str(name_or_path), known)


def empty_is_none(text: str) -> str | None:
    """The text of a cell; None of an empty one."""
    return text or None


#: A number, or None in an empty cell.
Number: TypeAlias = Annotated[float | None, BeforeValidator(empty_is_none)]


class Row(BaseModel):
    """A row of a table, as text becomes values. Of a schema that allows extras, columns with a dot are these."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True)


_Schema = TypeVar("_Schema", bound=Row)


def read_rows(table: Path, schema: type[_Schema]) -> Iterator[tuple[str, _Schema]]:
    """Each row of a table, and before it where it stands: file and line.

    Raises:
        InputError: the table cannot be read; a column is unknown or missing; a cell is not as expected; or there are no
            rows. The message names file and line.
    """
    where = ""
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True, restval="")
            _check_columns(table, reader.fieldnames or [], schema)
            for cells in reader:
                line = reader.line_num - sum(str(cell).count("\n") for cell in cells.values())
                where = f"{table}, line {line}"
                yield where, _row(where, cells, schema)
    except OSError as error:
        raise InputError(f"{table}: cannot be read ({error.strerror or error})") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{table}: is not a valid CSV file ({error}); expected commas and UTF-8") from None
    if not where:
        raise InputError(f"{table}: has no rows; expected one or more")


def _check_columns(table: Path, columns: Sequence[str], schema: type[Row]) -> None:
    extra = schema.model_config.get("extra") == "allow"
    for column in columns:
        if column not in schema.model_fields and not (extra and "." in column):
            raise InputError(f"{table}, line 1: {unknown_name('column', column, schema.model_fields)}")
    for column, field in schema.model_fields.items():
        if field.is_required() and column not in columns:
            raise InputError(f"{table}, line 1: column '{column}' is missing")


def _row(where: str, cells: dict[str, str], schema: type[_Schema]) -> _Schema:
    if None in cells:  # under which csv keeps what has no column
        raise InputError(f"{where}: has more cells than the table has columns; expected quotes around commas")
    try:
        return schema.model_validate(cells)
    except ValidationError as error:
        raise InputError(f"{where}: {_describe(error)}") from None


def _describe(error: ValidationError) -> str:
    """One line about the first error: the column, what is wrong, and the value."""
    first = error.errors(include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    column, given = first["loc"][0], first["input"]
    if given == "":
        return f"'{column}' is empty; expected a value"
    return f"'{column}': {message[0].lower() + message[1:]} (given: '{given}')"
