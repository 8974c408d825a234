"""Figures of the effect over scale: of many stimuli a small panel each, of one its patches too."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.lines import Line2D

from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, STYLES, WIDTH
from illusions.analyses.predictions import MEAN
from illusions.analyses.readings.scales import at_each

if TYPE_CHECKING:
    from illusions.arrays import Bytes
    from illusions.stimuli.stimulus import Stimulus

_COLUMNS = 4
_THUMBNAIL, _PANEL, _TITLE = 0.75, 1.0, 0.42  # inches
_PATCH = 1.0


def scale_figure(stimuli: Sequence[Stimulus], table: pd.DataFrame, *, caption: str = "") -> Figure:
    """The effect of every stimulus over the scale, below its picture; for a single stimulus also the patches.

    Args:
        stimuli: one or more.
        table: columns stimulus, scale (numbers and ``MEAN``), effect, standard_error, as_people_see, temperature and
            model.
        caption: printed beneath.
    """
    with mpl.rc_context(RC):
        return _detailed(stimuli[0], table, caption) if len(stimuli) == 1 else _overview(stimuli, table, caption)


def _overview(stimuli: Sequence[Stimulus], table: pd.DataFrame, caption: str) -> Figure:
    rows = [stimuli[start : start + _COLUMNS] for start in range(0, len(stimuli), _COLUMNS)]
    figure, (top, *places) = canvas([0.3, *[_TITLE + _THUMBNAIL + _PANEL] * len(rows)], caption)
    _legend(figure, top, table)
    limits, scales = _limits(table), _scales(table)
    for i, (row, place) in enumerate(zip(rows, places, strict=True)):
        grid = place.subgridspec(2, _COLUMNS, height_ratios=[_TITLE + _THUMBNAIL, _PANEL])
        for j, stimulus in enumerate(row):
            picture = _show(figure.add_subplot(grid[0, j]), stimulus.pair())
            picture.set_title(textwrap.fill(stimulus.title, 24), fontsize=7.5)
            panel = figure.add_subplot(grid[1, j])
            _draw(panel, table[table["stimulus"] == stimulus.name], scales, limits, small=True)
            panel.tick_params(labelleft=j == 0, labelsize=7)
            if j == 0:
                panel.set_ylabel("effect", fontsize=8)
            if i * _COLUMNS + j + _COLUMNS >= len(stimuli):
                panel.set_xlabel("scale", fontsize=8)
        for empty in range(len(row), _COLUMNS):  # so that the panels of the last row are as wide as the others
            figure.add_subplot(grid[:, empty]).set_axis_off()
    return figure


def _detailed(stimulus: Stimulus, table: pd.DataFrame, caption: str) -> Figure:
    pair, scales = stimulus.pair(), _scales(table)
    tall = min(2.2, WIDTH * pair.shape[0] / pair.shape[1])
    figure, (top, legend, middle, lower) = canvas(
        [tall + 0.3, 0.3, 2.4, _PATCH * len(stimulus.conditions) + 0.5], caption
    )
    picture = _show(figure.add_subplot(top), pair)
    picture.set_title(" | ".join(f"“{name}”" for name in stimulus.conditions), fontsize=9)
    _legend(figure, legend, table)
    panel = figure.add_subplot(middle)
    _draw(panel, table, scales, _limits(table), small=False)
    panel.set_ylabel("effect: difference of\npercentile ranks")
    panel.set_xlabel("scale (side of the patch ÷ longer side of the target)")
    grid = lower.subgridspec(len(stimulus.conditions), len(scales))
    for j, (scale, scaled) in enumerate(at_each(stimulus, scales).items()):
        for i, condition in enumerate(stimulus.conditions):
            axes = _show(figure.add_subplot(grid[i, j]), scaled.patches(condition, [stimulus.value])[0])
            if i == 0:
                axes.set_title(f"what the model\nsees at scale {scale:.3g}", fontsize=8)
            if j == 0:
                axes.set_ylabel(f"“{condition}”", fontsize=8.5)
    return figure


def _show(axes: Axes, picture: Bytes) -> Axes:
    """A picture in a thin frame, so that white in it does not run into the page."""
    bare(axes).imshow(picture, interpolation="antialiased")
    axes.spines[:].set(visible=True, color="#bbbbbb", linewidth=0.6)
    return axes


def _draw(axes: Axes, table: pd.DataFrame, scales: list[float], limits: tuple[float, float], *, small: bool) -> None:
    """The effect over scale, a line per model and temperature; at the right end the mean."""
    axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
    if (table["as_people_see"] != "").any():
        axes.axhspan(0, limits[1], color="#ededed", zorder=0, linewidth=0)
    place: dict[float | str, float] = {scale: float(i) for i, scale in enumerate(scales)}
    place[MEAN] = len(scales) + 0.2
    for (_, rows), (colour, dash) in zip(_lines(table), STYLES, strict=False):
        x, y = rows["scale"].map(place).to_numpy(), rows["effect"].to_numpy()
        error = rows["standard_error"].fillna(0).to_numpy()
        each = (rows["scale"] != MEAN).to_numpy()
        axes.fill_between(x[each], (y - error)[each], (y + error)[each], color=colour, alpha=0.25, linewidth=0)
        axes.plot(
            x[each], y[each], color=colour, linestyle=dash, linewidth=1.6, marker="o", markersize=2.5 if small else 4
        )
        axes.errorbar(
            x[~each], y[~each], error[~each], color=colour, fmt="D", markersize=3.5 if small else 6, linewidth=1
        )
    axes.set_ylim(*limits)
    axes.set_xlim(-0.4, len(scales) + 0.6)
    axes.set_xticks(list(place.values()), [*(f"{scale:.3g}" for scale in scales), "mean"], fontsize=6.5 if small else 9)


def _legend(figure: Figure, place: SubplotSpec, table: pd.DataFrame) -> None:
    axes = bare(figure.add_subplot(place))
    handles = [
        Line2D([], [], color=colour, linestyle=dash, linewidth=1.8, label=f"{model}, T = {temperature:.4g} nats")
        for ((model, temperature), _), (colour, dash) in zip(_lines(table), STYLES, strict=False)
    ]
    axes.legend(handles=handles, loc="center", ncols=3, fontsize=8.5, handlelength=2.6)


def _lines(table: pd.DataFrame) -> list[tuple[Any, pd.DataFrame]]:
    return list(table.groupby(["model", "temperature"], sort=False))


def _scales(table: pd.DataFrame) -> list[float]:
    return sorted(scale for scale in table["scale"].unique() if scale != MEAN)


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """Symmetric about 0, wide enough for every effect."""
    most = float(np.nanmax(table["effect"].abs())) * 1.1
    most = min(1.05, max(0.1, most))
    return -most, most
