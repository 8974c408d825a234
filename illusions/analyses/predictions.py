"""Predictions: the percentile rank of a target in each condition, and effects.

Flows and counts in photographs both return a `Prediction`. Effects, means over scales and the rows of ``summary.csv``
are defined here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from illusions.arrays import Floats
from illusions.estimates import Replicated, is_certain, with_error
from illusions.representations import Shown

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.stimulus import Stimulus

#: What stands in the column ``scale`` of a table for the mean over the scales.
MEAN = "mean"
_T = TypeVar("_T")
#: A scale or a field, or ``MEAN``.
At: TypeAlias = float | str
#: What a patch is measured in: sides of the target, or degrees of visual angle.
Unit: TypeAlias = Literal["scale", "field"]
#: What two ranks allow to say; see `conclusion`.
Conclusion: TypeAlias = Literal["different", "alike", "open"]
#: Smaller effects are not worth mentioning, however certain. Where ranks are values (high T) it is one of the 100 units
#: of L*, less than half of the just noticeable difference of 2.3 in CIELAB (Mahy, Van Eycken & Oosterlinck 1994).
SMALLEST_EFFECT = 0.01
#: Ranks this close to 0 or 1 come from the far tails of a density.
TAIL = 1e-3
#: By condition.
Ranks: TypeAlias = Mapping[str, Replicated]


@dataclass(frozen=True, eq=False)
class Prediction(Shown):
    """The percentile rank of the physical target of a stimulus, by scale (or field) and condition.

    Attributes:
        stimulus: the stimulus.
        ranks: by scale, then by condition, in [0, 1]; of several scales also at ``MEAN``.
        predictor: its name in tables.
        temperature: T, in nats; NaN without one.
        subject: its name in sentences.
        unit: ``"scale"`` or ``"field"``.
        reasons: by scale and condition, why there is no rank, if there is none.
        coverage: by scale and condition, the largest share of a pixel of the model that the target covers, in [0, 1].
            Left out if unknown.
        noted: warnings, as of `illusions.analyses.densities.cautions`.
        nearly_value: whether ranks are nearly the values themselves in any surround.
    """

    stimulus: Stimulus
    ranks: Mapping[At, Ranks]
    predictor: str
    temperature: float = math.nan
    subject: str = "The model"
    unit: Unit = "scale"
    reasons: Mapping[At, Mapping[str, str]] = field(default_factory=dict)
    coverage: Mapping[At, Mapping[str, float]] = field(default_factory=dict)
    noted: tuple[str, ...] = ()
    nearly_value: bool = False

    def __repr__(self) -> str:
        ranks = [_in_words(name, rank) for name, rank in self.ranks[self.whole].items()]
        return f"Prediction({self.stimulus.name!r}: {', '.join(ranks)}{self._effect_in_words()}; {self.made_by})"

    def _effect_in_words(self) -> str:
        effects = self.effects(self.whole)
        name, first = next(iter(effects.items()))
        return f"; effect on {name} {show_estimate(first)}" if len(effects) > 1 and math.isfinite(first.value) else ""

    @property
    def made_by(self) -> str:
        """The predictor, its temperature and the scales or fields, in a line."""
        temperature = "" if math.isnan(self.temperature) else f", T = {self.temperature:.4g}"
        sides = " ".join(f"{side:.4g}" for side in self.scales)
        return f"{self.predictor}{temperature}, {self.unit} {sides}"

    @property
    def scales(self) -> list[float]:
        """Every scale, without the mean."""
        return [float(at) for at in self.ranks if at != MEAN]

    @property
    def whole(self) -> At:
        """The scale that stands for all: the only one, or ``MEAN``."""
        return MEAN if MEAN in self.ranks else next(iter(self.ranks))

    def effects(self, at: At) -> dict[str, Replicated]:
        """By condition: its rank minus the mean of those in all the others; NaN for a single condition."""
        ranks = self.ranks[at]
        return {name: rank.minus([ranks[other] for other in ranks if other != name]) for name, rank in ranks.items()}

    def relative(self, at: At) -> dict[str, Replicated]:
        """By condition: its rank minus that in the reference condition of the stimulus; empty without one."""
        ranks, reference = self.ranks[at], self.stimulus.reference
        return {} if reference is None else {name: rank.minus([ranks[reference]]) for name, rank in ranks.items()}

    @property
    def common_tail(self) -> int | None:
        """0 or 1, where all targets rank so close to it that only the tails of the densities tell them apart."""
        ranks = [rank.value for rank in self.ranks[self.whole].values()]
        if len(ranks) > 1 and max(ranks) < TAIL:
            return 0
        return 1 if len(ranks) > 1 and min(ranks) > 1 - TAIL else None

    @property
    def at_an_end(self) -> bool:
        """Whether the target has the lowest or the highest value that it can have, where ranks are alike of necessity.

        Almost nothing ranks below the one, or above the other, whatever the surround.
        """
        return bool(self.stimulus.axis.end(self.stimulus.values(), self.stimulus.value))

    @property
    def cautions(self) -> tuple[str, ...]:
        """Warnings about the ranks, which every output shows."""
        if self.common_tail is None:
            return self.noted
        tail = (
            f"Both ranks are {self.common_tail} up to the far tails of narrow densities. T is too low to compare them."
        )
        return (tail, *self.noted)

    @property
    def replicate(self) -> str:
        """What standard errors are over; of a single one there is none."""
        if math.isnan(self.temperature):
            return "photograph"
        return "placement" if self.unit == "field" else "draw"

    def why_none(self, at: At) -> list[str]:
        """Why there is no rank in some condition, each reason once; empty where there is one in all."""
        return sorted(set(self.reasons.get(at, {}).values()))

    def summary(self) -> pd.DataFrame:
        """The rows of ``summary.csv``: one per scale and condition, at the physical target.

        A row's effect is the percentile rank in its condition minus the mean of those in all the others. With two
        conditions the first row's is A minus B, the second's B minus A; a single condition has none (NaN).
        """
        import pandas as pd

        return pd.DataFrame(self._rows())

    def _rows(self) -> Iterator[dict[str, Any]]:
        for at, ranks in self.ranks.items():
            effects = self.effects(at)
            for condition, rank in ranks.items():
                yield {
                    "stimulus": self.stimulus.name,
                    "condition": condition,
                    "axis": self.stimulus.axis.name,
                    "value": self.stimulus.value,
                    "percentile_rank": rank.value,
                    "effect": effects[condition].value,
                    "temperature": self.temperature,
                    "model": self.predictor,
                    "percentile_rank_standard_error": rank.standard_error,
                    "effect_standard_error": effects[condition].standard_error,
                    **swept(self.stimulus.values()),
                    "coverage": self.coverage.get(at, {}).get(condition, math.nan),
                    "cautions": " ".join(self.cautions),
                    self.unit: at,
                }


def _in_words(condition: str, rank: Replicated) -> str:
    return f"{condition} {show_estimate(rank)}"


def show_estimate(estimate: Replicated) -> str:
    """A value with its standard error, or "none"."""
    return "none" if math.isnan(estimate.value) else with_error(estimate.value, estimate.standard_error)


def swept(values: Floats) -> dict[str, float | int]:
    """The columns of every table that say what was swept: lowest and highest value, and how many."""
    return {"lowest_value": float(values[0]), "highest_value": float(values[-1]), "values": len(values)}


def conclusion(difference: float, standard_error: float) -> Conclusion:
    """Conclude from a difference of two ranks.

    ``"different"``: it is more than twice its standard error, and at least `SMALLEST_EFFECT`. ``"alike"``: it and twice
    its standard error together are less than that. ``"open"``: neither, or no standard error is known.
    """
    if is_certain(difference, standard_error) and abs(difference) >= SMALLEST_EFFECT:
        return "different"
    return "alike" if abs(difference) + 2 * standard_error < SMALLEST_EFFECT else "open"


def with_mean(
    of_scales: Mapping[float, Mapping[str, _T]], mean: Callable[[list[_T]], _T]
) -> dict[At, Mapping[str, _T]]:
    """What there is by scale and condition, and of several scales also the mean, at ``MEAN``."""
    at: dict[At, Mapping[str, _T]] = {}
    at.update(of_scales.items())
    if len(of_scales) > 1:
        parts = list(of_scales.values())
        at[MEAN] = {name: mean([part[name] for part in parts]) for name in parts[0]}
    return at


def with_s_scale(frame: pd.DataFrame, *stimuli: Stimulus) -> pd.DataFrame:
    """A table of stimuli with ``s_scale``, by which S−(L+M) is divided, where an axis lies in the isoluminant plane."""
    scales = {stimulus.name: stimulus.axis.cones.s_scale for stimulus in stimuli if stimulus.axis.space == "dkl-polar"}
    return frame.assign(s_scale=frame["stimulus"].map(scales)) if scales else frame


def with_scales(frames: Mapping[At, pd.DataFrame], unit: Unit = "scale") -> pd.DataFrame:
    """The rows of every scale (or field), with the scale in a column at the end."""
    import pandas as pd

    return pd.concat([frame.assign(**{unit: at}) for at, frame in frames.items()], ignore_index=True)
