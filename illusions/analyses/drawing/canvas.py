"""An empty figure with rows for panels and a caption beneath."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.layout_engine import ConstrainedLayoutEngine

from illusions.analyses.drawing.style import INK, WIDTH

_LINE = 0.15  # inches


def canvas(heights: Sequence[float], caption: str = "") -> tuple[Figure, list[SubplotSpec]]:
    """A figure of the usual width.

    Args:
        heights: of the rows, inches.
        caption: printed beneath, wrapped; says what to see.

    Returns:
        The figure, and a place per row.
    """
    lines = textwrap.wrap(caption.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"), 103)
    beneath = _LINE * len(lines) + 0.1
    height = sum(heights) + beneath
    share = beneath / height
    figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(rect=(0, share, 1, 1 - share)))
    text = figure.add_axes((0, 0, 1, share))
    text.set_axis_off()
    text.set_in_layout(False)
    text.text(0.015, 0.97, "\n".join(lines), va="top", fontsize=8, color=INK, linespacing=1.35)
    grid = figure.add_gridspec(len(heights), 1, height_ratios=list(heights))
    return figure, [grid[i] for i in range(len(heights))]


def bare(axes: Axes) -> Axes:
    """Axes without ticks and frame, for pictures."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    return axes
