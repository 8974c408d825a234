"""``illusions export``: stimuli for other toolboxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.loading import load_stimuli
from illusions.cli.options import examples, output_option, stimuli_argument

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus


@click.command(
    epilog=examples(
        "illusions export brightness-contrast white --for psychopy -o lab",
        "illusions export white --for jspsych -o web",
    )
)
@stimuli_argument
@click.option(
    "--for", "toolbox", type=click.Choice(["psychopy", "jspsych"]), required=True, help="Toolbox that reads the files."
)
@output_option
def command(stimuli: tuple[str, ...], toolbox: str, output: Path) -> None:
    """Write stimuli as files for other toolboxes.

    STIMULUS is a name in 'illusions list' or a .toml file of your own.

    \b
    Output files for both:
      pictures/NAME-CONDITION.png    the picture that people see
    For jsPsych 8:
      timeline.js, adjustment.css    the adjustment experiment as a timeline for your own page
    For PsychoPy:
      conditions.csv                 conditions with sizes in degrees and values
      rasters/NAME-CONDITION.npz     how much of each pixel belongs to the target, for drawing it in any colour
      sweeps/NAME.csv                the colour of the target at each value
      adjust.py                      the adjustment experiment
      instructions.txt               instructions for observers; if you translate it, a later export keeps your file

    The first lines of timeline.js and 'python adjust.py --help' explain their use. 'illusions compare' reads the
    results of both.

    Colours are 8-bit sRGB. PsychoPy's rgb is the 8-bit value ÷ 127.5 − 1. Values on DKL axes have other signs and
    scales than PsychoPy's DKL: docs/cone-space.md has both for seven colours.
    """
    from illusions.cli.console import show_written
    from illusions.cli.output import output_folder

    loaded = load_stimuli(stimuli)
    if toolbox == "psychopy":
        _check_script(output)
    with output_folder(output) as out:
        (_write_psychopy if toolbox == "psychopy" else _write_jspsych)(loaded, out.staged, output)
    show_written(out.written)


def _write_jspsych(stimuli: Sequence[Stimulus], staged: Path, _: Path) -> None:
    from illusions.analyses.experiment.jspsych import write_jspsych

    write_jspsych(stimuli, staged)


def _write_psychopy(stimuli: Sequence[Stimulus], staged: Path, output: Path) -> None:
    from illusions.analyses.experiment.psychopy import INSTRUCTIONS, write_psychopy
    from illusions.cli.output import is_changed

    write_psychopy(stimuli, staged)
    if is_changed(output, INSTRUCTIONS):
        (staged / INSTRUCTIONS).unlink()


def _check_script(output: Path) -> None:
    from illusions.analyses.experiment.psychopy import INSTRUCTIONS, SCRIPT
    from illusions.cli.output import is_changed
    from illusions.errors import InputError

    if is_changed(output, SCRIPT):
        raise InputError(
            f"{output / SCRIPT}: was changed since it was written; expected another folder, or the script under "
            f"another name. Instructions are translated in {INSTRUCTIONS}, which stays as it is"
        )
