"""What structure16 is shipped for: White's effect in the direction that people see, from two target sizes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from illusions.analyses.readings.ranking import effect, rank, thinned
from illusions.models.model import load_model
from illusions.stimuli.loading import load_stimulus


@pytest.mark.parametrize("name", ["white", "white-long"])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_white(name: str, scale: float) -> None:
    stimulus = thinned(replace(load_stimulus(name), scale=scale), 5)
    curves = rank(stimulus, load_model("structure16", device="cpu"), 3, draws=4)
    higher = curves.pop(stimulus.people_see_higher)
    difference, error = effect(higher, *curves.values())
    assert difference > 0.3
    assert difference > 2 * error
