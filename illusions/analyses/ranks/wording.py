"""Sentences about predictions: which target should look brighter, and what the match is."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.densities.matching import Match
from illusions.analyses.densities.temperature import UNITS
from illusions.analyses.predictions import Conclusion, Prediction, Unit, conclusion
from illusions.analyses.wording import and_list, axis_named, looks, looks_lower, percent, with_error
from illusions.stimuli.axes import AXES

if TYPE_CHECKING:
    from illusions.analyses.readings.scales import Ranking


def change_in_brackets(found: Match, decimals: int = 1) -> str:
    """The change to a match behind its value, ``" (+24.0 %)"``; empty where there is none."""
    if math.isnan(found.change_percent):
        return ""
    circular = found.axis in AXES and AXES[found.axis].circular
    return f" ({percent(found.change_percent, decimals)}{' of a turn' if circular else ''})"


def prediction_sentence(found: Prediction, *, brief: bool = False) -> str:
    """The ranks of the physically equal targets, which should look brighter, and cautions.

    Of more than two conditions the highest and the lowest are compared; a single one is only stated.

    Args:
        found: the prediction.
        brief: without saying that targets of one picture are the same, which the picture's title says.
    """
    sentence = _prediction_sentence(found)
    if brief and not found.stimulus.outlined:
        sentence = sentence.removeprefix(_same(found)).lstrip()
    return " ".join([sentence, *found.noted])


def _same(found: Prediction) -> str:
    value = f"{axis_named(found.stimulus.axis.name)} {found.stimulus.value:.4g}"
    if found.stimulus.outlined:
        return (
            f"All targets are filled with one colour, {found.stimulus.target.hex} ({value}), in place of their pixels."
        )
    return f"The targets are physically the same ({value})."


def _prediction_sentence(found: Prediction) -> str:
    ranks, why = found.ranks[found.whole], found.why_none(found.whole)
    if why:
        return f"There is no rank ({scales_in_words(found.scales, found.unit)}), as {'; '.join(why)}."
    high, *_, low = sorted(ranks, key=lambda name: ranks[name].value, reverse=True) * (2 if len(ranks) == 1 else 1)
    axis = found.stimulus.axis.name
    shown = {name: with_error(rank.value, rank.standard_error) for name, rank in ranks.items()}
    if len(ranks) == 1:
        return (
            f"The target has {axis_named(axis)} {found.stimulus.value:.4g} and the percentile rank {shown[high]}: "
            f"according to {found.predictor}, {_share(ranks[high].value)} of the density in this surround lie below it."
        )
    same = _same(found)
    tail = found.common_tail
    if tail is not None:
        return (
            f"{same} Both ranks are {tail} up to the far tails of two narrow densities. T = {found.temperature:g} is "
            f"too low to say which target should look {looks(axis)}, or that they should look the same."
        )
    difference = ranks[high].minus([ranks[low]])
    if not math.isfinite(difference.standard_error):
        return (
            f"{same} The target on “{high}” ranks {shown[high]}, the one on “{low}” {shown[low]}. A single "
            f"{found.replicate} gives no standard error."
        )
    concluded = conclusion(difference.value, difference.standard_error)
    if concluded == "alike" and not (found.nearly_value or found.at_an_end):
        return (
            f"{same} {found.subject} ranks the targets alike ({shown[high]} and {shown[low]}): they should look the "
            "same."
        )
    if concluded != "different":
        return (
            f"{same} {found.subject} ranks the target on “{high}” at {shown[high]}, the one on “{low}” at "
            f"{shown[low]}. Their difference, {with_error(difference.value, difference.standard_error)}, is too small "
            f"or too uncertain to say which should look {looks(axis)}, or that they should look the same."
        )
    return (
        f"{same} {found.subject} ranks the target on “{high}” at {shown[high]} and the one on “{low}” at "
        f"{shown[low]}: the one on “{high}” should look {looks(axis)}{_and_the_other(low, axis)}."
    )


def _and_the_other(low: str, axis: str) -> str:
    """On an axis with a grey in the middle: how the other target should look."""
    return f", the one on “{low}” {looks_lower(axis)}" if looks_lower(axis) else ""


def match_sentence(found: Match, *, said: Collection[str] = ()) -> str:
    """The predicted match, or why there is none, and what must be known before it is believed.

    Args:
        found: the match.
        said: cautions that stand beside it already.
    """
    return " ".join([_match_sentence(found), *(caution for caution in found.cautions if caution not in said)])


def _match_sentence(found: Match) -> str:
    if not found.in_gamut:
        return f"{found.reason[0].upper()}{found.reason[1:]}."
    value = f"{axis_named(found.axis)} {with_error(found.pse, found.pse_standard_error)}"
    alike = f"To look like the one on “{found.reference_condition}”, the target on “{found.comparison_condition}”"
    concluded = _change_concluded(found)
    if concluded == "alike":
        return f"{alike} would be set to {value}, which hardly differs from its {found.reference_value:.4g}."
    unsure = ""
    if concluded == "open":
        known = math.isfinite(found.pse_standard_error)
        unsure = (
            f". This is too close to its {found.reference_value:.4g}, or too uncertain, to say in which direction"
            if known
            else ". It has no standard error"
        )
    return f"{alike} must be set to {value}{change_in_brackets(found)}{unsure}."


def _change_concluded(found: Match) -> Conclusion:
    """Whether the match differs from the physical value, in shares of the sweep."""
    off = found.pse - found.reference_value
    if found.axis in AXES and AXES[found.axis].circular:
        period = AXES[found.axis].high
        off = (off + period / 2) % period - period / 2
    span = found.highest_value - found.lowest_value
    return conclusion(off / span, found.pse_standard_error / span)


def _share(rank: float) -> str:
    """Per cent; with decimals where none would say that there is nothing, or nothing else."""
    rounded = f"{100 * rank:.0f}"
    return f"{100 * rank:.2g} %" if rounded == "0" else f"{100 * rank:.4g} %" if rounded == "100" else f"{rounded} %"


def caption(
    curves: Mapping[str, LikelihoodCurve],
    scales: Iterable[float],
    found: Match | None = None,
    *,
    unit: Unit = "scale",
    outlined: bool = False,
) -> str:
    """What a figure of these curves, and of a match among them, shows; with its model, temperature and scales.

    Args:
        curves: by condition.
        scales: what they were read at.
        found: the match that is marked.
        unit: whether they were read by scale or by field.
        outlined: whether it shows each picture with its target outlined and its patch beside it.
    """
    curve = next(iter(curves.values()))
    matched = found is not None and found.in_gamut
    last, diamond = ("; last, the match", ", diamond: match") if matched else ("", "")
    above = f"Above: each picture, and the patch that the model sees{last}. " if outlined else ""
    return (
        f"{above}Middle: p_T(v) ∝ exp(log-likelihood / T) ± 1 standard error over {len(curve.draws)} "
        f"{draws_in_words(unit)}. Below: percentile ranks (dots: target{diamond}). "
        f"Model {curve.model}, T = {curve.temperature:.4g} {temperature_unit(unit)}, {scales_in_words(scales, unit)}"
        f"{' (patch ÷ target)' if unit == 'scale' else ''}."
    )


def ranking_caption(ranking: Ranking) -> str:
    """What the figure of a ranking shows, with its model, temperature and scales."""
    return caption(
        ranking.curves,
        ranking.at_scales,
        next(iter(ranking.matches), None),
        unit=ranking.unit,
        outlined=ranking.stimulus.outlined,
    )


def curves_caption(curves: Mapping[str, LikelihoodCurve], scales: Iterable[float], *, unit: Unit = "scale") -> str:
    """What curves on a page show, whose T its reader moves."""
    curve = next(iter(curves.values()))
    cut = ", from a cut common to all surrounds (a line that reaches 1 goes on at 0)" if curve.axis.circular else ""
    return (
        f"Above: how likely each {axis_named(curve.axis.name)} of the target is in its surround, ± 1 standard error "
        f"over {len(curve.draws)} {draws_in_words(unit)}. Below: the percentile rank of each value{cut}; "
        f"dots: the target as it is; diamond: the match. Point at a curve to read it. Model {curve.model}, "
        f"{scales_in_words(scales, unit)}{' (patch ÷ target)' if unit == 'scale' else ''}."
    )


def scales_in_words(scales: Iterable[float], unit: Unit = "scale") -> str:
    """``"scale 2.67"``, ``"mean over the scales 2, 3 and 4"``, ``"field of 12°"``."""
    if unit == "field":
        shown = [f"{field:.4g}°" for field in scales]
        return f"mean over the fields of {and_list(shown)}" if len(shown) > 1 else f"field of {shown[0]}"
    shown = [f"{scale:.3g}" for scale in scales]
    return f"mean over the scales {and_list(shown)}" if len(shown) > 1 else f"scale {shown[0]}"


def temperature_unit(unit: Unit) -> str:
    """What T is in."""
    return UNITS[unit]


def draws_in_words(unit: Unit) -> str:
    """What standard errors are over."""
    return "placements" if unit == "field" else "noise samples"
