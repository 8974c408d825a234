"""Load observers' matches, and the stimuli that they saw."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import click

from illusions.errors import InputError, unknown_name

if TYPE_CHECKING:
    import pandas as pd

    from illusions.analyses.experiment.response_files import TableFormat
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
    help="A .toml file of your own stimulus that observers saw. Repeat for several.",
)


_Command: TypeAlias = "Callable[..., Any]"


def table_options(command: _Command) -> _Command:
    """``--columns``, ``--conditions`` and ``--hue-unit``, given to the command as ``table_format``."""

    @wraps(command)
    def with_format(
        *args: Any, columns: tuple[str, ...], conditions: tuple[str, ...], hue_unit: Literal["turns", "degrees"],
        **others: Any,
    ) -> Any:  # fmt: skip
        from illusions.analyses.experiment.response_files import NUMBERS, TABLE, TableFormat

        names = _pairs("--columns", columns)
        if strange := [name for name in names if name not in (*TABLE, *NUMBERS)]:
            raise unknown_name("column for --columns OURS=YOURS", strange[0], (*TABLE, *NUMBERS))
        table_format = TableFormat(names, _pairs("--conditions", conditions), hue_unit)
        return command(*args, table_format=table_format, **others)

    for option in (
        click.option(
            "--hue-unit",
            type=click.Choice(["turns", "degrees"]),
            default="turns",
            show_default=True,
            help="Unit of hues in your own table.",
        ),
        click.option(
            "--conditions",
            multiple=True,
            metavar="OURS=YOURS,…",
            help="Names of conditions in your own table, such as dark=black,light=white.",
        ),
        click.option(
            "--columns",
            multiple=True,
            metavar="OURS=YOURS,…",
            help="Names of columns in your own table, such as observer=participant,match=response.",
        ),
    ):
        with_format = option(with_format)
    return with_format


def _pairs(option: str, written: Sequence[str]) -> dict[str, str]:
    """``OURS=YOURS,…``, in however many options, as a mapping.

    Raises:
        click.UsageError: it is not written so, or a name stands for two.
    """
    pairs: dict[str, str] = {}
    for part in ",".join(written).split(",") if written else ():
        ours, equals, theirs = (each.strip() for each in part.partition("="))
        if not (ours and equals and theirs):
            raise click.UsageError(f"{option}: “{part}” is no pair of names; expected OURS=YOURS, several by commas")
        if ours in pairs or theirs in pairs.values():
            raise click.UsageError(f"{option}: “{ours if ours in pairs else theirs}” is given twice; expected once")
        pairs[ours] = theirs
    return pairs


def load_responses(
    files: Sequence[Path], own: Sequence[str], table_format: TableFormat
) -> tuple[Responses, list[Stimulus]]:
    """Read files of an experiment, and load the stimuli that occur in them.

    Standard error says what is left out, how tables were read, and which observers have several sessions.

    Args:
        files: as the page saved them.
        own: files of stimuli that do not come with the toolkit.
        table_format: of tables of one's own.

    Raises:
        InputError: a file cannot be read, no file can be used, a stimulus is not known, or a table of one's own names
            a condition or a value that its stimulus does not have.
    """
    from illusions.analyses.experiment.page import fingerprint
    from illusions.analyses.experiment.responses import read_responses

    stimuli = _load_stimuli(read_responses(files, table_format=table_format), own)
    prints = {stimulus.name: fingerprint(stimulus) for stimulus in stimuli}
    responses = read_responses(files, prints, table_format)
    if responses.matches.empty and responses.colours.empty:
        reasons = "; ".join(f"{file} {why}" for file, why in responses.left_out.items())
        raise InputError(f"no file can be used: {reasons}")
    from illusions.analyses.experiment.comparison_report import left_out_sentences, note_sentences

    own_files = set(responses.sessions.loc[~responses.sessions["sealed"], "file"])
    of_tables = responses.matches[responses.matches["file"].isin(own_files)]
    _check_table(of_tables, {stimulus.name: stimulus for stimulus in stimuli}, table_format.hue_unit)
    for sentence in (*left_out_sentences(responses.left_out), *note_sentences(responses)):
        click.echo(sentence, err=True)
    used = {*responses.matches["stimulus"], *responses.colours["stimulus"]}
    return responses, [stimulus for stimulus in stimuli if stimulus.name in used]


def _load_stimuli(responses: Responses, own: Sequence[str]) -> list[Stimulus]:
    """Those that occur, in the order in which they do."""
    import pandas as pd

    from illusions import content
    from illusions.cli.loading import load_stimuli
    from illusions.stimuli.loading import load_stimulus

    given = {stimulus.name: stimulus for stimulus in load_stimuli(own)}
    seen = pd.concat([responses.matches, responses.colours])
    files = seen.drop_duplicates("stimulus").set_index("stimulus")["file"]
    for name, file in files.items():
        if name not in given and name not in content.names("stimuli"):
            raise InputError(f"{file}: its stimulus “{name}” does not come with illusions; expected --stimulus FILE")
    return [given[name] if name in given else load_stimulus(name) for name in map(str, files.index)]


def _check_table(matches: pd.DataFrame, stimuli: Mapping[str, Stimulus], hue_unit: str) -> None:
    """What a page cannot get wrong."""
    for row in matches.to_dict("records"):
        if why := _why_not_of(row, stimuli[row["stimulus"]], hue_unit):
            raise InputError(f"{row['file']}: {why}")


def _why_not_of(row: Mapping[Hashable, Any], stimulus: Stimulus, hue_unit: str) -> str:
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
    if axis.circular:
        low, high = axis.low, axis.high
    if not low <= row["match"] <= high:
        in_degrees = "; --hue-unit degrees reads degrees" if axis.name == "hue" and hue_unit == "turns" else ""
        unit = "turns" if axis.name == "hue" else "degrees"
        return (
            f"a match of “{stimulus.name}” is {row['match']:g}; expected {low:g} to {high:g}, the values of its "
            f"{f'axis, in {unit}' if axis.circular else 'sweep'}{in_degrees}"
        )
    return ""
