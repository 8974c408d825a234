"""Ranks at several scales, and their mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import scipy
from numpy.typing import NDArray

from illusions.analyses.densities.cautions import are_nearly_values, cautions
from illusions.analyses.densities.curve import LikelihoodCurve, Vector
from illusions.analyses.densities.matching import Match, match_all, matches_frame
from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.predictions import MEAN, At, Prediction, Unit, with_s_scale, with_scales
from illusions.analyses.readings.ranking import DRAWS, Ranks, rank_of_target, ranks_frame
from illusions.analyses.readings.sweeps import FINE, SweepTolerance
from illusions.arrays import Bytes
from illusions.models.stacks import PatchModel, ScoreGenerator, interleave, run
from illusions.representations import Shown
from illusions.stimuli.scenes.scene import PATCH, Box

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.stimulus import Stimulus

Curves = Mapping[str, LikelihoodCurve]
#: How many noise samples there are before each check whether they are enough.
_DRAWS = (2, 4, 6, 8, 10, 12, 14, 16)


@dataclass(frozen=True, eq=False, repr=False)
class AveragedCurve(LikelihoodCurve):
    """Mean of several curves of one condition, each at another scale.

    Its density and percentile ranks are the means of theirs. So are its ``draws`` and ``log_likelihood``, but the
    density is not computed from those.
    """

    parts: tuple[LikelihoodCurve, ...]  #: the curves, which differ in nothing but the scale of their patches.

    def cut_with(self, reference: LikelihoodCurve) -> LikelihoodCurve:
        """The same curve, on a circular axis cut where the reference is; and so are its parts."""
        if not self.axis.circular:
            return self
        pairs = zip(self.parts, cast(AveragedCurve, reference).parts, strict=True)
        return replace(self, reference=reference, parts=tuple(part.cut_with(its) for part, its in pairs))

    def at_temperature(self, temperature: float) -> LikelihoodCurve:
        """Return the mean of the curves at another temperature T > 0, in nats."""
        return average([part.at_temperature(temperature) for part in self.parts])

    @cached_property
    def leave_one_out(self) -> list[LikelihoodCurve]:
        """The k means without one of the k noise samples; empty for a single one."""
        return [average(parts) for parts in zip(*(part.leave_one_out for part in self.parts), strict=True)]

    @cached_property
    def _log_mass(self) -> Vector:
        return np.asarray(
            np.logaddexp.reduce([part._log_mass for part in self.parts], axis=0) - math.log(len(self.parts))
        )


def average(curves: Sequence[LikelihoodCurve]) -> LikelihoodCurve:
    """The mean of curves of one condition that differ in nothing but the scale of their patches."""
    first = curves[0]
    references = [curve.reference for curve in curves if curve.reference is not None]
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
        scored=scored_in_all(curves),
        reference=average(references) if references else None,
    )


def scored_in_all(curves: Sequence[LikelihoodCurve]) -> NDArray[np.bool_] | None:
    """Shape (n,): which values were scored in every one of several curves; None if all were."""
    partly = [curve.scored for curve in curves if curve.scored is not None]
    return np.logical_and.reduce(partly) if partly else None


def average_conditions(at_scales: Mapping[float, Curves]) -> Curves:
    """The mean over the scales, for every condition; of a single scale its own curves."""
    if len(at_scales) == 1:
        return next(iter(at_scales.values()))
    conditions = next(iter(at_scales.values()))
    return {name: average([curves[name] for curves in at_scales.values()]) for name in conditions}


@dataclass(frozen=True, eq=False)
class Ranking(Shown):
    """Likelihood curves of a stimulus at one or several scales or fields, with ranks and matches.

    Attributes:
        stimulus: the stimulus.
        at_scales: by scale or by field, then by condition.
        unit: ``"scale"`` (patch ÷ target) or ``"field"`` (degrees of visual angle).
        size: side of the patches that were scored, pixels.
    """

    stimulus: Stimulus
    at_scales: Mapping[float, Curves]
    unit: Unit = "scale"
    size: int = PATCH

    def __repr__(self) -> str:
        return repr(self.prediction).replace("Prediction", "Ranking", 1)

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
            nearly_value=are_nearly_values(self.curves.values()),
        )

    @property
    def matches(self) -> list[Match]:
        """Every pair of conditions that the stimulus asks for, at the physical target."""
        return match_all(self.curves, self.stimulus.pairs)

    def ranks_frame(self) -> pd.DataFrame:
        """The rows of ``ranks.csv``, for every scale and for the mean over several."""
        frame = with_scales({at: ranks_frame(curves) for at, curves in self._with_mean().items()}, self.unit)
        return with_s_scale(frame, self.stimulus)

    def matches_frame(self) -> pd.DataFrame:
        """The rows of ``matches.csv``, for every scale and for the mean over several."""
        frame = with_scales(
            {at: matches_frame(match_all(curves, self.stimulus.pairs)) for at, curves in self._with_mean().items()},
            self.unit,
        )
        return with_s_scale(frame, self.stimulus)

    def summary_frame(self) -> pd.DataFrame:
        """The rows of ``summary.csv``, for every scale and for the mean over several."""
        frame = with_s_scale(self.prediction.summary(), self.stimulus)
        relative = [each for at in self.prediction.ranks for each in self.prediction.relative(at).values()]
        if not relative:
            return frame
        errors = [each.standard_error for each in relative]
        return frame.assign(
            relative_rank=[each.value for each in relative], relative_rank_standard_error=np.array(errors)
        )

    def at_temperature(self, temperature: float) -> Ranking:
        """Return the ranking at another temperature T > 0, in nats."""
        return Ranking(
            self.stimulus,
            {
                scale: {name: curve.at_temperature(temperature) for name, curve in curves.items()}
                for scale, curves in self.at_scales.items()
            },
            self.unit,
            self.size,
        )

    def seen(self, condition: str, value: float | None = None) -> Bytes:
        """What the model sees of a condition, (size, size, 3) sRGB; of several scales or fields at the middle one.

        By field it is the square around the middle of the target; placements lie around other points of it.

        Args:
            condition: its name.
            value: of the target; by default the physical one.
        """
        side = sorted(self.at_scales)[len(self.at_scales) // 2]
        shown = [self.stimulus.value if value is None else value]
        if self.unit == "scale":
            return np.asarray(replace(self.stimulus, scale=side).patches(condition, shown, size=self.size)[0])
        target, half = self.stimulus.conditions[condition].target, self.stimulus.units(side) / 2
        x, y = (target.left + target.right) / 2, (target.top + target.bottom) / 2
        raster = self.stimulus.view(condition, Box(x - half, y - half, x + half, y + half), size=self.size)
        return np.asarray(raster.paint(self.stimulus.axis.at(self.stimulus.target, shown))[0])

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
    full_sweep: bool = True,
    effect_precision: float | None = None,
) -> Ranking:
    """``rank`` at every one of several scales (side of the patch ÷ longer side of the target), under the same noise.

    Args:
        stimulus: the stimulus.
        model: the model.
        scales: each more than 1; none for the stimulus' own.
        temperature: as for ``rank``.
        draws: as for ``rank``.
        seed: as for ``rank``.
        full_sweep: as for ``rank``.
        effect_precision: the standard error of the effects that is enough, in place of a number of draws; 2 to 16 are
            drawn, until it is certain enough to be less (`is_precise`).

    Returns:
        The curves at every scale.

    Raises:
        InputError: as ``rank``; or a picture is smaller than a patch of such a scale.
    """
    nats = Temperature.parse(temperature).nats(model)
    how: Any = {"draws": draws, "seed": seed, "full_sweep": full_sweep, "effect_precision": effect_precision}
    return run(model, generate_at_scales(stimulus, model, scales, nats, **how))


def generate_at_scales(
    stimulus: Stimulus,
    model: PatchModel,
    scales: Sequence[float],
    nats: float,
    *,
    draws: int,
    seed: int,
    full_sweep: bool,
    tolerance: SweepTolerance = FINE,
    effect_precision: float | None = None,
) -> ScoreGenerator[Ranking]:
    """`rank_at_scales`, so that several stimuli can go side by side (`illusions.models.stacks`)."""
    begun = {
        scale: Ranks(rescaled, model, nats, seed=seed, full_sweep=full_sweep, tolerance=tolerance)
        for scale, rescaled in at_each(stimulus, scales).items()
    }
    for count in (draws,) if effect_precision is None else _DRAWS:
        curves = yield from interleave([ranks.under(count) for ranks in begun.values()])
        ranking = Ranking(stimulus, dict(zip(begun, curves, strict=True)), size=model.size)
        if effect_precision is not None and is_precise(ranking.prediction, count, effect_precision):
            break
    return ranking


def is_precise(prediction: Prediction, draws: int, effect_precision: float) -> bool:
    """Whether the standard errors of the effects, or of a single condition's rank, are less than a number.

    A standard error from few draws is itself uncertain: from two draws it is less than half of the true one in every
    third case. So what has to be less is the upper end of its one-sided 90 % interval, by the χ² distribution with
    draws − 1 degrees of freedom: 8 times the estimate from two draws, 1.6 times that from eight.
    """
    effects = prediction.effects(prediction.whole) if len(prediction.stimulus.conditions) > 1 else {}
    estimates = effects or prediction.ranks[prediction.whole]
    errors = np.array([estimate.standard_error for estimate in estimates.values()])
    factor = math.sqrt((draws - 1) / scipy.special.chdtri(draws - 1, 0.9))
    return bool((factor * errors < effect_precision).all())


def at_each(stimulus: Stimulus, scales: Sequence[float]) -> dict[float, Stimulus]:
    """The stimulus at each of several scales; without any, at its own."""
    if not scales:
        return {stimulus.scale: stimulus}
    return {scale: replace(stimulus, scale=scale) for scale in scales}
