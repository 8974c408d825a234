"""The photographs that an analysis names, and patches of them."""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeAlias

import pandas as pd
from pydantic import AfterValidator, Field, ValidationInfo

from illusions.analyses.patches.crops import Crops, crop_files
from illusions.content import FOLDER
from illusions.errors import InputError
from illusions.stimuli.scenes.scene import PATCH


def _beside_its_file(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get(FOLDER, Path())
    found = Path(os.path.normpath(folder / path))
    if not found.is_file():
        raise InputError(f"no such file: {found}; expected a picture, as seen from the file that names it")
    return found


def _of_different_names(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    if len({path.stem for path in paths}) < len(paths):
        raise ValueError("two photographs have the same name; expected different ones")
    return paths


#: A picture, as seen from the content file that names it.
PictureKey: TypeAlias = Annotated[Path, AfterValidator(_beside_its_file)]
#: Several photographs: patches of one are alike, so that errors are over photographs, and two are the least.
PhotographsKey: TypeAlias = Annotated[
    tuple[PictureKey, ...], Field(min_length=2), AfterValidator(_of_different_names)
]  # fmt: skip
#: How many random patches of each photograph are taken.
EachKey: TypeAlias = Annotated[int, Field(ge=2, le=10_000)]


def photograph_crops(paths: Sequence[Path], each: int, *, size: int = PATCH, seed: int = 0) -> Crops:
    """Patches from random places of every photograph, which is called by its name without folder and suffix.

    Raises:
        InputError: one of the photographs cannot be used.
    """
    crops = crop_files(paths, size, each, seed=seed)
    if crops.skipped:
        raise InputError(crops.skipped[0])
    return Crops(crops.patches, named(crops.places))


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """The same table with the names of pictures, without folder and suffix, in its column ``picture``."""
    return frame.assign(picture=[Path(path).stem for path in frame["picture"]])


def how_few(photographs: int) -> str:
    """A warning about an error over few photographs."""
    few = ", which are few: read errors as a rough guide, and other photographs may differ" if photographs < 20 else ""
    return f"± 1 standard error over {photographs} photographs{few}"
