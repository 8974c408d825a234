"""What the commands say: results on standard output, everything else on standard error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

#: Of more files in one folder only their number is shown.
_MOST_FILES = 20


def show_error(message: str) -> None:
    """Print one message in plain words on standard error."""
    Console(stderr=True).print(Text(message, style="bold red"), soft_wrap=True)


def show_written(paths: Sequence[Path]) -> None:
    """Name the files that were written, one per line; those of a folder with very many by their number."""
    for folder, inside in groupby(paths, key=lambda path: path.parent):
        files = list(inside)
        if len(files) > _MOST_FILES:
            click.echo(f"wrote {len(files)} files in {folder}")
        else:
            for path in files:
                click.echo(f"wrote {path}")


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on standard output; where nobody watches, the rows alone, with tabs between the columns."""
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
    """A bar with the time that is left, on standard error, gone when it is done; silent where nobody watches."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=not console.file.isatty()) as progress:
        yield progress
