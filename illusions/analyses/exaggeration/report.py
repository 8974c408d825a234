"""What an exaggeration changed: the likelihood of the surround, the percentile rank of the target, the figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.contact_sheet import beside
from illusions.analyses.drawing.style import INK, RC, STYLES, WIDTH
from illusions.analyses.exaggeration.exaggeration import Exaggeration
from illusions.analyses.patches.crops import windows
from illusions.analyses.ranks.curve import LikelihoodCurve
from illusions.analyses.ranks.ranking import effect, rank
from illusions.analyses.ranks.wording import is_certain, looks, with_error
from illusions.models.evaluation import Estimate, bits_per_dimension
from illusions.stimuli.scenes.pictured import PicturedScene

if TYPE_CHECKING:
    from illusions.arrays import Bytes, Floats
    from illusions.models.model import Model
    from illusions.stimuli.stimulus import Stimulus

#: The condition that nothing was done to.
ORIGINAL = "as it is"
_GREY = 128


@dataclass(frozen=True, eq=False)
class ExaggeratedPicture:
    """A picture as it is and exaggerated, and what a model makes of both.

    Attributes:
        target: shape (h, w), true on the target.
        pictures: by condition: `ORIGINAL` first, then one for every η.
        surround: by condition: log-likelihood in nats, shape (n,), of the patches that hold nothing of the target.
        curves: by axis, by condition: the likelihood curve of the target.
        exaggerations: by condition, without the original: how it went.
        dimensions: D, the numbers in a patch.
    """

    target: NDArray[np.bool_]
    pictures: Mapping[str, Bytes]
    surround: Mapping[str, Floats]
    curves: Mapping[str, Mapping[str, LikelihoodCurve]]
    exaggerations: Mapping[str, Exaggeration]
    dimensions: int

    def __post_init__(self) -> None:
        for picture in self.pictures.values():
            if not np.array_equal(picture[self.target], self.pictures[ORIGINAL][self.target]):
                raise ValueError("the targets differ")


def compare(
    stimuli: Sequence[Stimulus],
    picture: Bytes,
    exaggerations: Sequence[Exaggeration],
    model: Model,
    temperature: str | float = "bits-per-dim",
    *,
    draws: int = 8,
    seed: int = 0,
) -> ExaggeratedPicture:
    """Measure a picture as it is and exaggerated.

    Args:
        stimuli: the masked target in the picture, along each axis of interest: of `masked_picture`.
        picture: shape (h, w, 3), sRGB: as it is.
        exaggerations: of the same picture and target.
        model: what scores the surround and ranks the target.
        temperature: as for `rank`.
        draws: number of noise draws, for the surround and for the target.
        seed: of the noise.
    """
    target = stimuli[0].target_mask(next(iter(stimuli[0].conditions)))
    by_name = {condition_name(done.eta): done for done in exaggerations}
    pictures = {ORIGINAL: picture, **{name: done.picture for name, done in by_name.items()}}
    scenes = {name: PicturedScene(pixels, target.astype(np.float32)) for name, pixels in pictures.items()}
    return ExaggeratedPicture(
        target=target,
        pictures=pictures,
        surround={name: _surround(pixels, target, model, draws, seed) for name, pixels in pictures.items()},
        curves={
            stimulus.axis.name: rank(replace(stimulus, conditions=scenes), model, temperature, draws=draws, seed=seed)
            for stimulus in stimuli
        },
        exaggerations=by_name,
        dimensions=model.dimensions,
    )


def condition_name(eta: float) -> str:
    """What a picture that was moved by η is called: ``"η = +0.6"``, with a real minus."""
    return f"η = {eta:+g}".replace("-", "−")


def changes(done: ExaggeratedPicture) -> pd.DataFrame:
    """The rows of ``NAME-changes.csv``: what was measured before and after, for every η.

    The likelihoods are means over patches of the surround that overlap neither each other nor the target, under the
    same noise before and after; ``change_standard_error`` is that of the mean of their differences. The percentile
    ranks are the target's, their standard errors those over noise draws; their ``change`` is the predicted effect:
    positive means that the target should look brighter, more saturated than in the picture as it is.

    Returns:
        Columns eta, measure, before, before_standard_error, after, after_standard_error, change,
        change_standard_error, patches (those of the surround that were scored), halfway, unmoved and clipped (shares of
        all moved patches, of all colour values), temperature, model.
    """
    rows = []
    for name, exaggeration in done.exaggerations.items():
        curve = next(iter(done.curves.values()))[name]
        shared = {
            "patches": len(done.surround[name]),
            "halfway": exaggeration.halfway / exaggeration.patches,
            "unmoved": exaggeration.unmoved / exaggeration.patches,
            "clipped": exaggeration.clipped,
            "temperature": curve.temperature,
            "model": curve.model,
        }
        for measure, before, after, change in _measures(done, name):
            row = {"eta": exaggeration.eta, "measure": measure}
            for key, estimate in (("before", before), ("after", after), ("change", change)):
                row |= {key: estimate.mean, f"{key}_standard_error": estimate.standard_error}
            rows.append(row | shared)
    return pd.DataFrame(rows)


def sentences(done: ExaggeratedPicture) -> Iterator[str]:
    """What was measured, in words: the surround, the target, and what did not decode."""
    for name, exaggeration in done.exaggerations.items():
        for measure, before, after, change in _measures(done, name):
            if measure == "log-likelihood":
                continue
            shift = f"{before.mean:.3f} to {after.mean:.3f}, a change of {_signed(change)}"
            if measure == "bits per dimension":
                certain = is_certain(change.mean, change.standard_error)
                verdict = ("more" if change.mean < 0 else "less") if certain else "no more and no less"
                yield f"{name}: bits per dimension of the surround from {shift}: it is {verdict} likely than before."
            else:
                axis = measure.removesuffix(" rank")
                yield f"{name}: {axis} rank of the target from {shift}: {_look(axis, change)}."
        if exaggeration.halfway or exaggeration.unmoved:
            yield (
                f"{name}: of {exaggeration.patches} patches {exaggeration.halfway} overflowed and were moved by half "
                f"of η, {exaggeration.unmoved} overflowed even so and stayed as they were."
            )
    yield f"The {int(done.target.sum())} pixels of the target are the same in all {len(done.pictures)} pictures."


def pair(done: ExaggeratedPicture) -> Bytes:
    """The pictures side by side: as it is, and for every η."""
    return beside(list(done.pictures.values()), gap=_gap(done))


def proof(done: ExaggeratedPicture) -> Bytes:
    """The pair, and beneath it the same pictures with their surrounds hidden: what is left is the same."""
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


def exaggeration_caption(done: ExaggeratedPicture, stride: int) -> str:
    """What the figure shows, with its model and its temperature."""
    curve = next(iter(done.curves.values()))[ORIGINAL]
    moved = ", ".join(done.exaggerations)
    return (
        f"Above: the picture as it is, and with the latents of all its patches moved by {moved} (z ← z − η z "
        f"exp(−z²/2), {_every(stride)}); the target was put back. Middle: the targets alone; they are the same "
        "pixels. Below: the percentile rank of every value of the target, in one colour, in each surround (dots: its "
        "median colour), "
        f"and the bits per dimension of the surround's patches, mean ± 1 standard error over patches. Model "
        f"{curve.model}, "
        f"T = {curve.temperature:.4g} nats."
    )


def _every(stride: int) -> str:
    return "a patch at every pixel" if stride == 1 else f"a patch every {stride} pixels"


def _surround(picture: Bytes, target: NDArray[np.bool_], model: Model, draws: int, seed: int) -> Floats:
    """Log-likelihood of patches side by side that hold nothing of the target."""
    size = model.size
    apart = windows(picture, size)[::size, ::size].reshape(-1, size, size, 3)
    holds = np.lib.stride_tricks.sliding_window_view(target, (size, size))[::size, ::size].any(axis=(2, 3)).ravel()
    return model.log_likelihood(apart[~holds], draws=draws, seed=seed) if not holds.all() else np.empty(0)


def _measures(done: ExaggeratedPicture, name: str) -> Iterator[tuple[str, Estimate, Estimate, Estimate]]:
    """What is measured, before, after, and the change."""
    before, after = done.surround[ORIGINAL], done.surround[name]
    if len(before):
        yield "log-likelihood", _mean(before), _mean(after), _mean(after - before)
        before, after = (bits_per_dimension(nats, done.dimensions) for nats in (before, after))
        yield "bits per dimension", _mean(before), _mean(after), _mean(after - before)
    for axis, curves in done.curves.items():
        first, second = curves[ORIGINAL], curves[name]
        yield f"{axis} rank", _rank(first), _rank(second), Estimate(*effect(second, first))


def _mean(values: Floats) -> Estimate:
    error = values.std(ddof=1) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return Estimate(float(values.mean()), float(error))


def _rank(curve: LikelihoodCurve) -> Estimate:
    return Estimate(curve.percentile_rank(curve.value), curve.percentile_rank_standard_error(curve.value))


def _signed(change: Estimate) -> str:
    text = with_error(change.mean, change.standard_error)
    return text.replace("-", "−") if change.mean < 0 else f"+{text}"


def _look(axis: str, change: Estimate) -> str:
    if not is_certain(change.mean, change.standard_error):
        return "it should look as before"
    return f"it should look {looks(axis)} {'now' if change.mean > 0 else 'in the picture as it is'}"


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
            bits = _mean(bits_per_dimension(nats, done.dimensions))
            axes.errorbar([i], [bits.mean], [bits.standard_error], fmt="o", color=styles[name][0], capsize=3)
    axes.set_xticks(range(len(done.surround)), list(done.surround), fontsize=8, rotation=35, ha="right")
    axes.set_xlim(-0.5, len(done.surround) - 0.5)
    axes.set_ylabel("bits per dimension\nof the surround")
