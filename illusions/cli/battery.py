"""``illusions battery``: scores of predictors on human data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from illusions.cli.options import RenamedOption, device_option, examples, figure_options, output_option, seed_option

if TYPE_CHECKING:
    import pandas as pd

    from illusions.analyses.battery.contest import Result
    from illusions.analyses.battery.match_contest import MatchResult

#: Largest number of stimuli without a prediction that are named, by predictor.
_MOST_REASONS = 5


@click.command(
    epilog=examples(
        "illusions battery -o out",
        "illusions battery --set rhs2007 --predictor my_models:brightness -o out",
        "illusions battery --predictor my_models:brightness --only my_models:brightness -o out",
        "illusions battery --photos my-photographs -o out",
        "illusions battery --set my-stimuli.csv -o out",
    )
)
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="NAME",
    help="Score only this set: a name in 'stimuli/published', or a .csv file of your own. Repeat for several.",
)
@click.option(
    "--predictor",
    "own",
    multiple=True,
    metavar="MODULE:FUNCTION",
    help="Your own Python function of (picture, targets, pixels_per_degree). It gets an array of sRGB values, an "
    "array of target labels and a number, and returns a number for each target, larger for lighter. See the tutorial "
    "'Your own predictor'. Repeat for several.",
)
@click.option(
    "--flow",
    "flows",
    multiple=True,
    metavar="MODEL",
    help="Folder of a model of your own, which is scored beside the models of the toolkit. Repeat for several.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Score only the predictor with this name, as in the tables. Repeat for several.",
)
@click.option(
    "--photos",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Also score counting in this folder of photographs (see 'illusions count').",
)
@click.option(
    "--placements",
    cls=RenamedOption,
    former="--looks",
    type=click.IntRange(min=2),
    default=8,
    show_default=True,
    help="Number of positions of the patch on the target, over which the mean is taken.",
)
@output_option
@figure_options
@device_option
@seed_option
@click.pass_context
def command(
    context: click.Context,
    sets: tuple[str, ...],
    own: tuple[str, ...],
    flows: tuple[str, ...],
    only: tuple[str, ...],
    photos: Path | None,
    placements: int,
    output: Path,
    device: str,
    seed: int,
) -> None:
    """Score predictors on published illusions.

    For every stimulus a predictor says which of two targets looks lighter. For some surrounds people have set matches
    of brightness or hue. There the predictor also predicts the match.

    \b
    Output files:
      battery.csv    one row for each predictor and each stimulus (or match)
      scores.csv     directions, strengths and errors, in sample and cross-validated
      battery        the figure of directions
      battery-SET    the figure of each set of matches
      battery.html   all results; opens offline

    Scores are cross-validated: to score a family of similar illusions, or a coloured surround, the settings of a
    predictor are chosen on all others.
    """
    from illusions.analyses.battery.predictors import own_entry, own_predictor
    from illusions.analyses.battery.sets import load_sets
    from illusions.cli.loading import refuse_twins
    from illusions.content import find
    from illusions.photographs import find_photographs

    for name in flows:
        find("models", name)
    photographs = [] if photos is None else find_photographs(photos)
    refuse_twins("set", [Path(name).stem for name in sets])
    asked = load_sets(sets)
    owned = [own_entry(reference) for reference in own]

    from illusions.analyses.battery.contest import compete, to_ask
    from illusions.analyses.battery.counted import counting_entry
    from illusions.analyses.battery.entries import all_entries
    from illusions.analyses.battery.match_contest import compete_in_matches
    from illusions.analyses.battery.match_entries import all_match_entries
    from illusions.analyses.battery.match_responses import match_by_response
    from illusions.analyses.battery.predictors import chosen_names
    from illusions.analyses.battery.report import match_sentences, sentences
    from illusions.analyses.battery.tables import scores_frame
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder
    from illusions.cli.photographs import show_photographs
    from illusions.cli.progress import working
    from illusions.models.model import load_model

    with output_folder(output) as out:
        results, matches, skipped = [], [], list[str]()
        with working() as bars:
            load = lru_cache(partial(load_model, device=device))
            bars.begin("loading models")
            how: Any = {"only": only, "placements": placements, "seed": seed}
            matching = [match_by_response(name, words, f) for name in own for f, words in [own_predictor(name)]]
            entries = all_entries(load, flows, owned, **how) if asked.stimuli else []
            match_entries = all_match_entries(load, flows, matching, **how) if asked.groups else []
            if photographs:
                bars.begin("counting in photographs", len(photographs))
                known = {id(stimulus): stimulus for stimulus in (*asked.stimuli, *asked.shipped_stimuli)}
                entries.append(counting_entry(list(known.values()), photographs, skipped))
            refuse_twins("predictor", [entry.name for entry in entries])
            refuse_twins("predictor", [entry.name for entry in match_entries])
            names = chosen_names([*(entry.name for entry in entries), *(entry.name for entry in match_entries)], only)
            for entry in bars.each("predictor", [entry for entry in entries if entry.name in names]):
                bars.begin(entry.name, len(to_ask(entry, asked.stimuli, asked.shipped_stimuli)))
                results.append(compete(entry, asked.stimuli, asked.shipped_stimuli))
            for of_matches in bars.each("predictor", [entry for entry in match_entries if entry.name in names]):
                bars.begin(of_matches.name, len(to_ask(of_matches, asked.groups, asked.shipped_groups)))
                matches.append(compete_in_matches(of_matches, asked.groups, asked.shipped_groups))
        scores = scores_frame(results, matches, seed=seed)
        _write(out.staged, results, matches, scores, command=context.obj, settings={"sets": ", ".join(asked.names)})
    if photographs:
        show_photographs(photographs, skipped, "counted in")
    _show_failures(results)
    for sentence in (*sentences(results, scores), *match_sentences(matches, scores)):
        show_sentence(sentence)
    show_rows("scores", scores)
    show_written(out.written)


def _write(
    folder: Path,
    results: Sequence[Result],
    matches: Sequence[MatchResult],
    scores: pd.DataFrame,
    *,
    command: str,
    settings: Mapping[str, object],
) -> None:
    from illusions.analyses.battery.figure import battery_caption, battery_figure
    from illusions.analyses.battery.match_figure import match_caption, match_figure
    from illusions.analyses.battery.report import battery_page
    from illusions.analyses.battery.tables import battery_frame, match_sets, write_csv
    from illusions.analyses.drawing.saving import save_figure

    write_csv(battery_frame(results, matches), folder / "battery.csv")
    write_csv(scores, folder / "scores.csv")
    if results:
        save_figure(battery_figure(results, caption=battery_caption(results)), folder, "battery")
    for name, groups in match_sets(matches).items():
        figure = match_figure(matches, groups, caption=match_caption(matches, groups))
        save_figure(figure, folder, f"battery-{name}")
    page = battery_page(results, scores, matches, command=command, settings=settings)
    (folder / "battery.html").write_text(page, encoding="utf-8")


def _show_failures(results: Sequence[Result]) -> None:
    """Say on standard error which stimuli have no prediction, and why."""
    for result in results:
        failures = list(result.failures())
        for stimulus, reason in failures[:_MOST_REASONS]:
            click.echo(f"{result.entry.name}, {stimulus.set}, {stimulus.name}: no prediction: {reason}", err=True)
        if len(failures) > _MOST_REASONS:
            more = len(failures) - _MOST_REASONS
            click.echo(f"{result.entry.name}: no prediction of {more} more; see battery.csv", err=True)
