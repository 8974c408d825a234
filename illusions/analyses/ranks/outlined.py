"""Targets in pictures of one's own, as a figure shows them: outlined, and beside each the patch that the model saw."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import matplotlib as mpl
import numpy as np
import scipy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from numpy.typing import NDArray

from illusions.analyses.densities.matching import Match
from illusions.analyses.drawing.canvas import canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import WIDTH
from illusions.arrays import Bytes
from illusions.stimuli.stimulus import Stimulus

#: From a condition and a value of its target to the patch that a model sees.
Seen: TypeAlias = Callable[[str, float], Bytes]
#: Between an outline and its target, parts of the longer side of the picture.
_OFF = 0.006
#: Largest side of a picture in pixels; larger ones are thinned, as a figure 7 inches wide at 200 dpi cannot show more.
_MOST_PIXELS = 1024
_PER_ROW = 2
_TALLEST = 2.6  # picture, inches
_TITLE = 0.3  # inches


@dataclass(frozen=True, eq=False)
class Outlined:
    """A picture with its target, and its patch."""

    title: str  #: what stands above the picture.
    picture: Bytes  #: shape (h, w, 3), sRGB.
    target: NDArray[np.bool_]  #: shape (h, w).
    patch: Bytes  #: shape (size, size, 3), sRGB.


def thinned(title: str, picture: Bytes, target: NDArray[np.bool_], patch: Bytes) -> Outlined:
    """What a figure shows of a picture: of a large one every n-th pixel."""
    every = math.ceil(max(target.shape) / _MOST_PIXELS)
    for axis in range(2):
        target = np.logical_or.reduceat(target, np.arange(0, target.shape[axis], every), axis=axis)
    return Outlined(title, picture[::every, ::every].copy(), target, patch)


def outlined_rows(stimulus: Stimulus, seen: Seen, found: Match | None) -> list[list[Outlined]]:
    """Every condition as it is, two in a row, and a last row with the match, if there is one."""
    value = stimulus.value

    def show(condition: str, at: float, title: str) -> Outlined:
        return thinned(title, stimulus.picture(condition, at), stimulus.target_mask(condition), seen(condition, at))

    as_it_is = [show(condition, value, condition) for condition in stimulus.conditions]
    rows = [as_it_is[first : first + _PER_ROW] for first in range(0, len(as_it_is), _PER_ROW)]
    if found is not None and found.in_gamut:
        reference, comparison = found.reference_condition, found.comparison_condition
        rows.append([show(reference, value, reference), show(comparison, found.pse, f"{comparison}, the match")])
    return rows


def outlined_figure(stimulus: Stimulus, seen: Seen) -> Figure:
    """Every condition as it is: its picture, the target outlined, and its patch beside it."""
    with mpl.rc_context(RC):
        rows = outlined_rows(stimulus, seen, None)
        figure, places = canvas([row_height(row) for row in rows])
        for place, row in zip(places, rows, strict=True):
            draw_row(figure, place, row)
    return figure


def row_height(row: Sequence[Outlined]) -> float:
    """Inches, with the titles."""
    return min(WIDTH / sum(_widths(row)), _TALLEST) + _TITLE


def draw_row(figure: Figure, place: SubplotSpec, row: Sequence[Outlined]) -> None:
    """Each picture of a row, its target outlined, and its patch beside it."""
    widths = list(_widths(row))
    grid = place.subgridspec(1, len(widths), width_ratios=widths)
    for i, shown in enumerate(row):
        outline(figure.add_subplot(grid[2 * i]), shown)
        patch = figure.add_subplot(grid[2 * i + 1])
        patch.imshow(shown.patch, interpolation="nearest")
        patch.set_title("its patch", fontsize=9)
        patch.set_axis_off()


def outline(axes: Axes, shown: Outlined) -> None:
    """A picture with a line around its target, black and white, so that it is seen on every ground."""
    axes.imshow(shown.picture, interpolation="nearest")
    around = scipy.ndimage.binary_dilation(shown.target, iterations=max(1, round(_OFF * max(shown.target.shape))))
    for colour, width, dash in (("white", 1.6, "solid"), ("black", 0.8, "dashed")):
        axes.contour(np.asarray(around, dtype=float), [0.5], colors=colour, linewidths=width, linestyles=dash)
    axes.set_title(shown.title, fontsize=9)
    axes.set_axis_off()


def _widths(row: Sequence[Outlined]) -> Iterator[float]:
    """Of the picture and the patch of each, where all are equally high."""
    for shown in row:
        height, width = shown.target.shape
        yield width / height
        yield 1.0
