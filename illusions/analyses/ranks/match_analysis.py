"""One target set until both percentile ranks agree: the article's own experiment, as an analysis."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pydantic import model_validator

from illusions.analyses.claims.analysis import Analysis, Claim, Finding, Models, TemperatureKey, Verdict
from illusions.analyses.densities.matching import Match, match, matches_frame
from illusions.analyses.predictions import conclusion
from illusions.analyses.ranks.figure import stimulus_figure
from illusions.analyses.ranks.wording import caption, match_sentence
from illusions.analyses.readings.ranking import effect
from illusions.analyses.readings.reading import Name, Reading, find_reading
from illusions.analyses.wording import looks, percent, with_error
from illusions.errors import unknown_name

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus


class MatchAnalysis(Analysis):
    """The article's experiment: set one target until both percentile ranks agree, and show the pair before and after.

    The target on ``lower`` is set to match that on ``higher``. The claim holds in direction where the target on
    ``higher`` ranks higher by more than twice the standard error and by `SMALLEST_EFFECT` or more. Where the claim
    gives a number, it holds in size only if the match is there, in the gamut, and differs from that number by at most
    twice its standard error and 0.5 %.
    """

    kind: Literal["match"]
    stimulus: str
    higher: str
    lower: str
    #: ``"paper"`` or ``"field"``; the model and the temperature are of the reading, where they are left out.
    reading: Name = "paper"
    model: str | None = None
    temperature: TemperatureKey | None = None
    claim: Claim

    @model_validator(mode="after")
    def _two_conditions(self) -> MatchAnalysis:
        if self.higher == self.lower:
            raise ValueError("'higher' and 'lower' name the same condition; expected two")
        return self

    def run(self, models: Models, *, seed: int) -> Finding:
        """Rank the target in both conditions, and match it."""
        stimulus = self._stimulus()
        reading = self._reading(stimulus)
        ranking = reading.rank(stimulus, models(reading.model), seed=seed)
        curves = ranking.curves
        high, low = curves[self.higher], curves[self.lower]
        difference, error = effect(high, low)
        found = match(high, high.value, low)
        measured = " ".join(
            [
                *_as_people_see(stimulus),
                f"The target on “{high.condition}” ranks {high.percentile_rank(high.value):.3f}, the one on "
                f"“{low.condition}” {low.percentile_rank(low.value):.3f}: a difference of "
                f"{with_error(difference, error)}.",
                match_sentence(found),
                *_against_number(found, self.claim),
            ]
        )
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=measured,
            verdict=_verdict(difference, error, found, self.claim),
            caption=caption(curves, ranking.at_scales, found, unit=ranking.unit),
            table=matches_frame([found]),
            draw=lambda text: stimulus_figure(stimulus, curves, found, caption=text),
        )

    def _reading(self, stimulus: Stimulus) -> Reading:
        named = find_reading(self.reading, stimulus)
        return replace(named, model=self.model or named.model, temperature=self.temperature or named.temperature)

    def _stimulus(self) -> Stimulus:
        from illusions.stimuli.loading import load_stimulus

        stimulus = load_stimulus(self.stimulus)
        for condition in (self.higher, self.lower):
            if condition not in stimulus.conditions:
                raise unknown_name(f"condition of {stimulus.name}", condition, stimulus.conditions)
        return stimulus


def _as_people_see(stimulus: Stimulus) -> list[str]:
    """What people see, before what is predicted; nothing if unpublished."""
    higher = stimulus.people_see_higher
    return [] if higher is None else [f"People see the target on “{higher}” as {looks(stimulus.axis.name)}."]


def _verdict(difference: float, error: float, found: Match, claim: Claim) -> Verdict:
    if conclusion(difference, error) != "different":
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


def _against_number(found: Match, claim: Claim) -> list[str]:
    if claim.change_percent is None or not found.in_gamut:
        return []
    return [
        f"The source's example has {percent(claim.change_percent, 0)}: its colours and its model are not ours, so "
        "the direction can be compared, the size only roughly. Whether the two then look the same, only a person can "
        "say."
    ]
