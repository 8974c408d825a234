"""An empty figure with rows for panels and a caption beneath."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.layout_engine import ConstrainedLayoutEngine

from illusions.analyses.drawing.style import INK, WIDTH, current_style

_LINE = 0.15  # inches
#: Of a caption inside a figure: characters in a line, and lines.
_CHARACTERS, _MOST_LINES = 103, 4


def canvas(heights: Sequence[float], caption: str = "") -> tuple[Figure, list[SubplotSpec]]:
    """A figure of the usual width.

    Args:
        heights: of the rows, inches.
        caption: says what to see. Printed beneath is what fits into four lines; all of it is the figure's label, which
            `save_figure` writes beside it. For paper nothing is printed.

    Returns:
        The figure, and a place per row.
    """
    lines = [] if current_style().is_for_paper else _wrapped(shortened(caption))
    beneath = _LINE * len(lines) + 0.1
    height = sum(heights) + beneath
    share = beneath / height
    figure = Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(rect=(0, share, 1, 1 - share)))
    figure.set_label(caption)
    text = figure.add_axes((0, 0, 1, share))
    text.set_axis_off()
    text.set_in_layout(False)
    text.text(0.015, 0.97, "\n".join(lines), va="top", fontsize=8, color=INK, linespacing=1.35)
    grid = figure.add_gridspec(len(heights), 1, height_ratios=list(heights))
    return figure, [grid[i] for i in range(len(heights))]


def shortened(caption: str) -> str:
    """A caption, or of a longer one the sentences from the first on that fit into four lines, and what names the model.

    A sentence that names the model and T stands at the end and stays, so that no figure is without them.
    """
    if len(_wrapped(caption)) <= _MOST_LINES:
        return caption
    sentences = re.split(r"(?<=[.!?])\s+(?=[^a-z ])", caption)
    model = [sentence for sentence in sentences if sentence.startswith("Model ")][:1]
    kept: list[str] = []
    for sentence in sentences:
        if sentence not in model and len(_wrapped(" ".join([*kept, sentence, *model]))) > _MOST_LINES:
            break
        kept += [sentence] if sentence not in model else []
    return " ".join([*kept, *model])


def _wrapped(caption: str) -> list[str]:
    return textwrap.wrap(caption.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"), _CHARACTERS)


def bare(axes: Axes) -> Axes:
    """Axes without ticks and frame, for pictures."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    return axes
