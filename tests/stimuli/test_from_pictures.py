import tracemalloc

import numpy as np
import pytest
from PIL import Image

from illusions import from_pictures
from illusions.decoding import ClippedColours
from illusions.errors import InputError
from illusions.pictures import write_picture
from illusions.stimuli.from_pictures import condition_names
from illusions.stimuli.loading import load_stimulus
from tests.test_pictures import P3, SRGB_CURVE, matrix_profile

LEFT, RIGHT = np.zeros((2, 64, 96), dtype=bool)
LEFT[28:36, 12:20] = RIGHT[26:38, 70:82] = True


def scene(shade, target=(120, 110, 90)):
    """A picture of noise around a shade of grey, with both targets."""
    picture = np.random.default_rng(shade).integers(shade - 9, shade + 10, (64, 96, 3), dtype=np.uint8)
    picture[LEFT | RIGHT] = target
    return picture


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two pictures of one name in two folders, and three masks."""
    for name, shade in (("day", 200), ("night", 40)):
        (tmp_path / name).mkdir()
        write_picture(tmp_path / name / "room.png", scene(shade))
    for name, mask in (("left one", LEFT), ("right", RIGHT)):
        write_picture(tmp_path / f"{name}.png", np.where(mask, 255, 0).astype(np.uint8))
    write_picture(tmp_path / "both.png", (LEFT + 2 * RIGHT).astype(np.uint8))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_several_masks_in_one_picture(folder):
    stimulus = from_pictures("day/room.png", ["left one.png", "right.png"], "lightness")
    assert stimulus.name == "room"
    assert list(stimulus.conditions) == ["left-one", "right"]
    np.testing.assert_array_equal(stimulus.target_mask("left-one"), LEFT)
    np.testing.assert_array_equal(stimulus.target_mask("right"), RIGHT)
    np.testing.assert_array_equal(stimulus.picture("right"), scene(200))
    np.testing.assert_array_equal(stimulus.colour(stimulus.value), (120, 110, 90))


def test_a_picture_and_a_mask_for_each_condition(folder):
    pictures = ["day/room.png", "night/room.png"]
    assert list(from_pictures(pictures, ["left one.png", "right.png"]).conditions) == ["left-one", "right"]
    stimulus = from_pictures(pictures, ["right.png", "right.png"])
    assert list(stimulus.conditions) == ["room-right-1", "room-right-2"]
    assert stimulus.name == "room"
    assert stimulus.picture("room-right-1").mean() > stimulus.picture("room-right-2").mean() + 100
    labelled = from_pictures(pictures, ["both.png", "right.png"])
    assert list(labelled.conditions) == ["both-1", "both-2", "right"]
    chosen = from_pictures(pictures, ["both.png", "both.png"], target=2, conditions=["day", "night"])
    assert list(chosen.conditions) == ["day", "night"]
    np.testing.assert_array_equal(chosen.target_mask("night"), RIGHT)


def test_the_share_of_each_target_that_was_clipped_is_said(folder):
    picture = scene(200, target=(240, 30, 20))  # of Display P3
    Image.fromarray(picture).save("p3.png", icc_profile=matrix_profile("c2", P3, SRGB_CURVE))
    said = (
        r"p3\.png: 3\.\d % of the pixels and 100 % of the target '1' and 100 % of the target '2' have colours outside"
    )
    with pytest.warns(ClippedColours, match=said) as warned:
        stimulus = from_pictures("p3.png", "both.png", "saturation")
    assert len(warned) == 1
    assert "100 % of the target '2' have colours outside the gamut" in stimulus.description
    with pytest.warns(ClippedColours, match="and 100 % of the target have colours"):
        from_pictures("p3.png", "left one.png", "saturation")


def test_arrays_do_what_files_do(folder):
    of_files = from_pictures("day/room.png", ["left one.png", "right.png"], conditions=["a", "b"])
    of_arrays = from_pictures(scene(200), [LEFT, RIGHT], conditions=["a", "b"])
    labelled = from_pictures(scene(200), LEFT + 2 * RIGHT, conditions=["a", "b"], name="room")
    assert of_arrays.name == "pictures"
    of_floats = from_pictures(scene(200) / 255, [LEFT * 1.0, RIGHT.astype(float)], conditions=["a", "b"])
    for other in (of_arrays, labelled, of_floats):
        for condition in "ab":
            np.testing.assert_array_equal(other.patches(condition), of_files.patches(condition))
    assert list(from_pictures(scene(200), [LEFT, RIGHT]).conditions) == ["1", "2"]


def test_the_patch_is_as_wide_as_its_own_target_says():
    stimulus = from_pictures(scene(200), [LEFT, RIGHT], conditions=["left", "right"])
    for condition, side in (("left", 8), ("right", 12)):
        patch = stimulus.patches(condition, [stimulus.value])[0]
        inside = (patch == (120, 110, 90)).all(axis=2)
        assert inside.sum() == 36  # 6 by 6 of 16 by 16, though they are 8 and 12 pixels wide
        assert stimulus.conditions[condition].target.extent == side


def test_targets_that_differ_need_a_colour(folder):
    picture = scene(200)
    picture[LEFT] = 0
    with pytest.raises(InputError, match=r"the picture under the mask.*\(0, 0, 0\), \(120, 110, 90\); expected equal"):
        from_pictures(picture, [LEFT, RIGHT])
    stimulus = from_pictures(picture, [LEFT, RIGHT], colour="#336699")
    for condition in stimulus.conditions:
        shown = stimulus.picture(condition)[stimulus.target_mask(condition)]
        assert (shown == (0x33, 0x66, 0x99)).all()


@pytest.mark.parametrize(
    ("pictures", "masks", "names"),
    [
        ([], ["a", "b"], ["a", "b"]),
        (["a", "b"], ["m", "m"], ["a", "b"]),
        (["a", "a"], ["m", "n"], ["m", "n"]),
        (["a", "a", "b"], ["m", "n", "n"], ["a-m", "a-n", "b-n"]),
        (["a", "a"], ["m", "m"], ["a-m-1", "a-m-2"]),
        (["my photo.v2", "ünï"], ["m", "m"], ["my-photo-v2", "ünï"]),
        (["a b", "a-b"], ["m", "n"], ["m", "n"]),
        ([], ["", ""], ["1", "2"]),
        ([], ["?", "!"], ["1", "2"]),
    ],
)
def test_conditions_are_called_as_files_and_never_the_same(pictures, masks, names):
    assert condition_names(pictures, masks) == names


@pytest.mark.parametrize(
    ("pictures", "masks", "options", "message"),
    [
        (2, 3, {}, "there are 2 pictures and 3 masks; expected one picture with one or several masks, or as many"),
        (2, 1, {}, "there are 2 pictures and 1 mask; expected"),
        (1, 0, {}, "there are 1 picture and 0 masks; expected"),
        (1, 2, {"conditions": ["a"]}, "called a, and there are 2 targets; expected a name for each"),
        (1, 2, {"conditions": ["a", "a"]}, "called a, a, and there are 2 targets; expected a name for each, all diff"),
        (1, 2, {"target": 2}, "the mask: has no target 2; there is: 1"),
        (1, 2, {"scale": 8}, "under the mask: 2: the patch around the target is 8 times as wide as it"),
    ],
)
def test_what_does_not_go_together_is_named(pictures, masks, options, message):
    with pytest.raises(InputError, match=message) as caught:
        from_pictures([scene(200)] * pictures, [LEFT, RIGHT, RIGHT][:masks], **options)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("picture", "mask", "message"),
    [
        (scene(200) / 100, LEFT, "the picture goes from .*; expected floats in 0 to 1"),
        (scene(200)[0, 0], LEFT, r"the picture has shape \(3,\)"),
        (scene(200), LEFT[:9], r"the mask has shape \(9, 96\); expected \(64, 96\), as the picture"),
        (scene(200), LEFT * 1.5, "the mask goes from 0 to 1.5; expected whole numbers"),
        (scene(200), LEFT & RIGHT, "labels from 0 to 0; expected 0 on the surround"),
        (scene(200), LEFT | True, "labels from 1 to 1"),
    ],
)
def test_arrays_that_are_no_pictures_or_masks(picture, mask, message):
    with pytest.raises(InputError, match=message):
        from_pictures(picture, mask)


FILE = """
kind = "pictures"
title = "A room"
description = "By day and by night."
axis = "lightness"
mask = "both.png"
people_see_higher = "night"
pixels_per_degree = 8
[target]
size = 8
[conditions.day]
picture = "day/room.png"
target = 1
[conditions.night]
picture = "night/room.png"
mask = "right.png"
"""


def test_a_file_of_pictures(folder):
    (folder / "mine.toml").write_text(FILE)
    stimulus = load_stimulus("mine.toml")
    assert (stimulus.name, stimulus.title, stimulus.source) == ("mine", "A room", "")
    assert stimulus.description.startswith("By day and by night. The 208 masked pixels are shown in #786e5a")
    assert stimulus.people_see_higher == "night"
    assert stimulus.scale == 2
    assert stimulus.pixels_per_degree == 8
    assert stimulus.outlined
    np.testing.assert_array_equal(stimulus.target_mask("day"), LEFT)
    np.testing.assert_array_equal(stimulus.target_mask("night"), RIGHT)
    np.testing.assert_array_equal(stimulus.picture("night"), scene(40))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('mask = "both.png"', "", "conditions.day has no mask; expected one, or one for the whole file"),
        ('picture = "day/room.png"', "", "conditions.day has no picture"),
        ("target = 1", "", "mine.toml: the conditions are called day, night, and there are 3 targets"),
        ("target = 1", "target = 7", "both.png: has no target 7; there is: 1, 2"),
        ('"right.png"', '"wrong.png"', "wrong.png: no such file"),
        ('= "night"', '= "nigt"', "key 'people_see_higher'.*did you mean 'night'"),
        ("size = 8", "size = 1", "mine.toml: .*day: the patch around the target is 16 times as wide as it"),
        ("size = 8", 'colour = "#808080"\nsize = 8\n[target.x]', "unknown key 'target.x'"),
        ('"lightness"', '"chroma"\n', "mine.toml: .*masked|mine.toml: .*hue"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(folder, old, new, message):
    for name in ("day", "night"):
        write_picture(folder / name / "room.png", scene(100, (120, 120, 120)))
    assert old in FILE
    (folder / "mine.toml").write_text(FILE.replace(old, new))
    with pytest.raises(InputError, match=message) as caught:
        load_stimulus("mine.toml")
    assert "mine.toml" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_source_is_for_what_was_published(folder):
    text = '[conditions.dark]\nsurround = "#333333"\n[conditions.light]\nsurround = "#cccccc"\n'
    head = 'kind = "uniform"\ntitle = "Mine"\ndescription = ""\naxis = "brightness"\n'
    (folder / "mine.toml").write_text(f'{head}[target]\ncolour = "#808080"\nsize = 6\n{text}')
    assert load_stimulus("mine.toml").source == ""


def test_a_file_that_is_saved_elsewhere_finds_its_pictures(folder):
    (folder / "mine.toml").write_text(FILE)
    shaped = FILE.split("mask =")[0].replace('"pictures"', '"uniform"') + (
        '[target]\ncolour = "#808080"\nsize = 6\nshape = { mask = "right.png" }\n'
        '[conditions.a]\nsurround = "#333333"\n[conditions.b]\nsurround = "#cccccc"\n'
    )
    (folder / "shaped.toml").write_text(shaped)
    (folder / "away").mkdir()
    for name in ("mine", "shaped"):
        here = load_stimulus(f"{name}.toml")
        here.save(folder / "away" / "again.toml")
        there = load_stimulus("away/again.toml")
        for condition in here.conditions:
            np.testing.assert_array_equal(there.picture(condition), here.picture(condition))
            np.testing.assert_array_equal(there.target_mask(condition), here.target_mask(condition))


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_a_large_picture_takes_30_bytes_a_pixel_at_most(mode, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (1000, 1200, 3), dtype=np.uint8)
    mask = np.zeros((1000, 1200), dtype=np.uint8)
    mask[460:540, 560:640] = 255
    pixels[mask > 0] = 128, 100, 90
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    Image.fromarray(mask).convert(mode).save(tmp_path / "mask.png")
    tracemalloc.start()
    try:
        stimulus = from_pictures(tmp_path / "picture.png", tmp_path / "mask.png")
        np.testing.assert_array_equal(stimulus.picture("image"), pixels)
        assert tracemalloc.get_traced_memory()[1] < 30 * mask.size
    finally:
        tracemalloc.stop()
