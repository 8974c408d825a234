"""Rivals of the flows: the rank of a target in a density that falls with the distance to the colours around it.

No photograph has a part in it. Of a patterned surround there are two kinds: the distance to the mean of its colours,
and the mixture of the densities of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

import numpy as np
from scipy import ndimage

from illusions.analyses.battery.match_rivals import FALLS
from illusions.analyses.battery.predictors import Entry, Labels, Table
from illusions.arrays import Bytes, Floats
from illusions.displays import SRGB
from illusions.stimuli.axes import Axis
from illusions.stimuli.families.masked import labelled_picture

#: How far from the border of a target its surround reaches, degrees.
REACHES = (0.5, 1.0, 2.0, 4.0)
#: Of the heavy-tailed density.
_POWERS = (0.125, 0.25, 0.5, 1.0, 2.0)
#: Most values of the sweep, and levels of a channel that tell the colours of a surround apart.
_VALUES, _LEVELS = 128, 64
#: By what tables call a colour space: from colours (m, 3) in [0, 1] to coordinates.
_SPACES: Mapping[str, Callable[[Floats], Floats]] = {"sRGB": lambda rgb: rgb, "linear RGB": SRGB.linear}


def distance_entries() -> list[Entry]:
    """The heavy-tailed density, with distances in two colour spaces."""
    return [_entry(space) for space in _SPACES]


def _entry(space: str) -> Entry:
    settings = {
        f"{'mean' if pooled else 'mixture'} within {reach:g}°, k = {power:g}": (reach, pooled, power)
        for pooled, reach, power in product((True, False), REACHES, _POWERS)
    }

    def answer(picture: Bytes, targets: Labels, pixels_per_degree: float, axis: str | Axis = "brightness") -> Table:
        stimulus = labelled_picture(picture, targets, axis, pixels_per_degree=pixels_per_degree)
        sweep = stimulus.values()
        values = sweep[:: -(-len(sweep) // _VALUES)]
        swept = _SPACES[space](stimulus.axis.at(stimulus.target, values) / 255)
        ranks: dict[str, list[float]] = {setting: [] for setting in settings}
        for k in range(1, int(targets.max()) + 1):
            away = ndimage.distance_transform_edt(targets != k) / pixels_per_degree
            near = {
                reach: _colours(picture[(away > 0) & (away <= max(reach, away[away > 0].min()))]) for reach in REACHES
            }
            for setting, (reach, pooled, power) in settings.items():
                density = _density(swept, *near[reach], _SPACES[space], pooled, power)
                ranks[setting].append(_rank(stimulus.axis, values, density, stimulus.value))
        return ranks

    return Entry(
        f"distance, {space}",
        f"The rank of the target in a density that falls with its distance in {space} to the colours within so many "
        f"degrees of it, to their mean or in a mixture of all: {FALLS['heavy tail'].formula}.",
        answer,
        tuple(settings),
        answer_in_colour=answer,
    )


def _colours(pixels: Bytes) -> tuple[Floats, Floats]:
    """The colours of pixels (m, 3), in [0, 1], to 64 levels where they are many, and the share of each."""
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    if len(colours) > _VALUES:
        step = 256 // _LEVELS
        colours, counts = np.unique(pixels // step * step + step // 2, axis=0, return_counts=True)
    return colours / 255, counts / counts.sum()


def _density(
    swept: Floats, rgb: Floats, weights: Floats, space: Callable[[Floats], Floats], pooled: bool, power: float
) -> Floats:
    """Shape (n,): the density over the sweep, of sum 1."""
    places = space(rgb)
    if pooled:
        places, weights = (weights @ places)[None], np.ones(1)
    distance = np.linalg.norm(swept[None] - places[:, None], axis=-1)
    mass = np.exp(FALLS["heavy tail"].logarithm(distance, power))
    return np.asarray(weights @ (mass / mass.sum(axis=1, keepdims=True)))


def _rank(axis: Axis, values: Floats, density: Floats, value: float) -> float:
    """The percentile rank of a value; on a circle the share of the half before it."""
    if axis.circular:
        before = (value - values) % axis.high
        half = (before > 0) & (before < axis.high / 2)
        return float(density[half].sum() + density[before == 0].sum() / 2)
    return float(np.interp(value, values, np.cumsum(density) - density / 2))
