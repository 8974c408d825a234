"""``illusions exaggerate``: illusions made in natural images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.loading import say_smaller_scale
from illusions.cli.masked import hue_option
from illusions.cli.options import FiniteRange, examples, model_options, output_option

if TYPE_CHECKING:
    from illusions.analyses.densities.temperature import Temperature
    from illusions.stimuli.stimulus import Stimulus

#: What needs a hue, which a grey has not.
_OF_A_HUE = "saturation", "chroma"
#: ReadingOptions about where no axis is given: what every target has, and what every target has that is not grey.
_AXES = "brightness", "saturation"


@click.command(
    epilog=examples(
        "illusions exaggerate photo.png --mask target.png -o out",
        "illusions exaggerate photo.png --mask target.png --eta 0.6 --eta -0.8 --axis hue -o out",
    )
)
@click.argument("image", metavar="IMAGE", type=click.Path(path_type=Path))
@click.option(
    "--mask",
    required=True,
    type=click.Path(path_type=Path),
    help="A picture of the same size that marks the target. Either white marks the target on black, or each "
    "of several grey values (labels) marks a target.",
)
@click.option("--target", type=click.IntRange(1), metavar="K", help="With a mask of labels: the label of the target.")
@hue_option
@click.option(
    "--eta",
    "etas",
    type=FiniteRange(-2, 2),
    multiple=True,
    default=(0.6,),
    show_default=True,
    help="Step size η. Above 0, latents become more likely, below 0 less likely. Repeat for several.",
)
@click.option(
    "--axis",
    "axes",
    multiple=True,
    help="Quantity of the target whose rank is predicted. Repeat for several.  [default: brightness and saturation]",
)
@click.option(
    "--stride",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Distance between patches in pixels, at most the patch size. 2 takes a quarter of the time and gives more "
    "grain.",
)
@output_option
@model_options
def command(
    image: Path,
    mask: Path,
    target: int | None,
    hue: float | None,
    etas: tuple[float, ...],
    axes: tuple[str, ...],
    stride: int,
    output: Path,
    model: str,
    temperature: Temperature,
    device: str,
    seed: int,
) -> None:
    """Change a surround so that its target looks different.

    The pixels of the target stay the same. The model turns every patch of IMAGE into normally distributed numbers z,
    called latents. Each z is changed to z − η z exp(−z²/2), and the model turns the result back into a patch.
    Overlapping patches are averaged. --eta 0.6 --eta -0.8 makes a pair of pictures as in Hirsch & Tal (2020).

    With η > 0 the surround usually loses colour, so the target has a higher rank in saturation. With η < 0 the surround
    gains colour and noise. A more likely z does not always give a more likely patch. So the command also measures the
    likelihood of the new surround.

    \b
    Output files:
      NAME-eta+0.6.png     a picture for each η
      NAME-pair.png        all of them beside the original
      NAME-proof.png       the proof that their targets are the same
      NAME-changes.csv     likelihood of the surround, rank of the target, effect
      NAME-exaggerated     the figure (PNG and PDF)

    With natural16 a picture of 512×512 pixels takes about six minutes on one core.
    """
    from illusions.cli.loading import patch_size, refuse_twins
    from illusions.pictures import read_picture, write_picture

    if hue is not None and axes and not set(axes) & set(_OF_A_HUE):
        raise click.UsageError("--hue is for a target whose saturation or chroma is varied; expected --axis of these")
    stimuli = _targets(image, mask, axes, target, hue)
    say_smaller_scale(stimuli[0])
    picture = read_picture(image)
    etas = tuple(dict.fromkeys(etas))
    refuse_twins("eta", [f"{eta:+g}" for eta in etas])
    if stride > patch_size(model):
        raise click.UsageError(f"--stride {stride}: expected 1 to {patch_size(model)}, the size of a patch")

    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.exaggeration.comparison import changes, compare
    from illusions.analyses.exaggeration.exaggeration import exaggerate, patch_count
    from illusions.analyses.exaggeration.figure import exaggeration_figure, pair, proof
    from illusions.analyses.exaggeration.wording import exaggeration_caption, sentences
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.cli.progress import loaded_flow

    with output_folder(output) as out:
        with loaded_flow(model, device) as (flow, bars):
            bars.begin("moving patches", patch_count(picture.shape, flow.size, stride))
            moved = exaggerate(picture, stimuli[0].target_mask("image"), flow, etas, stride=stride, seed=seed)
            bars.begin("scoring")
            done = compare(stimuli, picture, moved, flow, temperature, seed=seed)
        name = image.stem
        for exaggeration in moved:
            write_picture(out.staged / f"{name}-eta{exaggeration.eta:+g}.png", exaggeration.picture)
        write_picture(out.staged / f"{name}-pair.png", pair(done))
        write_picture(out.staged / f"{name}-proof.png", proof(done))
        write_table(out.staged / f"{name}-changes.csv", [changes(done)])
        figure = exaggeration_figure(done, caption=exaggeration_caption(done, stride))
        save_figure(figure, out.staged, f"{name}-exaggerated")
    for sentence in sentences(done):
        show_sentence(sentence)
    show_rows("changes", changes(done))
    show_written(out.written)


def _targets(image: Path, mask: Path, axes: tuple[str, ...], target: int | None, hue: float | None) -> list[Stimulus]:
    """The masked target along every axis that was asked about; without any, along those that it can be varied on."""
    from illusions.errors import InputError

    if axes:
        return [_target(image, mask, axis, target, hue) for axis in dict.fromkeys(axes)]
    brightness, saturation = _AXES
    stimuli = [_target(image, mask, brightness, target, hue)]
    try:
        stimuli.append(_target(image, mask, saturation, target, hue))
    except InputError:
        if hue is not None:
            raise
        click.echo("the target is grey: its saturation cannot be ranked without --hue", err=True)
    return stimuli


def _target(image: Path, mask: Path, axis: str, label: int | None, hue: float | None) -> Stimulus:
    from illusions.errors import InputError
    from illusions.stimuli.from_pictures import from_pictures

    stimulus = from_pictures(image, mask, axis, target=label, hue=hue if axis in _OF_A_HUE else None)
    if len(stimulus.conditions) > 1:
        raise InputError(
            f"{mask}: marks the targets {', '.join(stimulus.conditions)}; expected one of them as --target"
        )
    return stimulus
