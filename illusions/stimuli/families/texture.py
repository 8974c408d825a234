"""A target on a texture of squares of several colours, or on one colour that is their mean.

On a variegated surround a target looks less contrasted, and less saturated, than on a uniform one of the same mean.

Brown, R. O. & MacLeod, D. I. A. (1997). Color appearance depends on the variance of surround colors. Current Biology,
7, 844–849.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ColourKey, DrawnFile, ShapeKey, Table, TargetTable
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import PATCH, Box
from illusions.stimuli.scenes.shapes import Outline, inside, sides

Whole: TypeAlias = NDArray[np.int64]


class TextureTable(Table):
    """The table ``[texture]``. The unit is a pixel of a patch of 16×16 that a model sees.

    Attributes:
        check_size: side of a square of the texture.
        width: how much of it a person sees, a square.
        seed: of the places of the colours.
    """

    check_size: Annotated[float, Field(ge=0.25, le=99)]
    width: Annotated[float, Field(ge=1, le=99)] = float(PATCH)
    seed: Annotated[int, Field(ge=0)] = 0


class TextureTarget(TargetTable):
    """The table ``[target]``."""

    shape: ShapeKey = "square"


class TextureCondition(Table):
    """A table ``[conditions.NAME]``: the colours of the squares, each as often as the others; one makes it uniform."""

    colours: Annotated[tuple[ColourKey, ...], Field(min_length=1, max_length=64)]


class TextureFile(DrawnFile[TextureCondition]):
    """A stimulus file of the kind ``"texture"``: a target of any shape on squares of random colours.

    Along every row, from the left side of the picture on, each colour occurs once in each run of as many squares as
    there are colours, so that the mean of the surround is theirs wherever one looks. Conditions of as many colours have
    them in the same places.
    """

    kind: Literal["texture"]
    texture: TextureTable
    target: TextureTarget

    def scene(self, condition: TextureCondition) -> LabelledScene:
        """The texture, a corner of a square at the upper left corner of the target's bounding box."""
        texture, target = self.texture, Box.centred(*sides(self.target.shape, self.target.size))
        return LabelledScene(
            labels=partial(_labels, texture, len(condition.colours), self.target.shape, self.target.size, target),
            surrounds=np.stack([colour.bytes for colour in condition.colours]),
            target=target,
            frame=Box.centred(texture.width),
        )


def _labels(texture: TextureTable, count: int, shape: Outline, size: float, target: Box, x: Floats, y: Floats) -> Bytes:
    first = math.floor((-texture.width / 2 - target.left) / texture.check_size)
    columns = np.floor((x - target.left) / texture.check_size).astype(np.int64) - first
    rows = np.floor((y - target.top) / texture.check_size).astype(np.int64)
    colours = 1 + _places(texture.seed, count, rows.ravel(), columns.ravel())
    return np.where(inside(shape, x, y, size), 0, colours).astype(np.uint8)


def _places(seed: int, count: int, rows: Whole, columns: Whole) -> Whole:
    """Shape (h, w): which colour, from 0, is in each of these rows and columns of squares."""
    found_rows, row_of = np.unique(rows, return_inverse=True)
    runs, run_of = np.unique(columns // count, return_inverse=True)
    places = np.array([[_shuffled(seed, count, int(row), int(run)) for run in runs] for row in found_rows])
    return np.asarray(places[row_of[:, None], run_of[None, :], (columns % count)[None, :]])


def _shuffled(seed: int, count: int, row: int, run: int) -> Whole:
    """Shape (count,): the colours in a random order, the same wherever this run is drawn."""
    far = 2**31  # seeds are not negative
    return np.random.Generator(np.random.PCG64([seed, row + far, run + far])).permutation(count)
