"""Whole commands beside an earlier version: ``python tests/benchmarks/compare_processes.py``.

Each command runs with the version of now and with an earlier one, in turn, on the same machine; first while nothing
else runs, then beside one other busy process per core. Writes ``processes.csv``: the fastest run of each, and ratios.
The earlier version is checked out of the repository's own history into a temporary folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pandas as pd

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: Before patches were scored side by side and sweeps scored what they need.
BEFORE = "aeeaaf4"
COMMANDS = (
    "rank brightness-contrast",
    "rank brightness-contrast --reading paper",
    "match saturation-contrast",
)
_RUN = "import sys; from illusions.cli import main; main(sys.argv[1:])"


@click.command()
@click.option("--command", "commands", multiple=True, default=COMMANDS, help="Without -o.")
@click.option("--before", default=BEFORE, show_default=True, help="The earlier version: a commit.")
@click.option("--rounds", default=2, show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=HERE / "processes.csv", show_default=True)
def main(commands: tuple[str, ...], before: str, rounds: int, output: Path) -> None:
    """Time commands now and before, quiet and busy."""
    rows = []
    with checked_out(before) as earlier:
        for command in commands:
            quiet = {name: fastest(command, tree, rounds) for name, tree in (("before", earlier), ("now", ROOT))}
            with busy():
                loaded = {name: fastest(command, tree, rounds) for name, tree in (("before", earlier), ("now", ROOT))}
            rows.append(
                {
                    "command": command,
                    "before_seconds": round(quiet["before"], 2),
                    "now_seconds": round(quiet["now"], 2),
                    "now_over_before": round(quiet["now"] / quiet["before"], 2),
                    "before_busy_over_quiet": round(loaded["before"] / quiet["before"], 2),
                    "now_busy_over_quiet": round(loaded["now"] / quiet["now"], 2),
                    "busy_now_over_before": round(loaded["now"] / loaded["before"], 2),
                }
            )
    frame = pd.DataFrame(rows)
    frame.to_csv(output, index=False)
    click.echo(frame.to_string(index=False))


def fastest(command: str, tree: Path, rounds: int) -> float:
    """Seconds of the fastest of several runs of a command by the version in a folder."""
    times = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as out:
            begun = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", _RUN, *command.split(), "-o", out],
                env={**os.environ, "PYTHONPATH": str(tree)},
                cwd=out,
                check=True,
                capture_output=True,
            )
            times.append(time.perf_counter() - begun)
    return min(times)


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
