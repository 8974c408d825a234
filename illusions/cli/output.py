"""Output folders in which nothing is ever half-written."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from illusions.errors import InputError
from illusions.files import write_whole

if TYPE_CHECKING:
    import pandas as pd

#: What the runs of commands wrote into a folder. Without it nothing is ever removed.
RECORD = ".illusions.json"
#: What one run wrote: of every file, by its path in the folder, the SHA-256.
_Run: TypeAlias = dict[str, str]
#: Where a disk is full; NumPy and Pillow do not say why they could not write.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, None}


@dataclass
class Output:
    """A folder to write into: files appear in their place, all at once, when everything has gone well.

    Attributes:
        staged: where to write meanwhile.
        written: after the end, the files in their place, sorted.
    """

    staged: Path
    written: list[Path] = field(default_factory=list)


@contextmanager
def output_folder(destination: Path, *, recorded: bool = True) -> Iterator[Output]:
    """Write a command's files into a temporary folder on the same file system, and move them when all are there.

    Files of the same name are replaced one by one, atomically. What one run wrote stands or falls together: where a
    file of an earlier run is replaced, its others, which would stand beside numbers that are not theirs, are removed,
    and this is said on standard error. Files that no run wrote, or that were changed since, are left alone.

    Args:
        destination: the folder; made when all files are there.
        recorded: whether the run goes into the folder's record. A single file needs none.

    Raises:
        InputError: the folder cannot be written to, said before anything is computed; or its disk runs full.
    """
    try:
        staged = Path(tempfile.mkdtemp(prefix=".illusions-", dir=check_folder(destination)))
    except OSError as error:
        raise InputError(
            f"{destination}: cannot be written ({error.strerror}); expected a folder you may write to"
        ) from None
    try:
        output = Output(staged)
        yield output
        output.written = _move(staged, destination, recorded=recorded)
    except InputError as error:
        if str(staged) not in str(error):
            raise
        raise InputError(str(error).replace(str(staged), str(destination))) from None
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise InputError(
            f"{destination}: cannot be written ({error.strerror or error}); expected a disk with more room"
        ) from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def write_table(path: Path, frames: Sequence[pd.DataFrame], *, with_scale: bool = True) -> None:
    """Write the rows of several stimuli as one table; say where a name in it is one that other programs drop.

    Args:
        path: the file.
        frames: a stimulus each, with a column ``scale``, or ``field`` where it was read by field.
        with_scale: whether a column ``scale`` is written, as with ``--scale``.
    """
    import pandas as pd

    from illusions import tables

    table = pd.concat(frames, ignore_index=True)
    table = table if with_scale else table.drop(columns="scale", errors="ignore")
    tables.write_table(path, table)
    lost = tables.read_as_missing(table)
    if lost:
        click.echo(
            f"{path.name}: most programs read the name {', '.join(map(repr, lost))} as a missing value; "
            "illusions.read_table does not",
            err=True,
        )


def check_folder(destination: Path) -> Path:
    """The nearest folder of a path that exists: the folder itself, or the one in which it will be made.

    Raises:
        InputError: a file stands there.
    """
    nearest = _nearest_existing(destination)
    if not nearest.is_dir():
        raise InputError(f"{nearest}: is a file; expected a folder to write into")
    return nearest


def _nearest_existing(path: Path) -> Path:
    while not (path.exists() or path.is_symlink()):
        path = path.parent
    return path


def _move(staged: Path, destination: Path, *, recorded: bool) -> list[Path]:
    files = sorted(path.relative_to(staged) for path in staged.rglob("*") if path.is_file())
    for file in files:
        if (destination / file).is_dir():
            raise InputError(f"{destination / file}: is a folder; a file of this name is to be written there")
        nearest = _nearest_existing(destination / file.parent)
        if not nearest.is_dir():
            raise InputError(f"{nearest}: is a file; a folder of this name is to be made there")
    run = {file.as_posix(): _digest(staged / file) for file in files} if recorded else {}
    with _uninterrupted():
        for file in files:
            (destination / file).parent.mkdir(parents=True, exist_ok=True)
            (staged / file).replace(destination / file)
        if recorded:
            _supersede(destination, run)
    return [destination / file for file in files]


def _supersede(destination: Path, run: _Run) -> None:
    """Remove what is left of the runs of which this one has replaced a file, and put it on record."""
    kept, removed = [], 0
    mine = {file.casefold() for file in run}  # some file systems know one case only
    for earlier in _read_record(destination):
        left = {file: digest for file, digest in earlier.items() if file.casefold() not in mine}
        if len(left) == len(earlier):
            kept.append(earlier)
        else:
            removed += sum(_remove(destination, file, digest) for file, digest in left.items())
    if removed:
        of = "another file" if removed == 1 else f"{removed} other files"
        click.echo(f"{destination}: removed {of} of an earlier run, of which some were replaced", err=True)
    with suppress(InputError):  # the files are there; what is lost is that another run would clear them
        write_whole(destination / RECORD, json.dumps({"runs": [*kept, run]}, indent=1).encode())


def _read_record(destination: Path) -> list[_Run]:
    """The recorded runs; empty without a readable record."""
    try:
        runs = json.loads((destination / RECORD).read_text(encoding="utf-8"))["runs"]
        return [{str(file): str(digest) for file, digest in run.items()} for run in runs]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def _remove(destination: Path, file: str, digest: str) -> bool:
    """Remove a file that a run wrote, and the folders that are then empty, unless it is not as it was written."""
    path = destination / file
    within = destination.resolve() in path.resolve().parents
    try:
        if not within or path.is_symlink() or not path.is_file() or _digest(path) != digest:
            return False
        path.unlink()
    except OSError:  # removed by another process
        return False
    for folder in path.parents:
        if folder == destination or any(folder.iterdir()):
            break
        folder.rmdir()
    return True


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C for the moment of the renames: either all files are replaced, or none."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
