"""Figures: the stimulus itself, the likelihood of its target's values beneath it, and their percentile ranks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.densities.matching import Match
from illusions.analyses.drawing.canvas import canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, STYLES, WIDTH
from illusions.analyses.ranks.outlined import Seen, draw_row, outlined_rows, row_height
from illusions.analyses.ranks.plotting import bands, draw_band, rank_label
from illusions.analyses.ranks.wording import change_in_brackets, prediction_sentence, ranking_caption

if TYPE_CHECKING:
    from illusions.analyses.readings.scales import Ranking
    from illusions.stimuli.stimulus import Stimulus

_TALLEST = 3.4  # picture, inches
#: A match nearer to the target than this share of the sweep is shown enlarged, too.
_SMALL = 0.05
#: How much of a panel of ranks a label takes up.
_LABEL = 0.1


def ranking_figure(ranking: Ranking) -> Figure:
    """The stimulus above its curves, with a caption; the match that is marked is that of the first two conditions."""
    found, prediction = next(iter(ranking.matches), None), ranking.prediction
    of_match = [caution for caution in (found.cautions if found else ()) if caution not in prediction.noted]
    text = " ".join([ranking_caption(ranking), prediction_sentence(prediction, brief=True), *of_match])
    seen = ranking.seen if ranking.stimulus.outlined else None
    return stimulus_figure(ranking.stimulus, ranking.curves, found, caption=text, seen=seen)


def stimulus_figure(
    stimulus: Stimulus,
    curves: Mapping[str, LikelihoodCurve],
    found: Match | None = None,
    *,
    caption: str = "",
    seen: Seen | None = None,
) -> Figure:
    """A stimulus, the likelihood curve of each condition, the percentile rank functions, and the match.

    Args:
        stimulus: what the curves are of.
        curves: one per condition.
        found: a match to mark; where there is one, the pair with the match in place stands beside the pair as it is.
        caption: printed beneath; says what to see.
        seen: the patch that the model saw of a condition, for each value; where it is given, it stands beside the
            picture of its condition, in which the target is outlined.
    """
    with mpl.rc_context(RC):
        if seen is None:
            figure, density, ranks, strip = _with_pairs(stimulus, found, caption)
        else:
            rows = outlined_rows(stimulus, seen, found)
            figure, above, density, ranks, strip = _layout([row_height(row) for row in rows], caption)
            for place, row in zip(above, rows, strict=True):
                draw_row(figure, place, row)
        colours = dict(zip(curves, STYLES * len(curves), strict=False))
        first = next(iter(curves.values()))
        for name, curve in curves.items():
            frame = bands(curve, first)
            draw_band(density, frame, "density", f"on {name}", *colours[name])
            draw_band(ranks, frame, "percentile_rank", "", *colours[name])
        _mark_ranks(ranks, curves, colours)
        _finish_panels(density, ranks, first)
        if found is not None and found.in_gamut:
            _enlarge(ranks, found, curves, colours)
        if found is not None:
            _mark_match(ranks, found, first, colours[found.comparison_condition][0])
        _draw_strip(strip, stimulus, first)
    return figure


def _with_pairs(stimulus: Stimulus, found: Match | None, caption: str) -> tuple[Figure, Axes, Axes, Axes]:
    """All conditions side by side, as they are and with the match, and the empty panels beneath."""
    same = {1: "the target in its surround", 2: "both targets are the same"}
    pictures = {same.get(len(stimulus.conditions), "all targets are the same"): stimulus.pair()}
    if found is not None and found.in_gamut:
        title = f"target on “{found.comparison_condition}” set to {found.pse:.3g}"
        pictures[title] = stimulus.pair({found.comparison_condition: found.pse})
    aspect = max(picture.shape[0] / picture.shape[1] for picture in pictures.values())
    tall = min(WIDTH / len(pictures) * aspect, _TALLEST)
    figure, (top,), *panels = _layout([tall + 0.6], caption)
    row = top.subgridspec(1, len(pictures))
    for i, (title, picture) in enumerate(pictures.items()):
        _draw_picture(figure.add_subplot(row[i]), picture, title)
    density, ranks, strip = panels
    return figure, density, ranks, strip


def _layout(heights: list[float], caption: str) -> tuple[Figure, list[SubplotSpec], Axes, Axes, Axes]:
    """A figure with rows for pictures, of these heights in inches, and beneath them the panels."""
    figure, (*above, middle, lower, bottom) = canvas([*heights, 2.45, 2.45, 0.2], caption)
    density = figure.add_subplot(middle)
    ranks = figure.add_subplot(lower, sharex=density)
    strip = figure.add_subplot(bottom, sharex=density)
    return figure, above, density, ranks, strip


def _draw_picture(axes: Axes, picture: NDArray[np.uint8], title: str) -> None:
    axes.imshow(picture, interpolation="nearest")
    axes.set_title(title, fontsize=9)
    axes.set_axis_off()


def _mark_ranks(axes: Axes, curves: Mapping[str, LikelihoodCurve], colours: Mapping[str, tuple[str, Any]]) -> None:
    """Dots at the physical target with their ranks: to the left from 0.5 on, else to the right, none over another."""
    marks = [(curve.percentile_rank(curve.value), curve.value, colours[name][0]) for name, curve in curves.items()]
    high = sorted(mark for mark in marks if mark[0] > 0.5)
    low = sorted((mark for mark in marks if mark[0] <= 0.5), reverse=True)
    for side, its in ((-1, high), (1, low)):
        last = np.inf * side
        for rank, value, colour in its:
            up = side < 0 or rank < 0.15
            free = rank + (_LABEL if up else -_LABEL) / 2
            last = max(free, last + _LABEL) if up else min(free, last - _LABEL)
            axes.plot([value], [rank], "o", color=colour, markersize=6, zorder=4)
            axes.annotate(
                f"{rank:.2f}", (value, last), (7 * side, 0), textcoords="offset points", color=colour,
                va="center", ha="right" if side < 0 else "left",
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5},
            )  # fmt: skip


def _enlarge(
    axes: Axes, found: Match, curves: Mapping[str, LikelihoodCurve], colours: Mapping[str, tuple[str, Any]]
) -> None:
    """A small effect once more, enlarged: around the target and its match, where they would hide each other."""
    first = next(iter(curves.values()))
    span = first.positions[-1] - first.positions[0]
    match = first.unwrap(found.pse)
    off = abs(match - found.reference_value)
    if not 0 < off < _SMALL * span:
        return
    inset = axes.inset_axes((0.03, 0.58, 0.3, 0.4))
    around = np.array([-2.0, 2.0]) * off + (found.reference_value + match) / 2
    for name, curve in curves.items():
        colour, dash = colours[name]
        x = np.clip(np.linspace(around[0], around[1], 50), curve.positions[0], curve.positions[-1])
        inset.plot(x, [curve.percentile_rank(value) for value in x], color=colour, linestyle=dash, linewidth=1.4)
        inset.plot([curve.value], [curve.percentile_rank(curve.value)], "o", color=colour, markersize=4)
    edge = colours[found.comparison_condition][0]
    inset.plot([match], [found.percentile_rank], "D", markerfacecolor="white", markeredgecolor=edge, markersize=4.5)
    inset.set_xlim(*around)
    inset.xaxis.set_major_locator(MaxNLocator(3))
    inset.set_yticks([])
    inset.tick_params(labelsize=7.5)
    inset.spines[:].set_color("0.6")


def _finish_panels(density: Axes, ranks: Axes, curve: LikelihoodCurve) -> None:
    for axes in (density, ranks):
        axes.axvline(curve.value, color=INK, linewidth=0.8, linestyle=":", zorder=0)
        axes.tick_params(labelbottom=False)
        axes.set_ylim(bottom=0)
    _fit_height(density)
    density.set_xlim(curve.positions[0], curve.positions[-1])
    density.annotate(
        f"target {curve.value:.3g}", (curve.value, 1), (3, -1), xycoords=("data", "axes fraction"),
        textcoords="offset points", fontsize=8.5, color=INK, va="top",
    )  # fmt: skip
    density.set_ylabel(f"likelihood $p_T$\nper {curve.axis.unit}")
    ranks.set_ylabel(rank_label(curve))
    ranks.set_ylim(0, 1.02)
    labels = density.get_legend_handles_labels()[1]
    if len(labels) > 1:  # above the panel: nothing in it is hidden, and nothing runs through it
        density.legend(fontsize=9, handlelength=2.6, loc="lower left", bbox_to_anchor=(0, 1), ncols=min(4, len(labels)))


def _fit_height(density: Axes) -> None:
    """From 0 on; but where all likelihoods are nearly the same, around them, so that their differences are seen."""
    drawn = np.concatenate(
        [
            np.asarray(line.get_ydata(), dtype=float)
            for line in density.lines
            if not str(line.get_label()).startswith("_")
        ]
    )
    low, high = float(drawn.min()), float(drawn.max())
    bottom = low - (high - low) if 0.75 * high < low < high else 0.0
    density.set_ylim(bottom, high + 0.25 * (high - bottom))


def _mark_match(axes: Axes, found: Match, first: LikelihoodCurve, colour: str) -> None:
    """From the reference's rank across to the comparison's curve and down; or to the bound, if it is not met."""
    end = first.unwrap(found.pse) if found.bound is None else found.bound
    rank = found.percentile_rank
    line: dict[str, Any] = {"color": INK, "linewidth": 1, "linestyle": "--", "zorder": 3}
    axes.plot([found.reference_value, end], [rank, rank], **line)
    if found.in_gamut:
        axes.plot([end, end], [0, rank], **line)
        axes.plot([end], [rank], "D", markerfacecolor="white", markeredgecolor=colour, markersize=6, zorder=5)
        change = "" if first.axis.circular else change_in_brackets(found, 0)
        text, height = f"match {found.pse:.3g}{change}", 0.0
    else:
        text, height = f"“{found.comparison_condition}” does not reach this rank", min(rank, 0.9)
    left = end > np.quantile(first.positions, 0.72)
    axes.annotate(
        text, (end, height), (-5 if left else 5, 4), textcoords="offset points",
        fontsize=8.5, color=INK, ha="right" if left else "left",
    )  # fmt: skip


def _draw_strip(axes: Axes, stimulus: Stimulus, curve: LikelihoodCurve) -> None:
    """The colours of the target along the axis, beneath the curves."""
    period = curve.period if curve.axis.circular else None
    colours = np.array([stimulus.colour(v % period if period else v) for v in curve.positions])
    half = curve.axis.step / 2
    extent = (curve.positions[0] - half, curve.positions[-1] + half, 0.0, 1.0)
    axes.imshow(colours[None].astype(np.uint8), aspect="auto", extent=extent, interpolation="nearest")
    axes.set_xlim(curve.positions[0], curve.positions[-1])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.set_xlabel(f"{curve.axis.label} of the target")
    if period:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{round(x % period, 6):.3g}"))
