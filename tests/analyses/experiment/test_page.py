from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace

import numpy as np
import pytest

from illusions.analyses.experiment import page as pages
from illusions.analyses.experiment.page import experiment_page, fingerprint, read_bundle
from illusions.analyses.readings.scales import Ranking, rank_at_scales
from illusions.columns import TABLES
from illusions.errors import InputError
from illusions.stimuli.loading import load_stimulus
from illusions.stimuli.making import uniform
from tests.analyses.fakes import FakeModel

BUNDLE = "<script>{{configuration}}</script>"


def configuration(*stimuli, rankings=(), repetitions=4):
    page = experiment_page(BUNDLE, stimuli, rankings, repetitions=repetitions, command="illusions experiment …")
    return json.loads(page.removeprefix("<script>").removesuffix("</script>"))


def floats(text, *shape):
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), "<f4").reshape(shape)


@pytest.mark.parametrize("name", ["bullseye", "brightness-contrast-photograph", "hue-contrast"])
def test_the_page_carries_what_the_picture_is_painted_from(name):
    stimulus = load_stimulus(name)
    (described,) = configuration(stimulus)["stimuli"]
    step = 40
    for condition, raster in described["conditions"].items():
        height, width = raster["height"], raster["width"]
        coverage, surround = floats(raster["coverage"], height, width), floats(raster["surround"], height, width, 3)
        colour = np.array(described["colours"][step], np.float32)
        painted = np.floor(coverage[..., None] * colour + surround + np.float32(0.5))
        assert np.array_equal(painted, stimulus.picture(condition, described["values"][step]))


def test_the_sweep_is_that_of_the_stimulus_and_a_circle_is_cut_opposite_to_the_target():
    for name in ("brightness-contrast", "hue-contrast"):
        stimulus = load_stimulus(name)
        (described,) = configuration(stimulus)["stimuli"]
        assert sorted(described["values"]) == stimulus.values().tolist()
        off = np.subtract(described["colours"][described["nearest"]], stimulus.colour(stimulus.value).astype(int))
        assert np.abs(off).max() <= (0 if name == "brightness-contrast" else 1)  # 0.0833 is no hue of the sweep
    assert described["nearest"] == len(described["values"]) // 2
    assert described["values"] != sorted(described["values"])


def test_a_reference_is_where_matches_are_set():
    """Eight surrounds and a grey: a match of each on grey, a catch trial on grey, and nothing else."""
    surrounds = {f"azimuth-{turn}": {"dkl-polar": [0, 0.1, turn]} for turn in range(0, 360, 45)}
    conditions = {"grey": "#bcbcbc", **surrounds}
    stimulus = uniform(target={"dkl-polar": [0, 0.1, 20]}, surrounds=conditions, axis="dkl-hue", reference="grey")
    (described,) = configuration(stimulus, repetitions=1)["stimuli"]
    assert described["pairs"] == [[name, "grey"] for name in surrounds]
    assert described["catches"] == ["grey"]
    assert described["ground"] == [188, 188, 188]
    assert described["axis"]["s_scale"] == 1
    (every,) = configuration(replace(stimulus, reference=None))["stimuli"]
    assert len(every["pairs"]) == 72
    assert every["catches"] == list(conditions)
    assert every["ground"] == [232, 232, 232]
    assert every["fingerprint"] != described["fingerprint"]
    ranking = rank_at_scales(stimulus, FakeModel(circular=True), (), 500.0, draws=2)
    assert [match.reference_condition for match in ranking.matches] == list(surrounds)
    matches = ranking.matches_frame()
    assert set(matches["comparison_condition"]) == {"grey"}
    for frame, file in (
        (matches, "matches.csv"),
        (ranking.ranks_frame(), "ranks.csv"),
        (ranking.summary_frame(), "summary.csv"),
    ):
        assert (frame["s_scale"] == 1).all()
        assert any(table.allows(frame.columns) for table in TABLES if table.file == file)

    summary = ranking.summary_frame().set_index("condition")
    own, errors = summary["percentile_rank"], summary["relative_rank_standard_error"]
    np.testing.assert_allclose(summary["relative_rank"], own - own["grey"])
    assert errors["grey"] == 0
    assert (errors.drop("grey") >= 0).all()
    assert (
        "relative_rank" not in rank_at_scales(load_stimulus("white"), FakeModel(), (), 500.0, draws=2).summary_frame()
    )


def test_predictions_stand_in_the_page_and_a_missing_match_is_none(monkeypatch):
    stimulus = load_stimulus("brightness-contrast")
    ranking = rank_at_scales(stimulus, FakeModel(), (), 500.0, draws=2)
    first, second = ranking.matches
    missing = replace(second, pse=float("nan"), in_gamut=False, pse_standard_error=float("nan"))
    monkeypatch.setattr(Ranking, "matches", [first, missing])
    by_field = replace(ranking, unit="field")
    found = configuration(stimulus, rankings=[ranking, by_field])
    assert found["models"] == [{"name": "fake", "temperature": 500, "unit": unit} for unit in ("scale", "field")]
    assert found["predictions"][0]["pse"] == first.pse
    assert found["predictions"][1] == {
        **{"stimulus": "brightness-contrast", "reference": "light", "comparison": "dark"},
        **{"model": "fake", "pse": None, "standard_error": None},
    }
    assert found["stimuli"][0]["pairs"] == [["dark", "light"], ["light", "dark"]]


def test_what_a_file_says_cannot_close_the_script():
    stimulus = replace(load_stimulus("white"), title="</script><script>alert(1)</script>")
    page = experiment_page(BUNDLE, [stimulus])
    assert page.count("</script>") == 1
    assert configuration(stimulus)["stimuli"][0]["title"] == stimulus.title


def test_the_fingerprint_changes_with_what_is_seen_and_with_nothing_else():
    stimulus = load_stimulus("white")
    assert fingerprint(stimulus) == fingerprint(replace(stimulus, title="Another", description=""))
    turned = dict(reversed(stimulus.conditions.items()))
    others = [load_stimulus("white-long"), replace(stimulus, conditions=turned)]
    assert len({fingerprint(s) for s in (stimulus, *others)}) == 3


def test_a_single_condition_cannot_be_matched():
    stimulus = load_stimulus("white")
    alone = replace(stimulus, conditions={"black": stimulus.conditions["black"]}, people_see_higher=None)
    with pytest.raises(InputError, match="white: has a single condition; expected two or more"):
        experiment_page(BUNDLE, [alone])


def test_a_missing_bundle_says_how_to_make_it(monkeypatch, tmp_path):
    monkeypatch.setattr(pages, "_BUNDLES", (tmp_path / "a", tmp_path / "b"))
    with pytest.raises(
        InputError, match=r"b/page\.html: the page has not been bundled; run 'make experiment'.*Node\.js"
    ):
        read_bundle()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "page.html").write_text("page", "utf-8")
    assert read_bundle() == "page"
