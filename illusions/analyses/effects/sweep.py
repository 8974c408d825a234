"""Effect and match over the values of one key of a stimulus: of a surround, a size, a number of bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from illusions import parallel
from illusions.analyses.densities.matching import match
from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.effects.effect import effect
from illusions.analyses.readings.reading import ModelWithFloor, Reading, default_reading, find_reading
from illusions.errors import InputError
from illusions.stimuli.colours import Colour

if TYPE_CHECKING:
    import pandas as pd

    from illusions.stimuli.stimulus import Stimulus


def sweep(
    stimulus: Stimulus,
    path: str,
    values: Iterable[Any],
    model: ModelWithFloor | str | None = None,
    temperature: Temperature | str | float | None = None,
    *,
    reading: Reading | str | None = None,
    conditions: tuple[str, str] | None = None,
    device: str = "auto",
    seed: int = 0,
) -> pd.DataFrame:
    """Compute effect and match over the values of one key of a stimulus, a row per value.

    All values share their noise. All stimuli are drawn before the first is scored, so an invalid value is reported at
    once. Within `joblib.parallel_config` other processes rank, too (see `illusions.parallel`).

    Args:
        stimulus: from a file, or from a function of `illusions.stimuli`.
        path: the key, by its dotted path in the file: ``"conditions.light.surround"``, ``"target.size"``.
        values: of the key. Numbers for a colour are values on the axis.
        model: a model, or its name; by default that of the reading.
        temperature: T, in nats by scale, in nats per pixel of the target by field; by default that of the reading.
        reading: as for `illusions.predict`. A model and a temperature replace those of the reading.
        conditions: the effect is the rank in the first minus that in the second, and the match the value in the second
            that looks as the target does in the first; left out, the first two of the stimulus.
        device: where a model that is named runs.
        seed: of the noise, and of the placements.

    Returns:
        Columns stimulus, parameter, setting, axis, value (of the target), reference_condition, comparison_condition,
        effect, effect_standard_error, pse (the match; NaN if there is none), pse_standard_error, change_percent,
        in_gamut, temperature and model.

    Raises:
        InputError: there is no such key, and which there are; a value does not fit; the stimulus has no two conditions;
            or as `illusions.predict`.

    Example:
        >>> import illusions, numpy as np
        >>> class Contrast:  # a density that likes targets as light as their surround
        ...     name, size, dimensions = "contrast", 16, 768
        ...     def log_likelihood_draws(self, patches, *, draws, seed, surround=None):
        ...         difference = patches[:, 8, 8].astype(float) - patches[:, 0, 0]
        ...         return np.tile(-(difference**2).mean(axis=1), (draws, 1))
        >>> stimulus = illusions.load_stimulus("brightness-contrast")
        >>> greys = [0.6, 0.7, 0.8]
        >>> frame = illusions.sweep(
        ...     stimulus, "conditions.light.surround", greys, Contrast(), 2000, reading="paper"
        ... )
        >>> frame["effect"].is_monotonic_increasing
        True
    """
    how = _reading(stimulus, reading, model, temperature)
    first, second = _two(stimulus, conditions)
    settings = list(values)
    changed = [stimulus.with_keys({path: value}) for value in settings]
    loaded = _load(how, device) if model is None or isinstance(model, str) else model
    work = partial(_row, how=how, model=loaded, conditions=(first, second), seed=seed)
    rows = []
    for setting, each, found in zip(settings, changed, parallel.each(work, changed), strict=True):
        if isinstance(found, InputError):
            raise found
        about = {"stimulus": stimulus.name, "parameter": path, "setting": _shown(setting), "axis": each.axis.name}
        rows.append(about | found)
    import pandas as pd

    return pd.DataFrame(rows)


def _reading(
    stimulus: Stimulus,
    reading: Reading | str | None,
    model: ModelWithFloor | str | None,
    temperature: Temperature | str | float | None,
) -> Reading:
    if not isinstance(reading, Reading):
        reading = default_reading(stimulus) if reading is None else find_reading(reading, stimulus)
    if isinstance(model, str):
        reading = replace(reading, model=model)
    return reading if temperature is None else replace(reading, temperature=Temperature.parse(temperature))


def _two(stimulus: Stimulus, conditions: tuple[str, str] | None) -> tuple[str, str]:
    chosen = list(stimulus.conditions)[:2] if conditions is None else list(conditions)
    if len(chosen) != 2 or not set(chosen) <= set(stimulus.conditions):
        raise InputError(
            f"{stimulus.name}: effect and match need two of its conditions, {', '.join(stimulus.conditions)}; given: "
            f"{', '.join(chosen)}"
        )
    return chosen[0], chosen[1]


def _load(reading: Reading, device: str) -> ModelWithFloor:
    from illusions.models.model import load_model

    return load_model(reading.model, device=device)


def _row(
    stimulus: Stimulus, *, how: Reading, model: ModelWithFloor, conditions: tuple[str, str], seed: int
) -> dict[str, Any]:
    """Effect and match of a stimulus, in any process."""
    ranking, (first, second) = how.rank(stimulus, model, seed=seed), conditions
    curves = {name: ranking.curves[name] for name in (first, second)}
    difference = effect(curves, first)
    found = match(curves[first], curves[first].value, curves[second])
    return {
        "value": found.reference_value,
        "reference_condition": first,
        "comparison_condition": second,
        "effect": difference.value,
        "effect_standard_error": difference.standard_error,
        "pse": found.pse,
        "pse_standard_error": found.pse_standard_error,
        "change_percent": found.change_percent,
        "in_gamut": found.in_gamut,
        "temperature": found.temperature,
        "model": found.model,
    }


def _shown(setting: Any) -> Any:
    """A setting as it stands in a table: numbers and words as they are, colours as text."""
    return (
        str(setting.written) if isinstance(setting, Colour) else str(setting) if isinstance(setting, dict) else setting
    )
