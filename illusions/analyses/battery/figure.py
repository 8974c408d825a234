"""The figure of a contest: every stimulus, which target people see as lighter, and which each predictor says is."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from illusions.analyses.battery.contest import Result, set_names
from illusions.analyses.battery.people import is_scored
from illusions.analyses.battery.scores import is_right, lighter_of
from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, STYLES, WIDTH

if TYPE_CHECKING:
    from illusions.arrays import Bytes
    from illusions.stimuli.published import PublishedStimulus

#: Inches: a row, a thumbnail, the names beside it, a cell at most, and what lies between two blocks, and between people
#: and predictors.
_ROW, _THUMB, _NAME, _CELL, _GAP, _APART = 0.31, 0.52, 0.74, 0.22, 0.16, 0.05
#: With more columns than this the rows stand in one block, with fewer in two, side by side.
_MOST_IN_TWO = 18
#: Cells at least so wide have room for two lines above them.
_TWO_LINES = 0.19
#: Points: of digits, of names, of what stands above the columns.
_DIGIT, _POINTS, _HEAD = 7.0, 6.0, 6.5
#: Of a target's outline, and of its digit: by target.
_COLOURS = {"1": STYLES[0][0], "2": STYLES[1][0]}
_GREY = "#767676"
#: Of the surround, left around what is cut out of a picture, as a share of its longer side.
_MARGIN = 0.04


@dataclass(frozen=True)
class _Cell:
    """One answer: what is written, in which colour, and whether the cell is filled, framed or bare."""

    text: str
    colour: str
    look: str


@dataclass(frozen=True)
class _Line:
    """One line of the figure: a stimulus; or the name of a set, with how many are right."""

    text: str
    cells: tuple[_Cell, ...]
    stimulus: PublishedStimulus | None = None


def battery_figure(results: Sequence[Result], *, caption: str = "") -> Figure:
    """Every stimulus with its targets outlined, what people see, and what each predictor says, cross-validated.

    Args:
        results: a column each, of the same stimuli.
        caption: printed beneath.
    """
    lines = [line for name in set_names(results[0].stimuli) for line in _lines_of(results, name)]
    blocks = _blocks(lines) if len(results) < _MOST_IN_TWO else [lines]
    width = (WIDTH - (len(blocks) - 1) * _GAP) / len(blocks)
    cell = min(_CELL, (width - _THUMB - _NAME - _APART) / (len(results) + 1))
    names = [result.entry.name for result in results]
    heads = ["people", *([textwrap.fill(name, 20) for name in names] if cell >= _TWO_LINES else names)]
    head = 0.1 + 0.053 * max(len(part) for text in heads for part in text.split("\n"))
    with mpl.rc_context(RC):
        height = head + max(map(len, blocks)) * _ROW
        figure, (place,) = canvas([height], caption)
        axes = bare(figure.add_subplot(place))
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        axes.set_aspect("equal", anchor="NW")
        for number, block in enumerate(blocks):
            left = number * (width + _GAP)
            for column, text in enumerate(heads):
                x = _left_of(column, left, cell) + 0.5 * cell
                weight = "bold" if column == 0 else "normal"
                axes.text(
                    x, head - 0.05, text, rotation=90, ha="center", va="bottom", fontsize=_HEAD, weight=weight,
                    linespacing=1.0,
                )  # fmt: skip
            for row, line in enumerate(block):
                _draw_line(axes, line, left, head + row * _ROW, cell)
    return figure


def battery_caption(results: Sequence[Result]) -> str:
    """How the figure is to be read."""
    chosen = any(len(result.entry.settings) > 1 for result in results)
    return (
        "Each picture, cut to what is not its margin, with target 1 outlined in blue and target 2 in orange; which of "
        "them people see as lighter; and which each predictor says is. Filled: as people see it, "
        "however small the difference. Framed: wrong. "
        "Without a frame: people's direction is contested (1?, 2?), unknown (?) or none (=), so nothing is right or "
        "wrong. =: no difference; –: no prediction; both count as wrong where people have a direction. Beside the "
        "name of a set: how many directions are settled, and how many of them each has right."
        + (" Settings of a predictor are chosen without the family of the stimulus." if chosen else "")
    )


def _lines_of(results: Sequence[Result], name: str) -> list[_Line]:
    """The lines of one set: how many each predictor has right, and its stimuli."""
    rows = [i for i, stimulus in enumerate(results[0].stimuli) if stimulus.set == name]
    stimuli = [results[0].stimuli[i] for i in rows]
    lines = [
        _Line(s.name, (_people(s), *(_said(s, float(r.cross_validated[i])) for r in results)), s)
        for i, s in zip(rows, stimuli, strict=True)
    ]
    scored = [i for i, stimulus in zip(rows, stimuli, strict=True) if is_scored(stimulus)]
    sums = [sum(bool(is_right(r.stimuli[i], float(r.cross_validated[i]))) for i in scored) for r in results]
    counts = tuple(_Cell(str(count), INK, "bare") for count in (len(scored), *sums))
    return [_Line(name, counts), *lines]


def _blocks(lines: Sequence[_Line]) -> list[Sequence[_Line]]:
    """The lines in two blocks: where a set begins, if that is near the middle."""
    begins = [i for i, line in enumerate(lines) if line.stimulus is None]
    middle = math.ceil(len(lines) / 2)
    nearest = min(begins, key=lambda i: abs(i - middle))
    cut = nearest if abs(nearest - middle) <= len(lines) / 10 else middle
    return [lines[:cut], lines[cut:]]


def _people(stimulus: PublishedStimulus) -> _Cell:
    if stimulus.equal:
        return _Cell("=", _GREY, "filled")
    if stimulus.lighter is None:
        return _Cell("?", _GREY, "bare")
    text = str(stimulus.lighter)
    return _Cell(f"{text}?", _COLOURS[text], "bare") if stimulus.contested else _Cell(text, _COLOURS[text], "filled")


def _said(stimulus: PublishedStimulus, difference: float) -> _Cell:
    lighter = lighter_of(difference)
    text = {"": "–", "none": "="}.get(lighter, lighter)
    look = "bare" if not is_scored(stimulus) else "filled" if is_right(stimulus, difference) else "framed"
    return _Cell(text, _COLOURS.get(lighter, _GREY), look)


def _draw_line(axes: Axes, line: _Line, left: float, top: float, cell: float) -> None:
    middle = top + _ROW / 2
    if line.stimulus is None:
        axes.text(left, middle, line.text, fontsize=8.5, weight="bold", va="center_baseline", color=INK)
    else:
        _draw_stimulus(axes, line.stimulus, left, top)
        name = textwrap.fill(line.text.replace("_", " "), 14).replace(" ", "_")
        axes.text(left + _THUMB + 0.05, middle, name, fontsize=_POINTS, va="center", color=INK, linespacing=1.0)
    for column, shown in enumerate(line.cells):
        _draw_cell(axes, shown, _left_of(column, left, cell), top, cell)


def _left_of(column: int, left: float, cell: float) -> float:
    """The left side of a cell: people's column, 0, stands a little apart."""
    return left + _THUMB + _NAME + column * cell + (_APART if column else 0)


