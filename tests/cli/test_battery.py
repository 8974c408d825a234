from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from illusions.analyses.battery.match_rivals import match_rivals
from illusions.analyses.battery.rivals import rivals

HEAD = "stimulus,family,pixels_per_degree,axis,lighter,contested,strength,strength_unit,source"
MINE = '''
def mean(picture, targets, pixels_per_degree):
    """As it should be."""
    return [picture[targets == k].mean() - picture[:, 8:].mean() * (k == 2) for k in (1, 2)]
def fails(picture, targets, pixels_per_degree):
    if pixels_per_degree == 2:
        raise ValueError("too coarse for me")
    return [1.0, float("nan")]
def short(picture, targets, pixels_per_degree):
    return [1.0]
'''


@pytest.fixture(autouse=True)
def _set(tmp_path, monkeypatch):
    (tmp_path / "tiny").mkdir()
    for name in ("left", "right"):
        picture, targets = np.zeros((16, 16), np.uint8), np.zeros((16, 16), np.uint8)
        picture[:, 8:] = 255
        targets[6:10, 2:6], targets[6:10, 10:14] = 1, 2
        picture[targets > 0] = 128
        Image.fromarray(picture).save(tmp_path / "tiny" / f"{name}.png")
        Image.fromarray(targets).save(tmp_path / "tiny" / f"{name}-targets.png")
    rows = "left,sbc,2,brightness,1,false,2,unstated,nobody\nright,sbc,4,brightness,2,true,,,nobody\n"
    (tmp_path / "tiny.csv").write_text(f"{HEAD}\n{rows}")
    monkeypatch.setattr("illusions.stimuli.published.published_sets", lambda: ["betz2015", "bindman2004"])  # the small
    monkeypatch.setattr("illusions.stimuli.settings.settings_sets", lambda: ["singh2026"])
    few = match_rivals()[:3]
    monkeypatch.setattr("illusions.analyses.battery.match_entries.all_match_entries", lambda *_, **__: few)
    some = [entry for entry in rivals() if entry.name in ("contrast", "DoG")]  # those that take no time
    monkeypatch.setattr("illusions.analyses.battery.entries.default_entries", lambda *_, **__: some)
    (tmp_path / "mine_in_cli.py").write_text(MINE)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    sys.modules.pop("mine_in_cli", None)


def test_ones_own_predictor_on_ones_own_stimuli(run, tmp_path):
    status, out, err = run("battery", "--set", "tiny.csv", "--predictor", "mine_in_cli:mean", "-o", "out")
    assert (status, err) == (0, "")
    files = {"battery.csv", "scores.csv", "columns.json", "battery.png", "battery.txt", "battery.html"}
    assert {path.name for path in (tmp_path / "out").glob("[!.]*")} == files
    assert all(name in out for name in files)
    assert "mine_in_cli:mean: tiny 1 of 1\n" in out
    table = pd.read_csv(tmp_path / "out" / "battery.csv")
    assert set(table["stimulus"]) == {"left", "right"}
    assert {"contrast", "DoG", "mine_in_cli:mean"} == set(table["predictor"])
    scores = pd.read_csv(tmp_path / "out" / "scores.csv")
    assert list(scores.columns) == ["predictor", "set", "score", "left_out", "value", "low", "high", "n"]
    assert set(scores["score"]) == {"directions", "directions_with_contested"}
    page = (tmp_path / "out" / "battery.html").read_text()
    assert "As it should be." in page
    assert "illusions battery --set tiny.csv" in page


