"""The figure of a sensitivity analysis: effect and match over each setting, beneath the stimulus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, NullLocator
from numpy.typing import NDArray

from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, STYLES
from illusions.analyses.effects.noise import PUBLISHED_LEVELS
from illusions.stimuli.scenes.scene import PATCH

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

#: What varies in each row, and how its axis is divided.
_ROWS = {
    "temperature": ("temperature T, nats", "log"),
    "size": (f"target size, pixels of {PATCH} (scale)", "log"),
    "surround": ("value of the first surround", "linear"),
    "noise": ("noise width, levels of 8 bits", "log"),
    "model": ("", "names"),
}
_COLOUR = STYLES[0][0]


def sensitivity_figure(
    stimulus: Stimulus, table: pd.DataFrame, defaults: Mapping[str, Any], *, caption: str = ""
) -> Figure:
    """Effect (left) and match (right) over every parameter, a row each.

    Args:
        stimulus: at the default settings.
        table: columns parameter, setting, effect, effect_standard_error, match, match_standard_error and bound.
        defaults: by parameter, the setting while another one is varied.
        caption: printed beneath.
    """
    with mpl.rc_context(RC):
        figure, (top, *places) = canvas([1.5, *[1.7] * len(_ROWS)], caption)
        picture = bare(figure.add_subplot(top))
        picture.imshow(stimulus.pair(), interpolation="nearest")
        picture.set_title("both targets are the same", fontsize=9)
        most = 1.1 * table["effect"].max()
        least = min(-0.05 * most, 1.1 * table["effect"].min())
        for (parameter, (label, division)), place in zip(_ROWS.items(), places, strict=True):
            rows = table[table["parameter"] == parameter]
            x = _positions(rows["setting"], division)
            grid = place.subgridspec(1, 2)
            left, right = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
            _draw(left, x, rows, "effect", division)
            _draw(right, x, rows, "match", division)
            _draw_bounds(right, x, rows)
            left.axhline(0, color=INK, linewidth=0.8)
            left.set_ylim(least, most)
            left.set_ylabel("effect")
            right.axhline(stimulus.value, color=INK, linewidth=0.8, linestyle=":")
            right.set_ylim(-0.04, 1.04)
            right.set_ylabel(f"match,\n{stimulus.axis.name}")
            for axes, column in ((left, "effect"), (right, "match")):
                axes.yaxis.set_major_locator(MultipleLocator(0.5))
                axes.yaxis.set_minor_locator(MultipleLocator(0.1))
                _ring(axes, x, rows, column, defaults[parameter])
                _ticks(axes, x, rows["setting"], parameter)
                axes.set_xlabel(label)
    return figure


def _positions(settings: pd.Series[Any], division: str) -> NDArray[np.float64]:
    return np.arange(len(settings), dtype=float) if division == "names" else settings.to_numpy(dtype=float)


def _draw(axes: Axes, x: NDArray[np.float64], rows: pd.DataFrame, column: str, division: str) -> None:
    y = rows[column].to_numpy(dtype=float)
    error = np.nan_to_num(rows[f"{column}_standard_error"].to_numpy(dtype=float))
    if division == "names":
        axes.errorbar(x, y, error, color=_COLOUR, fmt="o", markersize=4)
        axes.set_xlim(-0.6, len(x) - 0.4)
        return
    axes.set_xscale(division)
    axes.fill_between(x, y - error, y + error, color=_COLOUR, alpha=0.25, linewidth=0)
    axes.plot(x, y, "o-", color=_COLOUR, linewidth=1.6, markersize=3)


def _draw_bounds(axes: Axes, x: NDArray[np.float64], rows: pd.DataFrame) -> None:
    """An open triangle at the end of the gamut, pointing out of it, where there is no match."""
    bounds = rows["bound"].to_numpy(dtype=float)
    for marker, there in (("^", bounds > 0.5), ("v", bounds <= 0.5)):
        if there.any():  # an empty line that is not clipped spoils the layout
            style: dict[str, Any] = {"color": _COLOUR, "markerfacecolor": "white", "markersize": 5, "clip_on": False}
            axes.plot(x[there], bounds[there], marker, **style)


def _ring(axes: Axes, x: NDArray[np.float64], rows: pd.DataFrame, column: str, default: Any) -> None:
    """A ring around the point of the default setting."""
    here = (rows["setting"] == default).to_numpy()
    y = rows[column].to_numpy(dtype=float)
    style: dict[str, Any] = {"markersize": 9, "markerfacecolor": "none", "markeredgecolor": INK, "markeredgewidth": 1.2}
    axes.plot(x[here], y[here], "o", **style)


def _ticks(axes: Axes, x: NDArray[np.float64], settings: pd.Series[Any], parameter: str) -> None:
    axes.tick_params(labelsize=8)
    labels: dict[str, Callable[[Any], str]] = {
        "size": lambda size: f"{size:g}\n({PATCH / size:.2g})",
        "noise": lambda levels: f"{levels:g}" + ("\npublished code" if levels == PUBLISHED_LEVELS else ""),
        "model": lambda name: str(name).replace(" ", "\n"),
    }
    if parameter in labels:
        axes.set_xticks(x, [labels[parameter](setting) for setting in settings], fontsize=7)
        axes.xaxis.set_minor_locator(NullLocator())
