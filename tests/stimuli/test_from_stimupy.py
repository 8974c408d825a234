"""Dictionaries of the form that stimupy returns. It is not installed here: it does not go with our NumPy."""

import numpy as np
import pytest

from illusions.errors import InputError
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
    proof = from_stimupy(dictionary, scale=0.5).proof()
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
        ({"img": np.tile(np.linspace(0, 1, 120), (60, 1))}, "intensities from 0.2101 to 0.7899; expected the same"),
    ],
)
def test_other_dictionaries(change, message):
    dictionary = {key: value for key, value in (two_sided() | change).items() if value is not None}
    with pytest.raises(InputError, match=message):
        from_stimupy(dictionary)


def test_no_such_target():
    with pytest.raises(InputError, match="no target 3 for the condition 'third'; there is: 1, 2"):
        from_stimupy(two_sided(), targets={"third": 3})
    with pytest.raises(InputError, match="did you mean 'dark'"):
        from_stimupy(two_sided(), targets={"dark": 1}, people_see_higher="drak")


def test_a_patch_larger_than_the_picture():
    with pytest.raises(InputError, match="the picture only 120×60"):
        from_stimupy(two_sided(), scale=7).patches("1")
