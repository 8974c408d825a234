"""Figures as files: the same bytes for the same figure."""

from __future__ import annotations

import io
import string
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import blended_transform_factory

from illusions.analyses.drawing.canvas import shortened
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, current_style

#: What keeps the time and the version out of a file.
_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None},
    "svg": {"Date": None},
}
#: For paper: of the sizes of type, and how much of the height does not shrink with the width.
_TYPE, _STIFF = 0.78, 0.35


def save_figure(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure into a folder, as PNG and PDF or in the formats of `figure_style`; the same bytes each time.

    Where its caption is not all printed in it, ``name.txt`` has all of it.
    """
    style = current_style()
    if style.is_for_paper:
        _fit_to_paper(figure, style.width)
    paths = [folder / f"{name}.{suffix}" for suffix in style.formats]
    with mpl.rc_context(RC):
        _lay_out(figure)
        for path, suffix in zip(paths, style.formats, strict=True):
            figure.savefig(path, metadata=_METADATA[suffix])
    caption = str(figure.get_label())
    if style.is_for_paper or shortened(caption) != caption:
        paths.append(folder / f"{name}.txt")
        paths[-1].write_text(f"{caption}\n", encoding="utf-8")
    return paths


def png_bytes(figure: Figure) -> bytes:
    """The figure as a PNG file, to be embedded in a page."""
    buffer = io.BytesIO()
    with mpl.rc_context(RC):
        _lay_out(figure)
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _lay_out(figure: Figure) -> None:
    """Find the places of the panels, for all formats; `savefig` would draw the whole figure once more for it."""
    if (engine := figure.get_layout_engine()) is not None:
        dpi = figure.dpi
        figure.dpi = mpl.rcParams["savefig.dpi"]
        engine.execute(figure)
        figure.dpi = dpi
        figure.set_layout_engine("none")


def _fit_to_paper(figure: Figure, width: float) -> None:
    """Bring a figure to the width of a column: lower, smaller type, thinner lines, with a letter at each panel."""
    before, height = figure.get_size_inches()
    share = width / before
    figure.set_size_inches(width, height * (_STIFF + (1 - _STIFF) * share))
    scale = _TYPE if share < 1 else 1.0
    numbers = [axis.get_ticklabels(which="both") for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
    of_axes = {id(text) for texts in numbers for text in texts}
    for text in figure.findobj(Text):
        if id(text) not in of_axes and isinstance(text, Text):
            text.set_fontsize(float(text.get_fontsize()) * scale)
    axes_of = (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis))
    for axis, texts in zip(axes_of, numbers, strict=True):
        if texts:
            axis.set_tick_params(which="both", labelsize=float(texts[0].get_fontsize()) * scale)
    for axes in figure.axes:
        for line in axes.lines:
            line.set_linewidth(line.get_linewidth() * scale)
            line.set_markersize(line.get_markersize() * scale)
    panels = sorted(filter(_is_panel, figure.axes), key=_place)
    for letter, axes in zip(string.ascii_lowercase, panels, strict=False):
        _letter(axes, letter)


def _is_panel(axes: Axes) -> bool:
    """Whether it has a title, an axis that can be read, or both: no strip of colours, no empty frame of a caption."""
    if axes.get_label() == "<colorbar>":
        return False
    return bool(axes.get_title() or axes.get_title(loc="left") or axes.get_ylabel()) and axes.get_visible()


def _place(axes: Axes) -> tuple[float, float]:
    """For the order of reading: from above, and then from the left."""
    box = axes.get_position()
    return -round(box.y1, 2), box.x0


def _letter(axes: Axes, letter: str) -> None:
    """A bold letter: before the title; without one at the left edge of the figure, above the panel."""
    for place in ("center", "left"):
        if title := axes.get_title(loc=place):
            axes.set_title(f"$\\bf{{{letter}}}$  {title}", loc=place, fontsize=axes.title.get_fontsize())
            return
    figure = axes.get_figure()
    assert figure is not None
    above = blended_transform_factory(figure.transFigure, axes.transAxes)
    text = axes.text(0.005, 1.02, letter, transform=above, fontsize=9, fontweight="bold", color=INK, va="bottom")
    text.set_in_layout(False)
