"""``illusions battery``: scores of predictors on human data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.options import device_option, examples, figure_options, output_option, seed_option

if TYPE_CHECKING:
    from illusions.analyses.battery.contest import Result
    from illusions.stimuli.published import PublishedStimulus

#: The published sets in the order of the tables; others come after them.
_FIRST = ("rhs2007", "murray2020", "bindman2004", "betz2015")
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
    help="Only these stimuli: a set of 'stimuli/published', or a .csv file of your own. Several times: each.",
)
@click.option(
    "--predictor",
    "own",
    multiple=True,
    metavar="MODULE:FUNCTION",
    help="One of your own: from (picture, targets, pixels_per_degree) to a value per target. Several times: each.",
)
@click.option(
    "--flow",
    "flows",
    multiple=True,
    metavar="MODEL",
    help="A flow of your own beside the shipped ones: a folder with a model. Several times: each.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Only the predictor of this name, as in the tables. Several times: each.",
)
@click.option(
    "--photos",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder of photographs: counting in them ('illusions count') competes, too.",
)
@click.option(
    "--looks", type=click.IntRange(min=2), default=8, show_default=True, help="Looks of the flows at each target."
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
    looks: int,
    output: Path,
    device: str,
    seed: int,
) -> None:
    """Score predictors on published illusions.

    Every predictor says for every stimulus which of two targets looks lighter.

    \b
    Output files:
      battery.csv    a row per stimulus and predictor
      scores.csv     directions and strengths, in sample and cross-validated
      battery        the figure (PNG and PDF)
      battery.html   all results, without a network

    Cross-validated scores use settings that were chosen without the family of illusions that is scored.
    """
    from illusions.analyses.battery.predictors import own_entry
    from illusions.content import find
    from illusions.photographs import find_photographs

    for name in flows:
        find("models", name)
    photographs = [] if photos is None else find_photographs(photos)
    stimuli, shipped = _load(sets)
    owned = [own_entry(reference) for reference in own]

    from illusions.analyses.battery.contest import compete, to_ask
    from illusions.analyses.battery.counted import counting_entry
    from illusions.analyses.battery.entries import all_entries, chosen_entries
    from illusions.analyses.battery.figure import battery_caption, battery_figure
    from illusions.analyses.battery.report import battery_page, sentences
    from illusions.analyses.battery.tables import battery_frame, scores_frame, write_csv
    from illusions.analyses.drawing.saving import save_figure
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.loading import refuse_twins
    from illusions.cli.output import output_folder
    from illusions.cli.progress import working
    from illusions.models.model import load_model

    with output_folder(output) as out:
        results = []
        with working() as bars:
            load = partial(load_model, device=device)
            bars.begin("loading models")
            entries = all_entries(load, flows, owned, only=only, looks=looks, seed=seed)
            if photographs:
                bars.begin("counting in photographs", len(photographs))
                asked = {id(stimulus): stimulus for stimulus in (*stimuli, *shipped)}
                entries.append(counting_entry(list(asked.values()), photographs))
            refuse_twins("predictor", [entry.name for entry in entries])
            for entry in bars.each("predictor", chosen_entries(entries, only)):
                bars.begin(entry.name, len(to_ask(entry, stimuli, shipped)))
                results.append(compete(entry, stimuli, shipped))
        scores = scores_frame(results, seed=seed)
        write_csv(battery_frame(results), out.staged / "battery.csv")
        write_csv(scores, out.staged / "scores.csv")
        save_figure(battery_figure(results, caption=battery_caption(results)), out.staged, "battery")
        settings = {"stimuli": ", ".join(dict.fromkeys(stimulus.set for stimulus in stimuli))}
        page = battery_page(results, scores, command=context.obj, settings=settings)
        (out.staged / "battery.html").write_text(page, encoding="utf-8")
    _show_failures(results)
    for sentence in sentences(results, scores):
        show_sentence(sentence)
    show_rows("scores", scores)
    show_written(out.written)


def _load(names: Sequence[str]) -> tuple[list[PublishedStimulus], list[PublishedStimulus]]:
    """The stimuli that are asked for, and all that are shipped, on which settings are chosen."""
    from illusions.cli.loading import refuse_twins
    from illusions.stimuli.published import load_published, published_sets

    in_order = sorted(published_sets(), key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
    shipped = {name: load_published(name) for name in in_order}
    sets = [shipped[name] if name in shipped else load_published(name) for name in names] or list(shipped.values())
    refuse_twins("set", [stimuli[0].set for stimuli in sets])
    return list(chain.from_iterable(sets)), list(chain.from_iterable(shipped.values()))


def _show_failures(results: Sequence[Result]) -> None:
    """Say on standard error which stimuli have no prediction, and why."""
    for result in results:
        failures = list(result.failures())
        for stimulus, reason in failures[:_MOST_REASONS]:
            click.echo(f"{result.entry.name}, {stimulus.set}, {stimulus.name}: no prediction: {reason}", err=True)
        if len(failures) > _MOST_REASONS:
            more = len(failures) - _MOST_REASONS
            click.echo(f"{result.entry.name}: no prediction of {more} more; see battery.csv", err=True)