def test_a_predictor_that_fails_is_named_and_the_rest_goes_on(run, tmp_path):
    status, out, err = run(
        "battery",
        "--set",
        "tiny.csv",
        "--predictor",
        "mine_in_cli:fails",
        "--predictor",
        "mine_in_cli:short",
        "-o",
        "o",
    )
    assert status == 0
    assert "mine_in_cli:fails, tiny, left: no prediction: ValueError: too coarse for me\n" in err
    assert "mine_in_cli:fails, tiny, right: no prediction: the value of target 2 is nan\n" in err
    assert "mine_in_cli:short, tiny, left: no prediction: values of shape (1,); expected (2,)" in err
    assert "mine_in_cli:fails: tiny 0 of 1" in out
    table = pd.read_csv(tmp_path / "o" / "battery.csv")
    failed = table[table["predictor"] == "mine_in_cli:fails"]
    assert failed["reason"].tolist() == ["ValueError: too coarse for me", "the value of target 2 is nan"]
    assert failed["right"].tolist() == [False, False]
    assert table["reason"][table["predictor"] == "DoG"].isna().all()


def test_counting_in_photographs_competes_where_there_are_photographs(run, tmp_path):
    (tmp_path / "photos").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "photos" / "a.png")
    status, _, _ = run("battery", "--set", "tiny.csv", "--photos", "photos", "-o", "out")
    assert status == 0
    table = pd.read_csv(tmp_path / "out" / "battery.csv").set_index("predictor")
    left, right = table.loc["counting"].to_dict("records")  # 8° are the whole of the one, and twice the other
    assert 0 <= left["target_1"] <= 1
    assert left["setting"] == "8°"
    assert "the patch" in right["reason"]
    assert run("battery", "--set", "tiny.csv", "--photos", "nowhere", "-o", "o")[0] == 2


@pytest.mark.usefixtures("drawn")
def test_the_same_numbers_the_second_time(run, tmp_path):
    for folder in ("a", "b"):
        assert run("battery", "--set", "tiny.csv", "-o", folder)[0] == 0
    for path in (tmp_path / "a").glob("[!.]*"):
        if path.name != "battery.html":
            assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_a_set_alone_has_the_scores_that_it_has_among_all(run, tmp_path):
    assert run("battery", "-o", "all")[0] == run("battery", "--set", "betz2015", "-o", "alone")[0] == 0
    every, alone = (pd.read_csv(tmp_path / folder / "scores.csv") for folder in ("all", "alone"))
    pd.testing.assert_frame_equal(every[every["set"] == "betz2015"].reset_index(drop=True), alone)


def test_one_predictor_alone_needs_no_flow(run, tmp_path, monkeypatch):
    def load(*_, **__):
        raise AssertionError("a flow was loaded")

    monkeypatch.setattr("illusions.analyses.battery.entries.default_entries", load)
    own = ["--set", "tiny.csv", "--predictor", "mine_in_cli:mean"]
    assert run("battery", *own, "--only", "mine_in_cli:mean", "--only", "DoG", "-o", "out")[0] == 0
    table = pd.read_csv(tmp_path / "out" / "battery.csv")
    assert table["predictor"].unique().tolist() == ["DoG", "mine_in_cli:mean"]


def test_only_an_unknown_predictor_is_refused(run, tmp_path):
    status, _, err = run("battery", "--set", "tiny.csv", "--only", "dog", "-o", "out")
    assert status == 2
    assert "no predictor is called 'dog'; there is: DoG, contrast" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--predictor", "nowhere_at_all:f"], "the module 'nowhere_at_all' cannot be imported"),
        (["--predictor", "mine_in_cli:meen"], "no function is called 'meen'; did you mean 'mean'?"),
        (["--predictor", "mine_in_cli"], "expected module:function"),
        (["--predictor", "mine_in_cli:mean", "--predictor", "mine_in_cli:mean"], "is given 2 times"),
        (["--set", "betz2105"], "did you mean 'betz2015'?"),
        (["--set", "tiny.csv"], "set 'tiny' is given 2 times"),
    ],
)
def test_what_does_not_exist_is_one_message_before_anything_is_computed(arguments, message, run, tmp_path):
    status, out, err = run("battery", "--set", "tiny.csv", *arguments, "-o", "out")
    assert (status, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "out").exists()
