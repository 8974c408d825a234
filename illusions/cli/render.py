"""``illusions render``: the pictures a person looks at, the patches a model sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.loading import load_stimuli
from illusions.cli.options import examples, output_option, stimuli_argument

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from illusions.stimuli.stimulus import Stimulus

#: A row of ``manifest.csv`` but for the file, and the picture.
_COLUMNS = ["stimulus", "condition", "kind", "axis", "value", "file", "width", "height"]


@click.command(epilog=examples("illusions render brightness-contrast saturation-contrast -o stimuli-out"))
@stimuli_argument
@output_option
def command(stimuli: tuple[str, ...], output: Path) -> None:
    """Draw stimuli: what a person sees, and what a model sees.

    Writes a folder per STIMULUS (a name in 'illusions list', or a .toml file of your own) with all conditions side by
    side (pair.png), the targets cut out and laid together as the proof that they are the same (proof.png), and of each
    CONDITION the picture (pictures/CONDITION.png), the mask of its target (targets/CONDITION.png), and the patch that
    a model sees for each value of the target (patches/CONDITION/000.png and so on). manifest.csv names every file,
    with its condition and the value of its target.
    """
    import pandas as pd

    from illusions.cli.console import show_written
    from illusions.cli.output import output_folder
    from illusions.pictures import write_picture

    loaded = load_stimuli(stimuli)
    with output_folder(output) as out:
        rows = []
        for stimulus in loaded:
            for condition, kind, value, file, picture in _pictures(stimulus):
                path = out.staged / stimulus.name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                write_picture(path, picture)
                height, width = picture.shape[:2]
                where = f"{stimulus.name}/{file}"
                rows.append((stimulus.name, condition, kind, stimulus.axis.name, value, where, width, height))
        pd.DataFrame(rows, columns=_COLUMNS).to_csv(out.staged / "manifest.csv", index=False)
    show_written(out.written)


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
