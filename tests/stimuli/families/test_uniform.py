import numpy as np
import pytest

from illusions.errors import InputError
from illusions.stimuli.families.uniform import uniform_contrast


@pytest.mark.parametrize("size", [4, 6, 8])
@pytest.mark.parametrize("dark", [0.1, 0.2, 0.3])
def test_brightness(size, dark):
    stimulus = uniform_contrast(
        axis="brightness", value=0.5, surrounds={"dark": dark, "light": 1 - dark}, base="#808080", size=size
    )
    assert stimulus.value == 0.5
    (patch,) = stimulus.patches("dark", 0.5)
    assert (patch == 128).all(axis=2).sum() == size**2
    assert (patch == np.floor(255 * dark + 0.5)).all(axis=2).sum() == 256 - size**2


@pytest.mark.parametrize("hue", [0, 0.33, 0.6])
@pytest.mark.parametrize("shape", ["square", "disc"])
def test_saturation(hue, shape):
    stimulus = uniform_contrast(
        axis="saturation",
        value=0.5,
        surrounds={"pale": 0.2, "strong": 0.8},
        base={"hsv": [hue, 0, 0.6]},
        shape=shape,
    )
    assert stimulus.value == 0.5
    corner = stimulus.patches("pale", 0.5)[0, 0, 0] / 255
    assert stimulus.axis.get(corner) == pytest.approx(0.2, abs=0.005)
    assert corner.max() == pytest.approx(0.6, abs=0.002)
    middle = stimulus.patches("strong", 0.5)[0, 8, 8]
    np.testing.assert_array_equal(middle, stimulus.colour(0.5))


def test_lab():
    stimulus = uniform_contrast(
        axis="lightness", value=50, surrounds={"dark": 20, "light": 80}, base={"lab": [50, 10, 10]}
    )
    assert stimulus.value == 50
    assert stimulus.values()[0] < 20
    assert stimulus.values()[-1] > 80


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 16}, "too large for the 16×16 patch"),
        ({"size": 0.5}, "1 to 15"),
        ({"size": "6"}, "a number of pixels"),
        ({"value": 1.5}, "brightness 1.5 is out of range"),
        ({"surrounds": {"dark": -1, "light": 0.5}}, "brightness -1 is out of range"),
        ({"axis": "colour"}, "no axis is called 'colour'"),
        ({"base": "red"}, "hexadecimal"),
    ],
)
def test_bad_input(change, message):
    good = {"axis": "brightness", "value": 0.5, "surrounds": {"dark": 0.2, "light": 0.8}, "base": "#808080"}
    with pytest.raises(InputError, match=message):
        uniform_contrast(**(good | change))
