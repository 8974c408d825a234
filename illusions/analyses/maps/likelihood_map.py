"""Likelihood maps: where a picture is likely, and where it is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from illusions.errors import InputError
from illusions.models.evaluation import bits_per_dimension
from illusions.parallel import each
from illusions.pictures import read_picture

if TYPE_CHECKING:
    from illusions.arrays import Bytes, Floats
    from illusions.models.model import Model


def likelihood_map(picture: Bytes, model: Model, *, seed: int = 0) -> Floats:
    """Bits per dimension of the patch around every pixel of a picture; high where the picture is unlikely.

    A patch has an even side, so no pixel is in its middle: the value at row y, column x is that of the patch that
    covers the rows y − size/2 … y + size/2 − 1 and the same columns about x, as in the code published with Hirsch &
    Tal 2020. All patches share one draw of the dequantisation noise.

    Args:
        picture: shape (h, w, 3), sRGB, not smaller than a patch.
        model: what scores the patches.
        seed: of the noise.

    Returns:
        Shape (h, w): NaN where the patch around a pixel does not lie within the picture, which are the first size/2
        and the last size/2 − 1 rows and columns.

    Raises:
        InputError: the picture is of another shape or type, or smaller than a patch.
    """
    before, after = model.size // 2, model.size - 1 - model.size // 2
    nats = model.likelihood_map(picture.copy(), seed=seed)  # PyTorch wants one that it may write to
    return bits_per_dimension(
        np.pad(nats, ((before, after), (before, after)), constant_values=np.nan), model.dimensions
    )


def likelihood_maps(
    paths: Sequence[Path], model: Model, *, seed: int = 0
) -> Iterator[tuple[Path, tuple[Bytes, Floats] | InputError]]:
    """The maps of many pictures, one after the other; a file that cannot be used is passed over with its reason.

    Within `joblib.parallel_config` other processes map, too (see `illusions.parallel`).

    Args:
        paths: picture files.
        model: what scores the patches.
        seed: of the noise.

    Yields:
        Every file, with its picture (h, w, 3) and its map (h, w), or with why there is none.
    """
    yield from zip(paths, each(partial(_map_file, model=model, seed=seed), paths), strict=True)


def _map_file(path: Path, *, model: Model, seed: int) -> tuple[Bytes, Floats]:
    picture = read_picture(path, minimum_side=model.size)
    return picture, likelihood_map(picture, model, seed=seed)


def positions(picture: Bytes, size: int) -> int:
    """How many patches a picture has."""
    rows, columns = (max(0, side - size + 1) for side in picture.shape[:2])
    return int(rows * columns)
