"""The colour plane where people set hues: the match is the image of the target's colour, saturation included.

The map between the densities of both surrounds over the isoluminant plane (`illusions.analyses.densities.plane`) moves
hue and saturation at once; of the match the hue is compared.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from illusions.analyses.battery.matches import Group, MatchEntry, Matches
from illusions.analyses.densities.plane import carry
from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.readings.colour_matching import Densities, space_of
from illusions.analyses.readings.reading import PLANE
from illusions.arrays import Floats

if TYPE_CHECKING:
    from illusions.models.stacks import PatchModel

#: T that are tried, in the unit of `PLANE`. Colours are scored where the density is high at the lowest of them.
TEMPERATURES = (30.0, 40.0, 60.0, 80.0, 113.0, 160.0)
#: Placements; each costs about a second per surround.
_PLACEMENTS = 4


def match_in_plane(model: PatchModel, *, seed: int = 0) -> MatchEntry:
    """A flow whose densities are those of colours in the plane; its setting is T.

    Args:
        model: the flow.
        seed: of placements and noise.
    """
    by_words = {f"T = {t:g}": t for t in TEMPERATURES}
    reading = replace(PLANE, temperature=Temperature(min(TEMPERATURES)), draws=_PLACEMENTS)

    def answer(group: Group) -> Matches:
        stimulus, axis = group.stimulus, group.stimulus.axis
        if axis.name != "dkl-hue":
            return dict.fromkeys(by_words, f"says nothing about {axis.name}: hues of the cone-opponent plane only")
        space = space_of(stimulus)
        densities = Densities(stimulus, model, reading, space, seed=seed)
        colours = space.coordinates(axis.set(np.tile(stimulus.target.rgb, (len(group.values), 1)), group.values))

        def matches(t: float) -> Floats:
            test, reference = (densities.masses(name, t).mean(axis=0) for name in (group.test, group.reference))
            images, _ = carry(densities.cells, test, reference).at(colours)
            turns = _azimuths(images) - _azimuths(colours)
            return np.asarray(group.values + axis.high * ((turns + 0.5) % 1 - 0.5))

        return {words: matches(t) for words, t in by_words.items()}

    return MatchEntry(
        f"{model.name}, in the plane",
        "A flow read by field of view: the density of the target's colours in the isoluminant plane on one surround is "
        "carried into that on the other by optimal transport.",
        answer,
        tuple(by_words),
        is_flow=True,
    )


def _azimuths(coordinates: Floats) -> Floats:
    """Shape (n,), turns, of coordinates (n, 2)."""
    return np.asarray(np.arctan2(coordinates[:, 1], coordinates[:, 0]) / (2 * np.pi))
