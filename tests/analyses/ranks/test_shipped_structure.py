"""What structure16 is shipped for: White's effect in the direction that people see, and simultaneous contrast."""

from __future__ import annotations

from dataclasses import replace

import pytest

import illusions
from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.readings.ranking import effect, rank, thinned
from illusions.analyses.readings.reading import FIELD
from illusions.errors import InputError
from illusions.models.model import load_model
from illusions.stimuli.loading import load_stimulus

#: The former default for brightness, with fewer placements.
READING = replace(FIELD, model="structure16", temperature=Temperature(40.0), draws=2)


@pytest.mark.parametrize("name", ["white", "white-long"])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_white(name: str, scale: float) -> None:
    stimulus = thinned(replace(load_stimulus(name), scale=scale), 5)
    curves = rank(stimulus, load_model("structure16", device="cpu"), 3, draws=4)
    higher = curves.pop(stimulus.people_see_higher)
    difference, error = effect(higher, *curves.values())
    assert difference > 0.3
    assert difference > 2 * error


def test_by_field_it_predicts_contrast_and_is_refused_on_an_axis_of_colour() -> None:
    contrast = illusions.effect(illusions.predict(load_stimulus("brightness-contrast"), READING, device="cpu"))
    assert contrast.value > 0.05
    with pytest.raises(InputError, match="structure16 sees luminance and no hue"):
        illusions.predict(load_stimulus("hue-contrast"), READING, device="cpu")
