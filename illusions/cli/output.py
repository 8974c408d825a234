"""Output folders in which nothing is ever half-written."""

from __future__ import annotations

import errno
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from illusions.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

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
def output_folder(destination: Path) -> Iterator[Output]:
    """Write a command's files into a temporary folder on the same file system, and move them when all are there.

    Files of the same name are replaced one by one, atomically; others in the folder are left alone.

    Raises:
        InputError: the folder cannot be written to, said before anything is computed; or its disk runs full.
    """
    nearest = _nearest_existing(destination)
    if not nearest.is_dir():
        raise InputError(f"{nearest}: is a file; expected a folder to write into")
    try:
        staged = Path(tempfile.mkdtemp(prefix=".illusions-", dir=nearest))
    except OSError as error:
        raise InputError(
            f"{destination}: cannot be written ({error.strerror}); expected a folder you may write to"
        ) from None
    try:
        output = Output(staged)
        yield output
        output.written = _move(staged, destination)
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


def write_table(path: Path, frames: Sequence[pd.DataFrame], *, with_scale: bool) -> None:
    """Write the rows of several stimuli as one table.

    Args:
        path: the file.
        frames: a stimulus each, with a column ``scale``, or ``field`` where it was read by field.
        with_scale: whether the column ``scale`` is written: it is where somebody asked for scales.
    """
    import pandas as pd

    table = pd.concat(frames, ignore_index=True)
    (table if with_scale else table.drop(columns="scale", errors="ignore")).to_csv(path, index=False)


def _nearest_existing(path: Path) -> Path:
    while not (path.exists() or path.is_symlink()):
        path = path.parent
    return path


def _move(staged: Path, destination: Path) -> list[Path]:
    files = sorted(path.relative_to(staged) for path in staged.rglob("*") if path.is_file())
    for file in files:
        if (destination / file).is_dir():
            raise InputError(f"{destination / file}: is a folder; a file of this name is to be written there")
        nearest = _nearest_existing(destination / file.parent)
        if not nearest.is_dir():
            raise InputError(f"{nearest}: is a file; a folder of this name is to be made there")
    with _uninterrupted():
        for file in files:
            (destination / file).parent.mkdir(parents=True, exist_ok=True)
            (staged / file).replace(destination / file)
    return [destination / file for file in files]


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C for the moment of the renames: either all files are replaced, or none."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
