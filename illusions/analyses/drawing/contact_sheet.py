"""Contact sheets: many patches at a glance, each with its label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, WIDTH

if TYPE_CHECKING:
    from illusions.arrays import Bytes

#: White between patches, in parts of a patch's side; size of the labels, points, and what a line of them needs, inches.
_GAP, _POINTS, _LINE = 0.12, 6.5, 0.125


@dataclass(frozen=True, eq=False)
class Sheet:
    """One group of patches on a contact sheet."""

    title: str  #: what they have in common.
    patches: Bytes  #: shape (n, size, size, 3), sRGB.
    labels: Sequence[str] = ()  #: n labels, of a few characters each; none: without labels.


def contact_sheet(sheets: Sequence[Sheet], *, columns: int = 10, caption: str = "") -> Figure:
    """Groups of patches beneath one another, row by row, enlarged pixel by pixel."""
    side = WIDTH / (columns + (columns - 1) * _GAP)
    downs = [1 + max(_GAP, _lines(sheet) * _LINE / side) for sheet in sheets]
    heights = [math.ceil(len(s.patches) / columns) * side * down + 0.3 for s, down in zip(sheets, downs, strict=True)]
    with mpl.rc_context(RC):
        figure, places = canvas(heights, caption)
        for sheet, place, down in zip(sheets, places, downs, strict=True):
            _draw(bare(figure.add_subplot(place)), sheet, columns, down)
    return figure


def tile(patches: Bytes, columns: int, *, gap: int = 2, paper: int = 255) -> Bytes:
    """Patches (n, size, size, 3) side by side and beneath one another on white or grey paper, pixel for pixel."""
    n, size = patches.shape[:2]
    rows, columns = math.ceil(n / columns), min(n, columns)
    step = size + gap
    page = np.full((rows * step - gap, columns * step - gap, 3), paper, dtype=np.uint8)
    for i, patch in enumerate(patches):
        top, left = i // columns * step, i % columns * step
        page[top : top + size, left : left + size] = patch
    return page


def beside(pictures: Sequence[Bytes], *, gap: int = 0) -> Bytes:
    """Pictures of one height side by side, white between them."""
    white = np.full((len(pictures[0]), gap, 3), 255, dtype=np.uint8)
    parts = [part for picture in pictures for part in (white, picture)]
    return np.concatenate(parts[1:], axis=1)


def _lines(sheet: Sheet) -> float:
    """How many lines of labels need room beneath a patch, the space around them included."""
    return max((label.count("\n") + 1.5 for label in sheet.labels), default=0)


def _draw(axes: Axes, sheet: Sheet, columns: int, down: float) -> None:
    across = 1 + _GAP
    for i, patch in enumerate(sheet.patches):
        left, top = i % columns * across, i // columns * down
        axes.imshow(patch, extent=(left, left + 1, top + 1, top), interpolation="nearest")
        axes.add_patch(Rectangle((left, top), 1, 1, fill=False, edgecolor="0.8", linewidth=0.5))  # white on white
        if sheet.labels:
            axes.annotate(
                sheet.labels[i], (left + 0.5, top + 1), (0, -2), textcoords="offset points",
                ha="center", va="top", fontsize=_POINTS, color=INK,
            )  # fmt: skip
    axes.set_xlim(0, columns * across - _GAP)
    axes.set_ylim(math.ceil(len(sheet.patches) / columns) * down, 0)
    axes.set_aspect("equal", anchor="NW")
    axes.set_title(sheet.title, fontsize=9, loc="left")
