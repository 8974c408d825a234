"""Analyses: one file of content each, that says what a source claims and which stimulus shows whether it holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from matplotlib.figure import Figure
from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from illusions import content
from illusions.analyses.curve import LikelihoodCurve
from illusions.analyses.figures import stimulus_figure
from illusions.analyses.matching import Match, match
from illusions.analyses.ranking import PatchModel, effect, rank
from illusions.analyses.temperature import parse_temperature
from illusions.analyses.wording import caption, is_certain, match_sentence, percent, with_error
from illusions.errors import unknown_name

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

Verdict = Literal["holds", "holds in direction, not in size", "does not hold", "undecided"]
#: A match this near to the likeliest value, in parts of the sweep, makes the target all but disappear.
_VANISHES = 0.05


class Claim(BaseModel):
    """What a source says, and the number it gives, if any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    text: str
    change_percent: float | None = None


class MatchAnalysis(BaseModel):
    """The article's experiment: set one target until both percentile ranks agree, and show the pair before and after.

    The target on ``lower`` is set to match that on ``higher``. The claim holds in direction where the target on
    ``higher`` ranks higher by more than twice the standard error. Where the claim gives a number, it holds in size only
    if the match is there, in the gamut, and differs from that number by at most twice its standard error and 0.5 %.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["match"]
    title: str
    stimulus: str
    higher: str
    lower: str
    model: str = "natural16"
    temperature: Annotated[str | float, AfterValidator(parse_temperature)] = "bits-per-dim"
    claim: Claim

    @model_validator(mode="after")
    def _two_conditions(self) -> MatchAnalysis:
        if self.higher == self.lower:
            raise ValueError("'higher' and 'lower' name the same condition; expected two")
        return self


@dataclass(frozen=True, eq=False)
class Finding:
    """What an analysis found: the claim, the measurement, whether the claim holds, and the figure.

    Attributes:
        title: of the analysis.
        claim: what the source says.
        measured: sentences that say what was measured.
        verdict: whether the claim holds.
        caption: what the figure shows, with its model and its temperature.
        draw: draws the figure above the words it is given (none: without a caption).
    """

    title: str
    claim: Claim
    measured: str
    verdict: Verdict
    caption: str
    draw: Callable[[str], Figure]


def load_analysis(name: str | Path) -> MatchAnalysis:
    """Read an analysis by its name, or by the path of a file of one's own.

    Raises:
        InputError: there is none, or its file is not valid.
    """
    return content.read_toml(content.find("analyses", name), MatchAnalysis)


def run_analysis(analysis: MatchAnalysis, model: PatchModel, *, temperature: str | float, seed: int = 0) -> Finding:
    """Measure what the analysis asks about.

    Args:
        analysis: what to do.
        model: what scores the patches; the analysis' own, or another one.
        temperature: the analysis' own, or another one.
        seed: of the dequantisation noise.

    Raises:
        InputError: the stimulus does not exist or lacks one of the conditions.
    """
    from illusions.stimuli.stimulus import load_stimulus

    stimulus = load_stimulus(analysis.stimulus)
    _check_conditions(analysis, stimulus)
    curves = rank(stimulus, model, temperature, seed=seed)
    high, low = curves[analysis.higher], curves[analysis.lower]
    difference, error = effect(high, low)
    found = match(high, high.value, low)
    measured = " ".join(
        [
            f"The target on “{high.condition}” ranks {high.percentile_rank(high.value):.3f}, the one on "
            f"“{low.condition}” {low.percentile_rank(low.value):.3f}: a difference of {with_error(difference, error)}.",
            match_sentence(found),
            *_vanishing(found, low),
            *_against_number(found, analysis.claim),
        ]
    )
    return Finding(
        title=analysis.title,
        claim=analysis.claim,
        measured=measured,
        verdict=_verdict(difference, error, found, analysis.claim),
        caption=caption(curves, found),
        draw=lambda text: stimulus_figure(stimulus, curves, found, caption=text),
    )


def _check_conditions(analysis: MatchAnalysis, stimulus: Stimulus) -> None:
    for condition in (analysis.higher, analysis.lower):
        if condition not in stimulus.conditions:
            raise unknown_name(f"condition of {stimulus.name}", condition, stimulus.conditions)


def _verdict(difference: float, error: float, found: Match, claim: Claim) -> Verdict:
    if not is_certain(difference, error):
        return "undecided"
    if difference < 0:
        return "does not hold"
    return "holds" if _has_size(found, claim) else "holds in direction, not in size"


def _has_size(found: Match, claim: Claim) -> bool:
    """Whether the match is as far off as the source says; where it says nothing, any is."""
    if claim.change_percent is None:
        return True
    if not math.isfinite(found.change_percent):
        return False
    error = 100 * found.pse_standard_error / (1.0 if found.axis == "hue" else found.reference_value)
    return abs(found.change_percent - claim.change_percent) <= 2 * error + 0.5


def _vanishing(found: Match, comparison: LikelihoodCurve) -> list[str]:
    span = comparison.positions[-1] - comparison.positions[0]
    if not found.in_gamut or abs(comparison.unwrap(found.pse) - comparison.unwrap(comparison.peak)) > _VANISHES * span:
        return []
    return [
        f"The likelihood on “{found.comparison_condition}” peaks at {comparison.peak:.3f}: near it the target all but "
        "disappears in its surround. As a prediction of what a person would set, a match there is hard to believe."
    ]


def _against_number(found: Match, claim: Claim) -> list[str]:
    if claim.change_percent is None or not found.in_gamut:
        return []
    return [
        f"The source's example has {percent(claim.change_percent, 0)}: its colours and its model are not ours, so "
        "the direction can be compared, the size only roughly. Whether the two then look the same, only a person can "
        "say."
    ]
