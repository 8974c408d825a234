"""``illusions rank``: how likely each value of a target is, and its percentile rank."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.loading import load_stimuli, say_smaller_scale, warn_of_short_sweeps
from illusions.cli.options import (
    FiniteRange,
    device_option,
    examples,
    figure_options,
    output_option,
    precision_option,
    readings_options,
    seed_option,
)

if TYPE_CHECKING:
    from illusions.cli.readings import Asked
    from illusions.models.devices import Precision
    from illusions.stimuli.stimulus import Stimulus


@click.command(
    epilog=examples(
        "illusions rank brightness-contrast -o out",
        "illusions rank white todorovic --field 12 --looks 16 -o out",
        "illusions rank white --scale 2 --scale 3 --scale 4 -o out",
        "illusions rank white --reading paper -o out",
        "illusions rank white --reading paper --temperature 100 --temperature bits-per-dim -o out",
        "illusions rank --image photo.png --mask target.png --axis saturation -o out",
    )
)
@click.argument("stimuli", nargs=-1, metavar="[STIMULUS…]")
@click.option("--image", type=click.Path(path_type=Path), help="A picture of your own, in place of STIMULUS.")
@click.option(
    "--mask",
    type=click.Path(path_type=Path),
    help="With --image: a picture of its size with two values, the lighter on the target, or with labels of several "
    "targets, which become conditions.",
)
@click.option("--target", type=click.IntRange(1), metavar="K", help="With --mask: only the target with this label.")
@click.option(
    "--hue",
    type=FiniteRange(0, 1),
    help="With --mask: of a grey target whose saturation or chroma is varied, in turns (of HSV; of CIELAB).",
)
@click.option("--axis", help="With --image: brightness, saturation, hue, lightness or chroma.")
@output_option
@figure_options
@readings_options
@device_option
@precision_option
@seed_option
@click.pass_context
def command(
    context: click.Context,
    stimuli: tuple[str, ...],
    image: Path | None,
    mask: Path | None,
    axis: str | None,
    target: int | None,
    hue: float | None,
    asked: Asked,
    output: Path,
    device: str,
    precision: Precision,
    seed: int,
) -> None:
    """How likely each value of a target is, and its percentile rank.

    For each STIMULUS (a name in 'illusions list', or a .toml file of your own), or for the masked target of any
    picture, the target's value is swept along its axis and every patch is scored. Writes ranks.csv (every value),
    summary.csv (the target as it is, and the effect), the figure NAME-rank as PNG and PDF, report.html, which works
    offline and reads the curves at any T, and report.md, for a supplement; prints which target should look brighter.

    By field both tables have a column 'field', degrees, at their end, and their temperature is in nats per pixel of the
    target; with --scale they have a column 'scale'. With several there are rows for each and for the mean over them
    ('mean'); the figure shows the mean. With several temperatures there are rows for each, and a figure each,
    NAME-T40-rank.
    """
    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.drawing.style import current_look
    from illusions.analyses.ranks.report import ranking_figure, report_page, report_text
    from illusions.analyses.ranks.wording import prediction_sentence
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.cli.readings import announce, in_file_names, place, rank_each, settings

    line: str = context.obj
    loaded = _load(stimuli, image, mask, axis, target, hue)
    if image is not None and not asked.scales:
        say_smaller_scale(loaded[0])
    readings = asked.each_of(loaded)
    announce(asked, readings)
    with output_folder(output) as out:
        rankings = rank_each(readings, device=device, precision=precision, seed=seed)
        tables = {
            "ranks.csv": [ranking.ranks_frame() for ranking in rankings],
            "summary.csv": [ranking.prediction.summary() for ranking in rankings],
        }
        for file, frames in tables.items():
            write_table(out.staged / file, frames, with_scale=bool(asked.scales))
        for ranking in rankings:
            save_figure(ranking_figure(ranking, with_caption=True), out.staged, f"{in_file_names(ranking, asked)}-rank")
        made_by = {**settings(readings, rankings), "seed": seed, "device": device, "precision": precision}
        look = current_look()
        pictures = [{look.file(f"{in_file_names(each, asked)}-rank"): each.stimulus.title} for each in rankings]
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


def _load(
    stimuli: tuple[str, ...],
    image: Path | None,
    mask: Path | None,
    axis: str | None,
    target: int | None,
    hue: float | None,
) -> list[Stimulus]:
    if image is None:
        if any(given is not None for given in (mask, axis, target, hue)):
            raise click.UsageError(
                "--mask, --axis, --target and --hue describe the target of an --image; expected --image too"
            )
        if not stimuli:
            raise click.UsageError("nothing to rank; expected STIMULUS, or --image with --mask and --axis")
        return load_stimuli(stimuli)
    if stimuli or mask is None or axis is None:
        raise click.UsageError("--image expects --mask and --axis beside it, and no STIMULUS")
    from illusions.stimuli.families.masked import masked_picture

    stimulus = masked_picture(image, mask, axis, target=target, hue=hue)
    warn_of_short_sweeps([stimulus])
    return [stimulus]
