"""Rivals of the flows where people set matches: what the colours around a target say, without any photograph.

Three kinds: nothing moves; the light of the target is less, or is divided by, a share of that of the surround; and the
target keeps its rank in a density that falls with the distance to the colours around it. Around a target are the
colours within so many degrees of it; of a uniform surround there is one, and how far it is looked for does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TypeAlias

import numpy as np
from skimage.color import rgb2lab

from illusions.analyses.battery.matches import (
    Group,
    MatchEntry,
    Matches,
    carried,
    share_in_words,
    sweep_of,
    with_even_share,
)
from illusions.analyses.battery.predictors import NO_SETTING
from illusions.arrays import Floats
from illusions.displays import to_dkl
from illusions.stimuli.scenes.scene import Box
from illusions.stimuli.stimulus import Stimulus

#: How far around a target its surround is looked at, degrees.
REACHES = (1.0, 2.0, 4.0, 8.0)
#: Shares of the surround that are taken off, or by which is divided.
GAINS = tuple(round(0.05 * i, 2) for i in range(1, 21))
#: The same, where there is one for each cone-opponent axis.
_GAINS_PER_AXIS = tuple(round(0.1 * i, 1) for i in range(11))
_GAIN_PER_AXIS = "{:g} of L+M and L−M, {:g} of S−(L+M)"
#: How far around a target the light of its surround is averaged, degrees.
_MEAN_WITHIN = 4.0
#: Shares of an even density that those of the distance are mixed with.
EVEN = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9)
#: Of the heavy-tailed density (d² + ε²)^−k.
_EPSILON = 0.05
#: Pixels along the side of the square in which the surround is looked at. Where it has more colours than this, bytes
#: are told apart in steps.
_PIXELS, _MOST, _STEP = 48, 64, 8
#: From the cones of targets (n, 3), of the mean of their surround and of that of the matches, (3,) each, and a gain, to
#: the cones of the matches, (n, 3).
_Matched: TypeAlias = Callable[[Floats, Floats, Floats, float], Floats]


@dataclass(frozen=True, eq=False)
class Around:
    """The colours around a target."""

    rgb: Floats  #: shape (m, 3), in [0, 1].
    weights: Floats  #: shape (m,): which share of the area each has; of sum 1.


@lru_cache(maxsize=512)
def around(stimulus: Stimulus, condition: str, reach: float) -> Around:
    """The colours within some degrees of the target, but not on it: in the square around its bounding box."""
    target = stimulus.conditions[condition].target
    x, y = (target.left + target.right) / 2, (target.top + target.bottom) / 2
    half = target.extent / 2 + stimulus.units(reach)
    seen = stimulus.view(condition, Box(x - half, y - half, x + half, y + half), size=_PIXELS)
    pixels = np.rint(seen.surround[seen.untouched])
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    if len(colours) > _MOST:
        colours, counts = np.unique((pixels // _STEP + 0.5) * _STEP, axis=0, return_counts=True)
    return Around(colours / 255, counts / counts.sum())


@dataclass(frozen=True)
class _Fall:
    """A density that falls with a distance."""

    formula: str  #: as it is written.
    symbol: str  #: of its one number.
    scales: tuple[float, ...]  #: values of this number, the widest density last.
    logarithm: Callable[[Floats, float], Floats]  #: from distances and a scale to the logarithm of the density.


def match_rivals() -> list[MatchEntry]:
    """All of them, the simplest first."""
    return [
        MatchEntry("no shift", "The match is the target.", lambda group: {NO_SETTING: group.values}),
        MatchEntry(
            "equal contrast",
            "The match has the same ratio to its surround as the target, in each cone (von Kries).",
            lambda group: _by_gain(group, _divided, [1.0], [NO_SETTING]),
        ),
        _by_light("subtraction", "A share of the light of the surround is taken off the target's.", _subtracted, GAINS),
        MatchEntry(
            "subtraction per axis",
            "A share of the surround's contrast is taken off the target's, one for luminance and L−M, one for S−(L+M).",
            _subtraction_per_axis,
            tuple(_GAIN_PER_AXIS.format(*gains) for gains in product(_GAINS_PER_AXIS, repeat=2)),
        ),
        _by_light(
            "von Kries",
            "Each cone is divided by a share of the surround's, the rest is the reference's.",
            _divided,
            GAINS,
        ),
        *(
            _rank_entry(kind, space, shares)
            for kind, shares in (("Gaussian", EVEN), ("Laplacian", EVEN), ("heavy tail", (0.0,)), ("heavy tail", EVEN))
            for space in SPACES
        ),
    ]


def _by_light(name: str, description: str, matched: _Matched, gains: Sequence[float]) -> MatchEntry:
    settings = tuple(f"share {gain:g}" for gain in gains)
    return MatchEntry(name, description, lambda group: _by_gain(group, matched, gains, settings), settings)


def _by_gain(group: Group, matched: _Matched, gains: Sequence[float], settings: Sequence[str]) -> Matches:
    """The matches whose light follows from that of the targets and of the means of both surrounds."""
    lights = _lights(group)
    return {setting: _values_of(group, matched(*lights, gain)) for gain, setting in zip(gains, settings, strict=True)}


def _subtracted(target: Floats, test: Floats, reference: Floats, gain: float) -> Floats:
    return target - gain * (test - reference)


def _divided(target: Floats, test: Floats, reference: Floats, gain: float) -> Floats:
    return target * reference / ((1 - gain) * reference + gain * test)


def _subtraction_per_axis(group: Group) -> Matches:
    targets, test, reference = _lights(group)
    others, of_s = _opponent(test / reference - 1)
    return {
        _GAIN_PER_AXIS.format(a, b): _values_of(group, targets - (a * others + b * of_s) * reference)
        for a, b in product(_GAINS_PER_AXIS, repeat=2)
    }


def _opponent(contrast: Floats) -> tuple[Floats, Floats]:
    """The contrasts of cones (..., 3) in two parts: what moves L and M, with an S that leaves S−(L+M); and S−(L+M)."""
    of_s = np.zeros_like(contrast)
    of_s[..., 2] = contrast[..., 2] - contrast[..., :2].mean(axis=-1)
    return contrast - of_s, of_s


def _lights(group: Group) -> tuple[Floats, Floats, Floats]:
    """L, M and S of the targets, shape (n, 3), and of the means of both surrounds, shape (3,) each."""
    display = group.people.display
    targets = display.linear(_colours(group, group.values)) @ display.cones
    test, reference = (
        seen.weights @ display.linear(seen.rgb) @ display.cones
        for seen in (around(group.stimulus, condition, _MEAN_WITHIN) for condition in (group.test, group.reference))
    )
    return targets, test, reference


def _colours(group: Group, values: Floats) -> Floats:
    """Shape (n, 3), in [0, 1]: the target of a group at values of the axis."""
    stimulus = group.stimulus
    return stimulus.axis.set(np.tile(stimulus.target.rgb, (len(values), 1)), values)


def _values_of(group: Group, cones: Floats) -> Floats:
    """Shape (n,): the values, on the axis, of lights that are given as L, M and S."""
    display = group.people.display
    axis, light = group.stimulus.axis, cones @ np.linalg.inv(display.cones)
    if not axis.circular:
        return axis.get(display.encoded(light).clip(0, 1))
    with np.errstate(invalid="ignore"):  # what lies outside the gamut has an azimuth, too
        return axis.get(display.encoded(light))


def _rank_entry(kind: str, space: str, shares: Sequence[float]) -> MatchEntry:
    """The target keeps its rank in a density of its distance to the colours around it."""
    fall = FALLS[kind]
    plans = [
        (reach, pooled, scale, share)
        for reach, pooled in product(REACHES, (True, False))
        for scale in fall.scales
        for share in shares
    ]
    settings = {_in_words(fall, *plan): plan for plan in plans}

    def answer(group: Group) -> Matches:
        values = sweep_of(group)
        apart = _Distances(group, SPACES[space], _colours(group, values))
        densities: dict[tuple[object, ...], Floats] = {}
        asked: dict[tuple[object, ...], Floats] = {}
        matches = {}
        for setting, (reach, pooled, scale, share) in settings.items():
            key = (*apart.key(reach, pooled), scale)
            if key not in densities:
                densities[key] = apart.densities(reach, pooled, fall, scale)
            if (*key, share) not in asked:
                test, reference = with_even_share(densities[key], share)
                asked[*key, share] = carried(group.stimulus.axis, values, test, reference, group.values)
            matches[setting] = asked[*key, share]
        return matches

    return MatchEntry(
        f"{kind}, {space}{' and even' if len(shares) > 1 else ''}",
        f"The target keeps its rank in a density that falls with its distance in {space} to the colours around it: "
        f"{fall.formula}{'; mixed with an even density' if len(shares) > 1 else ''}.",
        answer,
        tuple(settings),
    )


def _in_words(fall: _Fall, reach: float, pooled: bool, scale: float, share: float) -> str:
    pool = "mean" if pooled else "mixture"
    return f"{fall.symbol} = {scale:.3g}{share_in_words(share)}, {pool} of the colours within {reach:g}°"


class _Distances:
    """How far the values of a target are from the colours around it, in both conditions.

    Args:
        group: about which is asked.
        space: in which distances are measured.
        targets: shape (m, 3): the colours of the target along its sweep, in [0, 1].
    """

    def __init__(self, group: Group, space: Callable[[Group, Floats], Floats], targets: Floats) -> None:
        self._targets = space(group, targets)
        conditions = (group.test, group.reference)
        self._around = {r: [around(group.stimulus, condition, r) for condition in conditions] for r in REACHES}
        self._places = {r: [space(group, seen.rgb) for seen in both] for r, both in self._around.items()}
        self._uniform = all(len(seen.rgb) == 1 for both in self._around.values() for seen in both)

    def key(self, reach: float, pooled: bool) -> tuple[object, ...]:
        """The same where the densities are: on uniform surrounds always."""
        return () if self._uniform else (reach, pooled)

    def densities(self, reach: float, pooled: bool, fall: _Fall, scale: float) -> Floats:
        """Shape (2, m): over the sweep, in the condition of the targets and in that of the matches, of sum 1 each."""
        return np.array(
            [
                self._density(places, seen.weights, pooled, fall, scale)
                for places, seen in zip(self._places[reach], self._around[reach], strict=True)
            ]
        )

    def _density(self, places: Floats, weights: Floats, pooled: bool, fall: _Fall, scale: float) -> Floats:
        if pooled:
            places, weights = (weights @ places)[None], np.ones(1)
        logarithm = fall.logarithm(np.linalg.norm(self._targets[None] - places[:, None], axis=-1), scale)
        mass = np.exp(logarithm - logarithm.max(axis=1, keepdims=True))
        return np.asarray(weights @ (mass / mass.sum(axis=1, keepdims=True)))


def _dkl(group: Group, rgb: Floats) -> Floats:
    cones = group.stimulus.axis.cones
    return np.asarray(to_dkl(rgb, cones) / np.array([1, 1, cones.s_scale]))


#: By what tables call a colour space: from a group and colours (m, 3) in [0, 1] to coordinates (m, 3). CIELAB in
#: hundreds, so that one ε and the same scales will do for all.
SPACES: Mapping[str, Callable[[Group, Floats], Floats]] = {
    "DKL": _dkl,
    "sRGB": lambda _, rgb: rgb,
    "linear RGB": lambda group, rgb: np.asarray(group.people.display.linear(rgb)),
    "CIELAB": lambda group, rgb: np.asarray(rgb2lab(rgb[None])[0] / 100),
}
#: By what tables call it: a density that falls with a distance d.
FALLS = {
    "Gaussian": _Fall("p ∝ exp(−d²/2σ²)", "σ", tuple(np.geomspace(0.03, 1.2, 12)), lambda d, s: -(d**2) / (2 * s**2)),
    "Laplacian": _Fall("p ∝ exp(−d/σ)", "σ", tuple(np.geomspace(0.03, 1.2, 12)), lambda d, s: -d / s),
    "heavy tail": _Fall(
        "p ∝ (d² + 0.05²)^−k", "k", tuple(np.geomspace(0.0625, 4, 13)), lambda d, k: -k * np.log(d**2 + _EPSILON**2)
    ),
}
