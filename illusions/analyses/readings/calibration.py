"""Calibration: the one temperature at which predicted matches are nearest to those that people set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from illusions.analyses.densities.matching import nearest_match
from illusions.analyses.predictions import SMALLEST_EFFECT
from illusions.analyses.readings.scales import Ranking
from illusions.analyses.readings.trivial import equal_contrast, veridical
from illusions.arrays import Floats
from illusions.errors import InputError, unknown_name

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

#: The temperatures that are tried, from T = 1, the density of the model, to where ranks are values and illusions gone.
LOWEST, HIGHEST = 1.0, 1e5
#: Matches are predicted at these, and at those between by interpolation over log T: 1 % apart.
_COARSE = np.geomspace(LOWEST, HIGHEST, 81)
_FINE = np.geomspace(LOWEST, HIGHEST, 1158)
#: Resamples of the bootstrap.
RESAMPLES = 2000
_PERCENTILES = (2.5, 97.5)
_Trivial: TypeAlias = "Callable[[Stimulus, str, str], float]"


@dataclass(frozen=True)
class Measured:
    """What people set on average, in one pair of conditions."""

    stimulus: str  #: name of the stimulus.
    reference_condition: str  #: where the target stayed as it is.
    comparison_condition: str  #: where it was set.
    value: float  #: the mean over people, in the axis' units.
    standard_error: float = float("nan")  #: of the mean, over people; NaN if unknown.


@dataclass(frozen=True)
class TemperatureFit:
    """A fitted temperature. Errors are root mean squares, as shares of the axis (of lightness: 100)."""

    temperature: float  #: T, in the unit of the rankings.
    low: float  #: of the 95 % interval of T, by the percentile bootstrap; NaN where there was nothing to resample.
    high: float  #: its other end.
    side: float | None  #: the scale or the field, where that was fitted too; else None.
    error: float  #: of the predictions at T, on what it was fitted to.
    worst: float  #: of the predictions at that T, of all that were tried, at which they are farthest off.
    held_out: float  #: of the prediction of each stimulus at the T fitted to all others; NaN for a single stimulus.
    veridical: float  #: of the physical value as prediction.
    equal_contrast: float  #: of equal contrast to the surround as prediction.
    stimuli: int  #: how many.
    matches: int  #: how many.

    @property
    def is_at_an_end(self) -> bool:
        """Whether the best temperature is the lowest or the highest of those tried: there is none in between."""
        return not LOWEST < self.temperature < HIGHEST

    @property
    def tells_little(self) -> bool:
        """Whether predictions are as far off at any T, but for less than is worth mentioning."""
        return self.worst - self.error < SMALLEST_EFFECT


def fit_temperature(
    rankings: Iterable[Ranking],
    measured: Sequence[Measured],
    *,
    resampled: Floats | None = None,
    each_side: bool = False,
    seed: int = 0,
) -> TemperatureFit:
    """Find the temperature at which predicted matches are nearest to measured ones, in the least squares.

    Every stimulus counts the same, however many pairs of conditions it has. Where there is no match within the sweep,
    the prediction is the end of the sweep that comes nearest: a person can set no more either. The curves are those of
    the rankings, which are read again at every temperature; no model is needed.

    Args:
        rankings: of the stimuli that were measured, at any temperature.
        measured: one for each pair of conditions, at the physical target.
        resampled: shape (b, n), other values of the n measured ones, such as means over resampled people; NaN where a
            resample has none. Left out, they are drawn from normal distributions with the standard errors, if all of
            these are known.
        each_side: whether the rankings hold several scales or fields of which one is to be chosen too, in place of the
            mean over them.
        seed: of the resamples that are drawn.

    Raises:
        InputError: nothing is measured, or something that was not ranked; or a measured value is not finite.
    """
    by_name = {ranking.stimulus.name: ranking for ranking in rankings}
    _check(measured, by_name)
    readings = _sides(by_name) if each_side else {None: by_name}
    settings = [(side, t) for side in readings for t in _FINE]
    predicted = np.concatenate([_predicted(rankings, measured) for rankings in readings.values()])
    scale = _Errors.of(measured, by_name)
    values = np.array([each.value for each in measured])
    errors = scale.by_stimulus(predicted, values)
    best = int(errors.mean(axis=1).argmin())
    side, temperature = settings[best]
    low, high = _interval(settings, predicted, scale, _resampled(measured, resampled, seed))
    return TemperatureFit(
        temperature=float(temperature),
        low=low,
        high=high,
        side=side,
        error=float(np.sqrt(errors[best].mean())),
        worst=max(float(np.sqrt(errors[i].mean())) for i, (at, _) in enumerate(settings) if at == side),
        held_out=_held_out(errors),
        veridical=scale.rms(_of(veridical, measured, by_name), values),
        equal_contrast=scale.rms(_of(equal_contrast, measured, by_name), values),
        stimuli=errors.shape[1],
        matches=len(measured),
    )


def root_mean_square(predicted: Sequence[float], measured: Sequence[Measured], stimuli: Iterable[Stimulus]) -> float:
    """How far predictions are off, as a share of the axis; every stimulus counts the same."""
    scale = _Errors.of_stimuli(measured, {stimulus.name: stimulus for stimulus in stimuli})
    return scale.rms(np.asarray(predicted, dtype=float), np.array([each.value for each in measured]))


@dataclass(frozen=True, eq=False)
class _Errors:
    """How squared errors are counted."""

    span: Floats  #: shape (n,): the length of the axis of each measured match.
    circular: Floats  #: shape (n,).
    members: Floats  #: shape (n, s): 1 where a match is of a stimulus.

    @classmethod
    def of(cls, measured: Sequence[Measured], rankings: Mapping[str, Ranking]) -> _Errors:
        return cls.of_stimuli(measured, {name: ranking.stimulus for name, ranking in rankings.items()})

    @classmethod
    def of_stimuli(cls, measured: Sequence[Measured], stimuli: Mapping[str, Stimulus]) -> _Errors:
        names = list(dict.fromkeys(each.stimulus for each in measured))
        axes = [stimuli[each.stimulus].axis for each in measured]
        return cls(
            span=np.array([axis.span for axis in axes]),
            circular=np.array([axis.circular for axis in axes]),
            members=np.array([[float(each.stimulus == name) for name in names] for each in measured]),
        )

    def by_stimulus(self, predicted: Floats, values: Floats) -> Floats:
        """Mean squared errors, shape (t, s), of predictions (t, n); NaN where all values of a stimulus are."""
        off = (predicted - values) / self.span
        off = np.where(self.circular, (off + 0.5) % 1 - 0.5, off)
        known = np.isfinite(values)
        with np.errstate(invalid="ignore"):
            sums: Floats = np.where(known, off**2, 0.0) @ self.members
            return sums / (known @ self.members)

    def rms(self, predicted: Floats, values: Floats) -> float:
        """Of one prediction per match."""
        return float(np.sqrt(self.by_stimulus(predicted[None], values).mean()))


def _check(measured: Sequence[Measured], rankings: Mapping[str, Ranking]) -> None:
    if not measured:
        raise InputError("no match was measured; expected one or more to fit the temperature to")
    for each in measured:
        if each.stimulus not in rankings:
            raise unknown_name("ranked stimulus", each.stimulus, rankings)
        conditions = rankings[each.stimulus].stimulus.conditions
        for condition in (each.reference_condition, each.comparison_condition):
            if condition not in conditions:
                raise unknown_name(f"condition of {each.stimulus}", condition, conditions)
        if not np.isfinite(each.value):
            raise InputError(f"{each.stimulus}: a measured match is {each.value}; expected a finite number")


def _sides(rankings: Mapping[str, Ranking]) -> dict[float | None, dict[str, Ranking]]:
    """The rankings at each of their scales or fields alone."""
    sides = list(next(iter(rankings.values())).at_scales)
    return {
        side: {name: Ranking(r.stimulus, {side: r.at_scales[side]}, r.unit) for name, r in rankings.items()}
        for side in sides
    }


def _predicted(rankings: Mapping[str, Ranking], measured: Sequence[Measured]) -> Floats:
    """Shape (t, n): the predicted matches at every temperature."""
    coarse = np.empty((len(_COARSE), len(measured)))
    for name in dict.fromkeys(each.stimulus for each in measured):
        for i, temperature in enumerate(_COARSE):
            curves = rankings[name].at_temperature(float(temperature)).curves
            for j, each in enumerate(measured):
                if each.stimulus == name:
                    coarse[i, j] = nearest_match(curves[each.reference_condition], curves[each.comparison_condition])
    return np.stack([np.interp(np.log(_FINE), np.log(_COARSE), column) for column in coarse.T], axis=1)


def _of(trivial: _Trivial, measured: Sequence[Measured], rankings: Mapping[str, Ranking]) -> Floats:
    return np.array(
        [
            trivial(rankings[each.stimulus].stimulus, each.reference_condition, each.comparison_condition)
            for each in measured
        ]
    )


def _held_out(errors: Floats) -> float:
    """Each stimulus at the setting that is best for all others, from mean squared errors (t, s)."""
    s = errors.shape[1]
    if s < 2:
        return float("nan")
    others = errors.sum(axis=1, keepdims=True) - errors
    return float(np.sqrt(np.mean([errors[others[:, j].argmin(), j] for j in range(s)])))


def _resampled(measured: Sequence[Measured], resampled: Floats | None, seed: int) -> Floats | None:
    if resampled is not None:
        return resampled
    deviations = np.array([each.standard_error for each in measured])
    if not np.isfinite(deviations).all():
        return None
    noise = np.random.default_rng(seed).normal(size=(RESAMPLES, len(measured)))
    return np.array([each.value for each in measured]) + deviations * noise


def _interval(
    settings: Sequence[tuple[float | None, float]], predicted: Floats, scale: _Errors, resampled: Floats | None
) -> tuple[float, float]:
    if resampled is None:
        return float("nan"), float("nan")
    found = [
        settings[int(np.nanmean(scale.by_stimulus(predicted, values), axis=1).argmin())][1] for values in resampled
    ]
    low, high = np.percentile(found, _PERCENTILES)
    return float(low), float(high)
