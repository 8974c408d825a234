"""Stimuli that were made from pictures, saved as files of the kind ``"pictures"``, with pictures and masks beside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from illusions.errors import InputError
from illusions.files import write_whole
from illusions.pictures import write_picture
from illusions.stimuli.scenes.pictured import PicturedScene
from illusions.stimuli.scenes.scene import Scene
from illusions.stimuli.toml import to_toml


def save_pictured(name: str, conditions: Mapping[str, Scene], words: Mapping[str, Any], path: Path) -> None:
    """Write a stimulus file, and beside it the pictures, each once, and the masks, as PNG files.

    Args:
        name: of the stimulus, for messages.
        conditions: its scenes, which have to be pictures under masks.
        words: the other keys of the file; those with None are left out.
        path: of the file.

    Raises:
        InputError: a scene is no picture under a mask, there is a single condition, or a file cannot be written.
    """
    scenes = {condition: _checked(name, condition, scene) for condition, scene in conditions.items()}
    if len(scenes) < 2:
        raise InputError(f"{name}: has a single condition; expected two or more, as in every stimulus file")
    first, *others = scenes.values()
    shared = all(np.array_equal(first.pixels, other.pixels) for other in others)
    pictures = {f"{path.stem}.png": first} if shared else {f"{path.stem}-{key}.png": s for key, s in scenes.items()}
    tables: dict[str, Any] = {key: {"mask": f"{path.stem}-{key}-mask.png"} for key in scenes}
    for key in () if shared else scenes:
        tables[key]["picture"] = f"{path.stem}-{key}.png"
    file = {"kind": "pictures", **words, "picture": f"{path.stem}.png" if shared else None, "conditions": tables}
    text = to_toml({key: value for key, value in file.items() if value is not None})
    for called, scene in pictures.items():
        write_picture(path.with_name(called), scene.pixels)
    for key, scene in scenes.items():
        write_picture(path.with_name(tables[key]["mask"]), np.where(scene.coverage > 0, 255, 0).astype(np.uint8))
    write_whole(path, text.encode())


def _checked(name: str, condition: str, scene: Scene) -> PicturedScene:
    if not isinstance(scene, PicturedScene) or not np.isin(scene.coverage, (0, 1)).all():
        raise InputError(
            f"{name}: the condition {condition} is not a picture under a mask, so no stimulus file describes it; "
            "expected a stimulus from a file, from pictures, or made by a function of illusions.stimuli"
        )
    return scene
