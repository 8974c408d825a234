"""What the commands say: results on standard output, everything else on standard error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

#: Longer lists of files are cut.
_MOST_FILES = 20


def show_error(message: str) -> None:
    """Print one message in plain words on standard error."""
    Console(stderr=True).print(Text(message, style="bold red"), soft_wrap=True)


def show_written(paths: Sequence[Path]) -> None:
    """Name the files that were written, one per line; of very many the first, and how many more there are."""
    console = Console()
    for path in paths[:_MOST_FILES]:
        console.print(Text(f"wrote {path}"), soft_wrap=True)
    if len(paths) > _MOST_FILES:
        console.print(Text(f"  and {len(paths) - _MOST_FILES} more in {paths[0].parent}"), soft_wrap=True)


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on standard output; where nobody watches, the rows alone, with tabs between the columns."""
    console = Console()
    if not console.is_terminal:
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
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress
