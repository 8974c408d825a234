"""Likelihood curves: log-likelihood over a sweep of the target, its density and percentile ranks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from illusions.analyses.densities.transport import circular_map
from illusions.analyses.predictions import swept
from illusions.errors import InputError
from illusions.estimates import jackknife_standard_error, with_error
from illusions.representations import Shown

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.axes import Axis

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LikelihoodCurve(Shown):
    """Log-likelihood of one condition over a sweep of its target, with density and percentile ranks.

    The density on the axis is p_T(v) ∝ exp(ℓ(v) / T), where ℓ(v) is the mean of log p(patch + noise) over noise
    samples. By Jensen's inequality this mean is a lower bound of the log-likelihood of the 8-bit patch,
    log ∫ p(b + u) du. All values of a sweep share their noise, so differences between values are not due to noise.

    On a circular axis (hue) "below" needs a cut: the percentile rank is the share of the density from the cut to the
    hue. The conditions of a stimulus are cut in common: the first opposite to ``value``, the physical target, every
    other where the map that carries the first density into its own, and turns hues least, takes that cut
    (`illusions.analyses.densities.transport`). So hues of equal rank are a match, and ranks by themselves are relative.

    Attributes:
        stimulus: name of the stimulus.
        condition: name of the condition.
        axis: the quantity that is varied.
        value: the physical target, in the axis' units.
        values: shape (n,), the sweep, increasing, ``axis.step`` apart.
        draws: shape (k, n), log-likelihood in nats for each of k noise samples.
        temperature: T, in nats.
        model: name of the model.
        coverage: the largest share of a pixel of the model that the target covers, in [0, 1]; of several scales or
            placements the mean.
        flat: whether the surround has less contrast than the least that a model which divides by it was trained on.
        reference: on a circular axis, the curve of the first condition, which decides the cut; None for the first.
        scored: shape (n,): which values were scored; between them the log-likelihood is interpolated, for this T. All
            of them if left out.
    """

    stimulus: str
    condition: str
    axis: Axis
    value: float
    values: Vector
    draws: Vector
    temperature: float
    model: str
    coverage: float = field(default=1.0, kw_only=True)
    flat: bool = field(default=False, kw_only=True)
    scored: NDArray[np.bool_] | None = field(default=None, kw_only=True)
    reference: LikelihoodCurve | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.draws.ndim != 2 or self.draws.shape[1] != len(self.values) or not self.draws.size:
            raise ValueError(f"draws have shape {self.draws.shape}, expected (k, {len(self.values)})")
        finite = np.isfinite(self.draws).all(axis=0)
        if not finite.all():
            first = self.values[~finite][0]
            raise InputError(
                f"{self.model}: the log-likelihood of {self.stimulus}, condition {self.condition}, is not finite "
                f"at {self.axis.name} {first:g}; expected a finite number of nats at every value"
            )

    def __repr__(self) -> str:
        rank, error = self.percentile_rank(self.value), self.percentile_rank_standard_error(self.value)
        return (
            f"LikelihoodCurve({self.stimulus!r}, {self.condition!r}: {self.axis.name} {self.value:.4g} ranks "
            f"{with_error(rank, error)} by {self.model}, T = {self.temperature:.4g})"
        )

    @property
    def log_likelihood(self) -> Vector:
        """Shape (n,), nats: the mean over noise samples."""
        return np.asarray(self.draws.mean(axis=0))

    @property
    def standard_error(self) -> Vector:
        """Shape (n,), nats: of ``log_likelihood``, over noise samples; NaN for a single one.

        It includes what is common to the whole sweep, so differences between neighbouring values are more precise.
        """
        return self._over_draws(lambda curve: curve.log_likelihood)

    @property
    def density(self) -> Vector:
        """Shape (n,): p_T per unit of the axis; its sum times ``axis.step`` is 1."""
        return np.exp(self._log_mass) / self.axis.step

    @property
    def density_standard_error(self) -> Vector:
        """Shape (n,): of ``density``, by the jackknife over noise samples; NaN for a single one."""
        return self._over_draws(lambda curve: curve.density)

    @property
    def percentile_ranks(self) -> Vector:
        """Shape (n,): the percentile rank of every value of the sweep."""
        ranks = np.empty(len(self.values))
        ranks[self.order] = np.where(
            self._log_below <= self._log_above, np.exp(self._log_below), -np.expm1(self._log_above)
        )
        return ranks

    @property
    def percentile_ranks_standard_error(self) -> Vector:
        """Shape (n,): of ``percentile_ranks``, by the jackknife over noise samples; NaN for a single one."""
        ranks = self.percentile_ranks
        if not self.axis.circular:
            return self._over_draws(lambda curve: curve.percentile_ranks)
        return self._over_draws(lambda curve: (off := curve.percentile_ranks - ranks) - np.rint(off))

    @property
    def peak(self) -> float:
        """The most likely value of the sweep."""
        return float(self.values[np.argmax(self._log_mass)])

    def percentile_rank(self, value: float) -> float:
        """Mid-rank of a value: P(V < v) + ½ P(V = v) under p_T, linear between the values of the sweep.

        Args:
            value: in the axis' units, within the sweep (any number on a circular axis).

        Returns:
            A number in [0, 1].

        Raises:
            InputError: the value lies outside the sweep.
        """
        below, above = self.log_odds_terms(value)
        return math.exp(below) if below <= above else -math.expm1(above)

    def percentile_rank_standard_error(self, value: float) -> float:
        """Standard error of ``percentile_rank(value)``, by the jackknife over noise samples; NaN for a single one."""
        return float(jackknife_standard_error([c.percentile_rank(value) for c in self.leave_one_out]))

    def log_odds_terms(self, value: float) -> tuple[float, float]:
        """The logarithms of r and of 1 − r, the percentile rank of a value: exact where r itself rounds to 0 or 1.

        Raises:
            InputError: the value lies outside the sweep.
        """
        position = self._position(value)
        grid, below, above = self._nodes
        return _interpolate_log(position, grid, below), _interpolate_log(position, grid, above)

    def value_at(self, log_below: float, log_above: float) -> float | None:
        """The value whose percentile rank is r, given as log r and log(1 − r): inverse of ``log_odds_terms``.

        Returns:
            The value, on a circular axis within a turn from the cut and so possibly below 0 or beyond 1; None if no
            value of the sweep ranks so low or so high, which on a circle cannot be.
        """
        grid, below, above = self._nodes
        if log_below <= log_above:
            return _invert_log(log_below, below, grid)
        return _invert_log(log_above, above[::-1], grid[::-1])

    def cut_with(self, reference: LikelihoodCurve) -> LikelihoodCurve:
        """The same curve, on a circular axis cut where the reference is: hues of equal rank are a match."""
        return replace(self, reference=reference) if self.axis.circular else self

    def at_temperature(self, temperature: float) -> LikelihoodCurve:
        """Return the curve at another temperature T > 0, in nats."""
        if not temperature > 0:
            raise InputError(f"temperature {temperature}: expected a positive number")
        reference = self.reference and self.reference.at_temperature(temperature)
        return replace(self, temperature=float(temperature), reference=reference)

    def to_frame(self) -> pd.DataFrame:
        """The rows of ``ranks.csv``: one per value of the sweep."""
        import pandas as pd

        return pd.DataFrame(
            {
                "stimulus": self.stimulus,
                "condition": self.condition,
                "axis": self.axis.name,
                "value": self.values,
                "log_likelihood": self.log_likelihood,
                "standard_error": self.standard_error,
                "density": self.density,
                "percentile_rank": self.percentile_ranks,
                "temperature": self.temperature,
                "model": self.model,
                **swept(self.values),
                "evaluated": True if self.scored is None else self.scored,
            }
        )

    @cached_property
    def leave_one_out(self) -> list[LikelihoodCurve]:
        """The k curves without one of their k noise samples; empty for a single one."""
        k = len(self.draws)
        references = [None] * k if self.reference is None else self.reference.leave_one_out
        return [
            replace(self, draws=np.delete(self.draws, i, axis=0), reference=references[i]) for i in range(k) if k > 1
        ]

    @property
    def period(self) -> float:
        """A full turn of a circular axis, in its units."""
        return self.axis.high

    @cached_property
    def cut(self) -> float:
        """Where a circular axis is cut, in its units: percentile ranks begin there."""
        if self.reference is None:
            return self.value - self.period / 2
        begin = float(self.values[0])
        place = (self.reference.cut - begin) / self.period
        return begin + self.period * float(circular_map(self.reference.density, self.density, [place])[0])

    @cached_property
    def positions(self) -> Vector:
        """Shape (n,): the sweep in the order of the percentile rank, increasing.

        The values themselves; on a circular axis rolled and unwrapped, so that they begin at the cut.
        """
        return np.array([self.unwrap(value) for value in self.values[self.order]])

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Shape (n,): indices that bring the sweep into the order of ``positions``."""
        return np.argsort([self.unwrap(value) for value in self.values], kind="stable")

    def unwrap(self, value: float) -> float:
        """Where a value lies among ``positions``: itself; on a circular axis within the turn from the cut on."""
        if not self.axis.circular:
            return float(value)
        return float(self.cut + (value - self.cut) % self.period)

    def _over_draws(self, read: Callable[[LikelihoodCurve], Vector]) -> Vector:
        replicates = np.array([read(curve) for curve in self.leave_one_out]).reshape(-1, len(self.values))
        return jackknife_standard_error(replicates)

    def _position(self, value: float) -> float:
        position = self.unwrap(value)
        low, high, slack = self.values[0], self.values[-1], self.axis.step / 2
        if not self.axis.circular and not low - slack <= position <= high + slack:
            raise InputError(
                f"{self.stimulus}: {self.axis.name} {value:g} lies outside the sweep; expected {low:g} to {high:g}"
            )
        return position

    @cached_property
    def _log_mass(self) -> Vector:
        exponent = self.log_likelihood / self.temperature
        return np.asarray(exponent - np.logaddexp.reduce(exponent))

    @cached_property
    def _log_below(self) -> Vector:
        mass = self._log_mass[self.order]
        return _log_from_cut(mass, self._before) if self.axis.circular else _log_mid_ranks(mass)

    @cached_property
    def _log_above(self) -> Vector:
        mass = self._log_mass[self.order][::-1]
        return (_log_from_cut(mass, 1 - self._before) if self.axis.circular else _log_mid_ranks(mass))[::-1]

    @property
    def _before(self) -> float:
        """How far the first of ``positions`` lies behind the cut of a circular axis, in steps."""
        return float((self.positions[0] - self.cut) / self.axis.step)

    @cached_property
    def _nodes(self) -> tuple[Vector, Vector, Vector]:
        """Positions, and the logarithms of r and of 1 − r there; a circle also has its cut, as both of its ends."""
        grid, below, above = self.positions, self._log_below, self._log_above
        if self.axis.circular and 0 < self._before < 1:
            grid = np.concatenate([[self.cut], grid, [self.cut + self.period]])
            below = np.concatenate([[-np.inf], below, [0.0]])
            above = np.concatenate([[0.0], above, [-np.inf]])
        return grid, below, above


