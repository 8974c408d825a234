"""``illusions export``: stimuli for other toolboxes."""

from __future__ import annotations

from pathlib import Path

import click

from illusions.cli.loading import load_stimuli
from illusions.cli.options import examples, output_option, stimuli_argument


@click.command(epilog=examples("illusions export brightness-contrast white --for psychopy -o lab"))
@stimuli_argument
@click.option("--for", "toolbox", type=click.Choice(["psychopy"]), required=True, help="The toolbox.")
@output_option
def command(stimuli: tuple[str, ...], toolbox: str, output: Path) -> None:
    """Stimuli as files for other toolboxes.

    Writes for each STIMULUS its pictures (pictures/NAME-CONDITION.png), what the target is painted from in other
    colours (rasters/NAME-CONDITION.npz, sweeps/NAME.csv), conditions.csv with sizes in degrees and values, and
    adjust.py, which runs the adjustment of 'illusions experiment' in PsychoPy: python adjust.py --help.
    """
    from illusions.analyses.experiment.psychopy import write_psychopy
    from illusions.cli.console import show_written
    from illusions.cli.output import output_folder

    loaded = load_stimuli(stimuli)
    with output_folder(output) as out:
        write_psychopy(loaded, out.staged)
    show_written(out.written)
