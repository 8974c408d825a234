"""An exaggerated picture beside the picture as it is, the proof that their targets are the same, and the figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.contact_sheet import beside
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, STYLES, WIDTH
from illusions.analyses.exaggeration.comparison import ExaggeratedPicture, over_patches
from illusions.models.evaluation import bits_per_dimension

if TYPE_CHECKING:
    from illusions.arrays import Bytes

#: What a picture is hidden by.
_GREY = 128


def pair(done: ExaggeratedPicture) -> Bytes:
    """The pictures side by side: as it is, and for every η."""
    return beside(list(done.pictures.values()), gap=_gap(done))


def proof(done: ExaggeratedPicture) -> Bytes:
    """The pair, and below it the same pictures with hidden surrounds: the targets are equal."""
    hidden = [np.where(done.target[..., None], pixels, np.uint8(_GREY)) for pixels in done.pictures.values()]
    above, below = pair(done), beside(hidden, gap=_gap(done))
    return np.concatenate([above, np.full((_gap(done), above.shape[1], 3), 255, dtype=np.uint8), below])


def exaggeration_figure(done: ExaggeratedPicture, *, caption: str = "") -> Figure:
    """The pictures, the proof that their targets are the same, the percentile ranks, and the surround's likelihood."""
    height, width = done.target.shape
    panel = WIDTH / len(done.pictures) * height / width
    styles = dict(zip(done.pictures, STYLES * len(done.pictures), strict=False))
    with mpl.rc_context(RC):
        around = _around(done.target)
        cut = WIDTH / len(done.pictures) * min(1.0, done.target[around].shape[0] / done.target[around].shape[1])
        figure, (top, middle, bottom) = canvas([panel + 0.3, 0.6 * cut + 0.1, 2.4], caption)
        above, below = (place.subgridspec(1, len(done.pictures)) for place in (top, middle))
        for i, (name, picture) in enumerate(done.pictures.items()):
            axes = bare(figure.add_subplot(above[i]))
            axes.imshow(picture, interpolation="nearest")
            axes.set_title(name, fontsize=9)
            alone = np.where(done.target[..., None], picture, np.uint8(_GREY))[around]
            bare(figure.add_subplot(below[i])).imshow(alone, interpolation="nearest")
        panels = bottom.subgridspec(1, len(done.curves) + 1, width_ratios=[*[1.0] * len(done.curves), 0.8])
        for i, curves in enumerate(done.curves.values()):
            _draw_ranks(figure.add_subplot(panels[i]), curves, styles, with_legend=i == 0)
        _draw_surround(figure.add_subplot(panels[len(done.curves)]), done, styles)
    return figure


def _gap(done: ExaggeratedPicture) -> int:
    return int(max(2, done.target.shape[1] // 20))


def _around(target: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The bounding box of the target with a quarter of its size around it."""
    spans = []
    for axis in (1, 0):
        hit = np.flatnonzero(target.any(axis=axis))
        margin = (hit[-1] - hit[0]) // 4 + 1
        spans.append(slice(max(0, hit[0] - margin), hit[-1] + 1 + margin))
    return spans[0], spans[1]


def _draw_ranks(
    axes: Axes, curves: Mapping[str, LikelihoodCurve], styles: Mapping[str, tuple[str, object]], *, with_legend: bool
) -> None:
    for name, curve in curves.items():
        colour, dash = styles[name]
        ranks = curve.percentile_ranks[curve.order]
        axes.plot(curve.positions, ranks, color=colour, linestyle=dash, linewidth=1.6, label=name)
        axes.plot([curve.value], [curve.percentile_rank(curve.value)], "o", color=colour, markersize=5, zorder=4)
    curve = next(iter(curves.values()))
    axes.axvline(curve.value, color=INK, linewidth=0.8, linestyle=":", zorder=0)
    axes.set_xlim(curve.positions[0], curve.positions[-1])
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(f"{curve.axis.label}\nof the target")
    if with_legend:
        axes.set_ylabel("percentile rank $P(V \\leq v)$")
        axes.legend(fontsize=8, handlelength=2.2)


def _draw_surround(axes: Axes, done: ExaggeratedPicture, styles: Mapping[str, tuple[str, object]]) -> None:
    for i, (name, nats) in enumerate(done.surround.items()):
        if len(nats):
            bits = over_patches(bits_per_dimension(nats, done.dimensions))
            axes.errorbar([i], [bits.mean], [bits.standard_error], fmt="o", color=styles[name][0], capsize=3)
    axes.set_xticks(range(len(done.surround)), list(done.surround), fontsize=8, rotation=35, ha="right")
    axes.set_xlim(-0.5, len(done.surround) - 0.5)
    axes.set_ylabel("bits per dimension\nof the surround")
