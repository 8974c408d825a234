"""The match (PSE): the value in another surround at which both percentile ranks agree, on a circle from one cut."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import permutations
from typing import TYPE_CHECKING

from illusions.analyses.densities.cautions import cautions, cut_caution
from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.predictions import TAIL
from illusions.errors import InputError
from illusions.estimates import jackknife_standard_error, with_error
from illusions.representations import Shown

if TYPE_CHECKING:
    import pandas as pd


#: A match this near to the likeliest value, in parts of the sweep, makes the target all but disappear.
_VANISHES = 0.05


@dataclass(frozen=True)
class Match(Shown):
    """A predicted match: the value in the comparison's surround that should look like the target in the reference's.

    Attributes:
        stimulus: name of the stimulus.
        axis: name of the axis.
        reference_condition: condition with the physical target.
        reference_value: the target there, in the axis' units.
        comparison_condition: condition in which the target is adjusted.
        percentile_rank: of the reference value in the reference's surround, in [0, 1].
        pse: the value in the comparison's surround with the same percentile rank; NaN if there is none.
        pse_standard_error: by the jackknife over noise samples; NaN for a single one, or if a replicate has no match.
        change_percent: 100 · (pse − reference value) / reference value; on a circular axis, whose zero is arbitrary,
            per cent of a full turn; NaN without a match, for a reference value of 0, and on a signed axis.
        in_gamut: whether there is a match among the colours that the axis reaches in sRGB.
        bound: without a match, the end of the sweep that was reached; else None.
        reason: without a match, the reason as a sentence; else empty.
        temperature: T, in nats.
        model: name of the model.
        lowest_value: of the sweep.
        highest_value: of the sweep.
        values: how many the sweep has.
        coverage: the largest share of a pixel of the model that the target covers, where it covers less.
        gamut_shift: how far the match moves where the gamut is cut by a tenth, in the axis' units; NaN without a match,
            where the target is cut off, and on an axis that does not end at the gamut.
        noted: warnings from the curves; see `cautions`.
    """

    stimulus: str
    axis: str
    reference_condition: str
    reference_value: float
    comparison_condition: str
    percentile_rank: float
    pse: float
    pse_standard_error: float
    change_percent: float
    in_gamut: bool
    bound: float | None
    reason: str
    temperature: float
    model: str
    lowest_value: float
    highest_value: float
    values: int
    coverage: float
    gamut_shift: float
    noted: tuple[str, ...]

    @property
    def cautions(self) -> tuple[str, ...]:
        """Warnings about the match, which every output shows."""
        if not self.in_gamut or TAIL < self.percentile_rank < 1 - TAIL:
            return self.noted
        tail = (
            f"Both ranks are {self.percentile_rank:.0f} up to the far tails of two narrow densities, which determine "
            f"the match. T = {self.temperature:g} is too low for it to be a prediction."
        )
        return (tail, *self.noted)

    def __repr__(self) -> str:
        there = f"({self.reason})"
        if self.in_gamut:
            pse, change = with_error(self.pse, self.pse_standard_error), show_change(self)
            there = f"looks like {pse} on {self.comparison_condition}{f' ({change})' if change else ''}"
        return (
            f"Match({self.stimulus!r}: {self.axis} {self.reference_value:.4g} on {self.reference_condition} {there}; "
            f"{self.model}, T = {self.temperature:.4g})"
        )


def match(reference: LikelihoodCurve, value: float, comparison: LikelihoodCurve) -> Match:
    """Predict the match: the value in the comparison's surround of equal percentile rank.

    Ranks are compared as log r and log(1 − r), so that a match is also found in the tails of the densities, where
    ranks round to 0 or 1 (as at T = 1). Such a match carries a caution.

    On a circular axis both are cut in common, so that hues turn as little as possible
    (`illusions.analyses.densities.transport`). There is a match to every hue, and the ranks are relative to the cut.

    Args:
        reference: curve of the condition with the physical target.
        value: the target there, in the axis' units, within the sweep.
        comparison: curve of the condition in which the target is adjusted; same axis, temperature, model and noise.

    Returns:
        The match. If there is none, ``in_gamut`` is false, and ``bound`` and ``reason`` are given.

    Raises:
        InputError: the value lies outside the sweep, or the two curves cannot be compared.
    """
    _check_comparable(reference, comparison)
    pse = equal_rank(reference, value, comparison)
    pairs = zip(reference.leave_one_out, comparison.leave_one_out, strict=True)
    replicates = [equal_rank(left, value, right) for left, right in pairs] if pse is not None else []
    error = float(jackknife_standard_error([math.nan if r is None else r for r in replicates]))
    bound, reason = (None, "") if pse is not None else _why_none(reference, value, comparison)
    moved = math.nan if pse is None else _match_in_cut(reference, value, comparison) - pse
    return Match(
        stimulus=comparison.stimulus,
        axis=comparison.axis.name,
        reference_condition=reference.condition,
        reference_value=float(value),
        comparison_condition=comparison.condition,
        percentile_rank=reference.percentile_rank(value),
        pse=math.nan if pse is None else pse % comparison.period if comparison.axis.circular else pse,
        pse_standard_error=error,
        change_percent=math.nan if pse is None else _change_percent(pse, value, comparison),
        in_gamut=pse is not None,
        bound=bound,
        reason=reason,
        temperature=comparison.temperature,
        model=comparison.model,
        lowest_value=float(comparison.values[0]),
        highest_value=float(comparison.values[-1]),
        values=len(comparison.values),
        coverage=min(reference.coverage, comparison.coverage),
        gamut_shift=moved,
        noted=(*_vanishing(pse, comparison), *cut_caution(moved, error), *cautions([reference, comparison])),
    )


def equal_rank(reference: LikelihoodCurve, value: float, comparison: LikelihoodCurve) -> float | None:
    """The value of equal percentile rank in the comparison's surround; None if there is none.

    Returns:
        A value in the axis' units; on a circular axis within half a turn of the reference's.
    """
    found = comparison.cut_with(reference).value_at(*reference.log_odds_terms(value))
    if found is None or not comparison.axis.circular:
        return found
    half = comparison.period / 2
    return value + (found - value + half) % comparison.period - half


def nearest_match(reference: LikelihoodCurve, comparison: LikelihoodCurve) -> float:
    """The match at the physical target, or the nearest end of the sweep if there is none.

    Returns:
        A value in the axis' units; on a circular axis within half a turn of the physical target, so possibly below 0
        or beyond a full turn.
    """
    pse = equal_rank(reference, reference.value, comparison)
    return _end(reference, reference.value, comparison) if pse is None else pse


def match_all(curves: Mapping[str, LikelihoodCurve], pairs: Sequence[tuple[str, str]] | None = None) -> list[Match]:
    """The match at the physical target, for pairs of the conditions of one stimulus.

    Args:
        curves: by condition.
        pairs: the condition of the physical target, and the one in which it is matched: `Stimulus.pairs`. Every ordered
            pair if left out.
    """
    asked = permutations(curves, 2) if pairs is None else pairs
    return [match(curves[a], curves[a].value, curves[b]) for a, b in asked]


def matches_frame(matches: Iterable[Match]) -> pd.DataFrame:
    """The rows of ``matches.csv``."""
    import pandas as pd

    columns = [field.name for field in fields(Match) if field.name not in ("bound", "reason", "noted")]
    rows = [{**{name: getattr(m, name) for name in columns}, "cautions": " ".join(m.cautions)} for m in matches]
    return pd.DataFrame(rows, columns=[*columns, "cautions"])


def _match_in_cut(reference: LikelihoodCurve, value: float, comparison: LikelihoodCurve) -> float:
    """The match where both sweeps end a tenth earlier: of equal share of what is left of both densities, or NaN."""
    axis, values = comparison.axis, comparison.values
    low, high = float(values[0]) * (0.9 if axis.signed else 1.0), 0.9 * float(values[-1])
    if not axis.ends_at_gamut or not low < value < high:
        return math.nan
    below, rank, above = (reference.percentile_rank(at) for at in (low, value, high))
    begin, end = (comparison.percentile_rank(at) for at in (low, high))
    if not below < rank < above:
        return math.nan
    cut = begin + (rank - below) / (above - below) * (end - begin)
    found = comparison.value_at(math.log(cut), math.log1p(-cut)) if 0 < cut < 1 else None
    return math.nan if found is None else found


def _vanishing(pse: float | None, comparison: LikelihoodCurve) -> list[str]:
    """A warning if a match is near the likeliest value."""
    span = comparison.positions[-1] - comparison.positions[0]
    if pse is None or abs(comparison.unwrap(pse) - comparison.unwrap(comparison.peak)) > _VANISHES * span:
        return []
    return [
        f"The likelihood on “{comparison.condition}” peaks at {comparison.peak:.3f}, where the target almost "
        "disappears in its surround. A person is unlikely to set a match there."
    ]


def _change_percent(pse: float, value: float, curve: LikelihoodCurve) -> float:
    if curve.axis.circular:
        return 100 * (pse - value) / curve.period
    return 100 * (pse - value) / value if value and not curve.axis.signed else math.nan


def _why_none(reference: LikelihoodCurve, value: float, comparison: LikelihoodCurve) -> tuple[float, str]:
    """The end of the sweep that was reached, and a sentence about it."""
    bound = _end(reference, value, comparison)
    above = bound > comparison.positions[0]
    reason = (
        f"no match: the target's rank on “{reference.condition}” is {_show_rank(reference, value)}; on "
        f"“{comparison.condition}” {'even' if above else 'already'} {comparison.axis.name} {bound:.3g}, the end of the "
        f"gamut, ranks {_show_rank(comparison, bound)}"
    )
    return bound, reason


def _end(reference: LikelihoodCurve, value: float, comparison: LikelihoodCurve) -> float:
    """Without a match, the end of the sweep that was reached."""
    below, _ = reference.log_odds_terms(value)
    above = below > comparison.log_odds_terms(comparison.positions[0])[0]
    return float(comparison.positions[-1 if above else 0])


def show_change(found: Match) -> str:
    """The change of a match in per cent, as text; empty where it is undefined."""
    return "" if math.isnan(found.change_percent) else f"{found.change_percent:+.1f} %".replace("-", "−")


def _show_rank(curve: LikelihoodCurve, value: float) -> str:
    """A percentile rank in a few digits, also where it is 0 or 1 but for a tail: ``"0.524"``, ``"1 − 2.4e-25"``."""
    below, above = curve.log_odds_terms(value)
    log_tail = min(below, above) / math.log(10)
    if log_tail > -3:
        return f"{math.exp(below):.4f}"
    exponent = math.floor(log_tail)
    return f"{'1 − ' if above < below else ''}{10 ** (log_tail - exponent):.1f}e{exponent}"


def _check_comparable(reference: LikelihoodCurve, comparison: LikelihoodCurve) -> None:
    for what, left, right in (
        ("axis", reference.axis.name, comparison.axis.name),
        ("temperature", reference.temperature, comparison.temperature),
        ("model", reference.model, comparison.model),
        ("number of noise draws", len(reference.draws), len(comparison.draws)),
        ("sweep", *(f"{len(curve.values)} values to {curve.values[-1]:g}" for curve in (reference, comparison))),
    ):
        if left != right:
            raise InputError(f"match: the two curves differ in their {what} ({left} and {right}); expected the same")
