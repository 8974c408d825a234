"""Likelihood maps: where a picture is likely, and where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from skimage.color import rgb2gray

from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.style import RC, WIDTH
from illusions.analyses.ranks.wording import model_named
from illusions.models.evaluation import bits_per_dimension

if TYPE_CHECKING:
    from illusions.arrays import Bytes, Floats
    from illusions.models.model import Model

#: Colours of a map: one whose steps are told apart evenly, also without colour vision, and that of the published code.
COLOURS = ("viridis", "hot")
#: Positions that are scored between two reports of progress.
_CHUNK = 2048


def likelihood_map(
    picture: Bytes, model: Model, *, seed: int = 0, advance: Callable[[int], object] = lambda n: None
) -> Floats:
    """Bits per dimension of the patch around every pixel of a picture; high where the picture is unlikely.

    A patch has an even side, so no pixel is in its middle: the value at row y, column x is that of the patch that
    covers the rows y − size/2 … y + size/2 − 1 and the same columns about x, as in the code published with Hirsch &
    Tal 2020. All patches share one draw of the dequantisation noise.

    Args:
        picture: shape (h, w, 3), sRGB, not smaller than a patch.
        model: what scores the patches.
        seed: of the noise.
        advance: told how many positions are done each time; there are `positions` of them.

    Returns:
        Shape (h, w): NaN where the patch around a pixel does not lie within the picture, which are the first size/2
        and the last size/2 − 1 rows and columns.

    Raises:
        InputError: the picture is of another shape or type, or smaller than a patch.
    """
    size, columns = model.size, picture.shape[1] - model.size + 1
    rows = max(1, _CHUNK // max(1, columns))
    parts = []
    for top in range(0, max(1, len(picture) - size + 1), rows):
        part = model.likelihood_map(picture[top : top + rows + size - 1].copy(), seed=seed)
        parts.append(part)
        advance(part.size)
    before, after = size // 2, size - 1 - size // 2
    nats = np.pad(np.concatenate(parts), ((before, after), (before, after)), constant_values=np.nan)
    return bits_per_dimension(nats, model.dimensions)


def positions(picture: Bytes, size: int) -> int:
    """How many patches a picture has."""
    rows, columns = (max(0, side - size + 1) for side in picture.shape[:2])
    return int(rows * columns)


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


def map_caption(bits: Floats, model: Model, seed: int) -> str:
    """What a map shows, with its extremes, its model and its noise."""
    size = model.size
    return (
        f"How unlikely the {size}×{size} patch around every pixel is: −log₂ p / D, {np.nanmin(bits):.2f} to "
        f"{np.nanmax(bits):.2f} bits per dimension, {np.nanmean(bits):.2f} on average. In the grey margin of the map "
        f"(and beneath no colour in the overlay) the patch would reach beyond the picture. {model_named(model)}, noise "
        f"seed {seed}."
    )
