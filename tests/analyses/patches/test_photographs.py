from __future__ import annotations

import pytest

from illusions.analyses.claims.loading import load_analysis
from illusions.analyses.patches.photographs import how_few, photograph_crops
from illusions.errors import InputError

TEXT = 'kind = "extremes"\ntitle = "t"\neach = 4\nshown = 2\nphotographs = {}\n'


def write(tmp_path, names):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.format(list(names)))
    return path


def test_pictures_are_seen_from_the_file_that_names_them(tmp_path, photographs, monkeypatch):
    monkeypatch.chdir("/")
    analysis = load_analysis(write(tmp_path, ["photo-0.png", "photo-1.png"]))
    assert [path.parent for path in analysis.photographs] == [tmp_path, tmp_path]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["photo-0.png", "nothing.png"],
            r"key 'photographs.1': no such file: .*nothing.png; expected a picture, as seen",
        ),
        (["photo-0.png"], "at least 2 items"),
        (["photo-0.png", "photo-0.png"], "two photographs have the same name"),
    ],
)
def test_bad_pictures(tmp_path, photographs, names, message):
    with pytest.raises(InputError, match=message):
        load_analysis(write(tmp_path, names))


def test_patches_are_called_by_the_name_of_their_photograph(photographs, tmp_path):
    crops = photograph_crops([tmp_path / "photo-0.png", tmp_path / "photo-2.png"], 5)
    assert list(crops.places["picture"]) == ["photo-0"] * 5 + ["photo-2"] * 5
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"broken.png: is no picture"):
        photograph_crops([tmp_path / "photo-0.png", tmp_path / "broken.png"], 5)


def test_few_photographs_are_called_few():
    assert "4 photographs, which are few" in how_few(4)
    assert "few" not in how_few(50)
