"""``illusions edit``: attribute directions in latent space, and their side effects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from illusions.cli.options import examples, flow_options, output_option
from illusions.errors import InputError

if TYPE_CHECKING:
    from illusions.analyses.patches.crops import Crops
    from illusions.cli.progress import Bars

#: Largest number of photographs; of more, an evenly spread selection is taken.
_PHOTOGRAPHS = 1_000
#: Patches that directions are made from, and that they are measured on, about.
_MAKING, _MEASURING = 2_500, 500


def _check_attributes(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    from illusions.analyses.patches.attributes import ATTRIBUTES, check_attribute

    return tuple(dict.fromkeys(check_attribute(name) for name in value)) or tuple(ATTRIBUTES)


@click.command(
    epilog=examples(
        "illusions edit --photos photos -o out",
        "illusions edit mine.png@40,60 --photos photos --attribute warmth -o out",
    )
)
@click.argument("patches", nargs=-1, metavar="[PATCH…]")
@click.option(
    "--photos",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of photographs. Every second one defines the directions, and the others test them.",
)
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    callback=_check_attributes,
    help="brightness, saturation, warmth, contrast or orientation. Repeat for several.  [default: all]",
)
@output_option
@flow_options
def command(
    patches: tuple[str, ...],
    photos: Path,
    attributes: tuple[str, ...],
    output: Path,
    model: str,
    device: str,
    seed: int,
) -> None:
    """Change an attribute of patches, such as their brightness.

    The model turns each patch into normally distributed numbers, called latents. The direction of an attribute is the
    mean of the latents of patches with a high value (upper quarter) minus that of patches with a low value (lower
    quarter). Half of the photographs define the directions. Patches of the other half are moved along each direction.
    The command measures the changes of all attributes and of the likelihood.

    PATCH is a picture, whose middle patch is used, or FILE@LEFT,TOP. By default three patches of the photographs
    are shown.

    \b
    Output files:
      edit.png, .pdf  the figure
      edit.csv        the measurements
      directions.npz  the directions by name
      edited.npy      array of the patches shown: patch × attribute × strength (−1 to 1) × pixels
    """
    from illusions.analyses.patches.crops import read_crop
    from illusions.cli.loading import patch_size

    size = patch_size(model)
    own = [read_crop(written, size).patches for written in patches]
    files = _photographs(photos, size)

    import numpy as np

    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.latents.editing import MEASURED, edit_all, find_directions, measure_edits
    from illusions.analyses.latents.editing_figure import EXAMPLES, editing_figure
    from illusions.analyses.latents.wording import editing_caption, editing_sentences
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.cli.progress import loaded_flow
    from illusions.models.latents import encode

    with output_folder(output) as out:
        with loaded_flow(model, device) as (flow, bars):
            made_from, measured_on = _crops(files, flow.size, bars, seed)
            bars.begin("encoding patches", len(made_from))
            z = encode(flow, made_from.patches, seed=seed)
            directions = find_directions(made_from.patches, z, attributes)
            bars.begin("editing and scoring patches", 2 * len(measured_on) * (1 + len(directions) * len(MEASURED)))
            measured = measure_edits(measured_on, flow, directions, seed=seed)
            shown = np.concatenate(own) if own else measured_on.patches[:: len(measured_on) // EXAMPLES][:EXAMPLES]
            edits = edit_all(shown, flow, directions, seed=seed)
        write_table(out.staged / "edit.csv", [measured])
        vectors: dict[str, Any] = {direction.attribute: direction.vector for direction in directions}
        np.savez(out.staged / "directions.npz", **vectors)
        np.save(out.staged / "edited.npy", edits)
        caption = editing_caption(
            flow.name,
            shown="patches",
            made_from="the photographs' patches",
            deviations=f"over {len(measured_on)} patches of other photographs",
            errors="± 1 standard error over photographs",
        )
        save_figure(editing_figure(edits, directions, measured, caption=caption), out.staged, "edit")
    for sentence in editing_sentences(measured):
        show_sentence(sentence)
    show_rows("edit", measured)
    show_written(out.written)


def _photographs(photos: Path, size: int) -> list[Path]:
    """The photographs of a folder, or an evenly spread selection.

    Raises:
        InputError: there are fewer than two, or none of either half can be used.
    """
    from illusions.cli.pictures import check_one, evenly
    from illusions.photographs import find_photographs

    files = evenly(find_photographs(photos), _PHOTOGRAPHS)
    if len(files) < 2:
        raise InputError(f"{photos}: holds one photograph; expected at least 2, to make directions and to measure them")
    for half in (files[::2], files[1::2]):
        check_one(half, size)
    return files


def _crops(files: Sequence[Path], size: int, bars: Bars, seed: int) -> tuple[Crops, Crops]:
    """Patches of one half of the photographs, and of the other."""
    from illusions.analyses.patches.crops import crop_files
    from illusions.cli.photographs import show_photographs

    bars.begin("reading photographs", len(files))
    halves = []
    for name, half, patches in (("making directions", files[::2], _MAKING), ("measuring", files[1::2], _MEASURING)):
        each = math.ceil(patches / len(half))
        halves.append(crop_files(half, size, each, seed=seed))
        show_photographs(half, halves[-1].skipped, name)
    return halves[0], halves[1]
