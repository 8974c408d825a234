"""Matplotlib's settings for every figure."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl

#: Matplotlib's defaults, and ours: figures neither look as the ``matplotlibrc`` of a machine says, nor need its LaTeX.
RC: dict[Any, Any] = {
    **{
        name: value
        for name, value in dict.items(mpl.rcParamsDefault)
        if not name.startswith(("backend", "interactive"))
    },
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "illusions",
    "savefig.dpi": 200,
    "legend.frameon": False,
}
