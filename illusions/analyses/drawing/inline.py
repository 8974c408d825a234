"""Drawings inside of a notebook: SVG whose ink is that of the text around it, so that it can be read on dark pages."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK

_INKED = dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK)
#: Without a salt ids are of one drawing only: a page has many.
_RC: dict[Any, Any] = {**RC, **_INKED, "svg.fonttype": "none", "svg.hashsalt": None}


def inline_svg(*panels: Callable[[Axes], object], width: float = 3.2, height: float = 2.6) -> str:
    """Panels side by side, as an SVG element.

    Args:
        panels: each draws into its axes.
        width: of a panel, inches.
        height: of a panel, inches.
    """
    written = io.StringIO()
    with mpl.rc_context(_RC):
        figure = Figure(figsize=(width * len(panels), height), layout="constrained")
        for i, draw in enumerate(panels):
            draw(figure.add_subplot(1, len(panels), i + 1))
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    element = written.getvalue()
    return element[element.index("<svg") :].replace(INK, "currentColor")
