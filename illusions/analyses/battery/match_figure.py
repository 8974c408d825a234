"""The figure about matches: by how much people's matches are shifted in every surround, and what predictors say."""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from illusions.analyses.battery.match_contest import MatchResult
from illusions.analyses.battery.match_scores import error_of
from illusions.analyses.battery.matches import Group
from illusions.analyses.drawing.canvas import canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, STYLES

#: Panels in a row, and the height of each, inches.
_COLUMNS, _HEIGHT = 4, 1.45
#: Units as they stand in figures.
_UNITS = {"degrees of azimuth": "degrees", "cd/m2": "cd/m²", "log10 units": "log units"}


def shown(results: Sequence[MatchResult], groups: Sequence[Group]) -> list[MatchResult]:
    """The flow and the rival with the least cross-validated errors; where there are none, the first two predictors."""
    of_kind = [[result for result in results if result.entry.is_flow == is_flow] for is_flow in (True, False)]
    best = [min(some, key=lambda result: error_of(result, groups, "surround")) for some in of_kind if some]
    return best if len(best) == 2 else list(results[:2])


def match_figure(results: Sequence[MatchResult], groups: Sequence[Group], *, caption: str = "") -> Figure:
    """A panel per surround: people's shifts with their standard errors, and those of the best flow and rival.

    Args:
        results: of all predictors.
        groups: of one set.
        caption: printed beneath.
    """
    rows = math.ceil(len(groups) / _COLUMNS)
    with mpl.rc_context(RC):
        figure, places = canvas([_HEIGHT] * rows, caption)
        panels: list[Axes] = []
        for row, place in enumerate(places):
            grid = place.subgridspec(1, _COLUMNS)
            for column, group in enumerate(groups[row * _COLUMNS : (row + 1) * _COLUMNS]):
                shared = panels[0] if panels else None
                axes = figure.add_subplot(grid[column], sharex=shared, sharey=shared)
                panels.append(axes)
                _draw(axes, shown(results, groups), group)
                axes.tick_params(labelleft=column == 0, labelbottom=len(panels) + _COLUMNS > len(groups), labelsize=7)
        last = panels[(rows - 1) * _COLUMNS :]
        label = groups[0].people.x_label
        last[(len(last) - 1) // 2].set_xlabel(
            label[0].upper() + label[1:], fontsize=8, x=0.5 if len(last) % 2 else 1.1, ha="center"
        )
        figure.supylabel(f"Shift ({_UNITS[groups[0].people.unit]})", fontsize=8)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=7.5)
    return figure


def match_caption(results: Sequence[MatchResult], groups: Sequence[Group]) -> str:
    """How the figure is to be read."""
    errors = "; ".join(
        f"{result.entry.name} {error_of(result, groups, 'surround'):.2f} {_UNITS[groups[0].people.unit]}"
        for result in shown(results, groups)
    )
    return (
        f"{groups[0].people.title} ({groups[0].people.name}). Points: people's mean matches minus the physical target, "
        "with standard errors. Lines: the predictions, each surround with settings chosen on the others. Root mean "
        f"square error: {errors}."
    )


def _draw(axes: Axes, results: Sequence[MatchResult], group: Group) -> None:
    order = np.argsort(group.x)
    x = group.x[order]
    axes.axhline(0, color="#bbbbbb", linewidth=0.6)
    axes.errorbar(
        x, group.shifts[order], group.standard_errors[order], fmt="o", color=INK, markersize=2.2, linewidth=0.8,
        label="people",
    )  # fmt: skip
    for result, (colour, dash) in zip(results, STYLES, strict=False):
        shifts = result.shifts(group, "surround")[order]
        axes.plot(x, shifts, color=colour, linestyle=dash, linewidth=1.2, label=result.entry.name)
    axes.set_title(group.name, fontsize=8, pad=2)
