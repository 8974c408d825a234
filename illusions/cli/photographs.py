"""Options and messages of commands that read a folder of photographs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

#: Largest number of skipped files that are named.
_MOST_REASONS = 3

#: ``--photos DIR``
photos_option = click.option(
    "--photos",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of photographs. Every tenth photograph is held out for validation. If the folder has the subfolders "
    "train and validation, the photographs in validation are held out instead.",
)


def show_grey(grey: int, files: int) -> None:
    """Say on standard error the number of photographs without colour, for a model that sees colour."""
    if grey:
        click.echo(
            f"{grey} of {files} photographs are grey: they teach the model that colours are rare",
            err=True,
        )


def show_skipped(reasons: Sequence[str], files: int) -> None:
    """Say on standard error the number of skipped files and the first reasons."""
    if not reasons:
        return
    click.echo(f"{len(reasons)} of {files} files could not be used as photographs:", err=True)
    for reason in reasons[:_MOST_REASONS]:
        click.echo(f"  {reason}", err=True)
    if len(reasons) > _MOST_REASONS:
        click.echo(f"  and {len(reasons) - _MOST_REASONS} more", err=True)
