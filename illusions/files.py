"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from illusions.errors import InputError


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and rename it; one that exists is replaced.

    Raises:
        InputError: it cannot be written; what was there before is still there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            temporary.write_bytes(data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from None
