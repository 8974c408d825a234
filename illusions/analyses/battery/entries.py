"""The default predictors of the battery."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from illusions.analyses.battery.distance import distance_entries
from illusions.analyses.battery.flows import (
    FIXED,
    PER_PIXEL,
    ReadFlow,
    Remembering,
    ScaledTemperature,
    by_field,
    by_scale,
    mean_consistency,
    mean_rank,
    share_of_placements,
)
from illusions.analyses.battery.predictors import Entry
from illusions.analyses.battery.rivals import rivals
from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.readings.fields import PLACEMENTS
from illusions.analyses.readings.reading import FIELD

if TYPE_CHECKING:
    from illusions.models.model import Model

#: Surrounds of less contrast than this share of the range are normalised as if they had it. The models were trained
#: with 0.02; at that, a target on a uniform surround is further out than anything in a photograph.
FLOOR = 0.1
#: The flows that compete by default.
SHIPPED = ("structure16", "natural16", "cones16")


def default_entries(load: Callable[[str], Model], *, placements: int = PLACEMENTS, seed: int = 0) -> list[Entry]:
    """Every competitor that is shipped, in the order of the tables.

    Args:
        load: from the name of a model to the model.
        placements: at each target.
        seed: of placements and noise.
    """
    natural = load("natural16")
    flows = [entry for name in SHIPPED for entry in flow_entries(load(name), placements=placements, seed=seed)]
    return [
        *rivals(),
        *distance_entries(),
        *flows,
        by_scale(
            natural,
            "natural16, by scale",
            "The flow of colour patches, read as in the paper: the patch is a multiple of the target's width.",
            [Temperature("bits-per-dim").nats(natural), 50.0],
            seed=seed,
        ),
    ]


def all_entries(
    load: Callable[[str], Model],
    flows: Sequence[str],
    own: Sequence[Entry],
    *,
    only: Sequence[str] = (),
    placements: int = PLACEMENTS,
    seed: int = 0,
) -> list[Entry]:
    """The shipped competitors, further flows and predictors of one's own, in the order of the tables.

    Args:
        load: from the name of a model to the model.
        flows: names of further models, or their folders.
        own: predictors of one's own.
        only: names of the competitors that are wanted, if not all: no flow is loaded where none is among them.
        placements: of the flows at each target.
        seed: of placements and noise.
    """
    if only and set(only) <= {entry.name for entry in (*rivals(), *distance_entries(), *own)}:
        return [*rivals(), *distance_entries(), *own]
    further = [entry for name in flows for entry in flow_entries(load(name), placements=placements, seed=seed)]
    return [*default_entries(load, placements=placements, seed=seed), *further, *own]


def flow_entries(model: Model, *, placements: int = PLACEMENTS, seed: int = 0) -> Iterator[Entry]:
    """One flow, read by field of view in several ways. It is asked once."""
    flow = ReadFlow(Remembering(model.with_floor(FLOOR)), placements=placements, seed=seed)
    seen = f"A flow of {model.view}, read by field of view: "
    yield by_field(
        flow, f"{model.name}, rank", f"{seen}the mean percentile rank over placements.", mean_rank, PER_PIXEL
    )
    yield by_field(
        flow,
        f"{model.name}, consistency",
        f"{seen}how steadily a target ranks higher, placement by placement.",
        mean_consistency,
    )
    yield by_field(
        flow,
        f"{model.name}, share",
        f"{seen}in which share of placements a target ranks higher.",
        share_of_placements,
        FIXED,
    )
    calibration = model.calibrated_temperature
    if calibration is not None:
        yield by_field(
            flow,
            f"{model.name}, as calibrated",
            f"{seen}the mean percentile rank at the fields of the default reading and the T that comes with the model. "
            "Nothing is chosen here.",
            mean_rank,
            [ScaledTemperature(calibration.temperature, calibration.exponent)],
            fields=[FIELD.sides],
        )
