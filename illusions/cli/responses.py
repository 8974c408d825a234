"""Load what people set, and the stimuli that they saw."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from illusions.errors import InputError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

    from illusions.analyses.experiment.responses import Responses
    from illusions.stimuli.stimulus import Stimulus

#: ``FILES…``
files_argument = click.argument("files", nargs=-1, required=True, metavar="FILES…", type=click.Path(path_type=Path))
#: ``--stimulus``
stimulus_option = click.option(
    "--stimulus",
    "own",
    multiple=True,
    metavar="FILE",
    help="The .toml file of a stimulus of your own that people saw. Several times: each.",
)


def load_responses(files: Sequence[Path], own: Sequence[str]) -> tuple[Responses, list[Stimulus]]:
    """Read files of an experiment, and load the stimuli that occur in them; name on standard error what is left out.

    Args:
        files: as the page saved them.
        own: files of stimuli that do not come with the toolkit.

    Raises:
        InputError: a file cannot be read, no file can be used, a stimulus is not known, or a table of one's own names
            a condition or a value that its stimulus does not have.
    """
    from illusions.analyses.experiment.page import fingerprint
    from illusions.analyses.experiment.responses import read_responses

    stimuli = _load_stimuli(read_responses(files), own)
    responses = read_responses(files, {stimulus.name: fingerprint(stimulus) for stimulus in stimuli})
    if responses.matches.empty:
        reasons = "; ".join(f"{file} {why}" for file, why in responses.left_out.items())
        raise InputError(f"no file can be used: {reasons}")
    for file, why in responses.left_out.items():
        click.echo(f"{file}: left out: it {why}", err=True)
    for file in responses.sessions.loc[~responses.sessions["sealed"], "file"]:
        _check_table(responses.matches[responses.matches["file"] == file], {s.name: s for s in stimuli})
        click.echo(
            f"{file}: a table of your own; nothing shows whether it was edited and whether people looked", err=True
        )
    used = set(responses.matches["stimulus"])
    return responses, [stimulus for stimulus in stimuli if stimulus.name in used]


def _load_stimuli(responses: Responses, own: Sequence[str]) -> list[Stimulus]:
    """Those that occur, in the order in which they do."""
    from illusions import content
    from illusions.cli.loading import load_stimuli
    from illusions.stimuli.loading import load_stimulus

    given = {stimulus.name: stimulus for stimulus in load_stimuli(own)}
    files = responses.matches.drop_duplicates("stimulus").set_index("stimulus")["file"]
    for name, file in files.items():
        if name not in given and name not in content.names("stimuli"):
            raise InputError(f"{file}: its stimulus “{name}” does not come with illusions; expected --stimulus FILE")
    return [given[name] if name in given else load_stimulus(name) for name in map(str, files.index)]


def _check_table(matches: pd.DataFrame, stimuli: Mapping[str, Stimulus]) -> None:
    """What a page cannot get wrong."""
    for row in matches.to_dict("records"):
        stimulus = stimuli[row["stimulus"]]
        if why := _why_not_of(row, stimulus):
            raise InputError(f"{row['file']}: {why}")


def _why_not_of(row: Mapping[Hashable, Any], stimulus: Stimulus) -> str:
    """Why a match cannot be one of a stimulus; empty where it can."""
    axis, (low, high) = stimulus.axis, stimulus.values()[[0, -1]]
    if row["axis"] != axis.name:
        return f"“{stimulus.name}” varies in {row['axis']}; expected {axis.name}, as in the stimulus"
    for condition in (row["reference_condition"], row["comparison_condition"]):
        if condition not in stimulus.conditions:
            return str(unknown_name(f"condition of “{stimulus.name}”", condition, stimulus.conditions))
    if abs(row["reference_value"] - stimulus.value) > axis.step / 2:
        return (
            f"the reference value of “{stimulus.name}” is {row['reference_value']:g}; expected {stimulus.value:g}, as "
            "in the stimulus"
        )
    if not (axis.circular or low <= row["match"] <= high):
        return (
            f"a match of “{stimulus.name}” is {row['match']:g}; expected {low:g} to {high:g}, the values of its sweep"
        )
    return ""
