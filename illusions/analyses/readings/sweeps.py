"""Sweeps: which values of a target are scored, all of them or only those that ranks and matches depend on.

The log-likelihood ℓ(v) is smooth along a sweep with three exceptions: a cusp where the target equals its surround,
kinks where colours turn a corner of the gamut, and the rounding of colours to 8 bits. An adaptive sweep begins with
every n-th value (`SweepTolerance`), the target and the least structured patch. A cubic spline interpolates between
them, at the positions of the rounded colours. Its error is estimated from its distance to an Akima spline, and from its
errors at values that were scored later. Intervals whose error, weighted with the density p_T, could move a rank or a
match by more than the tolerance are split, until none is left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from typing import TypeAlias

import numpy as np
import scipy
from numpy.typing import NDArray

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.densities.matching import equal_rank
from illusions.arrays import Bytes, Floats
from illusions.models.stacks import ScoreGenerator

Indices: TypeAlias = NDArray[np.intp]
#: Indices of the values to be scored in one condition; the first noise sample; the number of noise samples.
Request: TypeAlias = tuple[Indices, int, int]
#: Scores the requests, by condition: log-likelihoods (draws, m) of each.
ScoreRequests: TypeAlias = "Callable[[Mapping[str, Request]], ScoreGenerator[Mapping[str, Floats]]]"


@dataclass(frozen=True)
class SweepTolerance:
    """How accurate an adaptive sweep is."""

    every: int  #: it begins with every n-th value.
    rank: float  #: largest estimated error of a percentile rank by interpolation.
    match: float  #: largest estimated error of a match, as a share of the axis.
    max_mass: float  #: largest share of the density between two scored values.
    checks: int  #: how often estimated errors are compared with new scores.


#: For numbers that are printed. Over all shipped stimuli it moves ranks by at most 0.0005 and matches by 0.001
#: (tests/benchmarks/compare_sweeps.py).
FINE = SweepTolerance(every=10, rank=1.6e-4, match=2e-4, max_mass=0.1, checks=2)
#: For figures of many settings: an eighth of the values. It moves ranks of physical targets by less than 0.005.
COARSE = SweepTolerance(every=16, rank=1.6e-3, match=2e-3, max_mass=0.3, checks=1)
#: A stretch across which ℓ/T moves by more than `_STEEP` is cut if it holds more of the density than `_LITTLE`.
_STEEP, _LITTLE = 1.0, 0.003
#: Where the spline was wrong by so much in the middle of a stretch, its halves are taken to be wrong by half of that.
_HALVES = 0.5
#: How many stretches are put to the test, and by how much more than estimated an error may turn out.
_TESTED, _MOST = 4, 4.0
_ROUNDS = 12


@dataclass(eq=False)
class Scored:
    """The scored part of the sweep of one condition."""

    positions: Floats  #: shape (n,): where on the axis the colours of the sweep lie, in steps.
    begin: Indices  #: indices to begin with, ascending.
    #: indices of the values that have been scored, ascending.
    known: Indices = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    data: Floats = field(default_factory=lambda: np.empty((0, 0)))  #: shape (k, m): their log-likelihoods, nats.
    _off: Floats = field(init=False)
    _factor: float = field(default=1.0, init=False)

    def __post_init__(self) -> None:
        self._off = np.zeros(len(self.positions))

    @property
    def is_scored(self) -> NDArray[np.bool_]:
        """Shape (n,): which values have been scored."""
        found = np.zeros(len(self.positions), dtype=np.bool_)
        found[self.known] = True
        return found

    def further(self, draws: int) -> Request:
        """The request for the known values under the noise samples that are missing from `draws`."""
        had = len(self.data)
        return (self.known if had else self.begin), had, draws - had

    def draw(self, data: Floats) -> None:
        """Add the scores of the request by `further`, shape (draws, m)."""
        if not len(self.data):
            self.known, self.data = self.begin, data
        else:
            self.data = np.concatenate([self.data, data])

    def values(self) -> Floats:
        """Shape (k, n): log-likelihoods of all values, interpolated where they were not scored."""
        if len(self.known) == len(self.positions):
            return self.data
        return self._through(scipy.interpolate.CubicSpline, self.data)

    def errors(self, mean: Floats) -> Floats:
        """Shape (n,), nats: estimated error of the mean over noise samples (n,); 0 at scored values."""
        other = self._through(scipy.interpolate.Akima1DInterpolator, self.data.mean(axis=0, keepdims=True))[0]
        errors = np.maximum(self._factor * np.abs(mean - other), self._off)
        errors[self.known] = 0
        return np.asarray(errors)

    def cut(self, new: Indices, data: Floats, mean: Floats, errors: Floats) -> None:
        """Add values with scores (k, m); update the estimates of errors by those of the mean (n,) at these values."""
        wrong = np.abs(mean[new] - data.mean(axis=0))
        right = np.searchsorted(self.known, new)
        for off, stretch in zip(wrong, right, strict=True):
            self._off[self.known[stretch - 1] : self.known[stretch] + 1] = _HALVES * off
        ratio = float(np.median(wrong / np.maximum(errors[new], 1e-9)))
        self._factor = float(np.clip(self._factor * ratio, self._factor, max(_MOST, self._factor)))
        known = np.concatenate([self.known, new])
        order = np.argsort(known)
        self.known, self.data = known[order], np.concatenate([self.data, data], axis=1)[:, order]

    def stretches(self, weights: Floats) -> Floats:
        """Shape (m − 1,): sums of weights (n,) over the values between neighbouring scored values."""
        between = np.clip(np.searchsorted(self.known, np.arange(len(weights)), side="right") - 1, 0, None)
        sums = np.bincount(between, np.where(self.is_scored, 0.0, weights), minlength=len(self.known))
        return np.asarray(sums[:-1])

    def _through(self, kind: Callable[..., Callable[[Floats], Floats]], data: Floats) -> Floats:
        """An interpolating spline through the positions; values at one position are averaged."""
        x = self.positions[self.known]
        order = np.argsort(x, kind="stable")
        group = np.cumsum(np.diff(x[order], prepend=x[order[0]]) > 1e-3)
        count = np.bincount(group)
        knots = np.bincount(group, x[order]) / count
        at_knots = np.stack([np.bincount(group, row[order]) / count for row in data])
        options = {"method": "makima"} if kind is scipy.interpolate.Akima1DInterpolator else {}
        values = kind(knots, at_knots, axis=1, **options)(np.clip(self.positions, knots[0], knots[-1]))
        values[:, self.known] = data
        return np.asarray(values)


def where_to_begin(values: Floats, value: float, patches: Bytes, every: int) -> Indices:
    """Indices of every n-th value and the last; of the physical target and the least structured patch, with neighbours.

    Args:
        values: shape (n,), the sweep.
        value: the physical target.
        patches: shape (n, size, size, 3): where the target is as its surround, the likelihood has its cusp.
        every: as in `SweepTolerance`.
    """
    n = len(values)
    pixels = patches.astype(np.int16)
    structure = sum(np.abs(np.diff(pixels, axis=axis)).sum(axis=(1, 2, 3), dtype=np.int64) for axis in (1, 2))
    middles = [int(np.abs(values - value).argmin()), int(np.argmin(structure))]
    near = [middle + step for middle in middles for step in (-1, 0, 1)]
    return np.unique(np.clip(np.concatenate([np.arange(0, n, every), [n - 1], near]), 0, n - 1)).astype(np.intp)


def refine(
    sweeps: Mapping[str, Scored],
    curve_of: Callable[[str], LikelihoodCurve],
    score: ScoreRequests,
    tolerance: SweepTolerance,
) -> ScoreGenerator[None]:
    """Score more values of the conditions' sweeps, until ranks and matches agree with full sweeps to the tolerance.

    Args:
        sweeps: by condition, with their first scores.
        curve_of: the present curve of a condition.
        score: scores requests.
        tolerance: how accurate the sweeps have to be.
    """
    for _ in range(tolerance.checks):
        yield from _refine_once(sweeps, curve_of, score, tolerance)


def _refine_once(
    sweeps: Mapping[str, Scored],
    curve_of: Callable[[str], LikelihoodCurve],
    score: ScoreRequests,
    tolerance: SweepTolerance,
) -> ScoreGenerator[None]:
    """One pass of `refine`, in which the largest estimated errors are checked first."""
    for number in range(_ROUNDS):
        curves = {name: curve_of(name) for name in sweeps}
        errors = {name: scored.errors(curves[name].log_likelihood) for name, scored in sweeps.items()}
        wanted = {
            name: _for_ranks(sweeps[name], curves[name], errors[name], tolerance, tested=number > 0) for name in sweeps
        }
        for a, b in permutations(sweeps, 2):
            pse = equal_rank(curves[a], curves[a].value, curves[b])
            if pse is None:
                continue
            slope, weights = _of_log_rank(curves[b], pse)
            allowed = tolerance.match * curves[b].axis.high * slope
            wanted[b] |= _worst(sweeps[b], _effects(weights, errors[b], curves[b]), allowed)
            weights = _of_log_rank(curves[a], curves[a].value)[1]
            wanted[a] |= _worst(sweeps[a], _effects(weights, errors[a], curves[a]), allowed)
        middles = {name: (scored.known[:-1] + scored.known[1:])[wanted[name]] // 2 for name, scored in sweeps.items()}
        requests = {name: (new, 0, len(sweeps[name].data)) for name, new in middles.items() if len(new)}
        if not requests:
            return
        for name, data in (yield from score(requests)).items():
            sweeps[name].cut(middles[name], data, curves[name].log_likelihood, errors[name])


def _for_ranks(
    scored: Scored, curve: LikelihoodCurve, errors: Floats, tolerance: SweepTolerance, *, tested: bool
) -> NDArray[np.bool_]:
    """Which intervals have to be split for the accuracy of percentile ranks."""
    mass = curve.density * curve.axis.step
    effects = _effects(mass, errors, curve)
    wanted = _worst(scored, effects, tolerance.rank)
    exponent = curve.log_likelihood / curve.temperature
    parts = np.split(exponent, scored.known[1:-1])
    moves = np.array(
        [np.ptp(np.append(part, after)) for part, after in zip(parts, exponent[scored.known[1:]], strict=True)]
    )
    within = scored.stretches(mass)
    wanted |= (within > tolerance.max_mass) | ((within > _LITTLE) & (moves > _STEEP))
    if not tested:
        wanted[np.argsort(-scored.stretches(effects))[:_TESTED]] = True
    return wanted & (np.diff(scored.known) > 1)


def _worst(scored: Scored, effects: Floats, allowed: float) -> NDArray[np.bool_]:
    """Which intervals to split, so that the other ones' effects, taken as independent, stay within what is allowed."""
    of_each = scored.stretches(effects)
    order = np.argsort(of_each)
    below = np.sqrt(np.cumsum(of_each[order] ** 2))
    wanted = np.zeros(len(of_each), dtype=np.bool_)
    if below[-1] > allowed:
        wanted[order[below > allowed / 2]] = True
    return wanted & (np.diff(scored.known) > 1)


def _effects(weights: Floats, errors: Floats, curve: LikelihoodCurve) -> Floats:
    """How much the error of each value moves the sum of exp(ℓ/T) with weights (n,)."""
    return np.asarray(weights * np.expm1(np.minimum(errors / curve.temperature, 3.0)))


def _of_log_rank(curve: LikelihoodCurve, value: float) -> tuple[float, Floats]:
    """Derivatives of the logarithm of a value's rank, or of 1 − rank if that is smaller.

    Returns:
        The slope along the axis, and the share of every value of the sweep in the rank, shape (n,).
    """
    below, above = curve.log_odds_terms(value)
    positions = np.empty(len(curve.values))
    positions[curve.order] = curve.positions
    away = (positions - curve.unwrap(value)) * (1 if below <= above else -1)
    with np.errstate(divide="ignore"):
        log_mass = np.log(curve.density * curve.axis.step)
    shares = np.exp(np.minimum(log_mass - min(below, above), 1.0))
    return float(shares[np.abs(away).argmin()]) / curve.axis.step, np.where(away <= curve.axis.step, shares, 0.0)
