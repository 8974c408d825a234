"""Likelihood curves, percentile ranks and the effect of a stimulus under a model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from illusions.analyses.densities.curve import LikelihoodCurve, cut_together
from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.readings.sweeps import FINE, Request, Scored, SweepTolerance, refine, where_to_begin
from illusions.arrays import Floats
from illusions.errors import InputError
from illusions.estimates import Replicated
from illusions.models.stacks import PatchModel, ScoreGenerator, Stack, run

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.scenes.scene import Raster
    from illusions.stimuli.stimulus import Stimulus

#: Default number of noise samples.
DRAWS = 8
#: A sweep of fewer values is always full.
_SHORT = 64


def rank(
    stimulus: Stimulus,
    model: PatchModel,
    temperature: Temperature | str | float = "bits-per-dim",
    *,
    draws: int = DRAWS,
    seed: int = 0,
    full_sweep: bool = True,
) -> dict[str, LikelihoodCurve]:
    """Compute the likelihood curve of the target in each condition.

    All patches share their noise (common random numbers), so that differences between values are not due to noise. A
    model with normalisation uses the surround, which is the same at every value, so the curve is a density of the
    target's value.

    Args:
        stimulus: the stimulus.
        model: the model.
        temperature: ``"exact"``, ``"bits-per-dim"`` or a positive number in nats; see `Temperature`.
        draws: number of noise samples, at least 1. Standard errors need 2.
        seed: of the noise.
        full_sweep: whether all values are scored. Otherwise about a quarter is scored, chosen for accurate ranks and
            matches at this temperature, and the rest is interpolated (`analyses.readings.sweeps`).

    Returns:
        One curve per condition, in the stimulus' order.

    Raises:
        InputError: the temperature is none, there is no draw, the seed is negative, the model gives no finite
            likelihood, or it normalises patches and no pixel shows the surround alone.
    """
    nats = Temperature.parse(temperature).nats(model)
    return run(model, Ranks(stimulus, model, nats, seed=seed, full_sweep=full_sweep).under(draws))


class Ranks:
    """The curves of a stimulus' conditions, to which noise samples can be added.

    Args:
        stimulus: the stimulus.
        model: the model.
        nats: T.
        seed: of the noise.
        full_sweep: as in `rank`.
        tolerance: accuracy of a sweep that is not full.
    """

    def __init__(
        self,
        stimulus: Stimulus,
        model: PatchModel,
        nats: float,
        *,
        seed: int,
        full_sweep: bool,
        tolerance: SweepTolerance = FINE,
    ) -> None:
        if seed < 0:
            raise InputError(f"seed {seed}: expected a number from 0 on")
        self._tolerance = tolerance
        self._stimulus, self._model, self._nats, self._seed = stimulus, model, nats, seed
        self._values = np.asarray(stimulus.values(), dtype=np.float64)
        self._full = full_sweep or len(self._values) < _SHORT
        self._views = {condition: stimulus.view(condition, size=model.size) for condition in stimulus.conditions}
        colours = stimulus.axis.at(stimulus.target, self._values)
        self._patches = {condition: view.paint(colours) for condition, view in self._views.items()}
        self._scored = {condition: self._begin(condition) for condition in stimulus.conditions}

    def under(self, draws: int) -> ScoreGenerator[dict[str, LikelihoodCurve]]:
        """Generate the curves by condition under `draws` noise samples; scores of earlier calls are kept."""
        if draws < 1:
            raise InputError(f"{draws} noise samples: expected at least 1")
        requests = {condition: scored.further(draws) for condition, scored in self._scored.items()}
        found = yield from self._score(requests)
        for condition, scored in self._scored.items():
            scored.draw(found[condition])
        if not self._full:
            yield from refine(self._scored, self._curve, self._score, self._tolerance)
        return cut_together({condition: self._curve(condition) for condition in self._scored})

    def _begin(self, condition: str) -> Scored:
        if self._full:
            n = len(self._values)
            return Scored(np.arange(n, dtype=np.float64), np.arange(n))
        positions = self._stimulus.axis.steps(self._stimulus.target, self._values)
        begin = where_to_begin(self._values, self._stimulus.value, self._patches[condition], self._tolerance.every)
        return Scored(positions, begin)

    def _score(self, requests: Mapping[str, Request]) -> ScoreGenerator[dict[str, Floats]]:
        stacks = [
            Stack(self._patches[condition][indices], draws, self._seed, self._views[condition].untouched, first)
            for condition, (indices, first, draws) in requests.items()
        ]
        return dict(zip(requests, (yield stacks), strict=True))

    def _curve(self, condition: str) -> LikelihoodCurve:
        scored, view = self._scored[condition], self._views[condition]
        return LikelihoodCurve(
            stimulus=self._stimulus.name,
            condition=condition,
            axis=self._stimulus.axis,
            value=self._stimulus.value,
            values=self._values,
            draws=scored.values(),
            temperature=self._nats,
            model=self._model.name,
            scored=None if self._full else scored.is_scored,
            coverage=float(view.coverage.max()),
            flat=has_flat_surround(self._model, self._stimulus, view),
        )


def has_flat_surround(model: PatchModel, stimulus: Stimulus, view: Raster) -> bool:
    """Whether a model divides by the contrast of this surround, and it has less than the least of its training.

    Args:
        model: a density without the method `has_flat_surround` normalises nothing.
        stimulus: the stimulus.
        view: a patch of it.
    """
    is_flat = getattr(model, "has_flat_surround", None)
    patch = view.paint(stimulus.colour(stimulus.value)[None])
    return bool(is_flat(patch, view.untouched)) if is_flat is not None else False


def patch_count(stimuli: Iterable[Stimulus], draws: int = DRAWS) -> int:
    """How many patches ``rank`` scores, each counted once per noise draw."""
    return sum(len(stimulus.conditions) * len(stimulus.values()) * draws for stimulus in stimuli)


def thinned(stimulus: Stimulus, every: int) -> Stimulus:
    """The same stimulus with a sweep of every k-th value only, for figures of many settings: a k-th of the patches.

    Percentile ranks are interpolated between the values. For natural16 and every fifth value that moves an effect by
    less than 0.005 where T ≥ 50, and a match by less than 0.006.
    """
    axis = stimulus.axis
    count = axis.count // every if axis.circular else (axis.count - 1) // every + 1
    return replace(stimulus, axis=replace(axis, count=count))


def rank_of_target(curve: LikelihoodCurve) -> Replicated:
    """The percentile rank of the physical target, with a replicate without each draw of the noise."""
    return Replicated(np.array([each.percentile_rank(each.value) for each in (curve, *curve.leave_one_out)]))


def effect(first: LikelihoodCurve, *others: LikelihoodCurve) -> tuple[float, float]:
    """Percentile rank of the physical target in the first curve minus in the other, and its standard error.

    Positive: in the first condition the target looks brighter, more saturated. Of several others it is the mean of
    their ranks. The standard error is by the jackknife over noise samples; NaN for a single one.
    """
    difference = rank_of_target(first).minus([rank_of_target(other) for other in others])
    return difference.value, difference.standard_error


def ranks_frame(curves: Mapping[str, LikelihoodCurve]) -> pd.DataFrame:
    """The rows of ``ranks.csv``: every value of the sweep in every condition of a stimulus."""
    import pandas as pd

    return pd.concat([curve.to_frame() for curve in curves.values()], ignore_index=True)
