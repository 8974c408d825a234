"""Stimuli as files for PsychoPy, with a script that runs the same adjustment in degrees of visual angle."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING

import numpy as np

from illusions.analyses.predictions import with_s_scale
from illusions.pictures import write_picture
from illusions.tables import write_table

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.stimulus import Stimulus

#: The script, and what a person reads before the first trial, which laboratories translate.
SCRIPT, INSTRUCTIONS = "adjust.py", "instructions.txt"
#: Width of the patch in degrees, for stimuli without a size.
FIELD = 12.0


def write_psychopy(stimuli: Iterable[Stimulus], folder: Path) -> None:
    """Write a folder in which ``python adjust.py`` runs the experiment.

    Of each condition there are ``pictures/NAME-CONDITION.png`` and ``rasters/NAME-CONDITION.npz`` (coverage and
    surround, from which the script paints the target in every colour of ``sweeps/NAME.csv``); ``conditions.csv`` has a
    row for every pair of conditions that a stimulus asks for, with sizes in degrees.

    Args:
        stimuli: of different names.
        folder: exists.

    Raises:
        InputError: the folder cannot be written to.
    """
    import pandas as pd

    for name in ("rasters", "sweeps"):
        (folder / name).mkdir()
    rows = []
    for stimulus in stimuli:
        write_pictures(stimulus, folder / "pictures")
        for condition, scene in stimulus.conditions.items():
            raster = scene.picture()
            with (folder / "rasters" / f"{stimulus.name}-{condition}.npz").open("wb") as file:
                np.savez_compressed(file, coverage=raster.coverage, surround=raster.surround.astype("f4"))
        write_table(folder / "sweeps" / f"{stimulus.name}.csv", _sweep(stimulus))
        rows.append(with_s_scale(_conditions(stimulus), stimulus))
    write_table(folder / "conditions.csv", pd.concat(rows))
    for name in (SCRIPT, INSTRUCTIONS):
        copyfile(Path(__file__).with_name(name), folder / name)


def write_pictures(stimulus: Stimulus, folder: Path) -> None:
    """Write ``NAME-CONDITION.png`` for each condition, the picture that people see; the folder is made."""
    folder.mkdir(exist_ok=True)
    for condition in stimulus.conditions:
        write_picture(folder / f"{stimulus.name}-{condition}.png", stimulus.picture(condition))


def degrees_per_pixel(stimulus: Stimulus) -> float:
    """How large a pixel of its pictures is: by the size of its target, or, without one, so that the patch has 12°."""
    extents = []
    for scene in stimulus.conditions.values():
        covered = scene.picture().coverage > 0
        extents.append(max(int(np.ptp(np.flatnonzero(covered.any(axis=side)))) + 1 for side in (0, 1)))
    return (stimulus.target_degrees or FIELD / stimulus.scale) / max(extents)


def _conditions(stimulus: Stimulus) -> pd.DataFrame:
    import pandas as pd

    pixel = degrees_per_pixel(stimulus)
    sizes = {name: scene.picture().coverage.shape for name, scene in stimulus.conditions.items()}
    return pd.DataFrame(
        [
            {
                "stimulus": stimulus.name,
                "axis": stimulus.axis.name,
                "circular": stimulus.axis.circular,
                "reference_condition": reference,
                "comparison_condition": comparison,
                "reference_value": stimulus.value,
                "reference_picture": f"pictures/{stimulus.name}-{reference}.png",
                "comparison_raster": f"rasters/{stimulus.name}-{comparison}.npz",
                "sweep": f"sweeps/{stimulus.name}.csv",
                "width_degrees": pixel * sizes[comparison][1],
                "height_degrees": pixel * sizes[comparison][0],
                "reference_width_degrees": pixel * sizes[reference][1],
                "reference_height_degrees": pixel * sizes[reference][0],
                **dict(zip(("ground_red", "ground_green", "ground_blue"), stimulus.ground.tolist(), strict=True)),
            }
            for reference, comparison in stimulus.pairs
        ]
    )


def _sweep(stimulus: Stimulus) -> pd.DataFrame:
    import pandas as pd

    values = stimulus.values()
    colours = pd.DataFrame(stimulus.axis.at(stimulus.target, values), columns=["red", "green", "blue"])
    colours.insert(0, "value", values)
    return colours
