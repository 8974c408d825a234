"""Whole commands beside an earlier version: ``python tests/benchmarks/compare_processes.py``.

Each command runs with the version of now and with an earlier one, in turn, on the same machine; first while nothing
else runs, then beside one other busy process per core. ``figures``, which takes minutes, runs once and quietly. Writes
``processes.csv``: the fastest run of each, and ratios. The earlier version is checked out of the repository's own
history into a temporary folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pandas as pd

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: As it was when the aims were set: patches were scored one batch after the other, all 256 values of every sweep.
BEFORE = "dfe9520"
COMMANDS = ("rank brightness-contrast", "match saturation-contrast", "figures")
#: Commands that take minutes.
LONG = ("figures",)
#: At most so much of the time before; and at most so many times longer in company.
AIMS, COMPANY = {"rank brightness-contrast": 0.4, "figures": 0.5}, 2.2
_RUN = "import sys; from illusions.cli import main; main(sys.argv[1:])"


@click.command()
@click.option("--command", "commands", multiple=True, default=COMMANDS, help="Without -o.")
@click.option("--before", default=BEFORE, show_default=True, help="The earlier version: a commit.")
@click.option("--rounds", default=3, show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=HERE / "processes.csv", show_default=True)
def main(commands: tuple[str, ...], before: str, rounds: int, output: Path) -> None:
    """Time commands now and before, quiet and busy."""
    rows: list[dict[str, Any]] = []
    with checked_out(before) as earlier:
        trees = {"before": earlier, "now": ROOT}
        for command in commands:
            is_long = command in LONG
            quiet = fastest(command, trees, 1 if is_long else rounds)
            row: dict[str, Any] = {
                "command": command,
                "before_seconds": round(quiet["before"], 2),
                "now_seconds": round(quiet["now"], 2),
                "now_over_before": round(quiet["now"] / quiet["before"], 2),
                "at_most": AIMS.get(command, ""),
            }
            if not is_long:
                with busy():
                    loaded = fastest(command, trees, rounds)
                row |= {
                    "before_busy_over_quiet": round(loaded["before"] / quiet["before"], 2),
                    "now_busy_over_quiet": round(loaded["now"] / quiet["now"], 2),
                    "busy_at_most": COMPANY,
                    "busy_now_over_before": round(loaded["now"] / loaded["before"], 2),
                }
            rows.append(row)
            click.echo(row, err=True)
    frame = pd.DataFrame(rows)
    frame.to_csv(output, index=False)
    click.echo(frame.to_string(index=False))


def fastest(command: str, trees: Mapping[str, Path], rounds: int) -> dict[str, float]:
    """Seconds of the fastest of several runs of a command by the version in each folder; the versions take turns."""
    times: dict[str, list[float]] = {name: [] for name in trees}
    for _ in range(rounds):
        for name, tree in trees.items():
            times[name].append(seconds(command, tree))
    return {name: min(of_one) for name, of_one in times.items()}


def seconds(command: str, tree: Path) -> float:
    """How long a command takes as a process of its own."""
    with tempfile.TemporaryDirectory() as out:
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", _RUN, *command.split(), "-o", out],
            env={**os.environ, "PYTHONPATH": str(tree)},
            cwd=out,
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - begun


@contextmanager
def busy() -> Iterator[None]:
    """One busy process per core."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """The files of a commit, in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
        yield Path(folder)


if __name__ == "__main__":
    main()
