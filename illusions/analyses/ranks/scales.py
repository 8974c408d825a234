"""Ranks at several scales: how much of the surround the model sees, and the mean over how much it is let see."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp

from illusions import notebook
from illusions.analyses.predictions import MEAN, At, Prediction, Unit, with_scales
from illusions.analyses.ranks.cautions import cautions, is_thin
from illusions.analyses.ranks.curve import LikelihoodCurve, Vector
from illusions.analyses.ranks.matching import Match, match_all, matches_frame, matches_table
from illusions.analyses.ranks.ranking import DRAWS, PatchModel, rank, rank_of_target, ranks_frame
from illusions.analyses.ranks.temperature import Temperature

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.stimulus import Stimulus

Curves = Mapping[str, LikelihoodCurve]


@dataclass(frozen=True, eq=False, repr=False)
class AveragedCurve(LikelihoodCurve):
    """The mean of several curves of one condition, each from a patch of another scale.

    Its density is the mean of theirs, and so are its percentile ranks: a prediction that does not bet on one scale.
    Its ``draws`` and ``log_likelihood`` are means too, but the density is not made of them.

    Attributes:
        parts: the curves, which differ in nothing but the scale of their patches.
    """

    parts: tuple[LikelihoodCurve, ...]

    def at_temperature(self, temperature: float) -> LikelihoodCurve:
        """The mean of the curves, each read at another temperature T > 0, in nats."""
        return average([part.at_temperature(temperature) for part in self.parts])

    @cached_property
    def leave_one_out(self) -> list[LikelihoodCurve]:
        """The k means without one of the k draws; none for a single draw."""
        return [average(parts) for parts in zip(*(part.leave_one_out for part in self.parts), strict=True)]

    @cached_property
    def _log_mass(self) -> Vector:
        return np.asarray(logsumexp([part._log_mass for part in self.parts], axis=0) - math.log(len(self.parts)))


def average(curves: Sequence[LikelihoodCurve]) -> LikelihoodCurve:
    """The mean of curves of one condition that differ in nothing but the scale of their patches."""
    first = curves[0]
    return AveragedCurve(
        stimulus=first.stimulus,
        condition=first.condition,
        axis=first.axis,
        value=first.value,
        values=first.values,
        draws=np.mean([curve.draws for curve in curves], axis=0),
        temperature=first.temperature,
        model=first.model,
        parts=tuple(curves),
        coverage=float(np.mean([curve.coverage for curve in curves])),
        flat=any(curve.flat for curve in curves),
    )


def average_conditions(at_scales: Mapping[float, Curves]) -> Curves:
    """The mean over the scales, for every condition; of a single scale its own curves."""
    if len(at_scales) == 1:
        return next(iter(at_scales.values()))
    conditions = next(iter(at_scales.values()))
    return {name: average([curves[name] for curves in at_scales.values()]) for name in conditions}


@dataclass(frozen=True, eq=False)
class Ranking:
    """The curves of one stimulus at one scale (or field) or several, and what they predict.

    Attributes:
        stimulus: what is shown.
        at_scales: by scale or by field, then by condition.
        unit: whether they are scales, patch ÷ target, or fields, degrees of visual angle.
    """

    stimulus: Stimulus
    at_scales: Mapping[float, Curves]
    unit: Unit = "scale"

    def __repr__(self) -> str:
        return repr(self.prediction).replace("Prediction", "Ranking", 1)

    def _repr_html_(self) -> str:
        from illusions.analyses.drawing.inline import inline_svg
        from illusions.analyses.ranks.plotting import plot

        shown = inline_svg(lambda axes: plot(self, axes, show="density"), lambda axes: plot(self, axes))
        return notebook.stack(self.prediction, matches_table(self.matches), shown)

    @cached_property
    def curves(self) -> Curves:
        """By condition; of several scales the mean."""
        return average_conditions(self.at_scales)

    @property
    def temperature(self) -> float:
        """T, in nats; by field in nats per pixel of the target."""
        return next(iter(self.curves.values())).temperature

    @cached_property
    def prediction(self) -> Prediction:
        """The ranks of the physical target."""
        curve = next(iter(self.curves.values()))
        return Prediction(
            stimulus=self.stimulus,
            ranks={
                at: {condition: rank_of_target(curve) for condition, curve in curves.items()}
                for at, curves in self._with_mean().items()
            },
            predictor=curve.model,
            temperature=curve.temperature,
            unit=self.unit,
            coverage={
                at: {name: curve.coverage for name, curve in curves.items()} for at, curves in self._with_mean().items()
            },
            noted=cautions(self.curves.values()),
            thin=is_thin(self.curves.values()),
        )

    @property
    def matches(self) -> list[Match]:
        """Every ordered pair of conditions, at the physical target."""
        return match_all(self.curves)

    def ranks_frame(self) -> pd.DataFrame:
        """The rows of ``ranks.csv``, for every scale and for the mean over several."""
        return with_scales({at: ranks_frame(curves) for at, curves in self._with_mean().items()}, self.unit)

    def matches_frame(self) -> pd.DataFrame:
        """The rows of ``matches.csv``, for every scale and for the mean over several."""
        return with_scales(
            {at: matches_frame(match_all(curves)) for at, curves in self._with_mean().items()}, self.unit
        )

    def at_temperature(self, temperature: float) -> Ranking:
        """The same curves, read at another temperature T > 0, in nats."""
        return Ranking(
            self.stimulus,
            {
                scale: {name: curve.at_temperature(temperature) for name, curve in curves.items()}
                for scale, curves in self.at_scales.items()
            },
            self.unit,
        )

    def _with_mean(self) -> dict[At, Curves]:
        at: dict[At, Curves] = {}
        at.update(self.at_scales.items())
        if len(self.at_scales) > 1:
            at[MEAN] = self.curves
        return at


def rank_at_scales(
    stimulus: Stimulus,
    model: PatchModel,
    scales: Sequence[float],
    temperature: Temperature | str | float = "bits-per-dim",
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Ranking:
    """``rank`` at every one of several scales (side of the patch ÷ longer side of the target), under the same noise.

    Args:
        stimulus: what is shown.
        model: what scores it.
        scales: each more than 1; none for the stimulus' own.
        temperature: as for ``rank``.
        draws: as for ``rank``.
        seed: as for ``rank``.

    Returns:
        The curves at every scale.

    Raises:
        InputError: as ``rank``; or a picture is smaller than a patch of such a scale.
    """
    return Ranking(
        stimulus,
        {
            scale: rank(rescaled, model, temperature, draws=draws, seed=seed)
            for scale, rescaled in at_each(stimulus, scales).items()
        },
    )


def at_each(stimulus: Stimulus, scales: Sequence[float]) -> dict[float, Stimulus]:
    """The stimulus at each of several scales; without any, at its own."""
    if not scales:
        return {stimulus.scale: stimulus}
    return {scale: replace(stimulus, scale=scale) for scale in scales}
