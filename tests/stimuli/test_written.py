"""Stimuli changed and saved."""

from dataclasses import replace

import numpy as np
import pytest

from illusions.content import names
from illusions.errors import InputError
from illusions.stimuli.axes import parse_axis
from illusions.stimuli.colours import Colour
from illusions.stimuli.families.uniform import uniform_contrast
from illusions.stimuli.from_pictures import from_pictures
from illusions.stimuli.from_stimupy import from_stimupy
from illusions.stimuli.loading import load_stimulus


def same(one, other):
    assert list(one.conditions) == list(other.conditions)
    assert (one.axis, one.value, one.units_per_degree) == (other.axis, other.value, other.units_per_degree)
    for condition in one.conditions:
        np.testing.assert_array_equal(one.picture(condition), other.picture(condition))
        np.testing.assert_array_equal(one.patches(condition, one.value), other.patches(condition, one.value))


@pytest.mark.parametrize("name", names("stimuli"))
def test_saved_and_loaded_every_stimulus_is_the_same(tmp_path, name):
    stimulus = load_stimulus(name)
    stimulus.save(tmp_path / f"{name}.toml")
    loaded = load_stimulus(tmp_path / f"{name}.toml")
    same(loaded, stimulus)
    for field in ("name", "title", "description", "source", "people_see_higher", "scale"):
        assert getattr(loaded, field) == getattr(stimulus, field)


def test_a_saved_file_reads_like_one_that_was_written_by_hand(tmp_path):
    load_stimulus("brightness-contrast").with_surround("light", "#eeeeee").save(tmp_path / "mine.toml")
    text = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    assert text.startswith('kind = "uniform"\n')
    assert '\n[conditions.light]\nsurround = "#eeeeee"\n' in text
    assert "\n[target]\ncolour = {hsv = [0, 0, 0.5]}\n" in text


def test_changed_and_saved_it_is_what_it_was_changed_to(tmp_path):
    stimulus = load_stimulus("hue-contrast").with_target(0.3).with_scale(3.3).with_keys({"axis": "saturation"})
    stimulus.save(tmp_path / "mine.toml")
    same(load_stimulus(tmp_path / "mine.toml"), stimulus)


def test_a_surround():
    stimulus = load_stimulus("brightness-contrast")
    for surround in (1, 1.0, np.float32(1), "#ffffff", {"hsv": [0, 0, 1]}, Colour("hsv", (0, 0, 1))):
        changed = stimulus.with_surround("light", surround)
        assert changed.picture("light")[0, 0].tolist() == [255, 255, 255]
        np.testing.assert_array_equal(changed.picture("dark"), stimulus.picture("dark"))
    assert stimulus.picture("light")[0, 0].tolist() == [204, 204, 204]


def test_a_number_is_a_value_on_the_axis_and_the_rest_stays():
    stimulus = load_stimulus("saturation-contrast")
    name = next(iter(stimulus.conditions))
    before = stimulus.written.value(f"conditions.{name}.surround").coordinates("hsv")
    after = stimulus.with_surround(name, 0.11).written.value(f"conditions.{name}.surround").coordinates("hsv")
    np.testing.assert_allclose(after, [before[0], 0.11, before[2]])


@pytest.mark.parametrize(
    ("name", "condition", "given", "keys"),
    [
        ("white", "black", "second", {}),
        ("dungeon", "black", None, {"background": "#ff0000"}),
        ("todorovic", "black", None, {"background": 0.3, "covers": 0.7}),
        ("mach-bands", "plateau", 1, {}),
        ("brightness-contrast-photograph", "dark", 0.2, {}),
        ("benary", "arm", "corner", {}),
    ],
)
def test_the_surround_of_every_family_is_what_makes_its_condition(name, condition, given, keys):
    stimulus = load_stimulus(name)
    condition = condition if condition in stimulus.conditions else next(iter(stimulus.conditions))
    changed = stimulus.with_surround(condition, *([] if given is None else [given]), **keys)
    assert (changed.patches(condition, 0.5) != stimulus.patches(condition, 0.5)).any()
    for other in set(stimulus.conditions) - {condition}:
        np.testing.assert_array_equal(changed.picture(other), stimulus.picture(other))


