"""Photographs on disk: which files of a folder are taken, which are held out, and which can be read."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from illusions.arrays import Bytes
from illusions.decoding import Notes, one_warning, report
from illusions.errors import InputError
from illusions.pictures import read_picture

#: File names that are tried as photographs: what Pillow reads, or, as HEIC, with a plugin. Other files are passed over.
SUFFIXES = {
    ".jpg", ".jpeg", ".jfif", ".jpe", ".mpo", ".jp2", ".j2k", ".png", ".webp", ".tif", ".tiff", ".bmp", ".avif",
    ".heic", ".heif",
}  # fmt: skip
#: What links to folders are called among the suffixes of files that are passed over.
_LINK = "linked folder"
#: Bytes at the beginning and at the end of a file that go into a fingerprint.
_ENDS = 1024


def find_photographs(folder: Path) -> list[Path]:
    """Every picture file in a folder and the folders in it, sorted; files of other suffixes are noted.

    Hidden files and folders are neither, such as thumbnails and what macOS lays beside pictures (``._1.jpg``). Links to
    folders are not followed, and are noted.

    Raises:
        InputError: the folder does not exist, or holds no picture file.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; expected a folder of photographs")
    shown = [path for path in folder.rglob("*") if not any(p.startswith(".") for p in path.relative_to(folder).parts)]
    links = Counter(_LINK for path in shown if path.is_symlink() and path.is_dir())
    files = [path for path in shown if not path.is_dir()]
    paths = sorted(path for path in files if path.suffix.lower() in SUFFIXES)
    others = Counter(suffix for path in files if (suffix := path.suffix.lower()) not in SUFFIXES)
    report(Notes(passed_over={str(folder): others + links}))
    if not paths:
        raise InputError(f"{folder}: holds no photographs; expected files {', '.join(sorted(SUFFIXES))}")
    return paths


def split_photographs(folder: Path) -> tuple[Sequence[Path], Sequence[Path]]:
    """The photographs to train on and those to validate with.

    Where the folder holds ``train/`` and ``validation/``, these; otherwise every tenth file, in sorted order, is held
    out for validation.

    Raises:
        InputError: the folder does not exist or holds too few photographs.
    """
    if (folder / "train").is_dir() and (folder / "validation").is_dir():
        return find_photographs(folder / "train"), find_photographs(folder / "validation")
    paths = find_photographs(folder)
    if len(paths) < 2:
        raise InputError(f"{folder}: holds one photograph; expected at least 2, one of them for validation")
    held_out = paths[::10]
    return [path for path in paths if path not in set(held_out)], held_out


def fingerprint(training: Sequence[Path], validation: Sequence[Path]) -> str:
    """Which photographs a run sees: SHA-256 of their order, sizes in bytes, and first and last kilobytes.

    Their names are left out, so that a folder may be moved. It takes about a second for 50,000 files; what cannot be
    read counts as empty.
    """
    whole = hashlib.sha256()
    for kind, paths in (("training", training), ("validation", validation)):
        whole.update(f"{kind} {len(paths)} ".encode())
        for path in paths:
            whole.update(_digest(path))
    return whole.hexdigest()


def _digest(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            ends = file.read(_ENDS)
            file.seek(max(0, size - _ENDS))
            ends += file.read(_ENDS)
    except OSError:
        size, ends = 0, b""
    return hashlib.sha256(f"{size} ".encode() + ends).digest()


def evenly_spaced(paths: Sequence[Path], n: int) -> Sequence[Path]:
    """At most n of the paths, evenly spaced from the first to the last."""
    if len(paths) <= n:
        return paths
    return [paths[int(i)] for i in np.linspace(0, len(paths) - 1, n)]


@one_warning()
def read_photographs(paths: Sequence[Path], size: int) -> tuple[list[Bytes], list[str]]:
    """Read photographs, passing over files that cannot be used.

    Args:
        paths: picture files.
        size: side of a patch, pixels; a smaller photograph is passed over.

    Returns:
        The pictures ``(height, width, 3)`` uint8, and for every file that was passed over, why.

    Raises:
        InputError: nothing could be read.
    """
    skipped: list[str] = []
    return [picture for _, picture in readable(paths, size, skipped)], skipped


def is_grey(picture: Bytes) -> bool:
    """Whether a picture ``(height, width, 3)`` has no colour: red, green and blue are the same in every pixel."""
    return bool((picture[..., 1:] == picture[..., :1]).all())


def readable(paths: Sequence[Path], size: int, skipped: list[str]) -> Iterator[tuple[int, Bytes]]:
    """Index and pixels of every photograph that can be used; why others cannot goes to `skipped`."""
    for index, path in enumerate(paths):
        try:
            yield index, read_picture(path, minimum_side=size)
        except InputError as error:
            skipped.append(str(error))
    if len(skipped) == len(paths) == 1:
        raise InputError(skipped[0])
    if len(skipped) == len(paths):
        raise InputError(f"none of {len(paths)} files can be used as a photograph; the first: {skipped[0]}")
