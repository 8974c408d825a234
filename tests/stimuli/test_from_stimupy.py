"""Dictionaries of the form that stimupy returns. It is not installed here: it does not go with our NumPy."""

import tracemalloc

import numpy as np
import pytest

from illusions.errors import InputError
from illusions.stimuli.axes import AXES
from illusions.stimuli.colours import parse_colour
from illusions.stimuli.from_stimupy import from_stimupy


def two_sided():
    """As from stimupy.sbcs.basic_two_sided: a target on black, and one on white."""
    img = np.zeros((60, 120))
    img[:, 60:] = 1.0
    mask = np.zeros((60, 120), dtype=int)
    mask[25:35, 25:35], mask[25:35, 85:95] = 1, 2
    img[mask > 0] = 0.5
    return {"img": img, "target_mask": mask, "visual_size": (10, 20), "ppd": (6, 6), "intensity_target": 0.5}


def test_each_target_is_a_condition():
    stimulus = from_stimupy(two_sided())
    assert list(stimulus.conditions) == ["1", "2"]
    assert stimulus.value == pytest.approx(0.5)
    for condition, level in (("1", 0), ("2", 255)):
        mask = stimulus.target_mask(condition)
        np.testing.assert_array_equal(mask, two_sided()["target_mask"] == int(condition))
        patch = stimulus.patches(condition, [1.0])[0]
        assert patch[0, 0, 0] == level
        assert (stimulus.picture(condition)[mask] == 128).all()


def test_the_picture_is_the_dictionarys():
    dictionary = two_sided()
    picture = from_stimupy(dictionary).picture("1")
    np.testing.assert_array_equal(picture[..., 0], np.floor(dictionary["img"] * 255 + 0.5))


def test_the_other_target_stays_as_it_is():
    stimulus = from_stimupy(two_sided(), targets={"dark": 1, "light": 2}, people_see_higher="dark")
    picture = stimulus.picture("dark", 1.0)
    assert (picture[stimulus.target_mask("dark")] == 255).all()
    assert (picture[stimulus.target_mask("light")] == 128).all()
    assert stimulus.people_see_higher == "dark"
    assert stimulus.proof().ndim == 3


def test_recoloured():
    """Intensities become hues from red to yellow, of one saturation and brightness."""
    stimulus = from_stimupy(two_sided(), axis="hue", base={"hsv": [0, 0.6, 0.8]}, values=(0, 1 / 6))
    assert stimulus.value == pytest.approx(1 / 12)
    corner = stimulus.picture("1")[0, [0, -1]] / 255
    np.testing.assert_allclose(stimulus.axis.get(corner), [0, 1 / 6], atol=0.004)
    np.testing.assert_allclose(corner.max(axis=1), 0.8, atol=0.002)


def test_a_single_target_is_a_single_condition():
    assert list(from_stimupy(two_sided(), targets={"dark": 1}).conditions) == ["dark"]


def test_a_target_in_pieces_shows_one_of_them_in_the_proof():
    """As from stimupy.gratings.grating_induction: pieces too low and too far apart for their common outline."""
    dictionary = {"img": np.full((60, 120), 0.5), "target_mask": np.zeros((60, 120), dtype=int)}
    dictionary["target_mask"][28:32] = np.repeat([1, 2], 15)[np.arange(120) % 30]
    proof = from_stimupy(dictionary).proof()
    assert (proof[80] != 232).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"img": None}, "no key 'img'"),
        ({"target_mask": None}, "no key 'target_mask'"),
        ({"img": np.zeros((60, 120, 3))}, r"\(60, 120, 3\).*expected \(h, w\)"),
        ({"target_mask": np.zeros((60, 60), dtype=int)}, r"\(60, 60\); expected \(h, w\)"),
        ({"target_mask": np.zeros((60, 120), dtype=int)}, "0 everywhere"),
        ({"img": np.full((60, 120), 2.0)}, "goes from 2 to 2; expected intensities in 0 to 1"),
        ({"img": np.full((60, 120), np.nan)}, "expected intensities in 0 to 1"),
        ({"img": np.full((60, 120), 1 + 0.6 / 255)}, "expected intensities in 0 to 1"),
        ({"img": np.zeros((0, 0)), "target_mask": np.zeros((0, 0))}, r"expected \(h, w\)"),
        ({"img": [["a"]]}, "'img' holds no numbers; expected an array"),
        ({"target_mask": np.full((60, 120), 0.5)}, "'target_mask' goes from 0.5 to 0.5; expected whole numbers"),
        ({"target_mask": np.full((60, 120), np.nan)}, "expected whole numbers"),
        ({"target_mask": np.full((60, 120), -1)}, "expected whole numbers: 0 on the surround"),
        ({"img": np.tile(np.linspace(0, 1, 120), (60, 1))}, "intensities from 0.2101 to 0.7899; expected the same"),
    ],
)
def test_other_dictionaries(change, message):
    dictionary = {key: value for key, value in (two_sided() | change).items() if value is not None}
    with pytest.raises(InputError, match=message):
        from_stimupy(dictionary)


def test_values_are_those_of_the_axis():
    """Intensities 0 and 1 are black and white also along L*, whose values are 0 to 100."""
    stimulus = from_stimupy(two_sided(), axis="lightness")
    assert stimulus.value == pytest.approx(50)
    assert {0, 255} < set(np.unique(stimulus.picture("1")).tolist())
    colour = {"lab": [60, 30, 30]}
    low, high = AXES["lightness"].ends(parse_colour(colour))
    assert 0 < low < 60 < high < 100
    assert from_stimupy(two_sided(), axis="lightness", base=colour).value == pytest.approx((low + high) / 2)


