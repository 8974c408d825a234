"""Scenes of uniform regions: a label for every point of the plane, a colour for every label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from illusions.arrays import Floats
from illusions.stimuli.scenes.drawn import DrawnScene, Share

#: From x and y, which broadcast to (h, w), to labels (h, w): 0 for the target, k ≥ 1 for the k-th colour.
Labels: TypeAlias = Callable[[Floats, Floats], NDArray[np.integer]]


@dataclass(frozen=True, eq=False)
class LabelledScene(DrawnScene):
    """A scene in which every point belongs to one region."""

    labels: Labels  #: the region of every point: 0 for the target, k for the k-th surround.

    def shares(self, x: Floats, y: Floats) -> list[Share]:
        """All of a point for its own region, nothing for the others."""
        labels = self.labels(x, y)
        return [labels == k for k in range(len(self.surrounds) + 1)]
