"""Plots that go into a figure of one's own: ranks and densities over the axis, effects by setting or stimulus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import numpy as np
import pandas as pd

from illusions.analyses.drawing.style import INK, STYLES
from illusions.analyses.predictions import MEAN
from illusions.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from illusions.analyses.densities.curve import LikelihoodCurve
    from illusions.analyses.readings.scales import Ranking

    Curves: TypeAlias = LikelihoodCurve | Mapping[str, LikelihoodCurve] | Ranking

#: The axis of effects of several pairs of conditions.
_EFFECTS = "effect: rank on the first minus on the second surround"
#: What a curve can show: its column in `bands`, and the label of the axis.
_SHOWN = {"rank": "percentile_rank", "density": "density"}
Shown: TypeAlias = Literal["rank", "density"]


def plot(curves: Curves, ax: Axes | None = None, *, show: Shown = "rank") -> Axes:
    """The percentile rank of every value of a target, or how likely it is, a line per condition.

    Args:
        curves: of `illusions.rank` or `illusions.predict`; or a single one.
        ax: axes to draw into; by default a new figure.
        show: ``"rank"``, P(V ≤ v) with a dot at the physical target; or ``"density"``, p_T per unit of the axis.

    Returns:
        The axes. Bands are ± 1 standard error over noise samples, or over placements.

    Raises:
        InputError: ``show`` is something else, or there is no curve.

    Example:
        >>> import illusions, matplotlib
        >>> matplotlib.use("agg")
        >>> class Contrast:  # a density that likes targets as light as their surround
        ...     name, size, dimensions = "contrast", 16, 768
        ...     def log_likelihood_draws(self, patches, *, draws, seed, surround=None):
        ...         difference = patches[:, 8, 8].astype(float) - patches[:, 0, 0]
        ...         return np.tile(-(difference**2).mean(axis=1), (draws, 1))
        >>> curves = illusions.rank(illusions.load_stimulus("brightness-contrast"), Contrast(), 2000)
        >>> axes = illusions.plot(curves)
        >>> axes.get_xlabel()
        'brightness (HSV V)'
    """
    if show not in _SHOWN:
        raise InputError(f"show = {show!r}; expected {' or '.join(map(repr, _SHOWN))}")
    shown = _by_condition(curves)
    if not shown:
        raise InputError("there is no curve to plot; expected those of rank or predict")
    axes = _new_axes() if ax is None else ax
    first = next(iter(shown.values()))
    for (name, curve), (colour, dash) in zip(shown.items(), STYLES * len(shown), strict=False):
        draw_band(axes, bands(curve, first), _SHOWN[show], name, colour, dash)
        if show == "rank":
            axes.plot([curve.value], [curve.percentile_rank(curve.value)], "o", color=colour, markersize=5, zorder=4)
    axes.axvline(first.value, color=INK, linewidth=0.8, linestyle=":", zorder=0)
    axes.set_xlim(first.positions[0], first.positions[-1])
    axes.set_ylim(0, 1.02) if show == "rank" else axes.set_ylim(bottom=0)
    axes.set_xlabel(first.axis.label)
    axes.set_ylabel(rank_label(first) if show == "rank" else f"likelihood\nper {first.axis.unit}")
    if len(shown) > 1:
        axes.legend(title="on", handlelength=2.6)
    return axes


def plot_effects(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Plot effects with their standard errors, over the setting of a sweep or by stimulus.

    The effect of a sweep is the percentile rank in its ``reference_condition`` minus that in its
    ``comparison_condition``. The effect of a summary is the rank in the named condition minus the mean of the others.

    Args:
        frame: result of `illusions.sweep`, or several of them concatenated, or rows of ``summary.csv`` as
            ``illusions.predict(…).prediction.summary()`` returns them. Of several scales or fields the mean is drawn.
        ax: axes to draw into; by default a new figure.

    Returns:
        The axes. Bands and bars are ± 1 standard error.

    Raises:
        InputError: a column is missing, or there is no row.

    Example:
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> frame = pd.DataFrame({"stimulus": ["white"], "condition": ["black"], "effect": [0.2],
        ...                       "effect_standard_error": [0.01], "model": ["m"], "temperature": [40.0]})
        >>> plot_effects(frame).get_xlabel()
        'effect: rank on the named surround minus mean rank on the others'
    """
    swept = "setting" in frame
    needed = ["stimulus", "effect", "effect_standard_error", "model", "temperature"]
    needed += ["parameter"] if swept else ["condition"]
    if missing := [column for column in needed if column not in frame]:
        raise InputError(f"the table has no column {missing[0]}; expected one of sweep, or of a prediction's summary")
    if frame.empty:
        raise InputError("the table has no rows; expected effects")
    axes = _new_axes() if ax is None else ax
    return _draw_sweep(axes, frame) if swept else _draw_summary(axes, frame)


