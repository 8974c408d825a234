"""C files of this package, compiled by the C compiler of the machine when they are first needed, and kept."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

_FLAGS = ("-O3", "-std=gnu11", "-shared", "-fPIC", "-fno-math-errno", "-fno-trapping-math")


class KernelMissing(Exception):
    """A kernel cannot be used here; the message says why."""


def load_library(source: Path, instructions: Sequence[str]) -> ctypes.CDLL:
    """The functions of a C file.

    Args:
        source: the file.
        instructions: those of the processor that it may use, as compilers name them after ``-m``.

    Raises:
        KernelMissing: there is no compiler, it fails, the folder of caches cannot be written, or the compiled file is
            damaged or may not be run from there.
    """
    library = compiled(source, instructions)
    try:
        return ctypes.CDLL(str(library))
    except OSError:
        raise KernelMissing(f"{library.name} in {library.parent} cannot be loaded") from None


def compiled(source: Path, instructions: Sequence[str]) -> Path:
    """A compiled C file, kept in the user's folder of caches.

    Raises:
        KernelMissing: there is no compiler, it fails, or the folder cannot be written.
    """
    command = [*_compiler(), *_FLAGS, *(f"-m{name}" for name in instructions)]
    text = b"".join(path.read_bytes() for path in [source, *sorted(source.parent.glob("*.h"))])
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "illusions"
    library = folder / f"{source.stem}-{hashlib.sha256(text + repr(command).encode()).hexdigest()[:16]}.so"
    if library.exists():
        return library
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            made = Path(temporary) / library.name
            subprocess.run([*command, str(source), "-o", str(made)], check=True, capture_output=True, text=True)
            made.replace(library)
    except subprocess.CalledProcessError as error:
        last_line = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise KernelMissing(f"{command[0]} cannot compile it ({last_line})") from None
    except OSError as error:
        raise KernelMissing(f"{folder} cannot be written ({error.strerror})") from None
    return library


def _compiler() -> list[str]:
    named = shlex.split(os.environ.get("CC", ""))
    for command in [named] if named else [["cc"], ["gcc"], ["clang"]]:
        if shutil.which(command[0]):
            return command
    raise KernelMissing(f"there is no C compiler ({named[0] if named else 'cc, gcc or clang'})")
