from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from illusions.decoding import ClippedColours, noted
from illusions.errors import InputError
from illusions.photographs import find_photographs, fingerprint, read_photographs, split_photographs
from tests.models.pictures_for_training import write_pictures
from tests.test_pictures import P3_CICP, write_eight


def test_pictures_are_found_in_folders_of_folders_and_other_files_passed_over(tmp_path):
    write_pictures(tmp_path / "b", 1)
    write_pictures(tmp_path / "a" / "deep", 2, suffix=".JPG")
    (tmp_path / "README.md").touch()
    (tmp_path / "a" / "raw.CR2").touch()
    (tmp_path / ".DS_Store").touch()
    write_pictures(tmp_path / "b" / ".thumbnails", 1)
    (tmp_path / "elsewhere").symlink_to(tmp_path / "a")
    (tmp_path / "b" / "._00000.png").write_bytes(b"\0\5\x16\7")  # what macOS lays beside a file
    (tmp_path / "b" / "empty.png").touch()
    with noted() as notes:
        found = [str(path.relative_to(tmp_path)) for path in find_photographs(tmp_path)]
    assert found == ["a/deep/00000.JPG", "a/deep/00001.JPG", "b/00000.png", "b/empty.png"]
    assert notes.passed_over == {str(tmp_path): {".md": 1, ".cr2": 1, "linked folder": 1}}


@pytest.mark.parametrize(("name", "message"), [("missing", "no such folder"), ("empty", "holds no photographs")])
def test_a_folder_without_photographs(name, message, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=f"{name}: {message}"):
        split_photographs(tmp_path / name)


def test_train_and_validation_are_used_where_they_are(tmp_path):
    train = write_pictures(tmp_path / "train", 3)
    validation = write_pictures(tmp_path / "validation", 1)
    assert split_photographs(tmp_path) == (train, validation)


def test_otherwise_every_tenth_is_held_out(tmp_path):
    paths = write_pictures(tmp_path, 21)
    train, validation = split_photographs(tmp_path)
    assert validation == [paths[0], paths[10], paths[20]]
    assert sorted(train + validation) == paths


def test_one_photograph_is_too_few(tmp_path):
    write_pictures(tmp_path, 1)
    with pytest.raises(InputError, match="holds one photograph; expected at least 2"):
        split_photographs(tmp_path)


def test_what_cannot_be_used_is_passed_over_with_its_reason(tmp_path):
    paths = write_pictures(tmp_path, 5)
    paths[1].write_bytes(paths[1].read_bytes()[:100])
    paths[3].write_text("no picture")
    read, skipped = read_photographs(paths, 16)
    assert len(read) == 3
    assert len(skipped) == 2
    assert "00001.png: is truncated or damaged" in skipped[0]
    assert "00003.png: is no picture" in skipped[1]


def test_clipped_colours_are_one_warning_for_a_folder(tmp_path):
    paths = [write_eight(tmp_path / f"{n}.png", (240, 30, 20), P3_CICP) for n in range(5)]
    paths.append(write_eight(tmp_path / "5.png", (240, 30, 20)))
    with pytest.warns(ClippedColours, match="5 of 6 pictures .*: 100 % of their pixels on average, at most") as warned:
        assert len(read_photographs(paths, 16)[0]) == 6
    assert len(warned) == 1


def test_smaller_than_a_patch(tmp_path):
    read, skipped = read_photographs(write_pictures(tmp_path, 1) + write_pictures(tmp_path / "s", 1, height=10), 16)
    assert (len(read), len(skipped)) == (1, 1)
    assert "32×10 pixels; expected at least 16×16" in skipped[0]


def test_nothing_that_can_be_used_is_an_error(tmp_path):
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(InputError, match=r"a\.png: is no picture; expected PNG"):
        read_photographs(find_photographs(tmp_path), 16)


def test_a_fingerprint_is_of_the_photographs_and_their_part_and_not_of_where_they_lie(tmp_path):
    paths, copies = write_pictures(tmp_path / "a", 5), write_pictures(tmp_path / "b" / "moved", 5)
    known = fingerprint(paths[1:], paths[:1])
    assert fingerprint(copies[1:], copies[:1]) == known
    others = {
        fingerprint(paths, []),
        fingerprint(paths[:1], paths[1:]),
        fingerprint(paths[:0:-1], paths[:1]),
        fingerprint(paths[2:], paths[:1]),
    }
    copies[3].write_bytes(copies[2].read_bytes())
    others.add(fingerprint(copies[1:], copies[:1]))
    copies[3].unlink()
    others.add(fingerprint(copies[1:], copies[:1]))
    assert len(others - {known}) == 6


def test_what_pillow_reads_is_taken_and_what_it_does_not_is_named(tmp_path):
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8))
    for name, kind in (("a.jfif", "JPEG"), ("b.JPE", "JPEG"), ("c.mpo", "MPO"), ("d.PNG", "PNG")):
        picture.save(tmp_path / name, format=kind)
    (tmp_path / "e.HEIC").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("none of them")
    paths = find_photographs(tmp_path)
    assert [path.name for path in paths] == ["a.jfif", "b.JPE", "c.mpo", "d.PNG", "e.HEIC"]
    pictures, skipped = read_photographs(paths, 8)
    assert len(pictures) == 4
    assert len(skipped) == 1
    assert "e.HEIC" in skipped[0]
