"""Every shipped colour stimulus can be read by field: it has a size in degrees, and the file says where it is from."""

import re

import pytest

from illusions.content import folder, names
from illusions.stimuli.loading import load_stimulus

COLOUR = [name for name in names("stimuli") if load_stimulus(name).axis.name not in ("brightness", "lightness")]


@pytest.mark.parametrize("name", COLOUR)
def test_a_colour_stimulus_has_a_size_and_says_where_it_is_from(name):
    text = (folder("stimuli") / f"{name}.toml").read_text(encoding="utf-8")
    said = re.search(r"((?:^#.*\n)+)^degrees = ", text, re.MULTILINE)
    assert said
    assert re.search(r"As in |assumption|source|measured", said[1])
    stimulus = load_stimulus(name)
    assert 0.1 <= stimulus.target_degrees <= 8


@pytest.mark.parametrize("name", COLOUR)
def test_a_field_of_twelve_degrees_lies_within_the_scene(name):
    stimulus = load_stimulus(name)
    for condition in stimulus.conditions:
        assert all(view.coverage.max() > 0 for view in stimulus.views(condition, 12.0, 4))
