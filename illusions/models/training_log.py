"""The log of a training run: a row of ``log.csv`` per validation."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from illusions.errors import InputError
from illusions.files import write_whole

LOG = "log.csv"


@dataclass(frozen=True)
class LogRow:
    """One row of ``log.csv``: the state after an update at which the model was validated.

    `train_bits_per_dimension` and `gradient_norm` are means over the updates since the row before;
    `patches_per_second` leaves validation out; `seconds` is wall time over all sessions of the run.
    """

    update: int
    patches: int
    seconds: float
    learning_rate: float
    train_bits_per_dimension: float
    gradient_norm: float
    validation_bits_per_dimension: float
    standard_error: float
    patches_per_second: float


def read_log(path: Path) -> list[LogRow]:
    """The rows of a training log; empty without a file.

    Raises:
        InputError: it is no training log.
    """
    if not path.is_file():
        return []
    try:
        with path.open(newline="") as file:
            return [
                LogRow(
                    int(row["update"]), int(row["patches"]), *(float(row[field.name]) for field in fields(LogRow)[2:])
                )
                for row in csv.DictReader(file)
            ]
    except (KeyError, ValueError, TypeError):
        raise InputError(f"{path}: is no complete log of a training run; expected it as the run left it") from None


def write_log(path: Path, rows: list[LogRow]) -> None:
    """Write a training log, atomically.

    Raises:
        InputError: it cannot be written.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(LogRow)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: f"{value:.6g}" if isinstance(value, float) else value for key, value in asdict(row).items()}
        for row in rows
    )
    write_whole(path, text.getvalue().encode())
