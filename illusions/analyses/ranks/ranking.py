"""From a stimulus and a model to likelihood curves, percentile ranks and the effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from illusions.analyses.ranks.curve import LikelihoodCurve
from illusions.analyses.ranks.temperature import Temperature
from illusions.estimates import Replicated

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.stimulus import Stimulus

#: Noise draws, where nothing else is said.
DRAWS = 8


class PatchModel(Protocol):
    """What a rank needs of a model; ``illusions.models.model.Model`` has it, and any density of patches can."""

    @property
    def name(self) -> str:
        """What tables and figures call it."""

    @property
    def size(self) -> int:
        """Side of a patch in pixels."""

    @property
    def dimensions(self) -> int:
        """D, the numbers that it sees of one patch: 3·size², or size² of luminance."""

    def log_likelihood_draws(
        self, patches: NDArray[np.uint8], *, draws: int, seed: int, surround: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Log-likelihood in nats, (draws, n), of patches (n, size, size, 3).

        Draw i has the same noise for every patch, and in every call with the same seed. Where the model normalises
        patches it does so by the pixels of their surround, (size, size), which are the same in all of them.
        """


def rank(
    stimulus: Stimulus,
    model: PatchModel,
    temperature: Temperature | str | float = "bits-per-dim",
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[str, LikelihoodCurve]:
    """How likely every value of the target is in each condition.

    Every patch of every condition gets the same noise (common random numbers), so that the same seed gives the same
    numbers and a difference between two values is one of the values. A model that normalises patches does so by their
    surround, which is the same at every value, so that the curve is a density of the target's value.

    Args:
        stimulus: what is shown.
        model: what scores it.
        temperature: ``"exact"``, ``"bits-per-dim"`` or a positive number in nats; see `Temperature`.
        draws: number of noise draws, at least 1; standard errors need 2.
        seed: of the noise.

    Returns:
        One curve per condition, in the stimulus' order.

    Raises:
        InputError: the temperature is none, the model gives no finite likelihood, or it normalises patches and no
            pixel shows the surround alone.
    """
    nats = Temperature.parse(temperature).nats(model)
    values = np.asarray(stimulus.values(), dtype=np.float64)
    return {
        condition: LikelihoodCurve(
            stimulus=stimulus.name,
            condition=condition,
            axis=stimulus.axis,
            value=stimulus.value,
            values=values,
            draws=model.log_likelihood_draws(
                stimulus.patches(condition, values, size=model.size),
                draws=draws,
                seed=seed,
                surround=stimulus.patch_surround(condition, size=model.size),
            ),
            temperature=nats,
            model=model.name,
            coverage=stimulus.patch_coverage(condition, size=model.size),
            flat=has_flat_surround(
                model,
                stimulus.patches(condition, [stimulus.value], size=model.size),
                stimulus.patch_surround(condition, size=model.size),
            ),
        )
        for condition in stimulus.conditions
    }


def has_flat_surround(model: PatchModel, patches: NDArray[np.uint8], surround: NDArray[np.bool_]) -> bool:
    """Whether a model divides by the contrast of this surround, and it has less than the least of its training.

    Args:
        model: a density that does not say, normalises nothing.
        patches: shape (1, size, size, 3).
        surround: shape (size, size).
    """
    asked = getattr(model, "has_flat_surround", None)
    return bool(asked(patches, surround)) if asked is not None else False


def patch_count(stimuli: Iterable[Stimulus], draws: int = DRAWS) -> int:
    """How many patches ``rank`` scores, each counted once per noise draw."""
    return sum(len(stimulus.conditions) * len(stimulus.values()) * draws for stimulus in stimuli)


def thinned(stimulus: Stimulus, every: int) -> Stimulus:
    """The same stimulus with a sweep of every k-th value only, for figures of many settings: a k-th of the patches.

    Percentile ranks are interpolated between the values. For natural16 and every fifth value that moves an effect by
    less than 0.005 where T ≥ 50, and a match by less than 0.006.
    """
    axis = stimulus.axis
    count = axis.count // every if axis.circular else (axis.count - 1) // every + 1
    return replace(stimulus, axis=replace(axis, count=count))


def rank_of_target(curve: LikelihoodCurve) -> Replicated:
    """The percentile rank of the physical target, with a replicate without each draw of the noise."""
    return Replicated(np.array([each.percentile_rank(each.value) for each in (curve, *curve.leave_one_out)]))


def effect(first: LikelihoodCurve, *others: LikelihoodCurve) -> tuple[float, float]:
    """Percentile rank of the physical target in the first curve minus in the other, and its standard error.

    Positive: in the first condition the target looks brighter, more saturated. Of several others it is the mean of
    their ranks. The standard error is by the jackknife over noise draws; NaN for a single draw.
    """
    difference = rank_of_target(first).minus([rank_of_target(other) for other in others])
    return difference.value, difference.standard_error


def ranks_frame(curves: Mapping[str, LikelihoodCurve]) -> pd.DataFrame:
    """The rows of ``ranks.csv``: every value of the sweep in every condition of a stimulus."""
    import pandas as pd

    return pd.concat([curve.to_frame() for curve in curves.values()], ignore_index=True)
