"""How far a prediction depends on choices: one setting is varied at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator
from scipy.ndimage import gaussian_filter1d

from illusions.analyses.claims.analysis import BITS_PER_DIM, Analysis, Claim, Finding, Models, TemperatureKey, Verdict
from illusions.analyses.densities.curve import LikelihoodCurve, Vector
from illusions.analyses.densities.matching import match
from illusions.analyses.effects.noise import PUBLISHED_LEVELS, NoisyModel
from illusions.analyses.effects.sensitivity_figure import sensitivity_figure
from illusions.analyses.predictions import conclusion
from illusions.analyses.readings.ranking import DRAWS, Ranks, effect, rank
from illusions.analyses.readings.sweeps import COARSE
from illusions.analyses.wording import and_list, looks, with_error
from illusions.content import names
from illusions.estimates import jackknife_standard_error
from illusions.models.stacks import PatchModel, interleave, run
from illusions.stimuli.families.base import AxisKey, ColourKey, SizeKey
from illusions.stimuli.families.uniform import uniform_contrast
from illusions.stimuli.scenes.scene import PATCH
from illusions.stimuli.stimulus import Stimulus

#: σ of the Gaussian with which the published code smooths the likelihood, in values of the sweep.
_SMOOTHING = 3
#: The setting that stands for all of the published code's at once.
PUBLISHED = "published code"
#: How the settings of each parameter are called in a sentence.
_CALLED = {
    "temperature": "T = {}",
    "size": "size {}",
    "surround": "surround {}",
    "noise": "noise width {}",
}
_Share = Annotated[float, Field(ge=0, le=1)]


class Varied(BaseModel):
    """The table ``[vary]``: the settings that are tried, one parameter at a time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: Annotated[tuple[TemperatureKey, ...], Field(min_length=2)]
    size: Annotated[tuple[SizeKey, ...], Field(min_length=2)]
    surround: Annotated[tuple[_Share, ...], Field(min_length=2)]
    noise: Annotated[tuple[Annotated[int, Field(ge=1, le=64)], ...], Field(min_length=2)]
    #: By default all shipped ones.
    models: tuple[str, ...] = ()


