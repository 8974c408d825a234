"""``illusions count``: ranks by counting in photographs."""

from __future__ import annotations

from pathlib import Path

import click

from illusions.cli.loading import load_stimuli
from illusions.cli.options import examples, output_option, scale_option, stimuli_argument


@click.command(
    epilog=examples(
        "illusions count white --photos my-photographs -o out",
        "illusions count white todorovic --scale 2 --scale 3 --photos my-photographs -o out",
    )
)
@stimuli_argument
@click.option(
    "--photos",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of photographs. Use hundreds.",
)
@scale_option
@output_option
@click.pass_context
def command(
    context: click.Context, stimuli: tuple[str, ...], photos: Path, scales: tuple[float, ...], output: Path
) -> None:
    """Rank targets by counting in photographs, without a model.

    This is a check of a model's claims (after Yang & Purves 2004). The command finds the places in photographs
    whose surround correlates best with the stimulus. It then ranks the target among the targets found there.

    \b
    Output files:
      ranks.csv, summary.csv  as in 'illusions rank', without likelihood and T
      places.csv              the places that were found
      NAME-count              figure: the targets that were found
      NAME-places             figure: the best places
      report.html             all results

    Standard errors show the variation between photographs. Uniform surrounds and hues have no result. The table then
    gives the reason.
    """
    from illusions.photographs import find_photographs

    loaded, files = load_stimuli(stimuli), find_photographs(photos)

    from illusions.analyses.counting.counts import LARGEST_SHARE, PLACES, count
    from illusions.analyses.counting.figure import counting_figure, places_figure
    from illusions.analyses.counting.report import counting_caption, counting_page, places_caption
    from illusions.analyses.counting.tables import places_frame, ranks_frame, summary
    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.ranks.wording import prediction_sentence
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.cli.photographs import show_photographs
    from illusions.cli.progress import working
    from illusions.parallel import on_all_cores

    with output_folder(output) as out:
        with working() as bars, on_all_cores(len(files)):
            bars.begin("counting in photographs", len(files))
            counted = count(loaded, files, scales, name=f"counting in {photos.resolve().name}")
        for file, rows in (("ranks.csv", ranks_frame), ("summary.csv", summary), ("places.csv", places_frame)):
            write_table(out.staged / file, [rows(found) for found in counted.countings], with_scale=bool(scales))
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
        page = counting_page(counted.countings, counted.photographs, command=context.obj, settings=settings)
        (out.staged / "report.html").write_text(page, encoding="utf-8")
    show_photographs(files, counted.skipped, "counted in")
    for counting in counted.countings:
        show_sentence(f"{counting.stimulus.name}: {prediction_sentence(counting.prediction)}")
        show_rows("summary", summary(counting))
    show_written(out.written)
