"""The shapes of a target."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from illusions.stimuli.colours import Floats

Shape = Literal["square", "disc"]


def inside(shape: Shape, x: Floats, y: Floats, extent: float) -> NDArray[np.bool_]:
    """Which points lie in a shape around the origin.

    Args:
        shape: ``"square"`` or ``"disc"``.
        x: broadcasts with y to (h, w).
        y: downwards.
        extent: side of the square, diameter of the disc.
    """
    if shape == "square":
        return np.asarray((np.abs(x) < extent / 2) & (np.abs(y) < extent / 2))
    return np.asarray(np.hypot(x, y) < extent / 2)
