"""The figure of hue and contrast that observers set at once, beside what is predicted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse

from illusions.analyses.drawing.style import INK
from illusions.analyses.experiment.discs import disc_of
from illusions.analyses.ranks.colour_figure import plane_figure

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.stimulus import Stimulus


def settings_figure(stimulus: Stimulus, frame: pd.DataFrame) -> Figure:
    """Matches in the plane of the target's luminance, a panel for every pair of conditions.

    Args:
        stimulus: what observers saw.
        frame: its rows of `settings_frame`.
    """
    by_pair = frame.groupby(["reference_condition", "comparison_condition"], sort=False)
    pairs = {(str(first), str(second)): partial(_draw, stimulus=stimulus, rows=its) for (first, second), its in by_pair}
    return plane_figure(stimulus, disc_of(stimulus).space, pairs, _caption(stimulus, frame))


def _draw(axes: Axes, stimulus: Stimulus, rows: pd.DataFrame) -> None:
    disc = disc_of(stimulus)
    own = disc.space.coordinates(stimulus.target.rgb[None])[0]
    axes.plot(*own, "o", color=stimulus.target.hex, markersize=9, markeredgecolor=INK, markeredgewidth=1.6)
    scales = np.array([1.0, disc.space.cones.s_scale])
    for row in rows.to_dict("records"):
        at = own + np.array([row["delta_l_m"], row["delta_s_lm"]]) / scales
        is_mean = row["observer"] == ""
        axes.plot(
            *at, "s" if is_mean else ".", color=row["match"] if is_mean else INK, markersize=7, markeredgecolor=INK
        )
    if row["model"]:
        end = own + np.array([row["predicted_delta_l_m"], row["predicted_delta_s_lm"]]) / scales
        axes.annotate("", end, own, arrowprops={"arrowstyle": "-|>", "color": INK, "shrinkA": 0, "shrinkB": 0})
    errors = 2 * np.array([row["delta_l_m_standard_error"], row["delta_s_lm_standard_error"]]) / scales
    if np.isfinite(errors).all():
        axes.add_patch(Ellipse(at, *errors, facecolor="none", edgecolor=INK, linewidth=0.8))


def _caption(stimulus: Stimulus, frame: pd.DataFrame) -> str:
    model, t = frame["model"].iloc[0], frame["temperature"].iloc[0]
    predicted = f"; arrow: from it to the predicted match. Model {model}, T = {t:.4g} nats per pixel of the target"
    return (
        "Matches of hue and contrast in the plane of the target's luminance. Dots: means of observers; square: their "
        "mean, with an ellipse of ± 1 standard error; crosses: mean colours of the surrounds. S−(L+M) is divided by "
        f"{frame['s_scale'].iloc[0]:g}. Ringed: the physical target{predicted if model else ''}."
    )
