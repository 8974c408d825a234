"""The figure of matches in colour: arrows in the isoluminant plane, from each colour to the one that looks the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from illusions.analyses.densities.plane import Space
from illusions.analyses.drawing.canvas import canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.drawing.style import INK, WIDTH
from illusions.analyses.readings.colour_matching import ColourMatch, space_of
from illusions.displays import gamut_contrast
from illusions.stimuli.stimulus import Stimulus

#: Pixels of the disc of colours behind the arrows, along a side.
_PIXELS = 201


def colours_caption(matches: Sequence[ColourMatch]) -> str:
    """What the figure shows, with its model, T and fields."""
    first = matches[0]
    is_solid = any(found.match_luminance != found.luminance for found in matches)
    fields = " and ".join(f"{field}°" for field in first.fields.split())
    return (
        "Each arrow goes from a colour on one surround to the one predicted to look the same on the other, by optimal "
        "transport between the densities of colours on both. Ringed: the target as it is; crosses: the mean colours of "
        "the surrounds. Line: the end of the gamut; ellipses: ± 1 standard error. "
        f"S−(L+M) is divided by {first.s_scale:g}. {'Luminance is matched, too, and not shown. ' if is_solid else ''}"
        f"Model {first.model}, T = {first.temperature:.4g} nats per pixel of the target, field of {fields}."
    )


def colours_figure(stimulus: Stimulus, matches: Sequence[ColourMatch]) -> Figure:
    """Arrows in the plane of the target's luminance, a panel for every pair of conditions.

    Args:
        stimulus: whose colours are matched.
        matches: of its pairs, pair by pair.
    """
    by_pair = groupby(matches, lambda m: (m.reference_condition, m.comparison_condition))
    pairs = {pair: partial(_draw_arrows, matches=list(found)) for pair, found in by_pair}
    return plane_figure(stimulus, space_of(stimulus), pairs, colours_caption(matches))


def plane_figure(
    stimulus: Stimulus, space: Space, pairs: Mapping[tuple[str, str], Callable[[Axes], None]], caption: str
) -> Figure:
    """The plane of the target's luminance, with both surrounds, a panel for every pair of conditions.

    Args:
        stimulus: whose surrounds are marked.
        space: the plane.
        pairs: what draws the matches of a pair.
        caption: printed beneath.
    """
    columns = min(2, len(pairs))
    rows = -(-len(pairs) // columns)
    with mpl.rc_context(RC):
        figure, places = canvas([0.9 * WIDTH / columns + 0.5] * rows, caption)
        grids = [place.subgridspec(1, columns) for place in places]
        for i, (pair, draw) in enumerate(pairs.items()):
            axes = figure.add_subplot(grids[i // columns][i % columns])
            _draw_plane(axes, space)
            draw(axes)
            _mark_surrounds(axes, stimulus, pair)
            if i % columns:
                axes.set_ylabel("")
                axes.tick_params(labelleft=False)
            axes.set_title(f"on “{pair[0]}” → on “{pair[1]}”", fontsize=9)
    return figure


def _draw_plane(axes: Axes, space: Space) -> None:
    """The gamut, pale, with its end as a line."""
    assert space.luminance is not None
    azimuths = np.arange(0.0, 361.0)
    largest = gamut_contrast(space.luminance, azimuths, space.cones)
    edge = largest[:, None] * np.stack([np.cos(np.radians(azimuths)), np.sin(np.radians(azimuths))], axis=1)
    low, high = space.box()
    margin = 0.06 * (high - low)
    (left, bottom), (right, top) = low - margin, high + margin
    along = np.meshgrid(np.linspace(left, right, _PIXELS), np.linspace(bottom, top, _PIXELS))
    coordinates = np.stack(along, axis=-1).reshape(-1, 2)
    colours = space.colours(coordinates) / 255
    pale = np.where(space.has(coordinates)[:, None], 0.45 * colours + 0.55, 1.0)
    axes.imshow(
        pale.reshape(_PIXELS, _PIXELS, 3),
        origin="lower",
        extent=(left, right, bottom, top),
        aspect="auto",
        interpolation="bilinear",
    )
    axes.plot(*edge.T, color=INK, linewidth=0.8)
    axes.axhline(0, color=INK, linewidth=0.4, linestyle=":")
    axes.axvline(0, color=INK, linewidth=0.4, linestyle=":")
    axes.set_xlabel("L−M")
    axes.set_ylabel(f"S−(L+M) ÷ {space.cones.s_scale:g}")


def _draw_arrows(axes: Axes, matches: Sequence[ColourMatch]) -> None:
    for found in matches:
        begin, end = _place(found.l_m, found.s_lm, found), _place(found.match_l_m, found.match_s_lm, found)
        axes.annotate(
            "", end, begin,
            arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        size, line = (9, 1.6) if found.is_target else (6.5, 0.5)
        axes.plot(*begin, "o", color=found.colour, markersize=size, markeredgecolor=INK, markeredgewidth=line)
        axes.plot(*end, "o", color=found.match, markersize=3.5, markeredgecolor=INK, markeredgewidth=0.4)
        width, height = _place(2 * found.l_m_standard_error, 2 * found.s_lm_standard_error, found)
        if np.isfinite([width, height]).all():
            ellipse = mpl.patches.Ellipse(end, width, height, facecolor="none", edgecolor=INK, linewidth=0.5)
            axes.add_patch(ellipse)


def _mark_surrounds(axes: Axes, stimulus: Stimulus, pair: tuple[str, str]) -> None:
    """A cross at the mean colour of each surround."""
    space = space_of(stimulus)
    for condition in pair:
        around = stimulus.picture(condition)[stimulus.picture_surround(condition)]
        mean = space.cones.display.encoded(space.cones.display.linear(around / 255).mean(axis=0))
        x, y = space.coordinates(mean[None])[0]
        axes.plot(x, y, "+", color=INK, markersize=11, markeredgewidth=1.8)
        axes.annotate(condition, (x, y), (6, 6), textcoords="offset points", fontsize=8, color=INK, clip_on=True)


def _place(l_m: float, s_lm: float, found: ColourMatch) -> tuple[float, float]:
    return l_m, s_lm / found.s_scale