@pytest.mark.parametrize("name", ["white", "brightness-contrast", "cornsweet", "bullseye"])
def test_a_scale(name):
    """The patch is so much wider than its target; the target stays as long as it was."""
    stimulus = load_stimulus(name)
    changed = stimulus.with_scale(8)
    assert changed.scale == 8
    assert changed.target_degrees == pytest.approx(stimulus.target_degrees)
    condition = next(iter(stimulus.conditions))
    narrow, wide = (s.conditions[condition].patch(s.scale, 64).coverage.sum() for s in (stimulus, changed))
    assert wide / narrow == pytest.approx((stimulus.scale / 8) ** 2, rel=0.05)


def test_a_target():
    stimulus = load_stimulus("cornsweet")
    changed = stimulus.with_target(0.4)
    assert changed.value == 0.4
    first, second = (changed.picture(condition) for condition in changed.conditions)
    np.testing.assert_array_equal(first, second)  # the plateaus have its colour, and do not give it away
    larger = load_stimulus("brightness-contrast").with_target(size=8, degrees=1, shape="disc")
    assert (larger.scale, larger.target_degrees, larger.value) == (2, 1, 0.5)


def test_made_from_pictures_a_stimulus_knows_no_keys():
    stimulus = uniform_contrast(axis="brightness", value=0.5, surrounds={"a": 0.2, "b": 0.8}, base={"hsv": [0, 0, 0.5]})
    assert stimulus.with_target(0.4).value == 0.4
    assert stimulus.with_target("#404040").target.hex == "#404040"
    assert stimulus.with_scale(4).scale == 4
    with pytest.raises(InputError, match="so its surround is what the picture shows"):
        stimulus.with_surround("a", 0.3)
    with pytest.raises(InputError, match="is not a picture under a mask, so no stimulus file"):
        stimulus.save("mine.toml")
    with pytest.raises(InputError, match="so its keys cannot be changed"):
        stimulus.with_target(degrees=3)


def test_the_name_and_the_resolution_stay():
    stimulus = replace(load_stimulus("white"), name="mine", resolution=20)
    changed = stimulus.with_surround("black", "second")
    assert (changed.name, changed.resolution) == ("mine", 20)


def test_words_that_no_longer_describe_the_stimulus_are_not_saved(tmp_path):
    stimulus = replace(load_stimulus("white"), scale=2.0)
    with pytest.raises(InputError, match=r"white: its scale was replaced.*expected with_target, with_scale"):
        stimulus.save(tmp_path / "mine.toml")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"conditions.ligth.surround": 1}, "no key in 'conditions' .*did you mean 'light'.*there is: dark, light"),
        ({"conditions.light.surrounds": 1}, "no key in 'conditions.light'.*'surrounds'.*surround"),
        ({"conditions.light": 1}, "'conditions.light' is a table; expected one of its keys: surround"),
        ({"target": "#808080"}, "'target' is a table; expected one of its keys: colour, size, degrees, shape"),
        ({"sise": 3}, "no key of brightness-contrast is called 'sise'.*target, conditions"),
        ({"": 3}, "no key of brightness-contrast is called ''"),
        ({"target.size.foo": 3}, "'target.size' is no table"),
        ({"kind": "grating"}, "no key of brightness-contrast is called 'kind'"),
        ({"conditions.light.surround": 1.2}, "key 'conditions.light.surround': brightness 1.2 is out of range"),
        ({"conditions.light.surround": float("nan")}, "key 'conditions.light.surround'"),
        ({"conditions.light.surround": True}, "key 'conditions.light.surround': a colour is"),
        ({"target.size": 99}, "key 'target.size': a target of 99 pixels is too large"),
        ({"axis": "saturnation"}, "key 'axis'.*did you mean 'saturation'"),
    ],
)
def test_what_is_wrong_is_named(keys, message):
    with pytest.raises(InputError, match=message) as caught:
        load_stimulus("brightness-contrast").with_keys(keys)
    assert len(str(caught.value).splitlines()) == 1


