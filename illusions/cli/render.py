"""``illusions render``: the pictures a person looks at, the patches a model sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.loading import load_stimuli
from illusions.cli.options import FiniteRange, display_option, examples, output_option, stimuli_argument

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from illusions.displays import Display
    from illusions.stimuli.stimulus import Stimulus

#: A row of ``manifest.csv`` but for the file, and the picture.
_COLUMNS = ["stimulus", "condition", "kind", "axis", "value", "file", "width", "height"]
#: What follows in a row: of the picture, then of the longer side of its target, then of the picture again.
_DEGREES = ["pixels_per_degree", "target_degrees", "width_degrees", "height_degrees"]
#: What follows with --display, cd/m².
_LUMINANCES = ["target_cd_m2", "surround_cd_m2"]
_POSITIVE = FiniteRange(min=0, min_open=True)


@click.command(
    epilog=examples(
        "illusions render brightness-contrast saturation-contrast -o stimuli-out",
        "illusions render white --pixels-per-degree 40 -o stimuli-out",
        "illusions render white --distance 60 --pixels-per-cm 38 -o stimuli-out",
        "illusions render white --display gamma=2.2,white=100 -o stimuli-out",
    )
)
@stimuli_argument
@click.option(
    "--pixels-per-degree",
    "resolution",
    type=_POSITIVE,
    metavar="N",
    help="Draw pictures at the size of the stimulus in degrees, for a screen with N pixels per degree of visual angle. "
    "By default pictures are about 400 pixels wide.",
)
@click.option(
    "--distance", type=_POSITIVE, metavar="CM", help="With --pixels-per-cm: distance from the eye to the screen."
)
@click.option(
    "--pixels-per-cm", type=_POSITIVE, metavar="N", help="With --distance: pixels of the screen per centimetre."
)
@display_option
@output_option
def command(
    stimuli: tuple[str, ...],
    resolution: float | None,
    distance: float | None,
    pixels_per_cm: float | None,
    display: Display | None,
    output: Path,
) -> None:
    """Draw stimuli as pictures for people and patches for a model.

    STIMULUS is a name in 'illusions list' or a .toml file of your own. Each gets a folder in the output folder.

    \b
    Output files:
      pair.png                all conditions side by side
      proof.png               the same, with the targets cut out and put together
      pictures/CONDITION.png  the picture that people see
      targets/CONDITION.png   the mask of the target
      patches/CONDITION/      the patch that a model sees, for each value of the target
      manifest.csv            every file with its condition, target value and size

    The manifest has sizes in degrees if the stimulus has a size in degrees. With --display it also has the
    luminance of the target and the mean luminance of its surround.
    """
    import pandas as pd

    from illusions.analyses.predictions import with_s_scale
    from illusions.cli.console import show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.pictures import write_picture

    resolution = _resolution(resolution, distance, pixels_per_cm)
    loaded = [replace(stimulus, resolution=resolution) for stimulus in load_stimuli(stimuli)]
    with output_folder(output) as out:
        rows = []
        for stimulus in loaded:
            for condition, kind, value, file, picture in _pictures(stimulus):
                path = out.staged / stimulus.name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                write_picture(path, picture)
                height, width = picture.shape[:2]
                where = f"{stimulus.name}/{file}"
                row = stimulus.name, condition, kind, stimulus.axis.name, value, where, width, height
                light = _luminances(stimulus, condition, value, display) if display else ()
                rows.append((*row, *_degrees(stimulus, condition, kind, width, height), *light))
        columns = [*_COLUMNS, *_DEGREES, *(_LUMINANCES if display else [])]
        write_table(out.staged / "manifest.csv", [with_s_scale(pd.DataFrame(rows, columns=columns), *loaded)])
    show_written(out.written)


def _resolution(resolution: float | None, distance: float | None, pixels_per_cm: float | None) -> float | None:
    """Pixels per degree, as they are asked for in one way or the other."""
    if (distance is None) != (pixels_per_cm is None):
        raise click.UsageError("--distance and --pixels-per-cm go together; expected both")
    if distance is None or pixels_per_cm is None:
        return resolution
    if resolution is not None:
        raise click.UsageError("--distance and --pixels-per-cm say what --pixels-per-degree says; expected one of them")
    from illusions.stimuli.degrees import pixels_per_degree

    return pixels_per_degree(distance, pixels_per_cm)


def _degrees(
    stimulus: Stimulus, condition: str, kind: str, width: int, height: int
) -> tuple[float | None, float | None, float | None, float | None]:
    """The columns `_DEGREES` of a picture; None if unknown."""
    if stimulus.units_per_degree is None or stimulus.target_degrees is None:
        return None, None, None, None
    target = stimulus.target_degrees
    if condition:
        target = stimulus.conditions[condition].target.extent / stimulus.units_per_degree
    resolution = width / (stimulus.scale * target) if kind == "patch" else stimulus.pixels_per_degree
    if resolution is None:
        return None, round(target, 4), None, None
    return round(resolution, 4), round(target, 4), round(width / resolution, 4), round(height / resolution, 4)


def _luminances(stimulus: Stimulus, condition: str, value: float, display: Display) -> tuple[float, float | None]:
    """The columns `_LUMINANCES` of a picture; no surround where it shows several."""
    from illusions.stimuli.luminances import surround_luminance, target_luminance

    return target_luminance(stimulus, value, display), (
        surround_luminance(stimulus, condition, display) if condition else None
    )


def _pictures(stimulus: Stimulus) -> Iterator[tuple[str, str, float, str, NDArray[np.uint8]]]:
    """Every picture of a stimulus: condition (empty for all), kind, value of the target, file, pixels."""
    yield "", "pair", stimulus.value, "pair.png", stimulus.pair()
    yield "", "proof", stimulus.value, "proof.png", stimulus.proof()
    values = stimulus.values()
    for condition in stimulus.conditions:
        yield condition, "picture", stimulus.value, f"pictures/{condition}.png", stimulus.picture(condition)
        mask = stimulus.target_mask(condition).astype("uint8") * 255
        yield condition, "target", stimulus.value, f"targets/{condition}.png", mask
        patches = stimulus.patches(condition, values)
        for i, (value, patch) in enumerate(zip(values, patches, strict=True)):
            yield condition, "patch", float(value), f"patches/{condition}/{i:03d}.png", patch
