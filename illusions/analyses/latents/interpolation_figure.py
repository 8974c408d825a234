"""The figures of interpolation: one pair of patches, and many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.contact_sheet import tile
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import STYLES, WIDTH
from illusions.analyses.latents.interpolation import LATENT, PIXELS, Interpolation

#: What is measured of every step of many pairs, and its axis.
MEASURES = {"bits_per_dimension": "bits per dimension", "contrast": "contrast"}


def interpolation_figure(done: Interpolation, *, caption: str = "") -> Figure:
    """The steps on both paths, and beneath them how likely each is."""
    steps = len(done.patches[LATENT])
    height = WIDTH / steps + 0.25
    with mpl.rc_context(RC):
        figure, (above, middle, below) = canvas([height, height, 2.6], caption)
        axes = figure.add_subplot(below)
        for place, path, (colour, dash) in zip((above, middle), done.patches, STYLES, strict=False):
            row = bare(figure.add_subplot(place))
            row.imshow(tile(done.patches[path], steps), interpolation="nearest")
            row.set_title(f"through {path}" if path == LATENT else f"blend of the {path}", fontsize=9, loc="left")
            frame = done.frame[done.frame["path"] == path]
            style: dict[str, Any] = {
                "color": colour,
                "linestyle": dash,
                "linewidth": 1.8,
                "capsize": 2,
                "marker": "o",
                "markersize": 4,
            }
            axes.errorbar(frame["share"], frame["log_likelihood"], frame["standard_error"], label=path, **style)
        margin = 0.5 / (steps - 1)
        axes.set_xlim(-margin, 1 + margin)
        axes.set_xlabel("share of the second patch")
        axes.set_ylabel("log-likelihood, nats")
        axes.legend(fontsize=9, handlelength=2.6)
    return figure


def pairs_figure(examples: Sequence[Interpolation], means: pd.DataFrame, *, caption: str = "") -> Figure:
    """Two rows of steps for every example, and beneath them both measures over the way.

    Args:
        examples: some pairs.
        means: path, share, and the mean over all pairs of every one of `MEASURES`.
        caption: printed beneath.
    """
    steps = len(examples[0].patches[LATENT])
    row = 0.78 * WIDTH / steps
    with mpl.rc_context(RC):
        figure, places = canvas([*[2 * row + 0.16] * len(examples), 2.4], caption)
        for place, example in zip(places, examples, strict=False):
            pair = place.subgridspec(2, 1)
            for i, path in enumerate((LATENT, PIXELS)):
                axes = bare(figure.add_subplot(pair[i]))
                axes.imshow(tile(example.patches[path], steps), interpolation="nearest")
                axes.set_ylabel("latent\nspace" if path == LATENT else "pixels", rotation=0, ha="right", va="center")
                axes.set_anchor("E")
        panels = places[-1].subgridspec(1, len(MEASURES))
        for i, measure in enumerate(MEASURES):
            _draw_measure(figure.add_subplot(panels[i]), means, measure)
    return figure


def _draw_measure(axes: Axes, means: pd.DataFrame, measure: str) -> None:
    for path, (colour, dash) in zip((LATENT, PIXELS), STYLES, strict=False):
        frame = means[means["path"] == path]
        style: dict[str, Any] = {"color": colour, "linestyle": dash, "linewidth": 1.8, "marker": "o", "markersize": 4}
        axes.plot(frame["share"], frame[measure], label=path, **style)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("share of the second patch")
    axes.set_ylabel(MEASURES[measure])
    axes.legend(fontsize=8.5, handlelength=2.6)
