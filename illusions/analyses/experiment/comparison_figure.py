"""The figure of a comparison: observers' matches and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, STYLES
from illusions.analyses.experiment.observers import PAIR
from illusions.stimuli.axes import AXES

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

#: Inches: of a match, of what a stimulus needs besides, of a line of the legend, of the numbers beneath the last panel.
_ROW, _AROUND, _LEGEND, _AXIS = 0.52, 0.42, 0.2, 0.35
_MARKERS = ("s", "D", "^", "v", "P", "X", "<", ">")
_GREY = "#9a9a9a"


def comparison_figure(
    comparison: pd.DataFrame, means: pd.DataFrame, stimuli: Sequence[Stimulus], *, caption: str = ""
) -> Figure:
    """Each stimulus with its matches: how far from the physical value observers set them, and predictions.

    Args:
        comparison: the rows of ``comparison.csv``.
        means: the rows of ``matches.csv``.
        stimuli: those that were compared, a panel each.
        caption: printed beneath.
    """
    shown = [s for s in stimuli if s.name in set(comparison["stimulus"])]
    names = list(dict.fromkeys(comparison["predictor"]))
    looks = {name: (_MARKERS[i % len(_MARKERS)], STYLES[i % len(STYLES)][0]) for i, name in enumerate(names)}
    rows = [len(comparison.loc[comparison["stimulus"] == s.name, PAIR].drop_duplicates()) for s in shown]
    legend = _LEGEND * (1 + (len(names) + 2) // 3)
    with mpl.rc_context(RC):
        heights = [_ROW * n + _AROUND for n in rows]
        figure, (top, *places) = canvas([legend, *heights[:-1], heights[-1] + _AXIS], caption)
        panels: list[Axes] = []
        for stimulus, place in zip(shown, places, strict=True):
            columns = place.subgridspec(1, 2, width_ratios=[1, 2.1])
            picture = bare(figure.add_subplot(columns[0]))
            picture.imshow(stimulus.pair())
            picture.set_title(stimulus.name, fontsize=8.5, loc="left")
            axes = figure.add_subplot(columns[1], sharex=panels[0] if panels else None)
            _draw(axes, comparison[comparison["stimulus"] == stimulus.name], means, looks)
            panels.append(axes)
        for axes in panels[:-1]:
            axes.tick_params(labelbottom=False)
        panels[-1].set_xlabel("match − physical value, % of the range")
        bare(figure.add_subplot(top)).legend(handles=_keys(looks), loc="center", ncols=3, fontsize=8)
    return figure


def comparison_caption() -> str:
    """How the figure is to be read."""
    return (
        "Each match: the target's setting in one surround that looks as in the other, minus its physical value. Black: "
        "the mean over observers with its 95 % interval (Student's t), cut at the ends of the range. Grey: the mean of "
        "each observer. Coloured: predictions. One at the end of the range may mean that there is no match within it."
    )


def _keys(looks: dict[str, tuple[str, str]]) -> list[Line2D]:
    """Entries of the legend: people first."""
    predictors = [Line2D([], [], ls="", marker=m, color=c, mfc="none", label=name) for name, (m, c) in looks.items()]
    return [
        Line2D([], [], marker="o", color="black", label="people"),
        Line2D([], [], ls="", marker="o", ms=3, color=_GREY, label="each observer"),
        *predictors,
    ]


def _draw(axes: Axes, said: pd.DataFrame, means: pd.DataFrame, looks: dict[str, tuple[str, str]]) -> None:
    """The matches of one stimulus, beneath one another."""
    pairs = list(dict.fromkeys(said[PAIR].itertuples(index=False, name=None)))
    axes.axvline(0, color=INK, linewidth=0.7)
    for y, pair in enumerate(pairs):
        of_pair = said[(said[PAIR] == list(pair)).all(axis=1)]
        people = of_pair.iloc[0]
        span, circular, physical = AXES[people["axis"]].span, AXES[people["axis"]].circular, people["reference_value"]
        each = 100 * (means.loc[(means[PAIR] == list(pair)).all(axis=1), "match"] - physical) / span
        mean, low, height = (100 * (people[name] - physical) / span for name in ("match", "low", "high"))
        if not circular:  # no one can set a match beyond the range
            ends = [100 * (end - physical) / span for end in (AXES[people["axis"]].low, AXES[people["axis"]].high)]
            low, height = max(low, ends[0]), min(height, ends[1])
        bar = None if pd.isna(low) else [[mean - low], [height - mean]]
        axes.errorbar([mean], [y - 0.12], xerr=bar, fmt="o", ms=5.5, color="black", capsize=2.5)
        axes.plot(each, [y - 0.01] * len(each), "o", ms=2.5, color=_GREY)
        for number, row in enumerate(of_pair.itertuples()):
            marker, colour = looks[str(row.predictor)]
            off = 100 * (float(row.predicted) - physical) / span  # type: ignore[arg-type]
            off = (off + 50) % 100 - 50 if circular else off
            at = y + 0.08 + 0.36 * number / max(1, len(of_pair) - 1)
            axes.plot([off], [at], marker, ms=4.5, color=colour, mfc="none")
        words = f"on “{pair[2]}”, to look as on “{pair[1]}”"
        axes.text(
            0.01, y - 0.36, words, transform=axes.get_yaxis_transform(), fontsize=7.5, va="center", color=INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    axes.set_yticks([])
    axes.set_ylim(len(pairs) - 0.45, -0.5)
    axes.spines["left"].set_visible(False)
