"""The effect of a stimulus: its target's rank in one condition minus that in the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.predictions import Prediction
from illusions.analyses.readings.ranking import rank_of_target
from illusions.analyses.readings.reading import Reading, predict
from illusions.analyses.readings.scales import Ranking
from illusions.errors import InputError, unknown_name
from illusions.estimates import Replicated, is_certain, with_error
from illusions.stimuli.stimulus import Stimulus

if TYPE_CHECKING:
    Curves: TypeAlias = Mapping[str, LikelihoodCurve]


@dataclass(frozen=True)
class Effect:
    """A difference of percentile ranks of one target, which is physically the same in all conditions.

    Attributes:
        stimulus: name of the stimulus.
        axis: name of the axis.
        condition: in which the target should look brighter (more saturated, ...) if the value is positive.
        others: the conditions whose mean rank is subtracted.
        value: the difference, in [−1, 1].
        standard_error: by the jackknife over noise samples, placements or photographs; NaN for a single one.
        temperature: T, in nats (by field, per pixel of the target); NaN of what has none.
        model: what ranked the target.
    """

    stimulus: str
    axis: str
    condition: str
    others: tuple[str, ...]
    value: float
    standard_error: float
    temperature: float
    model: str

    def __repr__(self) -> str:
        return (
            f"Effect({self.stimulus!r}: {self.axis} ranks {with_error(self.value, self.standard_error)} higher on "
            f"{self.condition} than on {', '.join(self.others)}; {self.model}, T = {self.temperature:.4g})"
        )

    @property
    def is_certain(self) -> bool:
        """Whether it differs from zero by more than twice its standard error."""
        return is_certain(self.value, self.standard_error)


def effect(
    of: Stimulus | Ranking | Prediction | Curves,
    condition: str | None = None,
    *,
    reading: Reading | str | None = None,
    device: str = "auto",
    seed: int = 0,
) -> Effect:
    """Compute the effect: rank in one condition minus the mean rank in the others, with its standard error.

    Args:
        of: the result of `illusions.rank` or `illusions.predict`, or a stimulus, which is predicted first.
        condition: the condition that is compared with the mean of the others; by default the first.
        reading: of a stimulus, as for `illusions.predict`.
        device: of a stimulus, as for `illusions.predict`.
        seed: of a stimulus, as for `illusions.predict`.

    Raises:
        InputError: there is a single condition, or none of that name; or as `illusions.predict`.

    Example:
        >>> import illusions, numpy as np
        >>> class Contrast:  # a density that likes targets as light as their surround
        ...     name, size, dimensions = "contrast", 16, 768
        ...     def log_likelihood_draws(self, patches, *, draws, seed, surround=None):
        ...         difference = patches[:, 8, 8].astype(float) - patches[:, 0, 0]
        ...         return np.tile(-(difference**2).mean(axis=1), (draws, 1))
        >>> curves = illusions.rank(illusions.load_stimulus("brightness-contrast"), Contrast(), 2000)
        >>> found = illusions.effect(curves)
        >>> found.condition, found.value > 0
        ('dark', True)
    """
    if isinstance(of, Stimulus):
        of = predict(of, reading, device=device, seed=seed)
    if isinstance(of, Ranking):
        of = of.prediction
    if isinstance(of, Prediction):
        ranks, stimulus, axis = of.ranks[of.whole], of.stimulus.name, of.stimulus.axis.name
        return _effect(ranks, condition, stimulus, axis, of.temperature, of.predictor)
    curve = next(iter(of.values()))
    ranks = {name: rank_of_target(each) for name, each in of.items()}
    return _effect(ranks, condition, curve.stimulus, curve.axis.name, curve.temperature, curve.model)


def _effect(
    ranks: Mapping[str, Replicated], condition: str | None, stimulus: str, axis: str, temperature: float, model: str
) -> Effect:
    chosen = next(iter(ranks)) if condition is None else condition
    if chosen not in ranks:
        raise unknown_name(f"condition of {stimulus}", chosen, ranks)
    others = tuple(name for name in ranks if name != chosen)
    if not others:
        raise InputError(f"{stimulus}: has the single condition “{chosen}”; expected two or more, to compare them")
    found = ranks[chosen].minus([ranks[name] for name in others])
    return Effect(stimulus, axis, chosen, others, found.value, found.standard_error, temperature, model)
