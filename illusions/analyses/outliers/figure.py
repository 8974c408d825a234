"""The figures of ``illusions outliers``: the outliers, and ROC curves of detecting other pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.contact_sheet import Sheet, contact_sheet, tile
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import STYLES, WIDTH
from illusions.analyses.outliers.detection import EXAMPLES, PHOTOGRAPHS, Detection
from illusions.analyses.outliers.typicality import LIKELY, UNLIKELY

if TYPE_CHECKING:
    from illusions.arrays import Bytes

#: Number shown of each side.
SHOWN = 20
#: What patches lie on, so that white ones are seen.
_PAPER = 215
#: What a detector goes by.
_TITLES = {"unlikely": "the less likely, the less a photograph", "untypical": "the less typical, on either side"}


def most_untypical(ranked: pd.DataFrame) -> pd.DataFrame:
    """The first rows of each side, as many as a contact sheet holds."""
    return ranked.groupby("side", sort=False).head(SHOWN)


def outliers_figure(ranked: pd.DataFrame, thumbnails: Bytes, *, caption: str = "") -> Figure:
    """The least typical on either side, each with its bits per dimension and its p-value.

    Args:
        ranked: the rows of `rank_outliers` that are to be shown.
        thumbnails: shape (n, size, size, 3), sRGB: a picture for each of these rows.
        caption: printed beneath.
    """
    sheets = []
    for side in (UNLIKELY, LIKELY):
        chosen = (ranked["side"] == side).to_numpy()
        if chosen.any():
            labels = [
                f"{row.bits_per_dimension:.2f} bits/dim\np = {row.p_value:.2g}"
                for row in ranked[chosen].itertuples(index=False)
            ]
            sheets.append(Sheet(f"on the {side} side, least typical first", thumbnails[chosen], labels))
    return contact_sheet(sheets, caption=caption)


def detection_figure(found: Detection, *, caption: str = "") -> Figure:
    """A few patches of every kind, how likely each kind is, and the ROC curves of both detectors."""
    kinds = list(found.examples)
    styles: dict[str, tuple[str, Any]] = dict(zip(kinds[1:], STYLES, strict=False))
    row = 0.8 * WIDTH / EXAMPLES + 0.05
    with mpl.rc_context(RC):
        figure, places = canvas([*[row] * len(kinds), 1.7, 3.7], caption)
        for place, (kind, patches) in zip(places, found.examples.items(), strict=False):
            axes = bare(figure.add_subplot(place))
            axes.imshow(tile(patches, EXAMPLES, paper=_PAPER), interpolation="nearest")
            axes.set_ylabel(kind, rotation=0, ha="right", va="center", fontsize=9)
        _draw_values(figure.add_subplot(places[-2]), found, styles)
        panels = places[-1].subgridspec(1, len(_TITLES))
        for i, (detector, title) in enumerate(_TITLES.items()):
            _draw_roc(figure.add_subplot(panels[i]), found, detector, title, styles)
    return figure


def thumbnail(path: Path, side: int = 64) -> Bytes:
    """The middle square of a picture file, made smaller or larger, shape (side, side, 3)."""
    from PIL import Image, ImageOps

    from illusions.pictures import read_picture

    return np.asarray(ImageOps.fit(Image.fromarray(read_picture(path)), (side, side)))


def _draw_values(axes: Axes, found: Detection, styles: dict[str, tuple[str, Any]]) -> None:
    bits = found.values["bits_per_dimension"]
    edges = list(np.histogram_bin_edges(bits, bins=60))
    for kind in found.examples:
        values = bits[found.values["kind"] == kind]
        weights = np.full(len(values), 100 / len(values))
        if kind == PHOTOGRAPHS:
            axes.hist(values, edges, weights=weights, color="0.8", label=kind)
        else:
            colour, dash = styles[kind]
            axes.hist(values, edges, weights=weights, histtype="step", color=colour, linestyle=dash, label=kind)
    axes.set_xlabel("bits per dimension (right: unlikely)")
    axes.set_ylabel("share, %")
    axes.legend(fontsize=8)


def _draw_roc(axes: Axes, found: Detection, detector: str, title: str, styles: dict[str, tuple[str, Any]]) -> None:
    for kind, (colour, dash) in styles.items():
        curve = found.curves.query("kind == @kind and detector == @detector")
        row = found.areas.query("kind == @kind and detector == @detector").iloc[0]
        label = f"{kind} ({row['area']:.3f} ± {row['standard_error']:.3f})"
        axes.plot(curve["false_alarms"], curve["hits"], color=colour, linestyle=dash, linewidth=1.6, label=label)
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=0.8, zorder=0)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.01)
    axes.set_aspect("equal")
    axes.set_xlabel("false alarms")
    axes.set_ylabel("hits")
    axes.set_title(title, fontsize=9)
    axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.2), handlelength=2.6)
