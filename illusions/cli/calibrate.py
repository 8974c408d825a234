"""``illusions calibrate``: fit T to observers' matches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.options import OutputPath, device_option, examples, reading_options, seed_option
from illusions.cli.responses import load_responses, stimulus_option, table_options
from illusions.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from illusions.analyses.experiment.response_files import TableFormat
    from illusions.analyses.readings.calibration import Measured, TemperatureFit
    from illusions.analyses.readings.reading import Reading
    from illusions.arrays import Floats
    from illusions.cli.readings import ReadingOptions
    from illusions.models.calibration import Calibration
    from illusions.stimuli.stimulus import Stimulus

#: Of fewer, the percentiles of resamples lie too near to each other.
_FEW = 5
#: With --fit-field, the fields that are tried where none are given, degrees.
_FIELDS = (4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 17.0, 20.0)


@click.command(
    epilog=examples(
        "illusions calibrate matches-*.json -o my.toml",
        "illusions calibrate matches-*.json --reading paper -o my.toml",
        "illusions rank white --reading paper --temperature my.toml -o out",
        "illusions calibrate --published rhs2007 --reading field -o published.toml",
    )
)
@click.argument("files", nargs=-1, metavar="[FILES…]", type=click.Path(path_type=Path))
@click.option(
    "--published",
    metavar="SET",
    help="Fit to the strengths of a published set instead of FILES, such as rhs2007.",
)
@stimulus_option
@table_options
@click.option(
    "-o", "--output", required=True, metavar="FILE", type=OutputPath(), help="The result, a file that ends in .toml."
)
@click.option(
    "--fit-field",
    is_flag=True,
    help="Also choose the best field. The candidates are those of --field, by default 4, 6, 8, 10, 12, 14, 17 and 20 "
    "degrees.",
)
@reading_options
@device_option
@seed_option
@click.pass_context
def command(
    context: click.Context,
    files: tuple[Path, ...],
    published: str | None,
    own: tuple[str, ...],
    table_format: TableFormat,
    output: Path,
    fit_field: bool,
    asked: ReadingOptions,
    device: str,
    seed: int,
) -> None:
    """Fit the temperature T to observers' matches.

    FILES are the same as for 'illusions compare': the matches of observers. T minimises the squared differences between
    predicted matches and the means over observers. Every stimulus has the same weight. The 95 % interval of T is a
    bootstrap over observers. The output file can be given to --temperature.

    The command also leaves out each stimulus once, fits T to the others, and predicts the stimulus that was left out.
    It prints the error of these predictions, and the errors of two predictions without a model.

    With --published, T is fitted to published strengths. Target A is matched in the
    surround of target B, and B in that of A. A strength is taken as half of the difference between these two matches,
    in per cent of the range of the axis. If the source states no unit, this is an assumption. The interval of
    T then comes from random subsamples of the stimuli.

    One reading is used for all stimuli. By default it is 'field' if the sizes of all stimuli are known, else 'paper'.
    The size of a stimulus is the mean of the sizes that observers saw.
    """
    if output.suffix.lower() != ".toml":
        raise InputError(f"{output}: a calibration is a file that ends in .toml; expected, say, {output / 'my.toml'}")
    if asked.temperatures:
        raise click.UsageError("--temperature is what is fitted; expected none")
    line: str = context.obj
    if bool(files) == (published is not None):
        raise click.UsageError("expected FILES of an experiment, or --published with the name of a set, and not both")
    data = _published(published, seed) if published else _observed(files, own, table_format, seed)
    reading = _reading(asked, data.stimuli, fit_field)
    stimuli = _as_seen(data) if reading.unit == "field" else data.stimuli

    import pandas as pd

    from illusions.analyses.densities.temperature import UNITS
    from illusions.analyses.experiment.comparison_report import fit_sentences
    from illusions.analyses.readings.calibration import fit_temperature
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder
    from illusions.cli.progress import loaded_flow
    from illusions.models.calibration import write_calibration

    with output_folder(output.parent, recorded=False) as out:
        with loaded_flow(reading.model, device) as (model, bars):
            rankings = [
                reading.rank(stimulus, model, seed=seed)
                for stimulus in bars.each("stimulus", stimuli, partial(reading.patch_count, model=model))
            ]
            bars.begin("fitting")
            fit = fit_temperature(rankings, data.measured, resampled=data.resampled, each_side=fit_field)
        result = _calibration(fit, reading, data=data.words, command=line)
        write_calibration(out.staged / output.name, result)
    for sentence in fit_sentences(fit, unit=UNITS[reading.unit], over=data.resampled_over):
        show_sentence(sentence)
    show_rows("calibration", pd.DataFrame([result.model_dump()]))
    show_sentence(f"For predictions with it: {_options(fit, reading)} --temperature {output}")
    show_written(out.written)


@dataclass(frozen=True, eq=False)
class _Data:
    """The data of a fit."""

    stimuli: Sequence[Stimulus]  #: that were seen.
    measured: Sequence[Measured]  #: matches.
    resampled: Floats | None  #: the same, in resamples; None where there is nothing to resample.
    resampled_over: str  #: in words, what was resampled; empty where nothing was.
    words: str  #: what tables say of it.
    matches: pd.DataFrame | None = None  #: of observers, with the sizes that they saw; None for published strengths.


def _as_seen(data: _Data) -> list[Stimulus]:
    """The stimuli at the size at which observers saw them on average; says which that is."""
    from illusions.analyses.experiment.sizes import as_seen_on_average

    if data.matches is None:
        return list(data.stimuli)
    found = [as_seen_on_average(stimulus, data.matches) for stimulus in data.stimuli]
    for _, sentence in found:
        if sentence:
            click.echo(sentence, err=True)
    return [stimulus for stimulus, _ in found]


def _observed(files: Sequence[Path], own: Sequence[str], table_format: TableFormat, seed: int) -> _Data:
    """Matches that observers set."""
    from illusions.analyses.experiment.observers import (
        mean_over_observers,
        measured_matches,
        observer_means,
        resampled_means,
    )

    responses, seen = load_responses(files, own, table_format)
    stimuli = [stimulus for stimulus in seen if stimulus.name in set(responses.matches["stimulus"])]
    if not stimuli:
        raise InputError("T is fitted to matches on an axis; expected some besides those of hue and contrast at once")
    means = observer_means(responses.matches)
    people, observers = mean_over_observers(means), means["observer"].nunique()
    several = observers > 1
    return _Data(
        stimuli,
        measured_matches(people),
        resampled_means(means, people, seed=seed) if several else None,
        _over(observers, "observers") if several else "",
        _data(stimuli, observers, len(responses.sessions)),
        responses.matches,
    )


def _over(count: int, what: str) -> str:
    """What an interval is over, and that of few it is too narrow."""
    few = ", so few that it is too narrow" if count < _FEW else ""
    return f"{count} {what}{few}"


def _published(name: str, seed: int) -> _Data:
    """Strengths of a published set."""
    from illusions.analyses.battery.strengths import as_stimuli, measured_strengths, resampled_stimuli, with_strengths
    from illusions.stimuli.published import load_published

    published = with_strengths(load_published(name))
    stimuli = as_stimuli(published)
    measured = measured_strengths(published, stimuli)
    words = f"strengths of {published[0].set}, taken for per cent of the range: {', '.join(s.name for s in stimuli)}"
    return _Data(stimuli, measured, resampled_stimuli(measured, seed=seed), _over(len(stimuli), "stimuli"), words)


def _reading(asked: ReadingOptions, stimuli: Sequence[Stimulus], fit_field: bool) -> Reading:
    """The one reading of all stimuli.

    Raises:
        InputError: it is to be by field, and a stimulus cannot be read so.
    """
    from illusions.analyses.readings.reading import PAPER
    from illusions.cli.readings import announce

    if fit_field:
        if asked.scales or asked.reading == "paper":
            raise click.UsageError("--fit-field reads by field of view; expected no --scale and no --reading paper")
        asked = replace(asked, reading="field", fields=asked.fields or _FIELDS)
    readings = [(stimulus, asked.of(stimulus)) for stimulus in stimuli]
    announce(asked, readings)
    if len({reading for _, reading in readings}) == 1:
        return readings[0][1]
    click.echo("all stimuli are read in one way, here as in the paper (--reading paper)", err=True)
    return PAPER


def _calibration(fit: TemperatureFit, reading: Reading, *, data: str, command: str) -> Calibration:
    from illusions.analyses.densities.temperature import UNITS
    from illusions.analyses.ranks.wording import scales_in_words
    from illusions.models.calibration import Calibration

    sides = reading.sides if fit.side is None else (fit.side,)
    where = scales_in_words(sides, reading.unit) if sides else "the scale of the stimulus"
    return Calibration(
        temperature=fit.temperature,
        low=None if math.isnan(fit.low) else fit.low,
        high=None if math.isnan(fit.high) else fit.high,
        unit=UNITS[reading.unit],
        exponent=reading.exponent,
        reading=f"{reading.name}: {reading.model}, {where}",
        data=data,
        command=command,
    )


def _options(fit: TemperatureFit, reading: Reading) -> str:
    """What is to be said on the command line besides the temperature, so that it holds."""
    from illusions.analyses.readings.reading import READINGS

    shipped = READINGS[reading.name]
    sides = reading.sides if fit.side is None else (fit.side,)
    model = [] if reading.model == shipped.model else [f"--model {reading.model}"]
    changed = [] if sides == shipped.sides else [f"--{reading.unit} {side:g}" for side in sides]
    return " ".join([f"--reading {reading.name}", *model, *changed])


def _data(stimuli: Sequence[Stimulus], observers: int, sessions: int) -> str:
    from illusions.analyses.experiment.comparison_report import counted

    names = ", ".join(stimulus.name for stimulus in stimuli)
    return f"matches of {counted(observers, 'observer')} at {names}; {counted(sessions, 'session')}"
