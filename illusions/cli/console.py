"""Output of the commands: results on standard output, everything else on standard error."""

from __future__ import annotations

import codecs
import json
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

#: Of more files in one folder only their number is shown.
_MOST_FILES = 20
#: Where a context keeps what `--json` prints at the end.
_DOCUMENT = "illusions.cli.console.document"


def _begin_document(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        context.meta[_DOCUMENT] = {"command": context.find_root().obj, "sentences": [], "tables": {}, "files": []}


def json_option() -> click.Option:
    """``--json`` of every command: collect its output and print it as one document at the end."""
    return click.Option(
        ["--json"],
        is_flag=True,
        expose_value=False,
        callback=_begin_document,
        help="Print the results as one JSON document: text, tables and names of files. Messages still go to stderr.",
    )


def show_document() -> None:
    """With ``--json``, print the collected document; missing and non-finite values are null."""
    document = _document()
    if document is not None:
        # In escapes where the output is not UTF-8, which JSON is: they mean the same in every encoding.
        escaped = codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name != "utf-8"
        click.echo(json.dumps(document, ensure_ascii=escaped, allow_nan=False, indent=1))


def show_sentence(sentence: str) -> None:
    """A result in words, on a line of standard output."""
    document = _document()
    if document is None:
        click.echo(sentence)
    else:
        document["sentences"].append(sentence)


def show_rows(name: str, frame: pd.DataFrame) -> None:
    """The numbers behind the sentences: rows of a table, which only ``--json`` prints."""
    document = _document()
    if document is not None:
        document["tables"].setdefault(name, []).extend(_records(frame))


def show_counts(name: str, row: dict[str, Any], sentence: str) -> None:
    """Numbers about the input: a row of a table with ``--json``, else a line on standard error unless it is empty."""
    document = _document()
    if document is not None:
        document["tables"].setdefault(name, []).append(row)
    elif sentence:
        click.echo(sentence, err=True)


def _document() -> dict[str, Any] | None:
    context = click.get_current_context(silent=True)
    return None if context is None else context.meta.get(_DOCUMENT)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if hasattr(value, "item"):  # of NumPy
        value = value.item()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


def show_error(message: str) -> None:
    """Print one message in plain words on standard error."""
    Console(stderr=True).print(Text(message, style="bold red"), soft_wrap=True)


def show_written(paths: Sequence[Path]) -> None:
    """Name the files that were written, one per line; those of a folder with very many by their number."""
    document = _document()
    if document is not None:
        document["files"].extend(map(str, paths))
        return
    for folder, inside in groupby(paths, key=lambda path: path.parent):
        files = list(inside)
        if len(files) > _MOST_FILES:
            click.echo(f"wrote {len(files)} files in {folder}")
        else:
            for path in files:
                click.echo(f"wrote {path}")


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, name: str = "") -> None:
    """A table on standard output; in a pipe the rows alone, separated by tabs.

    Args:
        columns: their names.
        rows: their cells.
        name: what ``--json`` calls it; without one it prints nothing of it.
    """
    document = _document()
    if document is not None:
        if name:
            document["tables"][name] = [dict(zip(columns, row, strict=True)) for row in rows]
        return
    console = Console()
    if not console.file.isatty():  # notebooks tell rich that everything is a terminal
        for row in rows:
            click.echo("\t".join(row))
        return
    table = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar with the remaining time, on standard error, removed when done; hidden if the output is no terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=not console.file.isatty()) as progress:
        yield progress
