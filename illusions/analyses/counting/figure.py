"""The figures of a count in photographs: the targets that were found, and where they were found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from illusions.analyses.counting.counts import Count, Counting
from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.contact_sheet import Sheet, contact_sheet
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, STYLES, WIDTH
from illusions.analyses.patches.crops import read_crop
from illusions.analyses.wording import with_error
from illusions.arrays import Bytes
from illusions.pictures import as_picture

#: On a contact sheet, beside the stimulus.
_SHOWN = 9
#: Of the stimulus, at most; of a row of the figure, and of one without a count, inches.
_TALLEST, _ROW, _ROW_OF_NONE = 2.6, 2.1, 0.75
_BINS = 48


def counting_figure(counting: Counting, *, caption: str = "") -> Figure:
    """The stimulus, and for every scale the targets that were counted, with the place of the stimulus' own among them.

    Args:
        counting: a stimulus.
        caption: printed beneath.
    """
    pair = counting.stimulus.pair()
    tall = min(WIDTH * pair.shape[0] / pair.shape[1], _TALLEST)
    with mpl.rc_context(RC):
        counted = [any(not count.why_none for count in counts.values()) for counts in counting.at_scales.values()]
        rows = [_ROW if some else _ROW_OF_NONE for some in counted]
        figure, (top, *places) = canvas([tall + 0.3, *rows], caption)
        axes = bare(figure.add_subplot(top))
        axes.imshow(pair, interpolation="nearest")
        axes.set_title("the stimulus: its targets are the same" if len(counting.stimulus.conditions) > 1 else "")
        panels = [figure.add_subplot(place) for place in places]
        for panel, (scale, counts) in zip(panels, counting.at_scales.items(), strict=True):
            _draw_count(panel, counting, scale, counts)
        for panel in [panel for panel, some in zip(panels, counted, strict=True) if some][-1:]:
            panel.set_xlabel("(target − mean of its surround) / standard deviation of its surround")
    return figure


def places_figure(counting: Counting, *, caption: str = "") -> Figure | None:
    """For every count the stimulus, and the patches of photographs whose surround fits best; None without any count.

    Raises:
        InputError: a photograph can no longer be read.
    """
    sheets = [
        _sheet(f"on “{condition}”, scale {scale:.3g}", count, counting.arrays)
        for scale, counts in counting.at_scales.items()
        for condition, count in counts.items()
        if not count.why_none
    ]
    return contact_sheet(sheets, columns=_SHOWN + 1, caption=caption) if sheets else None


def _draw_count(axes: Axes, counting: Counting, scale: float, counts: Mapping[str, Count]) -> None:
    axes.set_title(f"scale {scale:.3g}", loc="left", fontsize=9)
    counted = {name: count for name, count in counts.items() if not count.why_none}
    for i, why in enumerate(sorted({count.why_none for count in counts.values()} - {""})):
        names = " and ".join(f"“{name}”" for name, count in counts.items() if count.why_none == why)
        text, height = f"{names}: no count, as {why}", 0.95 - 0.1 * i
        axes.text(0.01, height, text, transform=axes.transAxes, fontsize=8.5, va="top", color=INK)
    if not counted:
        bare(axes)
        return
    own = {name: float(count.template.normalised(counting.stimulus.value)) for name, count in counted.items()}
    found = pd.concat([count.places["target"] for count in counted.values()])
    low, high = (float(x) for x in np.quantile(found, [0.005, 0.995]))
    low, high = min(low, *own.values()) - 0.1, max(high, *own.values()) + 0.1
    edges = np.linspace(low, high, _BINS + 1)
    styles = dict(zip(counts, STYLES * len(counts), strict=False))
    for name, count in counted.items():
        colour, dash = styles[name]
        targets = count.places["target"].clip(low, high)
        weights = np.full(len(targets), 100 / len(targets))
        axes.hist(targets, list(edges), weights=weights, histtype="step", color=colour, linestyle=dash, linewidth=1.5)
        axes.axvline(own[name], color=colour, linestyle=dash, linewidth=1.2)
        rank = counting.prediction.ranks[scale][name]
        axes.plot(
            [], [], color=colour, linestyle=dash,
            label=f"on {name}: rank {with_error(rank.value, rank.standard_error)}\n{len(count.places)} places in "
            f"{count.places['picture'].nunique()} photographs, r ≥ {count.places['correlation'].min():.2f}",
        )  # fmt: skip
    axes.set_xlim(low, high)
    axes.set_ylabel("places, %")
    axes.legend(fontsize=8, handlelength=2.6, loc="lower right", bbox_to_anchor=(1, 1), ncols=2)


def _sheet(title: str, count: Count, arrays: Mapping[str, ArrayLike]) -> Sheet:
    best = count.places.drop_duplicates("picture").head(_SHOWN)
    own = float(count.template.normalised(count.template.stimulus.value))
    size = count.template.size
    crops = [_crop(place, size, arrays) for place in best.itertuples()]
    patches = np.stack([count.template.patch, *crops])
    labels = [f"stimulus\nt = {own:.2f}", *(f"r = {p.correlation:.2f}\nt = {p.target:.2f}" for p in best.itertuples())]
    return Sheet(title, patches, [label.replace("-", "−") for label in labels])


def _crop(place: Any, size: int, arrays: Mapping[str, ArrayLike]) -> Bytes:
    """The patch at a place of a photograph, a file or one of the arrays; shape (size, size, 3)."""
    if place.picture in arrays:
        picture = as_picture(arrays[place.picture], minimum_side=size)
        return picture[place.top : place.top + size, place.left : place.left + size]
    return np.asarray(read_crop(f"{place.picture}@{place.left},{place.top}", size).patches[0])
