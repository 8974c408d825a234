"""What cones16 is shipped for: directions of brightness illusions and hue shifts, from one flow and one reading.

The reading is the default for brightness, at one field and fewer placements.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from illusions.analyses.densities.transport import circular_map
from illusions.analyses.readings.reading import FIELD
from illusions.models.model import load_model
from illusions.stimuli.families.masked import labelled_picture
from illusions.stimuli.published import load_published
from illusions.stimuli.settings import load_settings

READING = replace(FIELD, sides=(12.0,), draws=4)
#: White's effect, its circular form, a checkerboard, Benary's cross and simultaneous contrast.
SHIPPED = ("WE_thick", "WE_circular05", "checkerboard_016", "benary_cross", "sbc_large")


@pytest.fixture(scope="module")
def model():
    return load_model(READING.model, device="cpu")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_target_that_people_see_as_lighter_ranks_higher(name, model):
    shown = next(stimulus for stimulus in load_published("rhs2007") if stimulus.name == name)
    stimulus = labelled_picture(shown.picture, shown.targets, "brightness", pixels_per_degree=shown.pixels_per_degree)
    curves = READING.rank(stimulus, model).curves
    ranks = {target: curve.percentile_rank(curve.value) for target, curve in curves.items()}
    lighter, darker = ("1", "2") if shown.lighter == 1 else ("2", "1")
    assert ranks[lighter] > ranks[darker]


@pytest.mark.parametrize("surround", ["45°", "225°"])
def test_hues_turn_away_from_the_surround(surround, model):
    people = load_settings("klauke2015")
    beside = [each for each in people.settings if each.group == surround and 20 < abs(each.x) < 70]
    curves = READING.rank(beside[0].stimulus, model).curves
    there, on_grey = curves[beside[0].test], curves[beside[0].reference]
    start, period = there.values[0], there.period
    for each in beside:
        image = circular_map(there.density, on_grey.density, [(each.value - start) / period]) * period + start
        shift = float(people.shifts([each.value], image)[0])
        assert 2 < shift * (1 if each.x > 0 else -1) < 25
