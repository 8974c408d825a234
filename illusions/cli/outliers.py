"""``illusions outliers``: which pictures or patches are unlike photographs, and on which side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.options import examples, flow_options, output_option
from illusions.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from illusions.analyses.outliers.outliers import Unit
    from illusions.analyses.patches.crops import Crops
    from illusions.arrays import Bytes

#: Of more photographs, this many are the reference, and this many of these show how well photographs are told apart.
_REFERENCE, _DETECTED = 400, 50


@click.command(
    epilog=examples(
        "illusions outliers scans --photos photos -o out",
        "illusions outliers scans/7.png --photos photos --by picture -o out",
    )
)
@click.argument("images", nargs=-1, required=True, metavar="IMAGE…", type=click.Path(path_type=Path))
@click.option(
    "--photos",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of photographs to compare with. Those given as IMAGE are left out.",
)
@click.option(
    "--by",
    type=click.Choice(["patch", "picture"]),
    default="patch",
    show_default=True,
    help="Rank single patches, or whole pictures by the mean of their patches.",
)
@output_option
@flow_options
def command(images: tuple[Path, ...], photos: Path, by: Unit, output: Path, model: str, device: str, seed: int) -> None:
    """Find patches or pictures that are unlike photographs.

    Patches from random places of each IMAGE (a picture or a folder) are compared with patches of photographs. Uniform
    patches have a higher likelihood than nearly all patches of photographs. So a patch is unusual if its likelihood is
    very low or very high. The column 'side' says which. The p-value is the proportion of patches of photographs that
    are at least as extreme.

    \b
    Output files:
      outliers.csv           all patches, the least typical first
      outliers.png, .pdf     a contact sheet of the first ones
      detection.png, .pdf    ROC curves
      detection.csv          areas under these curves

    Half of the photographs are the reference. The ROC curves show how well the other half can be
    distinguished from noise, phase-scrambled photographs, line drawings and inverted photographs.
    """
    from illusions.cli.loading import patch_size
    from illusions.cli.pictures import check_one, evenly, picture_files

    size = patch_size(model)
    files = picture_files(images, size)
    others = _reference(photos, files)
    check_one(others, size)

    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.outliers.detection import control_crops, detect
    from illusions.analyses.outliers.figure import detection_figure, most_untypical, outliers_figure
    from illusions.analyses.outliers.outliers import ALPHA, EACH, by_unit, rank_outliers
    from illusions.analyses.outliers.wording import MANY, detection_caption, outliers_caption
    from illusions.analyses.patches.crops import crop_files
    from illusions.analyses.patches.scores import score
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.cli.photographs import show_photographs
    from illusions.cli.progress import loaded_flow

    with output_folder(output) as out:
        with loaded_flow(model, device) as (flow, bars):
            bars.begin("reading pictures", len(files) + len(others))
            crops = crop_files(files, flow.size, EACH, seed=seed)
            reference = crop_files(others, flow.size, EACH, seed=seed + 1)
            bars.begin("scoring patches", len(crops) + len(reference))
            units = by_unit(score(crops, flow, seed=seed), by)
            scores = score(reference, flow, seed=seed)
            ranked = rank_outliers(units, by_unit(scores, by))

            usable = _usable(reference, photos)
            told = evenly([Path(name) for name in usable[1::2]], _DETECTED)
            bars.begin("making controls", len(told))
            controls = control_crops(told, flow.size, EACH, seed=seed)
            bars.begin("scoring controls", sum(len(part) for part in controls.values()))
            calibrated = by_unit(scores[scores["picture"].isin(usable[::2])], by)
            found = detect(controls, flow, calibrated, by, seed=seed)
        write_table(out.staged / "outliers.csv", [ranked.assign(model=flow.name)])
        shown = most_untypical(ranked)
        caption = outliers_caption(ranked, by_unit(scores, by), by, flow.name)
        save_figure(outliers_figure(shown, _thumbnails(shown, crops, by), caption=caption), out.staged, "outliers")
        write_table(out.staged / "detection.csv", [found.areas])
        typical, errors = f"{len(calibrated)} {MANY[by]} of other photographs", "± 1 standard error over photographs"
        caption = detection_caption(found, by, typical=typical, errors=errors)
        save_figure(detection_figure(found, caption=caption), out.staged, "detection")
    show_photographs(files, crops.skipped, "ranked")
    show_photographs(others, reference.skipped, "reference")
    show_sentence(_summary(ranked, MANY[by], ALPHA))
    show_rows("outliers", ranked)
    show_rows("detection", found.areas)
    show_written(out.written)


def _reference(photos: Path, given: Sequence[Path]) -> list[Path]:
    """The photographs to compare with, none of them among those that are given."""
    from illusions.cli.pictures import evenly
    from illusions.photographs import find_photographs

    known = {path.resolve() for path in given}
    others = [path for path in find_photographs(photos) if path.resolve() not in known]
    if len(others) < 4:
        raise InputError(
            f"{photos}: holds {len(others)} photographs that are not themselves ranked; expected at least 4"
        )
    return evenly(others, _REFERENCE)


def _usable(reference: Crops, photos: Path) -> list[str]:
    """The photographs of which there are patches: a half is the reference, a half is told apart by it."""
    usable = list(dict.fromkeys(reference.places["picture"]))
    if len(usable) < 4:
        raise InputError(
            f"{photos}: {len(usable)} of {len(usable) + len(reference.skipped)} photographs can be used; expected at "
            f"least 4; the first that cannot: {reference.skipped[0]}"
        )
    return usable


def _thumbnails(shown: pd.DataFrame, crops: Crops, by: Unit) -> Bytes:
    import numpy as np

    from illusions.analyses.outliers.figure import thumbnail

    if by == "patch":
        return crops.patches[shown.index]
    return np.stack([thumbnail(Path(name)) for name in shown["picture"]])


def _summary(ranked: pd.DataFrame, many: str, alpha: float) -> str:
    """How many are outliers, on which side, and how many would be if all were photographs."""
    sides = ranked.loc[ranked["p_value"] < alpha, "side"].value_counts()
    listed = ", ".join(f"{count} on the {side} side" for side, count in sides.items()) or "none"
    return (
        f"Of {len(ranked)} {many} {int(sides.sum())} have p < {alpha} ({listed}); "
        f"were all of them like the reference, {alpha * len(ranked):.0f} would."
    )
