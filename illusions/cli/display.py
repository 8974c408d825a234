"""``illusions display``: what is read from a monitor file of PsychoPy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.options import examples

if TYPE_CHECKING:
    from illusions.stimuli.monitor_files import MonitorFile

_GUNS = ("red", "green", "blue")


@click.command(epilog=examples("illusions display booth.json", "illusions rank white --display booth.json -o out"))
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def command(file: Path) -> None:
    """Print what a monitor file of PsychoPy contains.

    FILE is NAME.json in the folder 'monitors' of PsychoPy's settings. If the file has several calibrations, the last by
    name is used, as in PsychoPy.

    The option --display takes the same file. Browsers do not correct the gamma of a monitor, and --display assumes
    this. PsychoPy's windows correct gamma if they are given this monitor. For pictures shown there, use --display
    gamma=1,white=…,black=….
    """
    from illusions.cli.console import show_table
    from illusions.errors import InputError
    from illusions.stimuli.monitor_files import read_monitor_file

    monitor = read_monitor_file(file)
    show_table(("what", "value", "unit"), [(what, value or "unknown", unit) for what, value, unit in _rows(monitor)],
               name="display")  # fmt: skip
    try:
        monitor.display()
    except InputError as error:
        click.echo(f"--display cannot use this file: {error}", err=True)


def _rows(monitor: MonitorFile) -> Iterator[tuple[str, str, str]]:
    of = f", the last of {monitor.calibrations}" if monitor.calibrations > 1 else ""
    yield "calibration", f"{monitor.calibration}{of}", ""
    for gun, gamma in zip(_GUNS, monitor.gamma or (None,) * 3, strict=True):
        yield f"gamma of {gun}", _number(gamma), ""
    yield "black", _number(monitor.black), "cd/m²"
    yield "white", _number(monitor.white), "cd/m²"
    for gun, luminance in zip(_GUNS, monitor.guns or (None,) * 3, strict=True):
        yield f"{gun} above black", _number(luminance), "cd/m²"
    if monitor.guns and monitor.white and monitor.black is not None:
        yield "sum of the three ÷ white above black", _number(sum(monitor.guns) / (monitor.white - monitor.black)), ""
    yield "width", _number(monitor.width), "cm"
    yield "distance", _number(monitor.distance), "cm"
    yield "pixels", " × ".join(map(str, monitor.pixels or ())), ""
    yield "pixels per degree", _number(monitor.pixels_per_degree), ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
