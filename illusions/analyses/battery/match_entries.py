"""The predictors of matches that compete by default."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from illusions.analyses.battery.entries import FLOOR, SHIPPED
from illusions.analyses.battery.flows import Remembering, ScaledTemperature
from illusions.analyses.battery.match_flows import MatchingFlow, match_by_field, readings_with
from illusions.analyses.battery.match_flows import Reading as MatchReading
from illusions.analyses.battery.match_plane import match_in_plane
from illusions.analyses.battery.match_rivals import match_rivals
from illusions.analyses.battery.matches import Group, MatchEntry, Matches
from illusions.analyses.battery.predictors import NO_SETTING
from illusions.analyses.densities.temperature import calibration_of
from illusions.analyses.readings.fields import PLACEMENTS
from illusions.analyses.readings.reading import FIELD, PLANE, default_reading

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
    """The shipped predictors of matches, further flows and predictors of one's own; arguments as of `all_entries`."""
    rivals = match_rivals()
    if only and set(only) <= {entry.name for entry in (*rivals, *own)}:
        return [*rivals, *own]
    names = (*SHIPPED, *flows)
    asked = {
        name: MatchingFlow(Remembering(load(name).with_floor(FLOOR)), placements=placements, seed=seed)
        for name in names
    }
    read = [entry for flow in asked.values() for entry in match_flow_entries(flow)]
    return [*rivals, *read, match_in_plane(load(PLANE.model), seed=seed), _by_default(asked), *own]


def match_flow_entries(flow: MatchingFlow) -> list[MatchEntry]:
    """One flow, read by field of view, without an even density and with one, and as calibrated. It is asked once."""
    name, read = flow.model.name, "A flow read by field of view: the match is where the map between both densities goes"
    entries = [
        match_by_field(flow, f"{name}, by field", f"{read}."),
        match_by_field(
            flow, f"{name}, by field and even", f"{read}; densities are mixed with an even one.", readings_with()
        ),
    ]
    calibration = calibration_of(flow.model)
    if calibration is not None:
        words = f"{read}, at the fields of the default reading and the T that comes with the model. Nothing is chosen."
        reading = MatchReading(FIELD.sides, ScaledTemperature(calibration.temperature, calibration.exponent))
        entries.append(match_by_field(flow, f"{name}, as calibrated", words, [reading]))
    return entries


def _by_default(flows: Mapping[str, MatchingFlow]) -> MatchEntry:
    """What the toolkit predicts by default, with the placements of the battery."""

    def answer(group: Group) -> Matches:
        by_default = default_reading(group.stimulus)
        flow = flows[by_default.model]
        nats = by_default.temperature.nats(flow.model, "field", by_default.exponent)
        reading = MatchReading(by_default.sides, ScaledTemperature(nats, by_default.exponent))
        return flow.matches(group, {NO_SETTING: reading})

    return MatchEntry(
        "illusions match",
        "What 'illusions match' predicts by default; where no value matches, the end of the sweep.",
        answer,
        is_flow=True,
    )
