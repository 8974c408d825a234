"""``illusions export``: stimuli for other toolboxes."""

from __future__ import annotations

from pathlib import Path

import click

from illusions.cli.loading import load_stimuli
from illusions.cli.options import examples, output_option, stimuli_argument


@click.command(epilog=examples("illusions export brightness-contrast white --for psychopy -o lab"))
@stimuli_argument
@click.option("--for", "toolbox", type=click.Choice(["psychopy"]), required=True, help="Toolbox that reads the files.")
@output_option
def command(stimuli: tuple[str, ...], toolbox: str, output: Path) -> None:
    """Write stimuli as files for other toolboxes.

    STIMULUS is a name in 'illusions list' or a .toml file of your own.

    \b
    Output files:
      conditions.csv                 conditions with sizes in degrees and values
      pictures/NAME-CONDITION.png    the picture that people see
      rasters/NAME-CONDITION.npz     how much of each pixel belongs to the target, for drawing it in any colour
      sweeps/NAME.csv                the colour of the target at each value
      adjust.py                      the adjustment experiment in PsychoPy
      instructions.txt               instructions for observers; a later export keeps a translation of yours

    'python adjust.py --help' explains how to run it.
    """
    from illusions.analyses.experiment.psychopy import INSTRUCTIONS, SCRIPT, write_psychopy
    from illusions.cli.console import show_written
    from illusions.cli.output import is_changed, output_folder
    from illusions.errors import InputError

    loaded = load_stimuli(stimuli)
    if is_changed(output, SCRIPT):
        raise InputError(
            f"{output / SCRIPT}: was changed since it was written; expected another folder, or the script under "
            f"another name. Instructions are translated in {INSTRUCTIONS}, which stays as it is"
        )
    with output_folder(output) as out:
        write_psychopy(loaded, out.staged)
        if is_changed(output, INSTRUCTIONS):
            (out.staged / INSTRUCTIONS).unlink()
    show_written(out.written)
