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
    "--patches", type=click.IntRange(1, 500), metavar="N", help="In place of maps: the N most and least likely patches."
)
@click.option(
    "--colours",
    type=click.Choice(["viridis", "hot"]),
    default="viridis",
    show_default=True,
    help="Of the maps: viridis, over the picture in greys, or hot, over its colours (the published code).",
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
    """Where a picture is likely, and where it is not.

    For each IMAGE (a picture, or a folder of them; files that cannot be used are passed over, counted and named at the
    end) the bits per dimension of the patch around every pixel; high is
    unlikely. Writes a figure with the picture, the map over it and a colour bar (NAME-heatmap.png and .pdf), the map
    alone (NAME-map.png), and its numbers as 32-bit floats (NAME-map.npy and .tiff). Map and numbers have the size of
    the picture: the value at row y and column x is that of the patch from y − size/2 to y + size/2 − 1, the same for
    x, and NaN in the margin, where the patch would reach beyond the picture.

    With --patches N, a contact sheet instead: the N most and the N least likely of some 2,500 patches from random
    places of all the pictures (patches.png and .pdf), and all of these patches, ranked (patches.csv).

    A model knows patches of the size that it was trained on: pictures a few hundred pixels wide suit 'natural16', whose
    photographs were 256 pixels high or wide. A picture of 256×384 takes about two minutes on one core.
    """
    from illusions.cli.console import show_written
    from illusions.cli.loading import patch_size, refuse_twins
    from illusions.cli.output import output_folder
    from illusions.cli.photographs import show_skipped
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
    show_skipped(skipped, len(files))
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