def bands(curve: LikelihoodCurve, first: LikelihoodCurve | None = None) -> pd.DataFrame:
    """What a figure draws of a curve, in the order of the percentile rank.

    Args:
        curve: of one condition.
        first: on a circular axis, the curve from whose cut on it is drawn; itself if left out. At the curve's own cut
            the rank falls from 1 to 0.

    Returns:
        Columns position, density, density_standard_error, percentile_rank, percentile_rank_standard_error.
    """
    first = first or curve
    columns = {
        "position": [first.unwrap(value) for value in curve.values],
        "density": curve.density,
        "density_standard_error": curve.density_standard_error,
        "percentile_rank": curve.percentile_ranks,
        "percentile_rank_standard_error": curve.percentile_ranks_standard_error,
    }
    return pd.DataFrame(columns).sort_values("position", ignore_index=True)


def rank_label(curve: LikelihoodCurve) -> str:
    """The label of an axis of percentile ranks, which on a circle says from where they are counted."""
    return "percentile rank\n" + ("from the common cut on" if curve.axis.circular else "$P(V \\leq v)$")


def draw_band(axes: Axes, frame: pd.DataFrame, column: str, label: str, colour: str, dash: Any) -> None:
    """A column of `bands` as a line, with a band of ± 1 standard error; broken where a rank falls from 1 to 0."""
    x, y, error = frame["position"], frame[column], frame[f"{column}_standard_error"].fillna(0)
    if column == _SHOWN["rank"]:
        y = y.mask(y.diff() < -0.5)
    axes.fill_between(x, y - error, y + error, color=colour, alpha=0.25, linewidth=0)
    axes.plot(x, y, color=colour, linestyle=dash, linewidth=1.8, label=label)


def _by_condition(curves: Curves) -> Mapping[str, LikelihoodCurve]:
    if isinstance(curves, Mapping):
        return curves
    several = getattr(curves, "curves", None)  # of a Ranking; its module is not needed for a plot
    if several is not None:
        return cast("Mapping[str, LikelihoodCurve]", several)
    curve = cast("LikelihoodCurve", curves)
    return {curve.condition: curve}


def _new_axes() -> Axes:
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def _draw_sweep(axes: Axes, frame: pd.DataFrame) -> Axes:
    settings = list(dict.fromkeys(frame["setting"]))
    named = not pd.api.types.is_numeric_dtype(frame["setting"])
    groups = list(frame.groupby(["stimulus", "model", "temperature"], sort=False))
    for ((stimulus, model, temperature), rows), (colour, dash) in zip(groups, STYLES * len(groups), strict=False):
        x = np.array(
            [settings.index(setting) for setting in rows["setting"]] if named else rows["setting"], dtype=float
        )
        y, error = rows["effect"].to_numpy(), rows["effect_standard_error"].fillna(0).to_numpy()
        label = f"{stimulus}, {model}, T = {temperature:.4g}"
        if named:
            axes.errorbar(x, y, error, color=colour, fmt="o", label=label)
        else:
            order = np.argsort(x)
            x, y, error = x[order], y[order], error[order]
            axes.fill_between(x, y - error, y + error, color=colour, alpha=0.25, linewidth=0)
            axes.plot(x, y, color=colour, linestyle=dash, marker="o", markersize=4, label=label)
    if named:
        axes.set_xticks(range(len(settings)), [str(setting) for setting in settings])
    axes.axhline(0, color=INK, linewidth=0.8, zorder=0)
    axes.set_xlabel(str(frame["parameter"].iloc[0]))
    pairs = frame[[name for name in ("reference_condition", "comparison_condition") if name in frame]].drop_duplicates()
    if pairs.shape == (1, 2):
        first, second = pairs.iloc[0]
        axes.set_ylabel(f"effect: rank on “{first}”\nminus rank on “{second}”")
    else:
        axes.set_ylabel(_EFFECTS)
    if len(groups) > 1:
        axes.legend()
    return axes


def _draw_summary(axes: Axes, frame: pd.DataFrame) -> Axes:
    """A row per stimulus, from top to bottom: the effect of its first condition."""
    for side in ("scale", "field"):
        if side in frame and (frame[side] == MEAN).any():
            several = frame.loc[frame[side] == MEAN, "stimulus"]
            frame = frame[(frame[side] == MEAN) | ~frame["stimulus"].isin(several)]
    stimuli: Sequence[str] = list(dict.fromkeys(frame["stimulus"]))
    groups = list(frame.groupby(["model", "temperature"], sort=False))
    for i, (((model, temperature), rows), (colour, _)) in enumerate(zip(groups, STYLES * len(groups), strict=False)):
        first = rows.drop_duplicates("stimulus")
        y = np.array([stimuli.index(name) for name in first["stimulus"]]) + 0.15 * (i - (len(groups) - 1) / 2)
        label = f"{model}, T = {temperature:.4g}"
        axes.errorbar(
            first["effect"], y, xerr=first["effect_standard_error"].fillna(0), color=colour, fmt="o", label=label
        )
    names = [f"{name}\non “{frame.loc[frame['stimulus'] == name, 'condition'].iloc[0]}”" for name in stimuli]
    axes.set_yticks(range(len(stimuli)), names)
    axes.set_ylim(len(stimuli) - 0.5, -0.5)
    axes.axvline(0, color=INK, linewidth=0.8, zorder=0)
    axes.set_xlabel("effect: rank on the named surround minus mean rank on the others")
    if len(groups) > 1:
        axes.legend()
    return axes
