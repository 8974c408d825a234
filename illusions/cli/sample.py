"""``illusions sample``: patches that the flow itself comes up with."""

from __future__ import annotations

from pathlib import Path

import click

from illusions.cli.options import FiniteRange, examples, flow_options, output_option


@click.command(epilog=examples("illusions sample -n 100 --prior-temperature 0.7 -o out"))
@click.option("-n", "n", type=click.IntRange(1, 100_000), default=64, show_default=True, help="Number of patches.")
@click.option(
    "--prior-temperature",
    type=FiniteRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Factor on the standard deviation of the latents. Below 1 samples are more alike.",
)
@output_option
@flow_options
def command(n: int, prior_temperature: float, output: Path, model: str, device: str, seed: int) -> None:
    """Draw random patches from the model.

    Normally distributed random numbers (latents) are drawn, and the model turns them into patches.
    --prior-temperature multiplies the latents. It is not the temperature T of ranks.

    \b
    Output files:
      samples.png, .pdf  a contact sheet
      samples.npy        the patches, 8-bit sRGB
      samples.csv        log-likelihood of each patch
    """
    import numpy as np

    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.latents.samples import sample
    from illusions.analyses.latents.samples_figure import samples_figure
    from illusions.analyses.latents.wording import samples_caption
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.cli.progress import loaded_flow

    with output_folder(output) as out:
        with loaded_flow(model, device) as (flow, bars):
            bars.begin("drawing and scoring patches", 2 * n)
            samples = sample(flow, n, prior_temperature=prior_temperature, seed=seed)
        np.save(out.staged / "samples.npy", samples.patches)
        write_table(out.staged / "samples.csv", [samples.to_frame()])
        save_figure(samples_figure(samples, caption=samples_caption(samples)), out.staged, "samples")
    show_sentence(samples_caption(samples))
    show_rows("samples", samples.to_frame())
    show_written(out.written)
