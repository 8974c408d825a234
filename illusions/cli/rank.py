"""``illusions rank``: how likely each value of a target is, and its percentile rank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.masked import StimulusSource, stimuli_or_pictures
from illusions.cli.options import (
    device_option,
    display_option,
    examples,
    figure_options,
    output_option,
    precision_option,
    readings_options,
    seed_option,
)

if TYPE_CHECKING:
    import pandas as pd

    from illusions.analyses.readings.scales import Ranking
    from illusions.cli.readings import ReadingOptions
    from illusions.displays import Display
    from illusions.models.devices import Precision


@click.command(
    epilog=examples(
        "illusions rank brightness-contrast -o out",
        "illusions rank white todorovic --field 12 --placements 16 -o out",
        "illusions rank white --scale 2 --scale 3 --scale 4 -o out",
        "illusions rank white --reading paper -o out",
        "illusions rank white --reading paper --temperature 100 --temperature bits-per-dim -o out",
        "illusions rank --image photo.png --mask target.png --axis saturation -o out",
        "illusions rank --image photo.png --mask left.png --mask right.png --axis lightness -o out",
    )
)
@stimuli_or_pictures
@output_option
@figure_options
@readings_options
@display_option
@device_option
@precision_option
@seed_option
@click.pass_context
def command(
    context: click.Context,
    given: StimulusSource,
    asked: ReadingOptions,
    output: Path,
    display: Display | None,
    device: str,
    precision: Precision,
    seed: int,
) -> None:
    """Predict the percentile rank of a target in each surround.

    STIMULUS is a name in 'illusions list' or a .toml file of your own. For a target in a picture of your own, use
    --image and --mask instead.

    The command draws the target with many values of its axis and computes the likelihood of each. It prints which
    target should look brighter, more saturated and so on.

    \b
    Output files:
      ranks.csv    every value of the sweep: likelihood, density, percentile rank
      summary.csv  the physical target: percentile rank and effect
      NAME-rank    the figure
      report.html  all results; opens offline; T can be changed in it
      report.md    the same as text

    If there are several fields or scales, the tables have rows for each and for the mean. If there are several
    temperatures, they have rows for each, and each has a figure (NAME-T40-rank).
    """
    from illusions.cli.readings import announce, in_file_names, place, rank_each, settings

    readings = asked.each_of(given.load(asked.scales))
    announce(asked, readings)

    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.drawing.style import current_style
    from illusions.analyses.ranks.figure import ranking_figure
    from illusions.analyses.ranks.report import report_page, report_text
    from illusions.analyses.ranks.wording import prediction_sentence
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder, write_table

    line: str = context.obj
    with output_folder(output) as out:
        rankings = rank_each(readings, device=device, precision=precision, seed=seed)
        tables = {
            "ranks.csv": [ranking.ranks_frame() for ranking in rankings],
            "summary.csv": [ranking.summary_frame() for ranking in rankings],
        }
        if display is not None:
            tables = _with_luminances(tables, rankings, display)
        for file, frames in tables.items():
            write_table(out.staged / file, frames, with_scale=bool(asked.scales))
        for ranking in rankings:
            save_figure(ranking_figure(ranking), out.staged, f"{in_file_names(ranking, asked)}-rank")
        made_by = {**settings(readings, rankings), "seed": seed, "device": device, "precision": precision}
        style = current_style()
        pictures = [{style.file(f"{in_file_names(each, asked)}-rank"): each.stimulus.title} for each in rankings]
        page = report_page(rankings, command=line, settings=made_by)
        (out.staged / "report.html").write_text(page, encoding="utf-8")
        text = report_text(rankings, pictures, command=line, settings=made_by)
        (out.staged / "report.md").write_text(text, encoding="utf-8")
    several = len(asked.temperatures) > 1
    for ranking, (_, reading) in zip(rankings, readings, strict=True):
        where = place(ranking, reading, with_temperature=several)
        show_sentence(f"{where}: {prediction_sentence(ranking.prediction)}")
    for frame in tables["summary.csv"]:
        show_rows("summary", frame)
    show_written(out.written)


def _with_luminances(
    tables: dict[str, list[pd.DataFrame]], rankings: Sequence[Ranking], display: Display
) -> dict[str, list[pd.DataFrame]]:
    """Both tables with their columns in cd/m²."""
    from illusions.analyses.ranks.luminances import ranks_with_luminances, summary_with_luminances

    add = {"ranks.csv": ranks_with_luminances, "summary.csv": summary_with_luminances}
    return {
        file: [add[file](frame, ranking.stimulus, display) for frame, ranking in zip(frames, rankings, strict=True)]
        for file, frames in tables.items()
    }
