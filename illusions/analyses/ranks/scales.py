"""Several scales: how much of the surround the model sees, and the mean over how much it is let see."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp

from illusions.analyses.ranks.curve import LikelihoodCurve, Vector
from illusions.analyses.ranks.ranking import DRAWS, PatchModel, rank
from illusions.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.stimulus import Stimulus

Curves = Mapping[str, LikelihoodCurve]
#: The greatest scale: the longer side of the target is then one pixel of a patch of 16×16.
_GREATEST = 16.0
#: What stands in the column ``scale`` of a table for the mean over the scales.
MEAN = "mean"


@dataclass(frozen=True, eq=False)
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
    )


def average_conditions(at_scales: Mapping[float, Curves]) -> Curves:
    """The mean over the scales, for every condition; of a single scale its own curves."""
    if len(at_scales) == 1:
        return next(iter(at_scales.values()))
    conditions = next(iter(at_scales.values()))
    return {name: average([curves[name] for curves in at_scales.values()]) for name in conditions}


def rank_at_scales(
    stimulus: Stimulus,
    model: PatchModel,
    scales: Sequence[float],
    temperature: str | float = "bits-per-dim",
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[float, Curves]:
    """``rank`` at every one of several scales (side of the patch ÷ longer side of the target), under the same noise.

    Args:
        stimulus: what is shown.
        model: what scores it.
        scales: each more than 1; none for the stimulus' own.
        temperature: as for ``rank``.
        draws: as for ``rank``.
        seed: as for ``rank``.

    Returns:
        By scale, what ``rank`` returns.

    Raises:
        InputError: as ``rank``; or a picture is smaller than a patch of such a scale.
    """
    return {
        scale: rank(rescaled, model, temperature, draws=draws, seed=seed)
        for scale, rescaled in at_each(stimulus, scales).items()
    }


def at_each(stimulus: Stimulus, scales: Sequence[float]) -> dict[float, Stimulus]:
    """The stimulus at each of several scales; without any, at its own."""
    if not scales:
        return {stimulus.scale: stimulus}
    return {scale: replace(stimulus, scale=scale) for scale in scales}


def over_scales(
    rankings: Iterable[Mapping[float, Curves]], rows: Callable[[Curves], pd.DataFrame], *, with_scale: bool = True
) -> pd.DataFrame:
    """A table of several stimuli: rows for every scale of each, and for the mean over its scales if it has several.

    Args:
        rankings: by scale, the curves of one stimulus.
        rows: the rows of one stimulus at one scale.
        with_scale: whether a column ``scale`` stands at the end; its value for the mean is ``MEAN``.
    """
    import pandas as pd

    frames = []
    for at_scales in rankings:
        frames += [rows(curves).assign(scale=scale) for scale, curves in at_scales.items()]
        if len(at_scales) > 1:
            frames.append(rows(average_conditions(at_scales)).assign(scale=MEAN))
    table = pd.concat(frames, ignore_index=True)
    return table if with_scale else table.drop(columns="scale")


def parse_scale(scale: float) -> float:
    """A scale as it is given on the command line or in a file, checked.

    Raises:
        InputError: it is not more than 1 and at most 16.
    """
    if not 1 < scale <= _GREATEST:
        raise InputError(
            f"scale {scale:g}: a patch is more than 1 and at most {_GREATEST:g} times as wide as its target"
        )
    return scale
