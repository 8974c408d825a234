"""Placements of a field of view on a target, for stimuli that are read by field.

A model sees the field as a few pixels, whose exact position on the target is arbitrary, and a target may be wider than
the field. So a stimulus is sampled at several placements. Each is centred on a point of the target and moved by less
than a pixel of the model.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from illusions.arrays import Floats
from illusions.stimuli.scenes.scene import Box, Scene


def placements(scene: Scene, side: float, size: int, count: int, *, seed: int = 0) -> list[Box]:
    """Squares that are each centred on a point of the target, and together spread over all of it.

    The target is cut across its longer side into as many parts of equal area as there are placements. A point is drawn
    from each part, and moved by up to half a pixel of the model (a Latin hypercube over both directions). The same seed
    gives the same placements on two targets of the same shape.

    Args:
        scene: a target in its surround.
        side: of the squares, in units of the scene.
        size: of their side, pixels of the model.
        count: number of placements.
        seed: of the points.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    points = _points(scene, (generator.permutation(count) + generator.random(count)) / count)
    parts = np.stack([generator.permutation(count), generator.permutation(count)], axis=1)
    jitter = ((parts + generator.random((count, 2))) / count - 0.5) * side / size
    return [Box(x - side / 2, y - side / 2, x + side / 2, y + side / 2) for x, y in points + jitter]


def _points(scene: Scene, shares: Floats) -> Floats:
    """Shape (n, 2), x and y: the points of the target before which given shares of its area lie, along its longer side.

    Args:
        scene: a target in its surround.
        shares: shape (n,), in [0, 1).
    """
    box, coverage = scene.target, scene.target_coverage()
    height, width = coverage.shape
    rows, columns = _along_the_longer_side(coverage)
    area = np.cumsum(coverage[rows, columns], dtype=np.float64)
    cell = np.searchsorted(area, shares * area[-1], side="right")
    x = box.left + box.width * (columns[cell] + 0.5) / width
    y = box.top + box.height * (rows[cell] + 0.5) / height
    return np.stack([x, y], axis=1)


def _along_the_longer_side(coverage: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of all cells, column by column where the target is wide, row by row where it is high."""
    height, width = coverage.shape
    if width >= height:
        columns, rows = np.divmod(np.arange(coverage.size), height)
    else:
        rows, columns = np.divmod(np.arange(coverage.size), width)
    return rows, columns
