"""Flows where people set matches: the density of the target's values in each surround, and the map between both.

A flow is asked once about both surrounds of a group, by field of view. Its log-likelihoods are read at many
temperatures, and its densities with several shares of an even density: as if in some share of cases the surround said
nothing about the target.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from illusions.analyses.battery.flows import FIELDS, FlowByField, ScaledTemperature, in_words
from illusions.analyses.battery.match_rivals import EVEN
from illusions.analyses.battery.matches import Group, MatchEntry, Matches, carried, share_in_words, with_even_share
from illusions.analyses.battery.predictors import LIGHTNESS_AXES
from illusions.arrays import Floats
from illusions.errors import InputError
from illusions.models.stacks import sees_colour

if TYPE_CHECKING:
    from illusions.analyses.readings.fields import FieldCurve

#: Fields whose densities are averaged, degrees.
FIELDS_TOGETHER = (*((field,) for field in FIELDS), FIELDS[1:4], FIELDS)
#: T, nats per pixel of a target of `_PIXELS` pixels, and the power with which it grows with their number.
TEMPERATURES = tuple(10 * 2 ** (i / 2) for i in range(12))
EXPONENTS = (1.0, 0.5, 0.0)
_PIXELS = 10.0
#: Every n-th value of the sweep of a circle, of which densities are made.
_EVERY = 3


@dataclass(frozen=True)
class Reading:
    """One way to read a flow."""

    fields: tuple[float, ...]  #: whose densities are averaged, degrees.
    temperature: ScaledTemperature  #: T.
    even: float = 0.0  #: the share of an even density.

    def __str__(self) -> str:
        return f"{in_words(self.fields)}, {self.temperature}{share_in_words(self.even)}"


class MatchingFlow(FlowByField):
    """A flow that predicts the matches of a group; arguments as of `FlowByField`."""

    def matches(self, group: Group, readings: Mapping[str, Reading]) -> Matches:
        """The matches at several readings, by what they are called."""
        axis = group.stimulus.axis
        if axis.name not in LIGHTNESS_AXES and not sees_colour(self.model):
            return dict.fromkeys(readings, f"{self.model.name} sees luminance and no {axis.name}")
        matches: dict[str, Floats | str] = {}
        densities: dict[tuple[float, ScaledTemperature], tuple[Floats, Floats]] = {}
        for words, reading in readings.items():
            try:
                for field in reading.fields:
                    key = (field, reading.temperature)
                    if key not in densities:
                        densities[key] = self._densities(group, *key)
            except InputError as error:
                matches[words] = str(error)
                continue
            of_fields = [densities[field, reading.temperature] for field in reading.fields]
            mean = np.mean([density for _, density in of_fields], axis=0)
            test, reference = with_even_share(mean, reading.even)
            matches[words] = carried(axis, of_fields[0][0], test, reference, group.values)
        return matches

    def _densities(self, group: Group, field: float, temperature: ScaledTemperature) -> tuple[Floats, Floats]:
        """Values of the target, (m,), and its densities in the condition of the targets and of the matches, (2, m).

        Raises:
            InputError: as `rank_by_field`.
        """
        of_group = self.curves(id(group), group.stimulus, field)
        curves = [of_group[condition] for condition in (group.test, group.reference)]
        step = _EVERY if group.stimulus.axis.circular else 1
        return curves[0].values[::step], np.array([_density(curve, temperature)[::step] for curve in curves])


def match_by_field(
    flow: MatchingFlow, name: str, description: str, readings: Sequence[Reading] | None = None
) -> MatchEntry:
    """A flow read by field of view; its settings are fields, T, its exponent and the share of an even density.

    Args:
        flow: who is asked; may be shared by several entries.
        name: what tables call it.
        description: what it does.
        readings: that are tried; those of `readings_with` without an even density if left out.
    """
    by_words = {str(reading): reading for reading in readings or readings_with([0.0])}
    return MatchEntry(name, description, lambda group: flow.matches(group, by_words), tuple(by_words), is_flow=True)


def readings_with(evens: Sequence[float] = EVEN) -> list[Reading]:
    """All fields, temperatures and exponents with these shares of an even density."""
    temperatures = [ScaledTemperature(t * _PIXELS ** (1 - power), power) for t in TEMPERATURES for power in EXPONENTS]
    return [Reading(*plan) for plan in product(FIELDS_TOGETHER, temperatures, evens)]


def _density(curve: FieldCurve, temperature: ScaledTemperature) -> Floats:
    """Shape (m,): the mean over placements of the densities at a temperature, each of sum 1."""
    nats = np.array([part.log_likelihood for part in curve.parts]) / temperature.at(np.array(curve.pixels))[:, None]
    mass = np.exp(nats - nats.max(axis=1, keepdims=True))
    return np.asarray((mass / mass.sum(axis=1, keepdims=True)).mean(axis=0))