class SensitivityAnalysis(Analysis):
    """Effect and match of simultaneous contrast over temperature, target size, surround, noise and model.

    The target lies on two uniform surrounds. On the one with the lower value it should rank higher. The claim holds if
    it does so, by more than twice the standard error, at every setting that is tried; it does not hold if it never
    does.
    """

    kind: Literal["sensitivity"]
    axis: AxisKey
    target: ColourKey
    surrounds: tuple[_Share, _Share]
    size: SizeKey
    model: str = "natural16"
    temperature: TemperatureKey = BITS_PER_DIM
    vary: Varied
    claim: Claim

    @model_validator(mode="after")
    def _lower_first(self) -> SensitivityAnalysis:
        if self.axis.circular or self.axis.high != 1:
            raise ValueError(f"the axis is {self.axis.name}; expected brightness or saturation")
        if not self.surrounds[0] < self.surrounds[1]:
            raise ValueError("'surrounds' are given as the lower value, then the higher one")
        return self

    def run(self, models: Models, *, seed: int) -> Finding:
        """Rank and match at every setting."""
        stimulus = self._pair()
        table = pd.DataFrame(self._rows(models, seed))
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=" ".join(_sentences(table)),
            verdict=_verdict(table),
            caption=self._caption(table),
            table=table,
            draw=lambda text: sensitivity_figure(stimulus, table, self._defaults(table), caption=text),
        )

    def _rows(self, models: Models, seed: int) -> Iterator[dict[str, Any]]:
        model = models(self.model)
        curves = rank(self._pair(), model, self.temperature, seed=seed)
        yield _row("default", "", *curves.values())
        for temperature in self.vary.temperature:
            nats = temperature.nats(model)
            yield _row("temperature", nats, *(curve.at_temperature(nats) for curve in curves.values()))
        sizes = [self._pair(size) for size in self.vary.size]
        *sized, (*varied, fixed) = self._rank_each([*sizes, self._surrounds()], model, seed)
        for size, pair in zip(self.vary.size, sized, strict=True):
            yield _row("size", size, *pair)
        for surround, curve in zip(self.vary.surround, varied, strict=True):
            expected = int(np.sign(self.surrounds[1] - surround))
            yield _row("surround", surround, curve, fixed, expected=expected)
        for levels in self.vary.noise:
            yield _row("noise", levels, *self._rank_each([self._pair()], NoisyModel(model, levels), seed)[0])
        for other in map(models, self._models()):
            yield _row("model", other.name, *self._rank_each([self._pair()], other, seed)[0])
        noisy = rank(self._pair(), NoisyModel(model, PUBLISHED_LEVELS), "bits-per-dim", seed=seed)
        yield _published_row(*noisy.values())

    def _rank_each(self, stimuli: Sequence[Stimulus], model: PatchModel, seed: int) -> list[list[LikelihoodCurve]]:
        """The curves of every stimulus, at one temperature."""
        nats = self.temperature.nats(model)
        begun = [Ranks(stimulus, model, nats, seed=seed, full_sweep=False, tolerance=COARSE) for stimulus in stimuli]
        return [list(curves.values()) for curves in run(model, interleave([each.under(DRAWS) for each in begun]))]

    def _pair(self, size: float | None = None) -> Stimulus:
        return self._contrast(self.surrounds, self.size if size is None else size)

    def _surrounds(self) -> Stimulus:
        return self._contrast((*self.vary.surround, self.surrounds[1]), self.size)

    def _contrast(self, surrounds: Sequence[float], size: float) -> Stimulus:
        value = self.axis.value(self.target)
        conditions = {f"surround {i}": surround for i, surround in enumerate(surrounds)}
        return uniform_contrast(axis=self.axis, value=value, surrounds=conditions, base=self.target, size=size)

    def _models(self) -> tuple[str, ...]:
        """The model itself, and those that it is compared with."""
        return tuple(dict.fromkeys([self.model, *(self.vary.models or names("models"))]))

    def _defaults(self, table: pd.DataFrame) -> dict[str, Any]:
        """The setting of every parameter while another one is varied."""
        first = table.iloc[0]
        return {
            "temperature": first["temperature"],
            "size": self.size,
            "surround": self.surrounds[0],
            "noise": 1,
            "model": first["model"],
        }

    def _caption(self, table: pd.DataFrame) -> str:
        low, high = self.surrounds
        default = self._defaults(table)
        words = (
            f"A target of {self.axis.name} {self.axis.value(self.target):g} on a surround of {low:g} and on one of "
            f"{high:g}. Left: the effect, its percentile rank on the first surround minus that on the second; above 0 "
            f"it should look {looks(self.axis.name)} on the first. Right: the match, the value that makes a target on "
            "the second look as it does on the first; dotted: the target itself; triangles: no match, the gamut ends.",
            "One setting is varied at a time, the others stay as marked by rings: "
            f"T = {default['temperature']:.4g} nats, target of {self.size:g} pixels, noise of 1 level of 8 bits, "
            f"model {default['model']}. On a uniform surround size and scale are the same thing: scale = {PATCH} ÷ "
            f"size. Third row: the first surround is varied. “{PUBLISHED}”: {default['model']} with noise of "
            f"{PUBLISHED_LEVELS} levels, likelihoods smoothed with σ = {_SMOOTHING} values, rank the cumulative sum.",
            f"Bands and bars: ± 1 standard error over {DRAWS} noise samples.",
        )
        return " ".join(words)


def _row(
    parameter: str, setting: Any, first: LikelihoodCurve, second: LikelihoodCurve, *, expected: int = 1
) -> dict[str, Any]:
    difference, error = effect(first, second)
    found = match(first, first.value, second)
    return {
        "parameter": parameter,
        "setting": setting,
        "effect": difference,
        "effect_standard_error": error,
        "expected_sign": expected,
        "match": found.pse,
        "match_standard_error": found.pse_standard_error,
        "bound": math.nan if found.bound is None else found.bound,
        "temperature": first.temperature,
        "model": first.model,
    }


