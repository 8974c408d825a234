"""``illusions interpolate``: between two patches, through latent space and through pixels."""

from __future__ import annotations

from pathlib import Path

import click

from illusions.cli.options import examples, flow_options, output_option


@click.command(epilog=examples("illusions interpolate a.jpg b.jpg@120,40 --steps 11 -o out"))
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--steps", type=click.IntRange(2, 64), default=9, show_default=True, help="Number of patches, both ends included."
)
@output_option
@flow_options
def command(first: str, second: str, steps: int, output: Path, model: str, device: str, seed: int) -> None:
    """Morph one patch into another with the model.

    One path goes through the latents of the model, the numbers into which it turns a patch. The other path mixes the
    pixels. A and B are pictures, whose middle patches are used. FILE@LEFT,TOP uses the patch with this upper left
    pixel.

    \b
    Output files:
      interpolation.png, .pdf  the steps of both paths and their likelihood
      interpolation.csv        the numbers
      through-latents.png, through-pixels.png  the steps, pixel for pixel
    """
    from illusions.analyses.patches.crops import read_crop
    from illusions.cli.loading import patch_size

    a, b = (read_crop(written, patch_size(model)).patches[0] for written in (first, second))

    from illusions.analyses.drawing.contact_sheet import beside
    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.latents.interpolation import LATENT, PIXELS, interpolate
    from illusions.analyses.latents.interpolation_figure import interpolation_figure
    from illusions.analyses.latents.wording import interpolation_caption, interpolation_sentence
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.cli.progress import loaded_flow
    from illusions.pictures import write_picture

    with output_folder(output) as out:
        with loaded_flow(model, device) as (flow, _):
            done = interpolate(a, b, flow, steps=steps, seed=seed)
        write_table(out.staged / "interpolation.csv", [done.frame])
        write_picture(out.staged / "through-latents.png", beside(list(done.patches[LATENT])))
        write_picture(out.staged / "through-pixels.png", beside(list(done.patches[PIXELS])))
        save_figure(interpolation_figure(done, caption=interpolation_caption(done)), out.staged, "interpolation")
    show_sentence(interpolation_sentence(done))
    show_rows("interpolation", done.frame)
    show_written(out.written)