def test_chroma_goes_as_far_as_the_base_can():
    stimulus = from_stimupy(two_sided(), axis="chroma", base={"lab": [60, 30, 30]})
    low, high = stimulus.values()[[0, -1]]
    assert stimulus.value == pytest.approx(high / 2, abs=AXES["chroma"].step)
    assert low < 0.4
    assert high > 60


def test_intensities_0_and_1_are_not_one_hue():
    stimulus = from_stimupy(two_sided(), axis="hue", base={"hsv": [0, 0.5, 0.5]})
    assert stimulus.value == pytest.approx(0.25)
    assert (stimulus.patches("1", [0.5]) != stimulus.patches("2", [0.5])).any()
    with pytest.raises(InputError, match="hue 0 and 1 are the same; expected less than a full turn"):
        from_stimupy(two_sided(), axis="hue", base={"hsv": [0, 0.5, 0.5]}, values=(0, 1))


@pytest.mark.parametrize("off", [-1e-16, -0.4 / 255, 1 + 0.4 / 255])
def test_half_a_level_outside_of_0_to_1_is_rounding(off):
    dictionary = two_sided()
    dictionary["img"][0, 0] = off
    assert from_stimupy(dictionary).picture("1")[0, 0, 0] == (255 if off > 1 else 0)


@pytest.mark.parametrize("kind", [float, bool, np.uint8, np.float32])
def test_targets_are_named_by_their_number_whatever_the_type_of_the_mask(kind):
    dictionary = two_sided()
    dictionary["target_mask"] = dictionary["target_mask"].astype(kind)
    assert list(from_stimupy(dictionary).conditions) == (["1"] if kind is bool else ["1", "2"])


@pytest.mark.parametrize("scale", [0.5, 1, -3.0, 17, float("nan")])
def test_a_scale_that_is_none(scale):
    with pytest.raises(InputError, match=r"stimupy: scale .*: a patch is more than 1 and at most 16 times as wide"):
        from_stimupy(two_sided(), scale=scale)


@pytest.mark.parametrize("axis", ["brightness", "lightness", "hue"])
def test_values_that_are_no_numbers(axis):
    with pytest.raises(InputError, match=f"{axis} nan is out of range"):
        from_stimupy(two_sided(), axis=axis, base={"hsv": [0, 0.5, 0.5]}, values=(0, float("nan")))


@pytest.mark.parametrize("values", [(0, 1, 2), 5, ("a", "b"), "ab", (0, None)])
def test_values_that_are_no_two_numbers(values):
    with pytest.raises(InputError, match=r"values: .*; expected two numbers, on the axis, of the intensities 0 and 1"):
        from_stimupy(two_sided(), values=values)


@pytest.mark.parametrize("ppd", [0, -1, float("nan"), (30, 40), "x", [], {}])
def test_pixels_per_degree_that_are_none(ppd):
    with pytest.raises(InputError, match="expected pixels per degree: a positive number, the same across and down"):
        from_stimupy(two_sided() | {"ppd": ppd})
    if ppd:
        with pytest.raises(InputError, match="expected pixels per degree"):
            from_stimupy(two_sided(), pixels_per_degree=ppd)


def test_two_conditions_of_one_target_are_refused():
    """They would look the same of necessity."""
    with pytest.raises(InputError, match="'a' and another one are both target 1; expected different targets"):
        from_stimupy(two_sided(), targets={"a": 1, "b": 1})


def test_the_largest_scale_that_fits():
    dictionary = {"img": np.full((60, 120), 0.25), "target_mask": np.zeros((60, 120), dtype=int)}
    dictionary["target_mask"][10:50, 40:80] = 1
    stimulus = from_stimupy(dictionary)
    assert stimulus.scale == 1.5
    assert stimulus.description == (
        "The patch is 1.5 times as wide as the target, and not 2.667 times: the picture ends there."
    )
    assert stimulus.patches("1", [0.5]).shape == (1, 16, 16, 3)
    assert from_stimupy(two_sided()).scale == pytest.approx(16 / 6)
    assert from_stimupy(two_sided()).description == ""


def test_conditions_bear_names_of_files():
    with pytest.raises(InputError, match="letters, digits, - and _; not 'a/b'"):
        from_stimupy(two_sided(), targets={"a/b": 1})


def test_no_such_target():
    with pytest.raises(InputError, match="no target 0 for the condition 'none'; there is: 1, 2"):
        from_stimupy(two_sided(), targets={"none": 0})
    with pytest.raises(InputError, match="no target 3 for the condition 'third'; there is: 1, 2"):
        from_stimupy(two_sided(), targets={"third": 3})
    with pytest.raises(InputError, match="did you mean 'dark'"):
        from_stimupy(two_sided(), targets={"dark": 1}, people_see_higher="drak")


def test_a_patch_larger_than_the_picture():
    with pytest.raises(InputError, match="the picture only 120×60"):
        from_stimupy(two_sided(), scale=7).patches("1")


def test_a_large_picture_takes_20_bytes_a_pixel_at_most():
    img, mask = np.full((1000, 1200), 0.25), np.zeros((1000, 1200), dtype=int)
    mask[460:540, 260:340], mask[460:540, 860:940] = 1, 2
    img[:, 600:], img[mask > 0] = 0.75, 0.5
    tracemalloc.start()
    try:
        stimulus = from_stimupy(
            {"img": img, "target_mask": mask}, axis="chroma", base={"lab": [60, 20, 10]}, values=(0, 40)
        )
        stimulus.patches("1", [20])
        assert tracemalloc.get_traced_memory()[1] < 20 * img.size
    finally:
        tracemalloc.stop()
