"""What the numbers say, in sentences: which target should look brighter, and what the match is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from illusions.analyses.ranks.curve import LikelihoodCurve
from illusions.analyses.ranks.matching import Match
from illusions.analyses.ranks.ranking import effect

if TYPE_CHECKING:
    from illusions.models.model import Model

#: How a target with the higher percentile rank looks, by axis.
_LOOKS = {
    "brightness": "brighter",
    "lightness": "lighter",
    "saturation": "more saturated",
    "chroma": "more colourful",
    "hue": "shifted towards higher hue angles",
}
#: Ranks this close to 0 or 1 come from the far tails of a density.
_TAIL = 1e-3


def looks(axis: str) -> str:
    """How the target with the higher percentile rank looks: ``"brighter"`` for the axis ``"brightness"``."""
    return _LOOKS.get(axis, f"higher in {axis}")


def model_named(model: Model) -> str:
    """``"Model natural16"``; of a model that sees something else than colours, what that is too."""
    return f"Model {model.name}" + ("" if model.view.is_invertible else f", which sees {model.view}")


def with_error(value: float, standard_error: float) -> str:
    """A number with its standard error, ``"0.624 ± 0.003"``: three decimals, four where the error is small."""
    if not math.isfinite(standard_error):
        return f"{value:.3f}".replace("-", "−")
    decimals = 3 if standard_error >= 0.002 else 4
    least = 10.0**-decimals
    error = f"< {least:.{decimals}f}" if standard_error < least / 2 else f"{standard_error:.{decimals}f}"
    return f"{value:.{decimals}f} ± {error}".replace("-", "−")


def percent(change: float, decimals: int = 1) -> str:
    """A signed per cent, ``"+24.0 %"``, with a real minus."""
    return f"{change:+.{decimals}f} %".replace("-", "−")


def change_in_brackets(found: Match, decimals: int = 1) -> str:
    """The change to a match behind its value, ``" (+24.0 %)"``; empty where there is none."""
    if math.isnan(found.change_percent):
        return ""
    return f" ({percent(found.change_percent, decimals)}{' of a turn' if found.axis == 'hue' else ''})"


def is_certain(difference: float, standard_error: float) -> bool:
    """Whether a difference exceeds twice its standard error; any difference does if that is unknown (one draw)."""
    return abs(difference) > (2 * standard_error if math.isfinite(standard_error) else 0.0)


def prediction(curves: Mapping[str, LikelihoodCurve]) -> str:
    """One or two sentences: the ranks of the physically equal targets, and which should look brighter.

    Of more than two conditions the highest and the lowest are compared; a single one is only stated.
    """
    ranked = sorted(curves.values(), key=lambda curve: curve.percentile_rank(curve.value), reverse=True)
    high, low = ranked[0], ranked[-1]
    if len(ranked) == 1:
        return (
            f"The target has {_value(high)}, which ranks {_rank(high)}: of all the values that it could have had in "
            f"this surround, the model gives the lower ones {100 * high.percentile_rank(high.value):.0f} % of the "
            "likelihood."
        )
    difference, error = effect(high, low)
    same = f"The targets are physically the same ({_value(high)})."
    tail = _common_tail(high, low)
    if tail is not None:
        return (
            f"{same} Both rank {tail} but for the far tails of two narrow densities: T = {high.temperature:g} is too "
            f"low for these ranks to say which should look {looks(high.axis.name)}, or that they should look the same."
        )
    if not is_certain(difference, error):
        return f"{same} The model ranks them alike ({_rank(high)} and {_rank(low)}): they should look the same."
    return (
        f"{same} The model ranks the one on “{high.condition}” at {_rank(high)} and the one on “{low.condition}” at "
        f"{_rank(low)}: the one on “{high.condition}” should look {looks(high.axis.name)}."
    )


def _common_tail(high: LikelihoodCurve, low: LikelihoodCurve) -> int | None:
    """0 or 1, where both targets rank so close to it that only the tails of the densities tell them apart."""
    if high.percentile_rank(high.value) < _TAIL:
        return 0
    return 1 if low.percentile_rank(low.value) > 1 - _TAIL else None


def match_sentence(found: Match) -> str:
    """One sentence: the predicted match, or why there is none; a second one where it rests on far tails."""
    if not found.in_gamut:
        return f"{found.reason[0].upper()}{found.reason[1:]}."
    sentence = (
        f"To look like the one on “{found.reference_condition}”, the target on “{found.comparison_condition}” must "
        f"be set to {found.axis} {with_error(found.pse, found.pse_standard_error)}{change_in_brackets(found)}."
    )
    if _TAIL < found.percentile_rank < 1 - _TAIL:
        return sentence
    return (
        f"{sentence} Both ranks are {found.percentile_rank:.0f} but for the far tails of two narrow densities, and "
        f"the match rests on those: T = {found.temperature:g} is too low to read it as more than arithmetic."
    )


def caption(curves: Mapping[str, LikelihoodCurve], scales: Iterable[float], found: Match | None = None) -> str:
    """What a figure of these curves, and of a match among them, shows; with its model, temperature and scales."""
    curve = next(iter(curves.values()))
    matched = found is not None and found.in_gamut
    above = "Above: the stimulus; all its targets are the same." if len(curves) > 1 else "Above: the picture."
    if matched:
        above = "Above left: both targets are the same; right: one of them set to the predicted match."
    diamond = ", diamond: the match" if matched else ""
    return (
        f"{above} Middle: how likely each {curve.axis.name} of the target is in its surround, "
        f"p_T(v) ∝ exp(log-likelihood / T), ± 1 standard error over {len(curve.draws)} draws of the "
        f"noise. Below: the percentile rank of each value; dots: the target as it is{diamond}. "
        f"Model {curve.model}, T = {curve.temperature:.4g} nats, {scales_in_words(scales)} (patch ÷ target)."
    )


def scales_in_words(scales: Iterable[float]) -> str:
    """``"scale 2.67"``, ``"mean over the scales 2, 3 and 4"``."""
    shown = [f"{scale:.3g}" for scale in scales]
    return f"mean over the scales {and_list(shown)}" if len(shown) > 1 else f"scale {shown[0]}"


def and_list(words: Sequence[str]) -> str:
    """``"a"``, ``"a and b"``, ``"a, b and c"``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _rank(curve: LikelihoodCurve) -> str:
    return with_error(curve.percentile_rank(curve.value), curve.percentile_rank_standard_error(curve.value))


def _value(curve: LikelihoodCurve) -> str:
    return f"{curve.axis.name} {curve.value:.4g}"
