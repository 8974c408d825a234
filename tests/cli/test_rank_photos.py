from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image

#: As a model's summary.csv, and what a count has more.
SUMMARY = (
    "stimulus,condition,axis,value,percentile_rank,effect,temperature,model,percentile_rank_standard_error,"
    "effect_standard_error,places,photographs,lowest_correlation,highest_correlation,why_no_count"
)
RANKS = "stimulus,condition,axis,value,log_likelihood,standard_error,density,percentile_rank,temperature,model"


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "my photos"
    folder.mkdir()
    for i in range(3):
        picture = np.random.default_rng(i).integers(0, 255, (24, 30, 3), dtype=np.uint8)
        Image.fromarray(picture).save(folder / f"{i}.png")
    return folder


def test_counting_in_photographs(run, photos, tmp_path):
    (photos / "bad.jpg").write_bytes(b"")
    status, out, err = run("rank", "white", "brightness-contrast", "--photos", photos, "-o", "out")
    assert status == 0
    assert "1 of 4 files could not be used" in err
    assert "brightness-contrast: no count, as a surround of one brightness" in err
    written = {path.name for path in (tmp_path / "out").iterdir()}
    figures = {"white-count", "white-places", "brightness-contrast-count"}
    tables = {"ranks.csv", "summary.csv", "places.csv", "report.html"}
    assert written == tables | {f"{name}.{suffix}" for name in figures for suffix in ("png", "pdf")}
    assert all(name in out for name in written)
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert ",".join(summary.columns) == SUMMARY
    assert set(summary["model"]) == {"counting in my photos"}
    assert list(summary["effect"].notna()) == [True, True, False, False]
    assert ",".join(pd.read_csv(tmp_path / "out" / "ranks.csv").columns) == RANKS
    page = (tmp_path / "out" / "report.html").read_text()
    assert "illusions rank white brightness-contrast --photos" in page
    assert "3 in " in page


def test_counting_is_the_same_to_the_last_bit_the_second_time(run, photos, tmp_path):
    for folder in ("a", "b"):
        assert run("rank", "white", "--scale", 4, "--photos", photos, "-o", folder)[0] == 0
    for path in (tmp_path / "a").iterdir():
        if path.name != "report.html":
            assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    assert (tmp_path / "a" / "summary.csv").read_text().splitlines()[0] == f"{SUMMARY},scale"


def test_the_masked_target_of_a_picture_is_counted(run, photos, tmp_path):
    mask = np.zeros((24, 30), np.uint8)
    mask[9:14, 12:17] = 255
    Image.fromarray(mask).save("mask.png")
    status, _, err = run(
        "rank",
        "--image",
        photos / "0.png",
        "--mask",
        "mask.png",
        "--axis",
        "lightness",
        "--photos",
        photos,
        "-o",
        "out",
    )
    assert (status, err) == (0, "")
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert len(summary) == 1
    assert 0 <= summary["percentile_rank"][0] <= 1
    assert summary["effect"].isna().all()


@pytest.mark.parametrize(
    ("option", "value"), [("--model", "natural16"), ("--temperature", "exact"), ("--device", "cpu"), ("--seed", "0")]
)
def test_options_of_a_model_are_refused(option, value, run, photos, tmp_path):
    status, _, err = run("rank", "white", "--photos", photos, option, value, "-o", "out")
    assert status == 2
    assert f"{option} and --photos exclude each other" in err
    assert not (tmp_path / "out").exists()


def test_a_scale_without_a_count_is_named(run, photos):
    status, _, err = run("rank", "white", "--scale", 4, "--scale", 14, "--photos", photos, "-o", "out")
    assert status == 0
    assert err == "white: no count, as at scale 14 no pixel of 16×16 shows nothing but the target\n"


def test_a_folder_that_is_none_is_named(run):
    status, _, err = run("rank", "white", "--photos", "nowhere", "-o", "out")
    assert status == 2
    assert "nowhere: no such folder" in err
