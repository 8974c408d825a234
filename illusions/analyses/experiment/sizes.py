"""The size at which observers saw a stimulus: a prediction by field of view depends on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from illusions.analyses.experiment.observers import named_observers

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.stimulus import Stimulus

#: Sizes that differ by less than half of this factor, a quarter of an octave, count as one.
_SAME = 2**0.25


@dataclass(frozen=True, eq=False)
class Seen:
    """A stimulus at the size at which some observers saw it."""

    stimulus: Stimulus  #: of that size.
    observers: tuple[str, ...]  #: who saw it so.
    #: how many times as large as its file says; NaN where an observer's size is not known, so that the size is that of
    #: the file.
    factor: float


def as_seen(stimulus: Stimulus, matches: pd.DataFrame) -> list[Seen]:
    """A stimulus at every size at which observers saw it; within 9 % of the size in its file, at that.

    Args:
        stimulus: whose size in degrees is known.
        matches: of ``Responses.matches``; picture_degrees is the width of the comparison picture.
    """
    own = named_observers(matches[matches["stimulus"] == stimulus.name])
    factors = own.assign(factor=_factors(stimulus, own)).groupby("observer", sort=False)["factor"].median()
    alike = (np.log(factors) / math.log(_SAME)).round()
    found = [
        Seen(_resized(stimulus, factor), tuple(its.index), factor)
        for _, its in factors.groupby(alike, sort=True)
        for factor in [1.0 if alike[its.index[0]] == 0 else float(np.exp(np.log(its).mean()))]
    ]
    unknown = tuple(factors.index[factors.isna()])
    return [*found, *([Seen(stimulus, unknown, math.nan)] if unknown else [])]


def as_seen_on_average(stimulus: Stimulus, matches: pd.DataFrame) -> tuple[Stimulus, str]:
    """A stimulus at the geometric mean of the sizes at which observers saw it, and a sentence about that.

    The sentence is empty where everybody saw it at the size in its file, at which it also is where no size is known.
    """
    seen = as_seen(stimulus, matches)
    known = [each for each in seen if not math.isnan(each.factor)]
    if not known:
        return stimulus, " ".join(size_sentences(seen))
    factors = [each.factor for each in known]
    mean = math.exp(np.average(np.log(factors), weights=[len(each.observers) for each in known]))
    if factors == [1.0]:
        return stimulus, " ".join(size_sentences(seen))
    spread = f"{min(factors):.2g} to {max(factors):.2g}" if len(factors) > 1 else f"{mean:.2g}"
    said = f"{stimulus.name}: observers saw it {spread} times as large as its file says; by field of view it is read "
    return _resized(stimulus, mean), f"{said}{f'at the mean, {mean:.2g} times' if len(factors) > 1 else 'at that size'}"


def size_sentences(seen: Sequence[Seen]) -> list[str]:
    """At which size each stimulus was read by field of view, where that is not the size in its file."""
    return [
        f"{each.stimulus.name}: "
        + (
            f"the size that {_who(each)} saw is not known; by field of view it is read at the size in its file"
            if math.isnan(each.factor)
            else f"{_who(each)} saw it {each.factor:.2g} times as large as its file says, the target "
            f"{each.stimulus.target_degrees:.2g}° long; by field of view it is read at that size"
        )
        for each in seen
        if each.factor != 1
    ]


def _who(seen: Seen) -> str:
    return ", ".join(seen.observers)


def _factors(stimulus: Stimulus, matches: pd.DataFrame) -> list[float]:
    """For each match, how many times as large as in its file the target was."""
    widths = {
        name: scene.picture().coverage.shape[1] / scene.density
        for name, scene in stimulus.conditions.items()
        if name in set(matches["comparison_condition"])
    }
    extent = max(scene.target.extent for scene in stimulus.conditions.values())
    stated = stimulus.target_degrees
    assert stated is not None
    factors = []
    for degrees, condition in zip(matches["picture_degrees"], matches["comparison_condition"], strict=True):
        half = math.radians(degrees) / 2  # of the picture; the target lies in its middle
        factors.append(2 * math.degrees(math.atan(math.tan(half) * extent / widths[condition])) / stated)
    return factors


def _resized(stimulus: Stimulus, factor: float) -> Stimulus:
    assert stimulus.units_per_degree is not None
    return stimulus if factor == 1 else replace(stimulus, units_per_degree=stimulus.units_per_degree / factor)
