"""The figure of ``illusions edit``: patches moved along every direction, and the changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.contact_sheet import tile
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, WIDTH
from illusions.analyses.latents.editing import BITS, STRENGTHS, Direction

if TYPE_CHECKING:
    from illusions.arrays import Bytes

#: So many patches are shown at most.
EXAMPLES = 3


def editing_figure(
    edits: Bytes, directions: Sequence[Direction], measured: pd.DataFrame, *, caption: str = ""
) -> Figure:
    """A strip of strengths for every direction and every example, above the table of what each direction changes.

    Args:
        edits: of `edit_all`; the first `EXAMPLES` patches are shown.
        directions: one per attribute.
        measured: of `measure_edits`.
        caption: printed beneath.
    """
    examples = edits[:EXAMPLES]
    columns = len(examples) * len(STRENGTHS)
    strip = 0.85 * WIDTH / columns + 0.06
    with mpl.rc_context(RC):
        figure, places = canvas([0.3, *[strip] * len(directions), 0.62 + 0.34 * len(directions)], caption)
        head = bare(figure.add_subplot(places[0]))
        title = f"strength {STRENGTHS[0]:g} to +{STRENGTHS[-1]:g}".replace("-", "−")
        head.set_title(f"{title}, {len(examples)} patches", fontsize=9, y=0)
        for i, direction in enumerate(directions):
            axes = bare(figure.add_subplot(places[1 + i]))
            axes.imshow(_strip(examples[:, i]), interpolation="nearest")
            axes.set_ylabel(direction.attribute, rotation=0, ha="right", va="center", fontsize=9)
        _draw_table(figure, figure.add_subplot(places[-1]), measured)
    return figure


def _strip(edits: Bytes) -> Bytes:
    """Edits (examples, strengths, size, size, 3) in one row, with more white between examples."""
    rows = [tile(steps, len(steps), gap=1) for steps in edits]
    white = np.full((rows[0].shape[0], rows[0].shape[0] // 3, 3), 255, dtype=np.uint8)
    return np.concatenate([part for row in rows for part in (white, row)][1:], axis=1)


def _draw_table(figure: Figure, axes: Axes, measured: pd.DataFrame) -> None:
    most = measured[measured["strength"] == measured["strength"].max()]
    table = most.pivot(index="direction", columns="measure", values="change")
    table = table.loc[most["direction"].unique(), [name for name in most["measure"].unique() if name in table]]
    errors = most.pivot(index="direction", columns="measure", values="standard_error").loc[table.index, table.columns]
    limit = max(1e-9, float(np.nanmax(np.abs(table.drop(columns=BITS, errors="ignore").to_numpy()))))
    drawn = axes.imshow(table.to_numpy(), cmap="PuOr_r", vmin=-limit, vmax=limit, aspect="auto")
    for (row, column), value in np.ndenumerate(table.to_numpy()):
        text = f"{value:+.2f} ± {errors.to_numpy()[row, column]:.2f}".replace("-", "−")
        ink = "white" if abs(value) > 0.6 * limit else INK
        axes.text(column, row, text, ha="center", va="center", fontsize=6.8, color=ink)
    axes.set_xticks(range(len(table.columns)), [name.replace(BITS, "bits per\ndimension") for name in table.columns])
    axes.set_yticks(range(len(table)), list(table.index))
    axes.tick_params(length=0, labelsize=8.5, top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.spines[:].set_visible(False)
    axes.set_ylabel("direction")
    bar = figure.colorbar(drawn, ax=axes, pad=0.02, fraction=0.05)
    bar.set_label("change, standard deviations", fontsize=8.5)
    bar.outline.set_visible(False)