def _published_row(first: LikelihoodCurve, second: LikelihoodCurve) -> dict[str, Any]:
    """Effect and match when the curves are read as the published code reads them."""

    def read(first: LikelihoodCurve, second: LikelihoodCurve) -> tuple[float, float]:
        low, high = published_ranks(first), published_ranks(second)
        here = float(np.interp(first.value, first.values, low))
        there = float(np.interp(second.value, second.values, high))
        inside = high[0] <= here <= high[-1]
        return here - there, float(np.interp(here, high, second.values)) if inside else math.nan

    difference, found = read(first, second)
    pairs = zip(first.leave_one_out, second.leave_one_out, strict=True)
    errors = jackknife_standard_error([read(*pair) for pair in pairs])
    bound = math.nan if math.isfinite(found) else second.values[0 if difference < 0 else -1]
    row = _row("model", PUBLISHED, first, second)
    return row | {
        "effect": difference,
        "effect_standard_error": float(errors[0]),
        "match": found,
        "match_standard_error": float(errors[1]),
        "bound": bound,
    }


def published_ranks(curve: LikelihoodCurve) -> Vector:
    """Shape (n,): percentile ranks as in the code published with Hirsch & Tal 2020, by value of the sweep.

    The likelihoods exp(−bits per dimension) are smoothed with a Gaussian of σ = 3 values; a rank is their cumulative
    sum, the value itself included, divided by its maximum. (Ours is the mid-rank, without smoothing.)
    """
    below = np.cumsum(gaussian_filter1d(curve.density, _SMOOTHING))
    return np.asarray(below / below[-1])


def _verdict(table: pd.DataFrame) -> Verdict:
    expected = table[table["expected_sign"] != 0]
    signs = [_sign(row["effect"], row["effect_standard_error"]) for _, row in expected.iterrows()]
    right = [sign == wanted for sign, wanted in zip(signs, expected["expected_sign"], strict=True)]
    if all(right):
        return "holds"
    if any(right):
        return "holds in part"
    return "does not hold" if any(signs) else "undecided"


def _sign(difference: float, error: float) -> int:
    return int(np.sign(difference)) if conclusion(difference, error) == "different" else 0


def _sentences(table: pd.DataFrame) -> Iterator[str]:
    default = table.iloc[0]
    yield f"At the settings marked by rings the effect is {_effect(default)}, and the match {_match(default)}."
    for parameter, rows in table.iloc[1:].groupby("parameter", sort=False):
        if parameter == "model":
            shown = [f"{_effect(row)} (match {_match(row)}) for {row['setting']}" for _, row in rows.iterrows()]
            yield f"The effect is {and_list(shown)}."
        else:
            yield _range(_CALLED[str(parameter)], rows)


def _range(called: str, rows: pd.DataFrame) -> str:
    """Where the effect is least and where greatest, and between which values the match lies."""
    ordered = rows.sort_values("effect")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    parts = [
        f"The effect goes from {_effect(low)} at {called.format(_setting(low))} to {_effect(high)} at "
        f"{called.format(_setting(high))}"
    ]
    found, none = rows[rows["match"].notna()], rows[rows["match"].isna()]
    if len(found):
        parts.append(f"the match from {found['match'].min():.3f} to {found['match'].max():.3f}")
    if len(none):
        settings = and_list([_setting(row) for _, row in none.iterrows()])
        parts.append(f"and there is none in the gamut at {called.format(settings)}")
    return f"{', '.join(parts)}."


def _effect(row: pd.Series[Any]) -> str:
    return with_error(row["effect"], row["effect_standard_error"])


def _match(row: pd.Series[Any]) -> str:
    if math.isnan(row["match"]):
        return "lies beyond the gamut"
    return with_error(row["match"], row["match_standard_error"])


def _setting(row: pd.Series[Any]) -> str:
    return f"{row['setting']:.0f}" if row["setting"] >= 1000 else f"{row['setting']:.4g}"
