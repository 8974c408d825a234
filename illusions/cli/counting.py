"""What ``illusions rank --photos`` does: count in photographs, in place of a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

#: Options of a model, which a count has not, and why.
_OF_A_MODEL = {
    "model": "no model is asked",
    "temperature": "a count has no temperature",
    "device": "no model is run",
    "precision": "no model is run",
    "seed": "a count has no noise",
}


def refuse_model_options(context: click.Context) -> None:
    """Options that a model alone has are not passed over in silence.

    Raises:
        UsageError: one is given on the command line.
    """
    for name, why in _OF_A_MODEL.items():
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name} and --photos exclude each other: {why}; expected one of them")


def write_counts(stimuli: Sequence[Stimulus], photos: Path, scales: Sequence[float], output: Path, line: str) -> None:
    """Count, and write the tables, the figures and the page."""
    import pandas as pd

    from illusions.analyses.counting.counts import LARGEST_SHARE, PLACES, count, places_frame, ranks_frame, summary
    from illusions.analyses.counting.figure import (
        counting_caption,
        counting_figure,
        counting_page,
        places_caption,
        places_figure,
    )
    from illusions.analyses.ranks.figure import save_figure
    from illusions.cli.console import progress_bar, show_written
    from illusions.cli.flow import advancing
    from illusions.cli.output import output_folder
    from illusions.cli.photographs import show_skipped
    from illusions.models.photographs import find_photographs

    files = find_photographs(photos)
    with output_folder(output) as out:
        with progress_bar() as progress:
            advance = advancing(progress, "counting in photographs", len(files))
            counted = count(stimuli, files, scales, name=f"counting in {photos.resolve().name}", advance=advance)
        for file, rows in (("ranks.csv", ranks_frame), ("summary.csv", summary), ("places.csv", places_frame)):
            table = pd.concat([rows(counting) for counting in counted.countings], ignore_index=True)
            (table if scales else table.drop(columns="scale")).to_csv(out.staged / file, index=False)
        for counting in counted.countings:
            name = counting.stimulus.name
            caption = counting_caption(counting, counted.photographs)
            save_figure(counting_figure(counting, caption=caption), out.staged, f"{name}-count")
            sheet = places_figure(counting, caption=places_caption(counting))
            if sheet is not None:
                save_figure(sheet, out.staged, f"{name}-places")
        settings = {
            "photographs": f"{counted.photographs} in {photos}",
            "places": f"the best {PLACES}, at most {LARGEST_SHARE * PLACES:g} in one photograph",
        }
        page = counting_page(counted.countings, counted.photographs, command=line, settings=settings)
        (out.staged / "report.html").write_text(page, encoding="utf-8")
    show_skipped(counted.skipped, len(files))
    for counting in counted.countings:
        for reason in sorted(set(counting.why_none(counting.whole).values()) - {""}):
            click.echo(f"{counting.stimulus.name}: no count, as {reason}", err=True)
    show_written(out.written)
