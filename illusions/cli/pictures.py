"""The pictures that a command line names: files, and folders of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def picture_files(given: Sequence[Path], size: int) -> list[Path]:
    """Every picture file that is given, and those in the folders that are given, each once.

    Args:
        given: files and folders.
        size: side of a patch, pixels, which one of them must hold at least.

    Raises:
        InputError: what is given does not exist, a folder holds no pictures, or no file can be used.
    """
    from illusions.errors import InputError
    from illusions.photographs import find_photographs

    for path in given:
        if not path.exists():
            raise InputError(f"{path}: no such file; expected a picture, or a folder of them")
    found = [file for path in given for file in (find_photographs(path) if path.is_dir() else [path])]
    files = list(dict.fromkeys(found))
    check_one(files, size)
    return files


def check_one(files: Sequence[Path], size: int) -> None:
    """Whether one of the files can be used; the first that can ends the search.

    Raises:
        InputError: none can.
    """
    from illusions.photographs import readable

    next(readable(files, size, []))


def evenly(files: Sequence[Path], most: int) -> list[Path]:
    """The files, or an evenly spread selection of many."""
    step = max(1.0, len(files) / most)
    return [files[int(i * step)] for i in range(min(len(files), most))]
