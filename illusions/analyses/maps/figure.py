"""The figures of likelihood maps: a picture, a grid, and the extreme patches of photographs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from skimage.color import rgb2gray

from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.contact_sheet import Sheet, contact_sheet
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, STYLES, WIDTH
from illusions.analyses.maps.extremes import extremes
from illusions.analyses.maps.grid import BLOCK, CROSSING, STREET

if TYPE_CHECKING:
    from illusions.analyses.patches.crops import Crops
    from illusions.arrays import Bytes, Floats

#: Colours of a map: one whose steps are told apart evenly, also without colour vision, and that of the published code.
COLOURS = ("viridis", "hot")


def coloured(bits: Floats, colours: str = "viridis") -> Bytes:
    """A map as a picture, shape (h, w, 3), pixel for pixel; from its least to its greatest value, grey for NaN."""
    span = np.nanmin(bits), np.nanmax(bits)
    scaled = np.ma.masked_invalid((bits - span[0]) / max(span[1] - span[0], 1e-12))
    pixels: NDArray[np.uint8] = mpl.colormaps[colours].with_extremes(bad="0.5")(scaled, bytes=True)[..., :3]
    return np.ascontiguousarray(pixels)


def map_figure(picture: Bytes, bits: Floats, *, colours: str = "viridis", caption: str = "") -> Figure:
    """The picture, its map with a colour bar in bits per dimension, and the map laid over the picture.

    Args:
        picture: shape (h, w, 3), sRGB.
        bits: shape (h, w), bits per dimension.
        colours: ``"viridis"``, over the picture in greys, so that its colours are not taken for those of the map; or
            ``"hot"``, half transparent over the picture itself, as in the published code.
        caption: printed beneath.
    """
    under = picture if colours == "hot" else np.repeat(rgb2gray(picture)[..., None], 3, axis=2)
    with mpl.rc_context(RC):
        figure, (place,) = canvas([WIDTH / 3.5 * picture.shape[0] / picture.shape[1] + 0.36], caption)
        panels = place.subgridspec(1, 3)
        original, overlay, alone = (bare(figure.add_subplot(panels[i])) for i in range(3))
        original.imshow(picture, interpolation="nearest")
        original.set_title("picture", fontsize=9)
        overlay.imshow(under, interpolation="nearest")
        overlay.imshow(bits, cmap=colours, alpha=0.5, interpolation="nearest")
        overlay.set_title("map over the picture", fontsize=9)
        drawn = alone.imshow(bits, cmap=mpl.colormaps[colours].with_extremes(bad="0.5"), interpolation="nearest")
        alone.set_title("map", fontsize=9)
        bar = figure.colorbar(drawn, cax=alone.inset_axes((1.04, 0, 0.05, 1)))
        bar.set_label("bits per dimension\n(high: unlikely)", fontsize=8.5)
        bar.outline.set_visible(False)
    return figure


def grid_map_figure(
    grids: Mapping[int, Bytes], maps: Mapping[int, Floats], table: pd.DataFrame, *, size: int, caption: str = ""
) -> Figure:
    """The grids with the outline of a patch, their maps on one colour scale, and the means over the width of the bars.

    Args:
        grids: by width of the bars: shape (h, w, 3), sRGB.
        maps: by width: bits per dimension, shape (h, w).
        table: of the analysis.
        size: side of a patch, pixels.
        caption: printed beneath.
    """
    least, most = (
        function([bound(bits) for bits in maps.values()]) for function, bound in ((min, np.min), (max, np.max))
    )
    with mpl.rc_context(RC):
        figure, (above, below) = canvas([3.9, 2.4], caption)
        panels = above.subgridspec(2, len(grids) + 1, width_ratios=[*[1.0] * len(grids), 0.06])
        for i, (width, grid) in enumerate(grids.items()):
            axes = bare(figure.add_subplot(panels[0, i]))
            axes.imshow(grid, interpolation="nearest")
            corner = len(grid) / 2 - size / 2 - 0.5
            axes.add_patch(Rectangle((corner, corner), size, size, fill=False, edgecolor=STYLES[1][0], linewidth=1.2))
            axes.set_title(f"bars of {width} pixels", fontsize=9)
            axes = bare(figure.add_subplot(panels[1, i]))
            drawn = axes.imshow(maps[width], cmap=COLOURS[0], vmin=least, vmax=most, interpolation="nearest")
        bar = figure.colorbar(drawn, cax=figure.add_subplot(panels[1, len(grids)]))
        bar.set_label("bits per dimension\n(high: unlikely)", fontsize=8.5)
        bar.outline.set_visible(False)
        _draw_means(figure.add_subplot(below), table)
    return figure


def _draw_means(axes: Axes, table: pd.DataFrame) -> None:
    for place, (colour, dash) in zip((CROSSING, STREET, BLOCK), STYLES, strict=False):
        rows = table[table["place"] == place]
        axes.errorbar(
            rows["width"], rows["bits_per_dimension"], rows["standard_error"],
            color=colour, linestyle=dash, marker="o", markersize=4, capsize=3, label=f"centred on a {place}",
        )  # fmt: skip
    axes.set_xticks(table["width"].unique())
    axes.set_ylim(bottom=0)
    axes.set_xlabel("width of the bars, pixels")
    axes.set_ylabel("bits per dimension")
    axes.legend(fontsize=8.5, handlelength=3, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    axes.tick_params(labelcolor=INK)


def extremes_figure(crops: Crops, scores: pd.DataFrame, n: int, *, caption: str = "") -> Figure:
    """The most and the least likely patches, each with its bits per dimension and the name of its picture."""
    most, least = extremes(scores, n, crops.patches.shape[1])
    return contact_sheet(
        [
            Sheet(f"the {len(most)} most likely", crops.patches[most], _labels(scores, most)),
            Sheet(f"the {len(least)} least likely", crops.patches[least], _labels(scores, least)),
        ],
        caption=caption,
    )


def _labels(scores: pd.DataFrame, rows: NDArray[np.intp]) -> list[str]:
    return [
        f"{bits:.2f}\n{_short(Path(name).stem)}"
        for name, bits in zip(scores["picture"].iloc[rows], scores["bits_per_dimension"].iloc[rows], strict=True)
    ]


def _short(name: str) -> str:
    return name if len(name) <= 12 else f"…{name[-11:]}"
