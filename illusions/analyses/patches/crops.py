"""Patches cut out of pictures: at random places of many, or at one place of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from illusions import parallel, progress
from illusions.decoding import one_warning
from illusions.errors import InputError
from illusions.pictures import read_picture

if TYPE_CHECKING:
    from illusions.arrays import Bytes


@dataclass(frozen=True, eq=False)
class Crops:
    """Patches and where they come from."""

    patches: Bytes  #: shape (n, size, size, 3), sRGB.
    #: a row per patch: ``picture`` (its name), ``left`` and ``top`` (the patch's upper left pixel in it).
    places: pd.DataFrame
    skipped: Sequence[str] = ()  #: for every file that could not be used, why.

    def __len__(self) -> int:
        return len(self.patches)

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Crops:
        """Some of the patches: by index, or where a boolean is true."""
        index = np.arange(len(self))[chosen]
        return Crops(self.patches[index], self.places.iloc[index].reset_index(drop=True), self.skipped)


def windows(picture: Bytes, size: int) -> Bytes:
    """Every patch of a picture, as a view: shape (h - size + 1, w - size + 1, size, size, 3), by upper left pixel."""
    view = np.lib.stride_tricks.sliding_window_view(picture, (size, size), axis=(0, 1))
    return view.transpose(0, 1, 3, 4, 2)


def crop_at_random(picture: Bytes, name: str, size: int, n: int, seed: Sequence[int]) -> Crops:
    """Patches from n random places of one picture; every position is equally likely."""
    random = np.random.default_rng(list(seed))
    tops, lefts = (random.integers(0, side - size + 1, n) for side in picture.shape[:2])
    places = pd.DataFrame({"picture": name, "left": lefts, "top": tops})
    return Crops(windows(picture, size)[tops, lefts], places)


@one_warning()
def crop_files(paths: Sequence[Path], size: int, each: int, *, seed: int = 0) -> Crops:
    """Patches from random places of every picture, one picture in memory at a time; tells of every file done.

    Within `joblib.parallel_config` other processes read, too (see `illusions.parallel`).

    Args:
        paths: picture files; one that cannot be used is skipped, with its reason.
        size: side of a patch, pixels.
        each: patches from each picture.
        seed: of the places.

    Raises:
        InputError: none of the files can be used.
    """
    found, skipped = [], []
    cut = partial(_crop_file, size=size, n=each, seed=seed)
    for outcome in parallel.each(cut, list(enumerate(paths)), name=itemgetter(1)):
        if isinstance(outcome, InputError):
            skipped.append(str(outcome))
        else:
            found.append(outcome)
        progress.report(1)
    if not found:
        raise InputError(f"none of {len(paths)} files can be used as a picture; the first: {skipped[0]}")
    return join(found, skipped)


def _crop_file(numbered: tuple[int, Path], *, size: int, n: int, seed: int) -> Crops:
    number, path = numbered
    return crop_at_random(read_picture(path, minimum_side=size), str(path), size, n, (seed, number))


def join(crops: Iterable[Crops], skipped: Sequence[str] = ()) -> Crops:
    """Several sets of patches as one."""
    parts = list(crops)
    return Crops(
        np.concatenate([part.patches for part in parts]),
        pd.concat([part.places for part in parts], ignore_index=True),
        skipped,
    )


def read_crop(written: str, size: int) -> Crops:
    """One patch of a picture file.

    Args:
        written: ``FILE``, for the patch in the middle of the picture, or ``FILE@LEFT,TOP``, for that whose upper left
            pixel is LEFT pixels from the left and TOP from the top.
        size: side of a patch, pixels.

    Raises:
        InputError: the file cannot be read, or the patch does not lie within it.
    """
    at = None if Path(written).is_file() else re.fullmatch(r"(.+)@(\d+),(\d+)", written)
    path = Path(at[1] if at else written)
    picture = read_picture(path, minimum_side=size)
    height, width = picture.shape[:2]
    left, top = (int(at[2]), int(at[3])) if at else ((width - size) // 2, (height - size) // 2)
    if left > width - size or top > height - size:
        raise InputError(
            f"{written}: the patch of {size}×{size} pixels does not lie within the picture; expected LEFT from 0 to "
            f"{width - size} and TOP from 0 to {height - size}"
        )
    patch = picture[top : top + size, left : left + size]
    return Crops(patch[None], pd.DataFrame({"picture": [str(path)], "left": [left], "top": [top]}))
