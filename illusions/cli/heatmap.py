"""``illusions heatmap``: where a picture is likely, and where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.options import examples, flow_options, output_option, precision_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from illusions.cli.progress import Bars
    from illusions.models.devices import Precision
    from illusions.models.model import Model

#: Patches that are looked through for the most and the least likely, over all pictures, about.
_LOOKED_THROUGH = 2_500


@click.command(
    epilog=examples("illusions heatmap photo.jpg -o out", "illusions heatmap photos/validation --patches 20 -o out")
)
@click.argument("images", nargs=-1, required=True, metavar="IMAGE…", type=click.Path(path_type=Path))
@click.option(
    "--patches",
    type=click.IntRange(1, 500),
    metavar="N",
    help="Write the N most and least likely patches instead of maps.",
)
@click.option(
    "--colours",
    type=click.Choice(["viridis", "hot"]),
    default="viridis",
    show_default=True,
    help="Colour map: viridis over the picture in greys, or hot over the coloured picture as in the code of Hirsch & "
    "Tal.",
)
@output_option
@flow_options
@precision_option
def command(
    images: tuple[Path, ...],
    patches: int | None,
    colours: str,
    output: Path,
    model: str,
    device: str,
    seed: int,
    precision: Precision,
) -> None:
    """Map how likely each part of a picture is.

    IMAGE is a picture or a folder of pictures. Files that cannot be read are skipped and named at the end. The map
    gives bits per dimension of the patch around every pixel. A high value is an unlikely patch.

    \b
    Output files:
      NAME-heatmap         the picture, the map over it and a colour bar (PNG and PDF)
      NAME-map.png         the map alone
      NAME-map.npy, .tiff  its values as 32-bit floats

    The map has the size of the picture. The value at row y belongs to the patch from row y − size/2 to y + size/2 −
    1, and likewise for columns. It is NaN at the margin, where the patch would leave the picture.

    With --patches N the command ranks about 2,500 patches from random places instead. It writes a contact sheet of
    the N most and the N least likely ones (patches.png and .pdf) and all of them (patches.csv).

    Use pictures as large as those of the training. natural16 was trained on photographs whose shorter side is 256
    pixels. A picture of 256×384 pixels takes about two minutes on one core.

    A map of a JPEG shows its blocks of 8×8 pixels, and a JPEG is more likely than the same picture in a lossless file.
    """
    from illusions.cli.console import show_written
    from illusions.cli.loading import patch_size, refuse_twins
    from illusions.cli.output import output_folder
    from illusions.cli.photographs import show_photographs
    from illusions.cli.pictures import picture_files
    from illusions.cli.progress import loaded_flow

    files = picture_files(images, patch_size(model))
    if patches is None:
        refuse_twins("picture", [file.stem for file in files])
    with output_folder(output) as out, loaded_flow(model, device, precision=precision) as (flow, bars):
        if patches is None:
            skipped = _write_maps(files, flow, bars, out.staged, colours, seed)
        else:
            skipped = _write_patches(files, patches, flow, bars, out.staged, seed)
    show_photographs(files, skipped, "pictures")
    show_written(out.written)


def _write_maps(files: Sequence[Path], model: Model, bars: Bars, folder: Path, colours: str, seed: int) -> list[str]:
    """Write the map of every picture that has one; of the others, why."""
    import numpy as np
    from PIL import Image

    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.maps.figure import coloured, map_figure
    from illusions.analyses.maps.likelihood_map import likelihood_maps, positions
    from illusions.analyses.maps.wording import map_caption
    from illusions.errors import InputError
    from illusions.photographs import readable
    from illusions.pictures import write_picture

    # Read twice: once so that one knows how much there is to do, once when its turn comes.
    skipped: list[str] = []
    total = sum(positions(picture, model.size) for _, picture in readable(files, model.size, skipped))
    bars.begin(f"mapping {len(files)} pictures" if len(files) > 1 else "mapping", total)
    skipped = []
    for file, outcome in likelihood_maps(files, model, seed=seed):
        if isinstance(outcome, InputError):
            skipped.append(str(outcome))
            continue
        name, (picture, bits) = file.stem, outcome
        figure = map_figure(picture, bits, colours=colours, caption=map_caption(bits, model, seed))
        save_figure(figure, folder, f"{name}-heatmap")
        write_picture(folder / f"{name}-map.png", coloured(bits, colours))
        np.save(folder / f"{name}-map.npy", bits.astype(np.float32))
        Image.fromarray(bits.astype(np.float32)).save(folder / f"{name}-map.tiff")
    if len(skipped) == len(files):  # a process died of each
        raise InputError(f"none of {len(files)} pictures could be mapped; the first: {skipped[0]}")
    return skipped


def _write_patches(files: Sequence[Path], n: int, model: Model, bars: Bars, folder: Path, seed: int) -> list[str]:
    """Write the contact sheet and its table; of pictures that were passed over, why."""
    import math

    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.maps.figure import extremes_figure
    from illusions.analyses.maps.wording import extremes_caption
    from illusions.analyses.patches.crops import crop_files
    from illusions.analyses.patches.scores import score
    from illusions.cli.output import write_table

    each = math.ceil(max(_LOOKED_THROUGH, 4 * n) / len(files))
    bars.begin("reading pictures", len(files))
    crops = crop_files(files, model.size, each, seed=seed)
    bars.begin("scoring patches", len(crops))
    scores = score(crops, model, seed=seed)
    save_figure(extremes_figure(crops, scores, n, caption=extremes_caption(scores, model)), folder, "patches")
    write_table(folder / "patches.csv", [scores.sort_values("bits_per_dimension")])
    return list(crops.skipped)
