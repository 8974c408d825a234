"""The predictors of matches that compete by default."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from illusions.analyses.battery.entries import FLOOR
from illusions.analyses.battery.match_flows import MatchingFlow, match_by_field
from illusions.analyses.battery.match_rivals import match_rivals
from illusions.analyses.battery.matches import Group, MatchEntry, Matches
from illusions.analyses.battery.predictors import NO_SETTING
from illusions.analyses.densities.matching import match
from illusions.analyses.readings.fields import PLACEMENTS
from illusions.analyses.readings.reading import default_reading

if TYPE_CHECKING:
    from illusions.models.model import Model


def all_match_entries(
    load: Callable[[str], Model],
    flows: Sequence[str],
    own: Sequence[MatchEntry],
    *,
    only: Sequence[str] = (),
    placements: int = PLACEMENTS,
    seed: int = 0,
) -> list[MatchEntry]:
    """The shipped predictors of matches, further flows and predictors of one's own, in the order of the tables.

    Args:
        load: from the name of a model to the model.
        flows: names of further models, or their folders.
        own: predictors of one's own.
        only: names of the predictors that are wanted, if not all: no flow is loaded where none is among them.
        placements: of the flows at each target.
        seed: of placements and noise.
    """
    rivals = match_rivals()
    if only and set(only) <= {entry.name for entry in (*rivals, *own)}:
        return [*rivals, *own]
    read = [
        entry
        for name in ("structure16", "natural16", *flows)
        for entry in match_flow_entries(load(name), placements=placements, seed=seed)
    ]
    return [*rivals, *read, _by_default(load, seed), *own]


def match_flow_entries(model: Model, *, placements: int = PLACEMENTS, seed: int = 0) -> list[MatchEntry]:
    """One flow, read by field of view, without an even density and with one. It is asked once."""
    flow = MatchingFlow(model.with_floor(FLOOR), placements=placements, seed=seed)
    read = f"A flow of {model.view}, read by field of view: the match is where the map between both densities goes"
    return [
        match_by_field(flow, f"{model.name}, by field", f"{read}.", [0.0]),
        match_by_field(flow, f"{model.name}, by field and even", f"{read}; densities are mixed with an even one."),
    ]


def _by_default(load: Callable[[str], Model], seed: int) -> MatchEntry:
    """What the toolkit predicts by default."""

    def answer(group: Group) -> Matches:
        reading = default_reading(group.stimulus)
        curves = reading.rank(group.stimulus, load(reading.model), seed=seed).curves
        found = [match(curves[group.test], value, curves[group.reference]) for value in group.values]
        return {NO_SETTING: np.array([each.pse if each.bound is None else each.bound for each in found])}

    return MatchEntry(
        "illusions match",
        "What 'illusions match' predicts by default; where no value matches, the end of the sweep.",
        answer,
        is_flow=True,
    )