def test_other_mistakes(tmp_path):
    stimulus = load_stimulus("brightness-contrast")
    with pytest.raises(InputError, match="no condition of brightness-contrast is called 'lihgt'; did you mean 'light'"):
        stimulus.with_surround("lihgt", 0.3)
    with pytest.raises(
        InputError, match=r"has the keys background, cells; expected with_surround\('black', background"
    ):
        load_stimulus("dungeon").with_surround("black", 0.3)
    with pytest.raises(InputError, match="scale 1: a patch is more than 1 and at most 16"):
        stimulus.with_scale(1)
    with pytest.raises(InputError, match=r"mine: a stimulus is saved as a .toml file; expected, say, .*mine\.toml"):
        stimulus.save(tmp_path / "mine")
    with pytest.raises(InputError, match="cannot be written"):
        stimulus.save(tmp_path / "nowhere" / "mine.toml")


@pytest.mark.parametrize(
    "colour",
    [
        Colour("srgb", (128 / 255, 64 / 255, 32 / 255)),
        Colour("srgb", (0.5003, 0.2502, 0.1257)),
        Colour("hsv", (0.0556, 0.75, 0.5)),
        Colour("lch", (34.5, 40.0, 0.9)),
        Colour("lab", (34.5, 24.8, 31.3)),
        Colour("dkl", (0.1, 0.02, -0.3)),
    ],
)
@pytest.mark.parametrize("axis", ["lightness", "a"])
def test_colours_of_every_space_are_saved(tmp_path, colour, axis):
    stimulus = load_stimulus("brightness-contrast").with_keys({"axis": parse_axis(axis), "target.colour": colour})
    changed = stimulus.with_surround("light", stimulus.axis.value(colour) + 3)
    changed.save(tmp_path / "mine.toml")
    loaded = load_stimulus(tmp_path / "mine.toml")
    assert loaded.value == pytest.approx(changed.value)
    for condition in changed.conditions:
        np.testing.assert_array_equal(loaded.picture(condition), changed.picture(condition))


def test_an_axis_of_another_display_is_saved_as_it_was_written_or_not_at_all(tmp_path):
    stimulus = load_stimulus("brightness-contrast").with_keys({"axis": replace(parse_axis("lightness"), count=10)})
    with pytest.raises(InputError, match="the axis lightness is not one of those by name"):
        stimulus.save(tmp_path / "mine.toml")
    assert not list(tmp_path.iterdir())


def pictured(n=2):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (64, 96, 3), dtype=np.uint8) for _ in range(n)]
    masks = [np.zeros((64, 96), dtype=bool) for _ in range(2)]
    masks[0][20:32, 24:36] = masks[1][30:40, 60:72] = True
    for picture in pictures:
        for mask in masks:
            picture[mask] = 120
    return pictures, masks


@pytest.mark.parametrize("n", [1, 2])
def test_a_stimulus_from_pictures_is_saved_with_them(tmp_path, n):
    pictures, masks = pictured(n)
    stimulus = from_pictures(
        pictures, masks, conditions=["left", "right"], people_see_higher="left", pixels_per_degree=8, scale=3
    ).with_target(0.3)
    stimulus.save(tmp_path / "mine.toml")
    loaded = load_stimulus(tmp_path / "mine.toml")
    same(loaded, stimulus)
    for field in ("scale", "people_see_higher", "title"):
        assert getattr(loaded, field) == getattr(stimulus, field)
    assert loaded.description.count("masked pixels") == 1
    assert "#4d4d4d" in loaded.description
    assert len(list(tmp_path.glob("*.png"))) == n + 2
    again = loaded.with_target(0.6)
    again.save(tmp_path / "again.toml")
    same(load_stimulus(tmp_path / "again.toml"), again)


def test_a_stimulus_of_stimupy_is_saved(tmp_path):
    img, mask = np.zeros((64, 64)), np.zeros((64, 64), dtype=int)
    img[:, 32:], mask[28:36, 12:20], mask[28:36, 44:52] = 1.0, 1, 2
    img[mask > 0] = 0.5
    stimulus = from_stimupy({"img": img, "target_mask": mask, "ppd": 10}, targets={"dark": 1, "light": 2}, scale=2)
    stimulus.save(tmp_path / "mine.toml")
    same(load_stimulus(tmp_path / "mine.toml"), stimulus)


def test_a_single_target_is_no_stimulus_file(tmp_path):
    (picture, *_), (mask, _) = pictured()
    with pytest.raises(InputError, match="has a single condition; expected two or more, as in every stimulus file"):
        from_pictures(picture, mask).save(tmp_path / "mine.toml")
    assert not list(tmp_path.iterdir())
