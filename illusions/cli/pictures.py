"""The pictures that a command line names: files, and folders of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click


def picture_files(given: Sequence[Path]) -> list[Path]:
    """Every picture file that is given, and those in the folders that are given, each once.

    Raises:
        InputError: a folder holds no pictures.
    """
    from illusions.models.photographs import find_photographs

    found = [file for path in given for file in (find_photographs(path) if path.is_dir() else [path])]
    return list(dict.fromkeys(found))


def show_skipped(skipped: Sequence[str]) -> None:
    """Say on standard error which files could not be used, and why."""
    if skipped:
        click.echo(f"skipped {len(skipped)} files that could not be used; the first: {skipped[0]}", err=True)