def _draw_cell(axes: Axes, shown: _Cell, left: float, top: float, width: float) -> None:
    side, tall = 0.88 * width, 0.88 * _CELL
    x, y = left + width / 2, top + _ROW / 2
    if shown.look != "bare":
        face = shown.colour if shown.look == "filled" else "white"
        box = Rectangle((x - side / 2, y - tall / 2), side, tall, facecolor=face, edgecolor=shown.colour, linewidth=0.9)
        axes.add_patch(box)
    points = min(_DIGIT, 46 * width)  # two digits fit into a cell
    ink = "white" if shown.look == "filled" else shown.colour
    axes.text(x, y, shown.text, fontsize=points, weight="bold", ha="center", va="center_baseline", color=ink)


def _draw_stimulus(axes: Axes, stimulus: PublishedStimulus, left: float, top: float) -> None:
    rows, columns = _content(stimulus.picture)
    picture, targets = stimulus.picture[rows, columns], stimulus.targets[rows, columns]
    height, width = picture.shape[:2]
    scale = min(_THUMB / width, (_ROW - 0.03) / height)
    x, y = left + (_THUMB - width * scale) / 2, top + (_ROW - height * scale) / 2
    extent = (x, x + width * scale, y + height * scale, y)
    axes.imshow(picture, extent=extent, interpolation="nearest" if max(picture.shape) < 64 else "antialiased")
    for label, colour in _COLOURS.items():
        _outline(axes, targets == int(label), extent, colour)
    axes.set_aspect("equal", anchor="NW")


def _outline(axes: Axes, target: np.ndarray, extent: tuple[float, float, float, float], colour: str) -> None:
    """Around each pixel of the target that has a neighbour that is none: edges, not curves."""
    inside = np.pad(target, 1)
    x0, x1, y1, y0 = extent
    x = np.linspace(x0, x1, target.shape[1] + 1)
    y = np.linspace(y0, y1, target.shape[0] + 1)
    across, down = np.nonzero(inside[1:, 1:-1] != inside[:-1, 1:-1]), np.nonzero(inside[1:-1, 1:] != inside[1:-1, :-1])
    segments = [[(x[j], y[i]), (x[j + 1], y[i])] for i, j in zip(*across, strict=True)]
    segments += [[(x[j], y[i]), (x[j], y[i + 1])] for i, j in zip(*down, strict=True)]
    axes.add_collection(LineCollection(segments, colors=colour, linewidths=0.8, capstyle="projecting"))


def _content(picture: Bytes) -> tuple[slice, slice]:
    """The rows and columns in which anything differs from the upper left pixel, with a margin."""
    differs = (picture != picture[0, 0]).any(axis=2)
    return _stretch(differs.any(axis=1)), _stretch(differs.any(axis=0))


def _stretch(differs: np.ndarray) -> slice:
    found = np.flatnonzero(differs)
    if not len(found):
        return slice(None)
    margin = math.ceil(_MARGIN * len(differs))
    return slice(max(0, int(found[0]) - margin), int(found[-1]) + 1 + margin)
