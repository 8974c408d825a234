"""Output folders in which nothing is ever half-written."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import click

from illusions.errors import InputError
from illusions.interruptions import ignored

if TYPE_CHECKING:
    import pandas as pd

#: What the runs of commands wrote into a folder. Without it nothing is ever removed.
RECORD = ".illusions.json"
#: What the columns of the tables in a folder mean: a data dictionary of all commands that wrote into it.
DICTIONARY = "columns.json"
#: Where a disk is full; NumPy and Pillow do not say why they could not write.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, None}


class _Run(NamedTuple):
    """A run on record: its command, and of every file that it wrote, by its path in the folder, the SHA-256."""

    command: str
    files: Mapping[str, str]


@dataclass
class Output:
    """A folder to write into: files appear in their place, all at once, when everything has gone well."""

    staged: Path  #: where to write meanwhile.
    written: list[Path] = field(default_factory=list)  #: after the end, the files in their place, sorted.


@contextmanager
def output_folder(destination: Path, *, recorded: bool = True) -> Iterator[Output]:
    """Write a command's files into a temporary folder on the same file system, and move them when all are there.

    Files of the same name are replaced one by one, atomically. What one run wrote stands or falls together: where a
    file of an earlier run of the same command is replaced, the other files of that run are removed. A file that another
    command wrote is not replaced: the new one gets the name of its command in front. A file that was changed since it
    was written is kept under another name. All of this is said on standard error. Files that no run wrote are left
    alone, unless one of the same name is written. Commands that run at the same time move their files in turn.

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
    _check_places(files, destination)
    if not recorded:
        with ignored():
            return [_put(staged / file, destination / file) for file in files]
    destination.mkdir(parents=True, exist_ok=True)
    with ignored(), _record(destination) as record:
        runs = _read(record)
        names = {file: _own_name(file, runs, destination) for file in files}
        run = _Run(_command(), {name.as_posix(): _digest(staged / file) for file, name in names.items()})
        _keep_changed(destination, run, runs)
        written = [_put(staged / file, destination / name) for file, name in names.items()]
        left = _supersede(destination, run, runs)
        written += _describe(staged, destination, names)
        if record is not None:
            record.seek(0)
            record.truncate()
            record.write(json.dumps({"runs": [each._asdict() for each in [*left, run]]}, indent=1).encode())
    return sorted(written)


def _describe(staged: Path, destination: Path, names: Mapping[Path, Path]) -> list[Path]:
    """Add the tables of a run to the data dictionary of a folder; the dictionary, if there is any of them."""
    from illusions.columns import tables_called

    path = destination / DICTIONARY
    described: dict[str, Any] = {}
    for file, name in names.items():
        tables = [table for table in tables_called(file.as_posix()) if table.command == _command()]
        if file.suffix == ".csv" and tables:
            with (destination / name).open(encoding="utf-8", newline="") as rows:
                columns = next(csv.reader(rows), [])
            table = next((table for table in tables if table.allows(columns)), None)
            described |= {name.as_posix(): table.dictionary(columns, _axes())} if table else {}
    known = _known(path)
    if not described or known is None:
        return []
    kept = {name: value for name, value in known.items() if (destination / name).is_file()}
    document = json.dumps(kept | described, ensure_ascii=False, indent=1)
    (staged / DICTIONARY).write_text(document + "\n", encoding="utf-8")
    return [_put(staged / DICTIONARY, path)]


def _known(path: Path) -> dict[str, Any] | None:
    """What a data dictionary holds; None where the file is none, and so not ours."""
    try:
        known = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) else None


def _axes() -> dict[str, str]:
    from illusions.stimuli.axes import AXES

    return {name: axis.label for name, axis in AXES.items()}


def _check_places(files: Sequence[Path], destination: Path) -> None:
    for file in files:
        if (destination / file).is_dir():
            raise InputError(f"{destination / file}: is a folder; a file of this name is to be written there")
        nearest = _nearest_existing(destination / file.parent)
        if not nearest.is_dir():
            raise InputError(f"{nearest}: is a file; a folder of this name is to be made there")


def _put(file: Path, place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    return file.replace(place)


def _command() -> str:
    """The name of the command that runs; empty where none does."""
    context = click.get_current_context(silent=True)
    return (context.command.name if context else None) or ""


@contextmanager
def _record(folder: Path) -> Iterator[IO[bytes] | None]:
    """The record of a folder, locked, so that commands change the folder in turn; None where it cannot be opened."""
    try:
        file = (folder / RECORD).open("a+b")
    except OSError:  # the files are written; what is lost is that another run would clear them
        yield None
        return
    with file:
        with suppress(OSError):  # some network file systems lock nothing
            _lock(file)
        yield file


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)


def _read(record: IO[bytes] | None) -> list[_Run]:
    """The runs on record; none where there is no record, or it cannot be understood."""
    if record is None:
        return []
    record.seek(0)
    try:
        runs = json.loads(record.read())["runs"]
        return [_Run(str(run["command"]), {str(k): str(v) for k, v in run["files"].items()}) for run in runs]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _own_name(file: Path, runs: Sequence[_Run], destination: Path) -> Path:
    """The name under which a file is written: its own, or, if another command has a file there, with the command's."""
    command, name = _command(), file.as_posix().casefold()
    others = [run.command for run in runs if run.command != command and name in map(str.casefold, run.files)]
    if not others or not (destination / file).exists():
        return file
    own = file.with_name(f"{command}-{file.name}")
    click.echo(f"{destination / file}: is of 'illusions {others[0]}' and stays; wrote {own.name}", err=True)
    return own


def _keep_changed(destination: Path, run: _Run, runs: Sequence[_Run]) -> None:
    """Rename files that this run would replace and that were changed by hand since they were written."""
    written = {file: digest for earlier in runs for file, digest in earlier.files.items()}
    for file, digest in run.files.items():
        place = destination / file
        if file in written and place.is_file() and _digest(place) not in (written[file], digest):
            kept = unused(place)
            place.rename(kept)
            click.echo(f"{place}: was changed by hand; the changed file is kept as {kept.name}", err=True)


def is_changed(destination: Path, file: str) -> bool:
    """Whether a file is in a folder, and not as a run on record wrote it."""
    if not (destination / file).is_file():
        return False
    with (destination / RECORD).open("rb") if (destination / RECORD).is_file() else nullcontext() as record:
        digests = {run.files[file] for run in _read(record) if file in run.files}
    return _digest(destination / file) not in digests


def unused(path: Path) -> Path:
    """A path that does not exist: this one with the lowest number behind its name, from 2."""
    number = 2
    while (numbered := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return numbered


def _supersede(destination: Path, run: _Run, runs: Sequence[_Run]) -> list[_Run]:
    """Remove what is left of the runs of its command of which this one has replaced a file; the runs that remain."""
    kept, removed = [], 0
    mine = {file.casefold() for file in run.files}  # some file systems know one case only
    for earlier in runs:
        left = {file: digest for file, digest in earlier.files.items() if file.casefold() not in mine}
        if earlier.command == run.command and len(left) < len(earlier.files):
            removed += sum(_remove(destination, file, digest) for file, digest in left.items())
        else:
            kept.append(earlier._replace(files=left))
    if removed:
        of = "another file" if removed == 1 else f"{removed} other files"
        click.echo(f"{destination}: removed {of} of an earlier run, of which some were replaced", err=True)
    return kept


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
