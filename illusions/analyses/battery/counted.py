"""Counting in photographs as a competitor: no model, but how a target ranks among those of such surrounds.

The patch is as wide as a field of view, as where a flow is read by field. There is one placement, at the middle of
the target. See `illusions.analyses.counting.search`, after Yang & Purves 2004.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from illusions.analyses.battery.flows import FIELDS, RUNS, in_words
from illusions.analyses.battery.predictors import LIGHTNESS_AXES, Entry, Labels, Table, fingerprint
from illusions.analyses.counting.counts import PLACES, Counting, count
from illusions.arrays import Bytes
from illusions.errors import InputError
from illusions.stimuli.families.masked import labelled_picture

if TYPE_CHECKING:
    from illusions.stimuli.published import PublishedStimulus
    from illusions.stimuli.stimulus import Stimulus

#: By field: a rank per target; or why there are none, in words.
Ranks: TypeAlias = Mapping[float, Sequence[float] | str]


def counting_entry(
    stimuli: Sequence[PublishedStimulus], photographs: Sequence[Path], skipped: list[str], *, places: int = PLACES
) -> Entry:
    """Count for all stimuli, in one pass over the photographs; the entry knows the answers to these stimuli.

    Args:
        stimuli: that compete; those along other axes than brightness and lightness have no answer.
        photographs: picture files.
        skipped: to which is added, for every file that cannot be used, why.
        places: as for ``count``.

    Raises:
        InputError: no photograph can be used.
    """
    keys = [fingerprint(s.picture, s.targets, s.pixels_per_degree) for s in stimuli]
    ranks: dict[bytes, dict[float, Sequence[float] | str]] = {key: {} for key in keys}
    asked: list[tuple[bytes, float, Stimulus]] = []
    for key, published in zip(keys, stimuli, strict=True):
        if published.axis.name not in LIGHTNESS_AXES:
            continue
        for field in FIELDS:
            try:
                asked.append((key, field, _seen(published, field)))
            except InputError as error:
                ranks[key][field] = str(error)
    if asked:
        counted = count([stimulus for _, _, stimulus in asked], photographs, places=places)
        skipped += counted.skipped
        for (key, field, _), counting in zip(asked, counted.countings, strict=True):
            ranks[key][field] = _ranks(counting)
    settings = {in_words(together): together for together in RUNS}

    def answer(picture: Bytes, targets: Labels, pixels_per_degree: float) -> Table:
        key = fingerprint(picture, targets, pixels_per_degree)
        if key not in ranks:
            return dict.fromkeys(settings, "was not among what was counted")
        return {setting: _mean([ranks[key][field] for field in together]) for setting, together in settings.items()}

    return Entry(
        "counting",
        f"No model: the rank of a target among those of the {places} places in {len(photographs)} photographs whose "
        "surround is most like its own (after Yang & Purves 2004).",
        answer,
        tuple(settings),
    )


def _seen(published: PublishedStimulus, field: float) -> Stimulus:
    """The stimulus at the scale that makes the patch as wide as the field."""
    stimulus = labelled_picture(
        published.picture, published.targets, "brightness", pixels_per_degree=published.pixels_per_degree
    )
    degrees = stimulus.target_degrees
    if degrees is None or degrees >= field:
        raise InputError(f"{published.name}: the target fills the field of {field:g}°")
    seen = replace(stimulus, scale=field / degrees)
    for condition in seen.conditions:
        seen.patches(condition, [seen.value])
    return seen


def _ranks(counting: Counting) -> Sequence[float] | str:
    (counts,) = counting.at_scales.values()
    for condition, found in counts.items():
        if found.why_none:
            return f"target {condition}: {found.why_none}"
    return [float(found.percentile_ranks(counting.stimulus.value)) for found in counts.values()]


def _mean(fields: Sequence[Sequence[float] | str]) -> Sequence[float] | str:
    numbers = [field for field in fields if not isinstance(field, str)]
    if len(numbers) < len(fields):
        return next(field for field in fields if isinstance(field, str))
    mean: list[float] = np.mean(numbers, axis=0).tolist()
    return mean
