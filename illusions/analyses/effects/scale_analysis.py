"""The effect over scale: how much of the surround a model must see, to see it as people do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pandas as pd
from pydantic import AfterValidator, Field, field_validator

from illusions.analyses.claims.analysis import BITS_PER_DIM, Analysis, Claim, Finding, Models, TemperatureKey
from illusions.analyses.claims.verdicts import YES, check, verdict
from illusions.analyses.effects.scale_figure import scale_figure
from illusions.analyses.predictions import MEAN, SMALLEST_EFFECT, Prediction
from illusions.analyses.readings.scales import generate_at_scales
from illusions.analyses.readings.sweeps import COARSE
from illusions.analyses.wording import and_list, with_error
from illusions.content import names
from illusions.errors import InputError
from illusions.models.stacks import interleave, run
from illusions.stimuli.scenes.scene import check_scale

if TYPE_CHECKING:
    from typing import Self

    from illusions.analyses.densities.temperature import Temperature
    from illusions.stimuli.stimulus import Stimulus

#: Of many settings, fewer noise draws each.
_DRAWS = 4
#: What stands in the table where the direction is not known.
_UNKNOWN = ""


class ScaleAnalysis(Analysis):
    """The effect of stimuli over the scale of the patch, and whether it has the direction that people report.

    The claim holds if it has, by more than twice its standard error, for every stimulus of which the direction is
    known, at every scale and temperature, for every model; it does not hold if it never has.
    """

    kind: Literal["scale"]
    stimuli: Annotated[tuple[str, ...], Field(min_length=1)]
    scales: Annotated[tuple[Annotated[float, AfterValidator(check_scale)], ...], Field(min_length=2)]
    temperatures: Annotated[tuple[TemperatureKey, ...], Field(min_length=1, max_length=3)] = (BITS_PER_DIM,)
    #: By default all shipped ones.
    models: tuple[str, ...] = ()
    claim: Claim

    @field_validator("stimuli")
    @classmethod
    def _differ(cls, stimuli: tuple[str, ...]) -> tuple[str, ...]:
        if len({Path(name).stem for name in stimuli}) < len(stimuli):
            raise ValueError("two stimuli have the same name; expected different ones")
        return stimuli

    def read_with(self, *, model: str | None, temperature: Temperature | None) -> Self:
        """With one model and one temperature in place of several."""
        given = {
            **({"models": (model,)} if model is not None else {}),
            **({"temperatures": (temperature,)} if temperature is not None else {}),
        }
        return self.model_copy(update=given)

    def run(self, models: Models, *, seed: int) -> Finding:
        """The effect of every stimulus at every scale, read at every temperature, by every model."""
        scaled = list(self._scaled())
        tables = []
        for model in map(models, self._models()):
            nats = [temperature.nats(model) for temperature in self.temperatures]
            how: Any = {"draws": _DRAWS, "seed": seed, "full_sweep": False, "tolerance": COARSE}
            asking = [generate_at_scales(stimulus, model, list(at), min(nats), **how) for stimulus, at in scaled]
            for ranking in run(model, interleave(asking)):
                tables += [_effects(ranking.at_temperature(t).prediction) for t in nats]
        table = pd.concat(tables, ignore_index=True)
        stimuli = [stimulus for stimulus, _ in scaled]
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=" ".join(_sentences(table)),
            verdict=verdict(set(table["as_people_see"]) - {_UNKNOWN}),
            caption=_caption(stimuli, table),
            table=table,
            draw=lambda text: scale_figure(stimuli, table, caption=text),
            overview=_overview(table),
        )

    def _models(self) -> tuple[str, ...]:
        return self.models or tuple(names("models"))

    def _scaled(self) -> Iterator[tuple[Stimulus, dict[float, Stimulus]]]:
        """Every stimulus, and by scale what is to be scored: those at which the patch lies within its pictures."""
        from illusions.stimuli.loading import load_stimulus

        for name in self.stimuli:
            stimulus = load_stimulus(name)
            scaled = {scale: replace(stimulus, scale=scale) for scale in self.scales}
            fitting = {scale: one for scale, one in scaled.items() if _fits(one)}
            if not fitting:
                raise InputError(f"{name}: its picture is smaller than the patch at every scale of the analysis")
            yield stimulus, fitting


def _fits(stimulus: Stimulus) -> bool:
    try:
        for condition in stimulus.conditions:
            stimulus.patches(condition, [stimulus.value])
    except InputError:
        return False
    return True


def _effects(found: Prediction) -> pd.DataFrame:
    """The effect at every scale, and by the mean over them: positive as people see it, where that is known."""
    known = found.stimulus.people_see_higher
    higher = known or next(iter(found.stimulus.conditions))
    return pd.DataFrame(
        [
            {
                "stimulus": found.stimulus.name,
                "axis": found.stimulus.axis.name,
                "condition": higher,
                "effect": effect.value,
                "standard_error": effect.standard_error,
                "as_people_see": check(effect.value, effect.standard_error, least=SMALLEST_EFFECT)
                if known
                else _UNKNOWN,
                "temperature": found.temperature,
                "model": found.predictor,
                "scale": at,
            }
            for at in found.ranks
            for effect in [found.effects(at)[higher]]
        ]
    )


def _sentences(table: pd.DataFrame) -> Iterator[str]:
    for (model, temperature), rows in table.groupby(["model", "temperature"], sort=False):
        reading = f"{model} at T = {temperature:.4g} nats"
        known = rows[rows["as_people_see"] != _UNKNOWN]
        at = MEAN if MEAN in set(rows["scale"]) else rows["scale"].iloc[-1]
        if rows["stimulus"].nunique() == 1:
            yield f"{reading}: the effect is {_numbers(rows[rows['scale'] == at])[0]} {_at(at)}."
        elif len(known):
            yield from _counts(reading, known[known["scale"] == at], at)


def _counts(reading: str, rows: pd.DataFrame, at: Any) -> Iterator[str]:
    right = rows["as_people_see"] == YES
    yield (
        f"{reading} has the direction that people report for {right.sum()} of {len(rows)} {_at(at)}; a coin would for "
        f"{len(rows) / 2:g}. The mean effect is {_mean_effect(rows)}."
    )
    wrong = rows[~right].sort_values("effect")
    if len(wrong):
        shown = [f"{name} ({number})" for name, number in zip(wrong["stimulus"], _numbers(wrong), strict=True)]
        yield f"It has not for {and_list(shown)}."


def _overview(table: pd.DataFrame) -> pd.DataFrame:
    """By model, T and scale: the effect; of several stimuli how many directions are right, and the mean effect."""
    rows = []
    for (model, temperature, at), here in table.groupby(["model", "temperature", "scale"], sort=False):
        row = {"model": model, "T, nats": f"{temperature:.4g}", "scale": at if at == MEAN else f"{at:.3g}"}
        known = here[here["as_people_see"] != _UNKNOWN]
        if table["stimulus"].nunique() == 1:
            rows.append(row | {"effect": _numbers(here)[0]})
        elif len(known):
            right = (known["as_people_see"] == YES).sum()
            counted = {"as people see": f"{right} of {len(known)}", "by chance": f"{len(known) / 2:g}"}
            rows.append(row | counted | {"mean effect": _mean_effect(known)})
    return pd.DataFrame(rows)


def _mean_effect(rows: pd.DataFrame) -> str:
    return f"{rows['effect'].mean():+.3f}".replace("-", "−")


def _numbers(rows: pd.DataFrame) -> list[str]:
    effects = zip(rows["effect"], rows["standard_error"], strict=True)
    return [with_error(effect, error) for effect, error in effects]


def _at(scale: Any) -> str:
    return "by the mean over the scales" if scale == MEAN else f"at scale {scale:.3g}"


def _caption(stimuli: Sequence[Stimulus], table: pd.DataFrame) -> str:
    unknown = list(table.loc[table["as_people_see"] == _UNKNOWN, "stimulus"].unique())
    sentences = [
        f"{'Of every stimulus the' if len(stimuli) > 1 else 'The'} pair, and its effect over the scale, which is the "
        "side of the patch that the model sees ÷ the longer side of the target: the percentile rank of the target "
        "where people see it higher (brighter, more saturated, of a higher hue angle) minus that where they do not.",
        "Positive, on grey: as people see it.",
        "Diamonds: the mean over the scales.",
        f"Bands and bars: ± 1 standard error over {_DRAWS} noise samples.",
    ]
    if unknown:
        sentences.insert(
            2,
            f"Of {and_list(unknown)} the file does not say what people see; shown is the first condition minus the "
            "second, without grey.",
        )
    return " ".join(sentences)
