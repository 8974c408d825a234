"""Stimuli that were made from pictures, saved as files of the kind ``"pictures"``, with pictures and masks beside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from illusions.errors import InputError
from illusions.files import write_whole
from illusions.pictures import write_picture
from illusions.stimuli.scenes.pictured import PicturedScene
from illusions.stimuli.scenes.scene import PATCH
from illusions.stimuli.toml import to_toml

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus


def save_pictured(stimulus: Stimulus, path: Path) -> None:
    """Write a stimulus file, and beside it the pictures, each once, and the masks, as PNG files.

    Args:
        stimulus: whose scenes are pictures under masks.
        path: of the file.

    Raises:
        InputError: its scenes are not such, it has a single condition, or a file cannot be written.
    """
    scenes = {name: _checked(stimulus, name, scene) for name, scene in stimulus.conditions.items()}
    if len(scenes) < 2:
        raise InputError(f"{stimulus.name}: has a single condition; expected two or more, as in every stimulus file")
    first, *others = scenes.values()
    shared = all(np.array_equal(first.pixels, other.pixels) for other in others)
    pictures = {f"{path.stem}.png": first} if shared else {f"{path.stem}-{name}.png": s for name, s in scenes.items()}
    conditions: dict[str, Any] = {name: {"mask": f"{path.stem}-{name}-mask.png"} for name in scenes}
    for name in () if shared else scenes:
        conditions[name]["picture"] = f"{path.stem}-{name}.png"
    words = {
        "kind": "pictures",
        "title": stimulus.title,
        # What masks mark is described anew when it is loaded: with_target makes the old words untrue.
        "description": "" if stimulus.outlined else stimulus.description,
        "source": stimulus.source,
        "axis": stimulus.axis,
        "people_see_higher": stimulus.people_see_higher,
        "picture": f"{path.stem}.png" if shared else None,
        "pixels_per_degree": stimulus.units_per_degree,
        "target": {"colour": stimulus.target, "size": PATCH / stimulus.scale},
        "conditions": conditions,
    }
    text = to_toml({key: value for key, value in words.items() if value is not None})
    for called, scene in pictures.items():
        write_picture(path.with_name(called), scene.pixels)
    for name, scene in scenes.items():
        write_picture(path.with_name(conditions[name]["mask"]), np.where(scene.coverage > 0, 255, 0).astype(np.uint8))
    write_whole(path, text.encode())


def _checked(stimulus: Stimulus, name: str, scene: Any) -> PicturedScene:
    if not isinstance(scene, PicturedScene) or not np.isin(scene.coverage, (0, 1)).all():
        raise InputError(
            f"{stimulus.name}: the condition {name} is not a picture under a mask, so no stimulus file describes it; "
            "expected a stimulus from a file, from pictures, or made by a function of illusions.stimuli"
        )
    return scene
