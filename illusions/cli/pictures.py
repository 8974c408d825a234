"""The pictures that a command line names: files, and folders of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def picture_files(given: Sequence[Path]) -> list[Path]:
    """Every picture file that is given, and those in the folders that are given, each once.

    Raises:
        InputError: a folder holds no pictures.
    """
    from illusions.photographs import find_photographs

    found = [file for path in given for file in (find_photographs(path) if path.is_dir() else [path])]
    return list(dict.fromkeys(found))


def evenly(files: Sequence[Path], most: int) -> list[Path]:
    """The files themselves, or of very many so many, evenly spread over all of them."""
    step = max(1.0, len(files) / most)
    return [files[int(i * step)] for i in range(min(len(files), most))]
