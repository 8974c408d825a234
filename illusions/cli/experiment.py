"""``illusions experiment``: a page on which a person sets the match."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.loading import load_stimuli
from illusions.cli.options import OutputPath, device_option, examples, reading_options, seed_option, stimuli_argument

if TYPE_CHECKING:
    from illusions.analyses.readings.colour_matching import ColourMatch
    from illusions.analyses.readings.scales import Ranking
    from illusions.cli.readings import ReadingOptions


@click.command(epilog=examples("illusions experiment brightness-contrast white -o page.html"))
@stimuli_argument
@click.option(
    "-o", "--output", required=True, metavar="PAGE", type=OutputPath(), help="The page, a file that ends in .html."
)
@click.option(
    "--repetitions",
    type=click.IntRange(1, 100),
    default=4,
    show_default=True,
    help="Number of matches for each ordered pair of conditions. The sides are swapped in half of them.",
)
@click.option(
    "--plane",
    is_flag=True,
    help="Observers adjust hue and saturation at once, as azimuth and contrast in the cone-opponent (DKL) plane of the "
    "target's luminance. By default they adjust the axis of the stimulus.",
)
@reading_options
@device_option
@seed_option
@click.pass_context
def command(
    context: click.Context,
    stimuli: tuple[str, ...],
    output: Path,
    repetitions: int,
    plane: bool,
    asked: ReadingOptions,
    device: str,
    seed: int,
) -> None:
    """Write a web page on which observers set matches.

    STIMULUS is a name in 'illusions list' or a .toml file of your own. The output is one HTML file that opens from
    disk in any recent browser. It needs no network and sends nothing. In a checkout, run 'make experiment' once before
    (it needs Node.js).

    An observer adjusts the target in one surround until it looks like the target in the other, by slider, keys,
    wheel or touch. With --plane there are two sliders, for hue and for contrast, the distance from grey. At the end
    the page shows the matches beside the prediction and saves matches.json and matches.csv.
    """
    from illusions.errors import InputError

    if output.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{output}: a page is a file that ends in .html; expected, say, {output / 'page.html'}")
    from illusions.analyses.experiment.page import experiment_page, read_bundle
    from illusions.cli.colours import match_targets, plane_reading
    from illusions.cli.console import show_written
    from illusions.cli.output import output_folder
    from illusions.cli.readings import announce, rank_each

    bundle = read_bundle()
    loaded = load_stimuli(stimuli)
    rankings: Sequence[Ranking] = ()
    colours: Sequence[ColourMatch] | None = None
    if not plane:
        readings = [(stimulus, asked.of(stimulus)) for stimulus in loaded]
        announce(asked, readings)
    with output_folder(output.parent, recorded=False) as out:
        if plane:
            colours = match_targets(loaded, plane_reading(asked), device=device, seed=seed)
        else:
            rankings = rank_each(readings, device=device, precision="32", seed=seed)
        page = experiment_page(bundle, loaded, rankings, colours, repetitions=repetitions, command=context.obj)
        (out.staged / output.name).write_text(page, encoding="utf-8")
    show_written(out.written)
