"""Ranks by field of view: patches have a fixed width in degrees of visual angle, for all targets.

A stimulus is sampled at several placements (`illusions.stimuli.placements`), each with its own noise sample. The rank
in a condition is the mean over placements, and its standard error is over placements and noise together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from illusions.analyses.densities.curve import LikelihoodCurve, cut_together
from illusions.analyses.densities.temperature import Temperature, at_target
from illusions.analyses.readings.ranking import has_flat_surround
from illusions.analyses.readings.scales import AveragedCurve, Ranking, scored_in_all
from illusions.arrays import Floats
from illusions.errors import InputError
from illusions.models.stacks import PatchModel, Stack, score_stacks

if TYPE_CHECKING:
    from illusions.stimuli.scenes.scene import Raster
    from illusions.stimuli.stimulus import Stimulus

#: Default number of placements.
PLACEMENTS = 8
#: Every n-th value of the sweep is scored; the log-likelihood between them is interpolated.
EVERY = 10
#: The widest field, degrees.
_WIDEST = 180.0


@dataclass(frozen=True, eq=False, repr=False)
class FieldCurve(AveragedCurve):
    """The mean of the curves of one condition over several placements, each with its own noise sample.

    A target of n pixels moves the log-likelihood further than one of a single pixel. So a placement is read at T times
    a power of the number of the model's pixels that the target covers in it, at least 1 (`at_target`).

    Attributes:
        parts: one curve per placement, with a single noise sample.
        pixels: for every placement, how many pixels of the patch the target covers, at least 1.
        exponent: the power: 1 for T in nats per pixel of the target.
    """

    pixels: tuple[float, ...]
    exponent: float = field(default=1.0, kw_only=True)

    def at_temperature(self, temperature: float, exponent: float | None = None) -> FieldCurve:
        """The same placements, read at another T > 0, in nats × pixels of the target^exponent.

        Args:
            temperature: T.
            exponent: another exponent; the same if left out.
        """
        if not temperature > 0:
            raise InputError(f"temperature {temperature}: expected a positive number")
        power = self.exponent if exponent is None else exponent
        nats = at_target(temperature, np.array(self.pixels), power)
        parts = [part.at_temperature(float(t)) for part, t in zip(self.parts, nats, strict=True)]
        reference = self.reference and cast(FieldCurve, self.reference).at_temperature(temperature, power)
        return replace(self, parts=tuple(parts), temperature=float(temperature), exponent=power, reference=reference)

    @cached_property
    def leave_one_out(self) -> list[LikelihoodCurve]:
        """The means without one of the placements; none for a single placement."""
        if len(self.parts) < 2:
            return []
        return [self._of([j for j in range(len(self.parts)) if j != i]) for i in range(len(self.parts))]

    def _of(self, placements: Sequence[int]) -> FieldCurve:
        return replace(
            self,
            draws=self.draws[placements],
            parts=tuple(self.parts[i] for i in placements),
            pixels=tuple(self.pixels[i] for i in placements),
            reference=self.reference and cast(FieldCurve, self.reference)._of(placements),
        )


def rank_by_field(
    stimulus: Stimulus,
    model: PatchModel,
    fields: Sequence[float],
    temperature: Temperature | str | float,
    *,
    exponent: float = 1.0,
    placements: int = PLACEMENTS,
    seed: int = 0,
    full_sweep: bool = False,
) -> Ranking:
    """How likely every value of the target is in each condition, by field of view.

    Placement i has the same noise in every condition, and at targets of one shape the same place on the target.

    Args:
        stimulus: what is shown; its size in degrees is known.
        model: the model.
        fields: sides of the patch, degrees of visual angle.
        temperature: T, in nats × pixels of the target^exponent (`FieldCurve`).
        exponent: 1 for T in nats per pixel, 0 for T in nats.
        placements: how many, at least 1; standard errors need 2.
        seed: of the placements and of the noise.
        full_sweep: whether all values are scored, and not every tenth.

    Returns:
        The curves at every field.

    Raises:
        InputError: the stimulus has no size in degrees, a field is none, the temperature is none, or the model gives no
            finite likelihood.
    """
    nats = Temperature.parse(temperature).nats(model, "field", exponent)
    sides = [parse_field(field) for field in fields]
    places = [(field, condition) for field in sides for condition in stimulus.conditions]
    views = [
        (condition, view, seed + i)
        for field, condition in places
        for i, view in enumerate(stimulus.views(condition, field, placements, size=model.size, seed=seed))
    ]
    values = np.asarray(stimulus.values(), dtype=np.float64)
    known = _every(1 if full_sweep else EVERY, len(values))
    colours = stimulus.axis.at(stimulus.target, values[known])
    stacks = [Stack(view.paint(colours), seed=noise, surround=view.untouched) for _, view, noise in views]
    seen = (
        _curve(stimulus, model, condition, view, _between(values, known, draws), known)
        for (condition, view, _), draws in zip(views, score_stacks(model, stacks), strict=True)
    )
    curves = {place: _mean([next(seen) for _ in range(placements)]).at_temperature(nats, exponent) for place in places}
    at_fields = {field: cut_together({name: curves[field, name] for name in stimulus.conditions}) for field in sides}
    return Ranking(stimulus, at_fields, unit="field", size=model.size)


def patch_count_by_field(
    stimulus: Stimulus, fields: Sequence[float], placements: int, *, full_sweep: bool = False
) -> int:
    """How many patches ``rank_by_field`` scores."""
    values = len(_every(1 if full_sweep else EVERY, len(stimulus.values())))
    return len(fields) * len(stimulus.conditions) * placements * values


def parse_field(field: float) -> float:
    """A field of view as it is given on the command line or in a file, in degrees, checked.

    Raises:
        InputError: it is not more than 0 and at most 180.
    """
    if not 0 < field <= _WIDEST:
        raise InputError(f"field {field:g}: expected the side of the patch in degrees of visual angle, 0 to 180")
    return float(field)


def _curve(
    stimulus: Stimulus,
    model: PatchModel,
    condition: str,
    view: Raster,
    draws: Floats,
    known: NDArray[np.intp],
) -> tuple[LikelihoodCurve, float]:
    """The curve of one placement at T = 1 nat, and how many pixels the target covers in it, at least 1.

    Args:
        stimulus: the stimulus.
        model: the model.
        condition: name of the condition.
        view: the patch.
        draws: shape (1, n), the log-likelihoods of the sweep.
        known: indices of the values that were scored.
    """
    values = np.asarray(stimulus.values(), dtype=np.float64)
    covered = max(1.0, float(view.coverage.sum()))
    scored = np.zeros(len(values), dtype=np.bool_)
    scored[known] = True
    curve = LikelihoodCurve(
        stimulus=stimulus.name,
        condition=condition,
        axis=stimulus.axis,
        value=stimulus.value,
        values=values,
        draws=draws,
        temperature=1.0,
        model=model.name,
        scored=None if scored.all() else scored,
        coverage=float(view.coverage.max()),
        flat=has_flat_surround(model, stimulus, view),
    )
    return curve, covered


def _mean(placements: Sequence[tuple[LikelihoodCurve, float]]) -> FieldCurve:
    """The mean over placements, of curves and the pixels that the target covers in each."""
    parts, pixels = zip(*placements, strict=True)
    first = parts[0]
    return FieldCurve(
        stimulus=first.stimulus,
        condition=first.condition,
        axis=first.axis,
        value=first.value,
        values=first.values,
        draws=np.concatenate([part.draws for part in parts]),
        temperature=1.0,
        model=first.model,
        parts=parts,
        pixels=pixels,
        scored=scored_in_all(parts),
        coverage=float(np.mean([part.coverage for part in parts])),
        flat=any(part.flat for part in parts),
    )


def _every(step: int, n: int) -> NDArray[np.intp]:
    """Every n-th index of n, and the last."""
    return np.unique(np.append(np.arange(0, n, step), n - 1))


def _between(values: Floats, scored: NDArray[np.intp], draws: Floats) -> Floats:
    """Shape (k, n): the log-likelihood of all values, by a cubic spline through those that were scored."""
    return draws if len(scored) == len(values) else cubic_spline(values[scored], draws, values)


def cubic_spline(x: Floats, y: Floats, at: Floats) -> Floats:
    """The not-a-knot cubic spline, as `scipy.interpolate.CubicSpline`, whose import takes a quarter of a second.

    Args:
        x: shape (m,), increasing.
        y: shape (k, m).
        at: shape (n,), within x.

    Returns:
        Shape (k, n).
    """
    if len(x) < 4:  # a parabola or a line
        return np.asarray(np.vander(at, len(x)) @ np.linalg.solve(np.vander(x), y.T)).T
    h, slopes = np.diff(x), np.diff(y) / np.diff(x)
    system, right = np.zeros((len(x), len(x))), np.zeros((len(x), len(y)))
    for i in range(1, len(x) - 1):
        system[i, i - 1 : i + 2] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
    right[1:-1] = 6 * np.diff(slopes).T
    system[0, :3], system[-1, -3:] = (h[1], -h[0] - h[1], h[0]), (h[-1], -h[-2] - h[-1], h[-2])
    bends = np.linalg.solve(system, right).T
    before = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(h) - 1)
    after, step = before + 1, h[before]
    left, rest = at - x[before], x[after] - at
    bent = bends[:, before] * rest * (rest**2 - step**2) + bends[:, after] * left * (left**2 - step**2)
    return np.asarray((y[:, before] * rest + y[:, after] * left) / step + bent / (6 * step))
