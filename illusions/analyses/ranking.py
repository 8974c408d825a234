"""From a stimulus and a model to likelihood curves, percentile ranks and the effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from illusions.analyses.curve import LikelihoodCurve
from illusions.analyses.jackknife import jackknife_standard_error
from illusions.analyses.temperature import temperature_in_nats

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.stimulus import Stimulus


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
        """D, the numbers in one patch: 3·size²."""

    def log_likelihood_draws(self, patches: NDArray[np.uint8], *, draws: int, seed: int) -> NDArray[np.float64]:
        """Log-likelihood in nats, (draws, n), of patches (n, size, size, 3).

        Draw i has the same dequantisation noise for every patch, and in every call with the same seed.
        """


def rank(
    stimulus: Stimulus,
    model: PatchModel,
    temperature: str | float = "bits-per-dim",
    *,
    draws: int = 8,
    seed: int = 0,
) -> dict[str, LikelihoodCurve]:
    """How likely every value of the target is in each condition.

    Every patch of every condition gets the same dequantisation noise (common random numbers), so that the same seed
    gives the same numbers and a difference between two values is one of the values.

    Args:
        stimulus: what is shown.
        model: what scores it.
        temperature: ``"exact"``, ``"bits-per-dim"`` or a positive number in nats; see ``temperature_in_nats``.
        draws: number of noise draws, at least 1; standard errors need 2.
        seed: of the noise.

    Returns:
        One curve per condition, in the stimulus' order.

    Raises:
        InputError: the temperature is none, or the model gives no finite likelihood.
    """
    nats = temperature_in_nats(temperature, model.dimensions)
    values = np.asarray(stimulus.values(), dtype=np.float64)
    return {
        condition: LikelihoodCurve(
            stimulus=stimulus.name,
            condition=condition,
            axis=stimulus.axis,
            value=stimulus.value,
            values=values,
            draws=model.log_likelihood_draws(
                stimulus.patches(condition, values, size=model.size), draws=draws, seed=seed
            ),
            temperature=nats,
            model=model.name,
        )
        for condition in stimulus.conditions
    }


def effect(first: LikelihoodCurve, second: LikelihoodCurve) -> tuple[float, float]:
    """Percentile rank of the physical target in the first curve minus in the second, and its standard error.

    Positive: in the first condition the target looks brighter, more saturated. The standard error is by the jackknife
    over noise draws; NaN for a single draw.
    """
    replicates = [_difference(a, b) for a, b in zip(first.leave_one_out, second.leave_one_out, strict=True)]
    return _difference(first, second), float(jackknife_standard_error(replicates))


def summary(curves: Mapping[str, LikelihoodCurve]) -> pd.DataFrame:
    """The rows of ``summary.csv``: one per condition of a stimulus, at the physical target.

    A row's effect is the percentile rank in its condition minus the mean of those in all the others. With two
    conditions the first row's is A minus B, the second's B minus A; a single condition has none (NaN).
    """
    import pandas as pd

    ranks = {name: curve.percentile_rank(curve.value) for name, curve in curves.items()}
    return pd.DataFrame(
        [
            {
                "stimulus": curve.stimulus,
                "condition": name,
                "axis": curve.axis.name,
                "value": curve.value,
                "percentile_rank": ranks[name],
                "effect": _minus_others(name, ranks),
                "temperature": curve.temperature,
                "model": curve.model,
            }
            for name, curve in curves.items()
        ]
    )


def _difference(first: LikelihoodCurve, second: LikelihoodCurve) -> float:
    return first.percentile_rank(first.value) - second.percentile_rank(second.value)


def _minus_others(name: str, ranks: Mapping[str, float]) -> float:
    others = [value for other, value in ranks.items() if other != name]
    return ranks[name] - sum(others) / len(others) if others else float("nan")
