"""Changes by an exaggeration: likelihood of the surround, percentile rank of the target."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.exaggeration.exaggeration import Exaggeration
from illusions.analyses.patches.crops import windows
from illusions.analyses.readings.ranking import effect, rank
from illusions.models.evaluation import Estimate, bits_per_dimension
from illusions.stimuli.scenes.pictured import PicturedScene

if TYPE_CHECKING:
    from illusions.arrays import Bytes, Floats
    from illusions.models.model import Model
    from illusions.stimuli.stimulus import Stimulus

#: The condition that nothing was done to.
ORIGINAL = "as it is"


@dataclass(frozen=True, eq=False)
class ExaggeratedPicture:
    """A picture before and after exaggeration, with the model's likelihoods and ranks of both."""

    target: NDArray[np.bool_]  #: shape (h, w), true on the target.
    pictures: Mapping[str, Bytes]  #: by condition: `ORIGINAL` first, then one for every η.
    #: by condition: log-likelihood in nats, shape (n,), of the patches that hold nothing of the target.
    surround: Mapping[str, Floats]
    curves: Mapping[str, Mapping[str, LikelihoodCurve]]  #: by axis, by condition: the likelihood curve of the target.
    exaggerations: Mapping[str, Exaggeration]  #: by condition, without the original: how it went.
    dimensions: int  #: D, the numbers in a patch.

    def __post_init__(self) -> None:
        for picture in self.pictures.values():
            if not np.array_equal(picture[self.target], self.pictures[ORIGINAL][self.target]):
                raise ValueError("the targets differ")


def compare(
    stimuli: Sequence[Stimulus],
    picture: Bytes,
    exaggerations: Sequence[Exaggeration],
    model: Model,
    temperature: Temperature | str | float = "bits-per-dim",
    *,
    draws: int = 8,
    seed: int = 0,
) -> ExaggeratedPicture:
    """Measure a picture as it is and exaggerated.

    Args:
        stimuli: the masked target in the picture, along each axis of interest: of `from_pictures`.
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
    """Name of a picture moved by η: ``"η = +0.6"``, with a real minus."""
    return f"η = {eta:+g}".replace("-", "−")


def changes(done: ExaggeratedPicture) -> pd.DataFrame:
    """The rows of ``NAME-changes.csv``: every measure before and after, for every η.

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
        for measure, before, after, change in measures(done, name):
            row = {"eta": exaggeration.eta, "measure": measure}
            for key, estimate in (("before", before), ("after", after), ("change", change)):
                row |= {key: estimate.mean, f"{key}_standard_error": estimate.standard_error}
            rows.append(row | shared)
    return pd.DataFrame(rows)


def _surround(picture: Bytes, target: NDArray[np.bool_], model: Model, draws: int, seed: int) -> Floats:
    """Log-likelihood of patches side by side that hold nothing of the target."""
    size = model.size
    apart = windows(picture, size)[::size, ::size].reshape(-1, size, size, 3)
    holds = np.lib.stride_tricks.sliding_window_view(target, (size, size))[::size, ::size].any(axis=(2, 3)).ravel()
    return model.log_likelihood(apart[~holds], draws=draws, seed=seed) if not holds.all() else np.empty(0)


def measures(done: ExaggeratedPicture, name: str) -> Iterator[tuple[str, Estimate, Estimate, Estimate]]:
    """The measures of a condition: name, value before, value after, and change."""
    before, after = done.surround[ORIGINAL], done.surround[name]
    if len(before):
        yield "log-likelihood", over_patches(before), over_patches(after), over_patches(after - before)
        before, after = (bits_per_dimension(nats, done.dimensions) for nats in (before, after))
        yield (
            "bits per dimension",
            over_patches(before),
            over_patches(after),
            over_patches(after - before),
        )
    for axis, curves in done.curves.items():
        first, second = curves[ORIGINAL], curves[name]
        yield f"{axis} rank", _rank(first), _rank(second), Estimate(*effect(second, first))


def over_patches(values: Floats) -> Estimate:
    """The mean of values (n,) and its standard error, a patch being the unit."""
    error = values.std(ddof=1) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return Estimate(float(values.mean()), float(error))


def _rank(curve: LikelihoodCurve) -> Estimate:
    return Estimate(curve.percentile_rank(curve.value), curve.percentile_rank_standard_error(curve.value))