def cut_together(curves: Mapping[str, LikelihoodCurve]) -> dict[str, LikelihoodCurve]:
    """The curves of a stimulus' conditions, those of a circular axis cut in common, as `LikelihoodCurve` says."""
    first = next(iter(curves.values()))
    return {name: curve if curve is first else curve.cut_with(first) for name, curve in curves.items()}


def _log_mid_ranks(log_mass: Vector) -> Vector:
    """The logarithm of (Σ_{j<i} m_j + ½ m_i) for every i."""
    before = np.concatenate([[-np.inf], np.logaddexp.accumulate(log_mass)[:-1]])
    return np.asarray(np.minimum(np.logaddexp(before, log_mass - np.log(2)), 0.0))


def _log_from_cut(log_mass: Vector, before: float) -> Vector:
    """As `_log_mid_ranks`, on a circle: of the mass around its cut, between the last place and the first, a share."""
    between = np.logaddexp(log_mass, np.roll(log_mass, 1)) - np.log(2)
    with np.errstate(divide="ignore"):
        between[0] += np.log(np.clip(before, 0, 1))
    return np.asarray(np.minimum(np.logaddexp.accumulate(between), 0.0))


def _interpolate_log(x: float, grid: Vector, logs: Vector) -> float:
    """Logarithm of the linear interpolation of exp(logs), also where exp(logs) underflows."""
    x = float(np.clip(x, grid[0], grid[-1]))
    right = int(np.clip(np.searchsorted(grid, x), 1, len(grid) - 1))
    t = (x - grid[right - 1]) / (grid[right] - grid[right - 1])
    with np.errstate(divide="ignore"):
        return float(np.logaddexp(np.log1p(-t) + logs[right - 1], np.log(t) + logs[right]))


def _invert_log(log_target: float, logs: Vector, grid: Vector) -> float | None:
    """Where the linear interpolation of exp(logs), increasing along the grid, reaches exp(log_target).

    Where that is a whole stretch of the grid, to the last bit, it is the middle of the stretch.
    """
    rounding = 1e-12 * max(1.0, abs(log_target))
    if not logs[0] - rounding <= log_target <= logs[-1] + rounding:
        return None
    log_target = float(np.clip(log_target, logs[0], logs[-1]))
    first, after = np.searchsorted(logs, log_target, "left"), np.searchsorted(logs, log_target, "right")
    if after > first:
        return float((grid[first] + grid[after - 1]) / 2)
    low, high = np.exp(logs[first - 1] - logs[first]), np.exp(log_target - logs[first])
    return float(grid[first - 1] + (high - low) / (1.0 - low) * (grid[first] - grid[first - 1]))
