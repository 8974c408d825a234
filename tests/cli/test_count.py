from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image

#: As a model's summary.csv, and what a count has more.
SUMMARY = (
    "stimulus,condition,axis,value,percentile_rank,effect,temperature,model,percentile_rank_standard_error,"
    "effect_standard_error,lowest_value,highest_value,values,coverage,cautions,places,photographs,lowest_correlation,highest_correlation,why_no_count"
)
RANKS = (
    "stimulus,condition,axis,value,log_likelihood,standard_error,density,percentile_rank,temperature,model,"
    "lowest_value,highest_value,values"
)


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "my photos"
    folder.mkdir()
    for i in range(3):
        picture = np.random.default_rng(i).integers(0, 255, (24, 30, 3), dtype=np.uint8)
        Image.fromarray(picture).save(folder / f"{i}.png")
    return folder


@pytest.mark.usefixtures("drawn")
def test_counting_in_photographs(run, photos, tmp_path):
    (photos / "bad.jpg").write_bytes(b"no picture")
    status, out, err = run("count", "white", "brightness-contrast", "--photos", photos, "-o", "out")
    assert status == 0
    assert "1 of 4 files could not be used" in err
    assert "brightness-contrast: There is no rank (scale 2.67), as a surround of one brightness" in out
    written = {path.name for path in (tmp_path / "out").glob("[!.]*")}
    figures = {"white-count", "white-places", "brightness-contrast-count"}
    tables = {"ranks.csv", "summary.csv", "places.csv", "columns.json", "report.html"}
    captions = {"white-count.txt", "brightness-contrast-count.txt"}  # too long for a figure
    assert written == tables | captions | {f"{name}.{suffix}" for name in figures for suffix in ("png", "pdf")}
    assert all(name in out for name in written)
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert ",".join(summary.columns) == SUMMARY
    assert set(summary["model"]) == {"counting in my photos"}
    assert list(summary["effect"].notna()) == [True, True, False, False]
    assert ",".join(pd.read_csv(tmp_path / "out" / "ranks.csv").columns) == RANKS
    page = (tmp_path / "out" / "report.html").read_text()
    assert "illusions count white brightness-contrast --photos" in page
    assert "3 in " in page


@pytest.mark.usefixtures("drawn")
def test_counting_is_the_same_to_the_last_bit_the_second_time(run, photos, tmp_path):
    for folder in ("a", "b"):
        assert run("count", "white", "--scale", 4, "--photos", photos, "-o", folder)[0] == 0
    for path in (tmp_path / "a").glob("[!.]*"):
        if path.name != "report.html":
            assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    assert (tmp_path / "a" / "summary.csv").read_text().splitlines()[0] == f"{SUMMARY},scale"


def test_a_scale_without_a_count_is_named(run, photos):
    status, out, _ = run("count", "white", "--scale", 4, "--scale", 14, "--photos", photos, "-o", "out")
    assert status == 0
    assert "no rank (mean over the scales 4 and 14), as at scale 14 no pixel of 16×16 shows nothing but" in out


def test_a_folder_that_is_none_is_named(run):
    status, _, err = run("count", "white", "--photos", "nowhere", "-o", "out")
    assert status == 2
    assert "nowhere: no such folder" in err
