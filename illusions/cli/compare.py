"""``illusions compare``: observers' matches beside predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.options import device_option, examples, figure_options, output_option, reading_options, seed_option
from illusions.cli.responses import files_argument, load_responses, stimulus_option, table_options
from illusions.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from illusions.analyses.experiment.comparison import Predictor
    from illusions.analyses.experiment.response_files import TableFormat
    from illusions.analyses.experiment.responses import Responses
    from illusions.analyses.experiment.sizes import Seen
    from illusions.analyses.readings.reading import Reading
    from illusions.analyses.readings.scales import Ranking
    from illusions.cli.readings import ReadingOptions
    from illusions.stimuli.stimulus import Stimulus


@click.command(
    epilog=examples(
        "illusions compare matches-*.json -o out",
        "illusions compare matches-*.json --reading paper --temperature my.toml -o out",
    )
)
@files_argument
@stimulus_option
@table_options
@output_option
@figure_options
@reading_options
@device_option
@seed_option
@click.pass_context
def command(
    context: click.Context,
    files: tuple[Path, ...],
    own: tuple[str, ...],
    table_format: TableFormat,
    asked: ReadingOptions,
    output: Path,
    device: str,
    seed: int,
) -> None:
    """Compare observers' matches with predictions.

    FILES are of three kinds: files that the page of 'illusions experiment' saved (.json or .csv), files that adjust.py
    of 'illusions export' saved, and CSV files of your own. Your own files need the columns observer, stimulus, axis,
    reference_condition, comparison_condition, reference_value and match. A file may hold several sessions.

    A session is left out if it is incomplete, was edited, belongs to another version of its stimulus, or if its
    observer failed the catch trials. The command prints the reason. If the size that an observer saw is known, the
    prediction is made at this size.

    \b
    Output files:
      matches.csv     mean of each observer with its interval over trials
      comparison.csv  mean over observers, 95 % interval, and every prediction
      comparison      the figure
      report.html     all results; opens offline; T can be changed in it
      report.md       the same as text
      colours.csv     for 'experiment --plane': the match of each observer beside the prediction of
                      'match --plane', with a figure (NAME-colours)

    Both readings, field and paper, give a prediction at their default T. If T was calibrated for the model and
    reading, there is another prediction at the calibrated T. Two predictions need no model: the physical value, and
    equal contrast to the surround. If you give --reading, --scale, --field, --model or --temperature, there is one
    more prediction with these options.
    """
    responses, seen = load_responses(files, own, table_format)

    from illusions.cli.console import show_written
    from illusions.cli.output import output_folder

    said: list[Callable[[], None]] = []
    with output_folder(output) as out:
        if not responses.matches.empty:
            said.append(_compare_values(out.staged, responses, seen, asked, context.obj, device=device, seed=seed))
        if not responses.colours.empty:
            said.append(_compare_colours(out.staged, responses, seen, asked, device=device, seed=seed))
    for show in said:
        show()
    show_written(out.written)


def _compare_values(
    staged: Path,
    responses: Responses,
    seen: Sequence[Stimulus],
    asked: ReadingOptions,
    line: str,
    *,
    device: str,
    seed: int,
) -> Callable[[], None]:
    """Write what is known of matches on an axis; returns what shows it."""
    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.experiment.comparison import comparison_frame, errors_frame
    from illusions.analyses.experiment.comparison_figure import comparison_caption, comparison_figure
    from illusions.analyses.experiment.comparison_report import (
        comparison_page,
        comparison_text,
        error_sentences,
        people_sentences,
    )
    from illusions.analyses.experiment.observers import mean_over_observers, observer_means
    from illusions.analyses.predictions import with_s_scale
    from illusions.cli.console import show_rows, show_sentence
    from illusions.cli.output import write_table

    stimuli = [stimulus for stimulus in seen if stimulus.name in set(responses.matches["stimulus"])]
    predictors, sizes = _predictors(stimuli, responses.matches, asked, device=device, seed=seed)
    means = observer_means(responses.matches)
    people = mean_over_observers(means)
    comparison = with_s_scale(comparison_frame(people, stimuli, predictors, means), *stimuli)
    errors = errors_frame(comparison, people, stimuli)
    write_table(staged / "matches.csv", [with_s_scale(means, *stimuli)])
    write_table(staged / "comparison.csv", [comparison])
    figure = comparison_figure(comparison, means, stimuli, caption=comparison_caption())
    save_figure(figure, staged, "comparison")
    settings = {"files": ", ".join(responses.sessions["file"]), "seed": seed, "device": device}
    page = comparison_page(
        comparison, errors, means, stimuli, predictors, responses, sizes=sizes, command=line, settings=settings
    )
    (staged / "report.html").write_text(page, encoding="utf-8")
    text = comparison_text(comparison, errors, means, stimuli, responses, sizes=sizes, command=line, settings=settings)
    (staged / "report.md").write_text(text, encoding="utf-8")

    def show() -> None:
        for sentence in (*people_sentences(comparison), *error_sentences(errors)):
            show_sentence(sentence)
        show_rows("comparison", comparison)
        show_rows("errors", errors)
        show_rows("matches", means)

    return show


def _compare_colours(
    staged: Path, responses: Responses, seen: Sequence[Stimulus], asked: ReadingOptions, *, device: str, seed: int
) -> Callable[[], None]:
    """Write what is known of matches of hue and contrast at once; returns what shows it."""
    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.experiment.comparison_report import settings_sentences
    from illusions.analyses.experiment.discs import settings_frame
    from illusions.analyses.experiment.discs_figure import settings_figure
    from illusions.cli.colours import match_targets, plane_reading
    from illusions.cli.console import show_rows, show_sentence
    from illusions.cli.output import write_table

    stimuli = [stimulus for stimulus in seen if stimulus.name in set(responses.colours["stimulus"])]
    predictions = match_targets(stimuli, plane_reading(asked), device=device, seed=seed)
    frame = settings_frame(responses.colours, stimuli, predictions)
    write_table(staged / "colours.csv", [frame])
    for stimulus in stimuli:
        its = frame[frame["stimulus"] == stimulus.name]
        save_figure(settings_figure(stimulus, its), staged, f"{stimulus.name}-colours")

    def show() -> None:
        for sentence in settings_sentences(frame):
            show_sentence(sentence)
        show_rows("colours", frame)

    return show


def _predictors(
    stimuli: Sequence[Stimulus], matches: pd.DataFrame, asked: ReadingOptions, *, device: str, seed: int
) -> tuple[list[Predictor], list[str]]:
    """The shipped readings of the stimuli that each can read, and the one that is asked for; and the sizes read."""
    from illusions.analyses.experiment.sizes import Seen, as_seen, size_sentences
    from illusions.analyses.readings.reading import COLOUR, FIELD, PAPER, default_reading

    wanted = [(PAPER, stimuli)]
    for reading in (FIELD, COLOUR):
        wanted.append((reading, [stimulus for stimulus in stimuli if default_reading(stimulus) == reading]))
    if not asked.is_default:
        own = {stimulus.name: asked.of(stimulus) for stimulus in stimuli}
        for reading in dict.fromkeys(own.values()):
            if reading not in (PAPER, FIELD, COLOUR):
                wanted.append((reading, [stimulus for stimulus in stimuli if own[stimulus.name] == reading]))
    shipped = (PAPER, FIELD, COLOUR)
    predictors: list[Predictor] = []
    sizes: list[str] = []
    for reading, its in wanted:
        if reading.unit == "field":
            seen = [each for stimulus in its for each in as_seen(stimulus, matches)]
            sizes += size_sentences(seen)
        else:
            seen = [Seen(stimulus, (), 1.0) for stimulus in its]
        if seen:
            predictors += _read(reading, seen, sizes, shipped=reading in shipped, device=device, seed=seed)
    sizes = list(dict.fromkeys(sizes))
    for sentence in sizes:
        click.echo(sentence, err=True)
    return [predictor for predictor in predictors if predictor.rankings], sizes


def _read(
    reading: Reading, seen: Sequence[Seen], sizes: list[str], *, shipped: bool, device: str, seed: int
) -> Iterator[Predictor]:
    """A reading at its temperature; a shipped one at the calibrated temperature, too, if its model comes with one.

    A stimulus that cannot be read at a size that people saw is left out, and ``sizes`` gets a sentence about it.
    """
    from illusions.analyses.densities.temperature import UNITS, calibration_of
    from illusions.analyses.experiment.comparison import Predictor
    from illusions.cli.progress import loaded_flow

    found: list[tuple[Ranking, Sequence[str]]] = []
    left_out: set[str] = set()
    with loaded_flow(reading.model, device) as (model, bars):
        stimuli = bars.each("stimulus", [each.stimulus for each in seen], partial(reading.patch_count, model=model))
        for stimulus, each in zip(stimuli, seen, strict=True):
            try:
                found.append((reading.rank(stimulus, model, seed=seed), each.observers))
            except InputError as error:
                if each.factor == 1:
                    raise
                left_out.add(stimulus.name)
                sizes.append(f"{error}; the prediction of {stimulus.name} by field of view is left out")
    found = [(ranking, observers) for ranking, observers in found if ranking.stimulus.name not in left_out]
    if not found:
        return
    rankings, seen_by = zip(*found, strict=True)
    own = _name(reading, rankings[0].temperature)
    yield Predictor(own, rankings, seen_by=seen_by)
    calibration = calibration_of(model) if shipped else None
    if calibration is not None and calibration.unit == UNITS[reading.unit]:
        at_it = [ranking.at_temperature(calibration.temperature) for ranking in rankings]
        yield Predictor(f"{_name(reading, calibration.temperature)}, calibrated", at_it, reads_as=own, seen_by=seen_by)


def _name(reading: Reading, nats: float) -> str:
    """``"paper, T = 532"``; what differs from the shipped reading of this name is named, too."""
    from illusions.analyses.ranks.wording import scales_in_words
    from illusions.analyses.readings.reading import READINGS

    shipped = READINGS[reading.name]
    parts: list[str] = [reading.name]
    if reading.model != shipped.model:
        parts.append(Path(reading.model).name)
    if reading.sides != shipped.sides:
        parts.append(scales_in_words(reading.sides, reading.unit))
    if reading.draws != shipped.draws:
        parts.append(f"{reading.draws} placements")
    return ", ".join([*parts, f"T = {nats:.4g}"])
