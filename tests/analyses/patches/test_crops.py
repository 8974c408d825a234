from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from illusions.analyses.patches.crops import crop_at_random, crop_files, read_crop, windows
from illusions.errors import InputError
from illusions.progress import reported_to
from tests.analyses.tiny import some_picture


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(some_picture()).save(path)
    return path


def test_windows_are_the_patches_by_their_upper_left_pixel():
    picture = some_picture()
    view = windows(picture, 8)
    assert view.shape == (23, 34, 8, 8, 3)
    assert np.array_equal(view[5, 7], picture[5:13, 7:15])


def test_random_patches_are_those_of_their_places_and_the_same_for_the_same_seed():
    picture = some_picture()
    crops = crop_at_random(picture, "p", 8, 500, (1, 2))
    for patch, place in zip(crops.patches, crops.places.itertuples(), strict=True):
        assert np.array_equal(patch, picture[place.top : place.top + 8, place.left : place.left + 8])
    assert (crops.places["top"].min(), crops.places["top"].max()) == (0, 22)
    assert (crops.places["left"].min(), crops.places["left"].max()) == (0, 33)
    assert np.array_equal(crops.patches, crop_at_random(picture, "p", 8, 500, (1, 2)).patches)
    assert not np.array_equal(crops.patches, crop_at_random(picture, "p", 8, 500, (1, 3)).patches)


def test_some_of_the_patches():
    crops = crop_at_random(some_picture(), "p", 8, 6, (0,))
    chosen = crops.take(np.array([4, 1]))
    assert np.array_equal(chosen.patches, crops.patches[[4, 1]])
    assert list(chosen.places["left"]) == [crops.places["left"][4], crops.places["left"][1]]
    assert len(crops.take(crops.places["left"].to_numpy() >= 0)) == 6


def test_files_that_are_no_pictures_are_skipped_and_named(file, tmp_path):
    (tmp_path / "b.png").write_text("not a picture")
    done = []
    with reported_to(done.append):
        crops = crop_files([tmp_path / "b.png", file, file], 8, 5)
    assert len(crops) == 10
    assert set(crops.places["picture"]) == {str(file)}
    assert len(crops.skipped) == 1
    assert "b.png" in crops.skipped[0]
    assert sum(done) == 3
    with pytest.raises(InputError, match="none of 1 files can be used"):
        crop_files([tmp_path / "b.png"], 8, 5)


def test_one_patch_by_its_place(file):
    picture = some_picture()
    assert np.array_equal(read_crop(f"{file}@3,5", 8).patches[0], picture[5:13, 3:11])
    middle = read_crop(str(file), 8)
    assert middle.places[["left", "top"]].to_numpy().tolist() == [[16, 11]]
    assert np.array_equal(middle.patches[0], picture[11:19, 16:24])


def test_a_file_whose_name_looks_like_a_place(file):
    odd = file.with_name("a@1,2")
    file.rename(odd)
    assert read_crop(str(odd), 8).places["left"].item() == 16


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("@34,0", "LEFT from 0 to 33 and TOP from 0 to 22"),
        ("@0,23", "does not lie within the picture"),
        ("@x,1", "no such file"),
    ],
)
def test_a_place_that_is_none(file, written, message):
    with pytest.raises(InputError, match=message):
        read_crop(f"{file}{written}", 8)


def test_a_picture_smaller_than_a_patch(file):
    with pytest.raises(InputError, match=Path(file).name):
        read_crop(str(file), 32)
