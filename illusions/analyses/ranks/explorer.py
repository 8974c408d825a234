"""The curves of a stimulus for a page on which its reader moves T: what ``report.js`` needs to draw them anew."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from illusions.analyses.densities.cautions import THIN
from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.densities.temperature import UNITS
from illusions.analyses.pages.rendering import picture_uri
from illusions.analyses.readings.fields import FieldCurve
from illusions.analyses.readings.scales import AveragedCurve, Ranking
from illusions.analyses.wording import axis_named, looks, looks_lower

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from illusions.stimuli.stimulus import Stimulus


def explorable(ranking: Ranking, *, group: str = "", people: Sequence[Mapping[str, object]] = ()) -> dict[str, Any]:
    """A ranking as JSON takes it: its log-likelihoods, from which ranks and matches follow at every temperature.

    Log-likelihoods are those of single precision, in nats below the likeliest value of their draw, which moves no
    percentile rank by more than about 1e-6.

    Args:
        ranking: of one stimulus.
        group: those of one group share their T; without one, those of one model in one unit do.
        people: what people set: reference, comparison, match, low and high of each pair of conditions.
    """
    stimulus, curves = ranking.stimulus, ranking.curves
    curve = next(iter(curves.values()))
    axis, values = stimulus.axis, curve.values
    return {
        "name": stimulus.name,
        "group": group or f"{curve.model}, {ranking.unit}",
        "model": curve.model,
        "unit": UNITS[ranking.unit],
        "temperature": curve.temperature,
        "axis": {
            "name": axis.name,
            "label": axis.label,
            "named": axis_named(axis.name),
            "unit": axis.unit,
            "looks": looks(axis.name),
            "looksLower": looks_lower(axis.name),
            "signed": axis.signed,
            "circular": axis.circular,
            "period": axis.high,
            "step": axis.step,
        },
        "value": stimulus.value,
        "thin": min(each.coverage for each in curves.values()) < THIN,
        "values": _packed(values, "<f8"),
        "colours": _packed(axis.at(stimulus.target, values), "u1"),
        "colour": stimulus.colour(stimulus.value).tolist(),
        "conditions": {name: list(_parts(each)) for name, each in curves.items()},
        "shares": shares_of_targets(stimulus),
        "people": list(people),
    }


def shares_of_targets(stimulus: Stimulus) -> dict[str, str]:
    """By condition a picture as large as ``stimulus.pair()``: white where its target is, grey where it is in part."""
    values = stimulus.values()
    ends = values[[0, len(values) // 2 if stimulus.axis.circular else -1]]
    low, high = (stimulus.colour(float(value)).astype(float) for value in ends)
    channel = int(np.abs(high - low).argmax())
    differences = np.arange(-255, 256)  # by which a channel can change
    shades = np.rint(255 * (differences / (high - low)[channel]).clip(0, 1)).astype(np.uint8)
    found = {}
    for name in stimulus.conditions:
        first, last = (stimulus.pair({name: float(value)})[..., channel].copy() for value in ends)
        for row, before in zip(last, first, strict=True):  # in place, as a picture may be large
            row[:] = shades[row.astype(np.intp) - before + 255]
        found[name] = picture_uri(last)
    return found


def _parts(curve: LikelihoodCurve) -> Iterator[dict[str, Any]]:
    """What a curve is the mean of: by scale or field, its draws, and by field how many pixels each target covers."""
    if isinstance(curve, FieldCurve):
        draws = np.concatenate([part.draws for part in curve.parts])
        yield {"draws": _below_the_likeliest(draws), "pixels": list(curve.pixels)}
    elif isinstance(curve, AveragedCurve):
        for part in curve.parts:
            yield from _parts(part)
    else:
        yield {"draws": _below_the_likeliest(curve.draws), "pixels": None}


def _below_the_likeliest(draws: NDArray[np.float64]) -> str:
    return _packed(draws - draws.max(axis=1, keepdims=True), "<f4")


def _packed(array: ArrayLike, kind: str) -> str:
    return base64.b64encode(np.asarray(array).astype(kind).tobytes()).decode("ascii")
