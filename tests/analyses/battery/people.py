"""Stimuli and entries by hand."""

from __future__ import annotations

import math

import numpy as np

from illusions.analyses.battery.contest import compete
from illusions.analyses.battery.predictors import Entry
from illusions.stimuli.axes import parse_axis
from illusions.stimuli.published import PublishedStimulus


def seen(
    lighter=1, *, name="a", set="s", family="white", contested=False, strength=None, unit="unstated", axis="brightness"
):
    """A stimulus of 6×8 pixels; `lighter` may be "none" for what people see as equal."""
    picture = np.full((6, 8, 3), 128, np.uint8)
    picture[:, :4] = 0
    targets = np.zeros((6, 8), np.uint8)
    targets[2:4, 1:3], targets[2:4, 5:7] = 1, 2
    picture[targets > 0] = 100
    return PublishedStimulus(
        name=name, set=set, family=family, picture=picture, targets=targets, pixels_per_degree=2.0,
        axis=parse_axis(axis), lighter=None if lighter == "none" else lighter, equal=lighter == "none",
        contested=contested, strength=strength, strength_unit=None if strength is None else unit, strength_low=None,
        strength_high=None, observers=None, source="nobody", note="",
    )  # fmt: skip


def saying(stimuli, table, settings=("",), name="fake", chosen_on=None):
    """The result of an entry that says these differences: a row per stimulus that it is asked about, those first that
    are scored; a column per setting, None for none.
    """
    rows = iter(table)

    def answer(picture, targets, pixels_per_degree):
        values = zip(settings, next(rows), strict=True)
        return {setting: "no idea" if d is None or math.isnan(d) else [d, 0.0] for setting, d in values}

    return compete(Entry(name, "Says what it is told.", answer, tuple(settings)), stimuli, chosen_on)
