"""Tables, figure and page of a contest."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest

from illusions.analyses.battery.contest import compete
from illusions.analyses.battery.figure import battery_caption, battery_figure
from illusions.analyses.battery.predictors import Entry
from illusions.analyses.battery.report import battery_page, score_in_words, sentences
from illusions.analyses.battery.tables import battery_frame, scores_frame, write_csv
from illusions.progress import report, reported_to
from tests.analyses.battery.people import saying, seen

STIMULI = [
    seen(1, name="one", family="a", strength=3.0),
    seen(2, name="two", family="a", strength=1.0),
    seen(1, name="three", family="b", strength=2.0),
    seen("none", name="four", family="b"),
    seen(1, name="five", family="b", contested=True),
    seen(2, name="six", set="t", family="c"),
]


@pytest.fixture
def results():
    tuned = saying(STIMULI, [[3, 1], [-1, 1], [-2, 2], [1, 0], [1, -1], [None, -1]], ("x", "y"), "tuned")
    return [saying(STIMULI, [[2], [2], [1], [1], [1], [None]], name="plain"), tuned]


def test_a_row_per_stimulus_and_predictor(results):
    table = battery_frame(results)
    assert len(table) == 12
    row = table[(table["stimulus"] == "two") & (table["predictor"] == "plain")].iloc[0]
    assert row[["set", "family", "setting", "target_1", "target_2"]].tolist() == ["s", "a", "", 2, 0]
    assert row[["difference", "lighter", "people", "right", "reason"]].tolist() == [2, "1", "2", False, ""]
    row = table[(table["stimulus"] == "six") & (table["predictor"] == "plain")].iloc[0]
    assert math.isnan(row["target_1"])
    assert math.isnan(row["difference"])
    assert row[["lighter", "right", "reason"]].tolist() == ["", False, "no idea"]


def test_the_setting_in_sample_and_the_one_chosen_without_the_family(results):
    # x is right of one, two; y of one, three, six. Without a: x of none, y of 2. Without b: 2 and 2, x has the same
    # correlation (fewer than 3 strengths): x. Without c: 2 and 2; the strengths 3, 1, 2 have the effects 3, 1, −2 and
    # 1, −1, 2, so ρ = 1/2 twice: x.
    table = battery_frame(results)
    tuned = table[table["predictor"] == "tuned"].set_index("stimulus")
    assert set(tuned["setting"]) == {"y"}
    assert tuned["cross_validated_setting"].to_dict() == {
        "one": "y", "two": "y", "three": "x", "four": "x", "five": "x", "six": "x",
    }  # fmt: skip
    assert tuned.loc["three", ["difference", "right"]].tolist() == [2, True]
    assert tuned.loc["three", ["cross_validated_difference", "cross_validated_right"]].tolist() == [-2, False]
    assert tuned.loc["six", ["reason", "cross_validated_reason"]].tolist() == ["", "no idea"]


def test_the_scores_have_the_columns_that_are_promised(results, tmp_path):
    table = scores_frame(results)
    assert list(table.columns) == ["predictor", "set", "score", "left_out", "value", "low", "high", "n"]
    tuned = table[(table["predictor"] == "tuned") & (table["score"] == "directions")]
    assert tuned["value"].round(6).tolist() == [0.666667, 0.333333, 1, 0]
    plain = table[table["predictor"] == "plain"].drop(columns="left_out")
    held = table["left_out"][table["predictor"] == "plain"] == "family"
    pd.testing.assert_frame_equal(plain[held].reset_index(drop=True), plain[~held].reset_index(drop=True))
    assert set(table["score"][table["set"] == "s"]) == {
        "directions", "directions_with_contested", "strength_correlation",
    }  # fmt: skip
    write_csv(table, tmp_path / "scores.csv")
    lines = (tmp_path / "scores.csv").read_text().splitlines()
    assert lines[1].startswith("plain,s,directions,nothing,0.66666")
    assert lines[1].endswith(",3")


def test_a_number_that_equals_true_stays_a_number(results, tmp_path):
    write_csv(battery_frame(results), tmp_path / "battery.csv")
    table = pd.read_csv(tmp_path / "battery.csv")
    assert table["target_1"].dropna().isin([-2, -1, 0, 1, 2, 3]).all()
    assert table["contested"].dtype == bool
    assert (tmp_path / "battery.csv").read_text().count("true") > 0
    assert "True" not in (tmp_path / "battery.csv").read_text()


def texts(figure):
    return [text.get_text() for text in figure.axes[-1].texts]


def test_the_figure_has_every_stimulus_and_every_answer(results):
    figure = battery_figure(results, caption=battery_caption(results))
    shown = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert {"people", "plain", "tuned", "one", "two", "three", "four", "five", "six", "s", "t"} <= set(shown)
    # by people: 1, 2, 1, =, 1?, 2
    assert shown.count("=") >= 1
    assert shown.count("1?") == 1
    assert shown.count("–") == 2  # six, by plain, and by tuned at x
    (axes,) = (axes for axes in figure.axes if axes.images)
    assert len(axes.images) == 6
    assert len(axes.collections) == 12
    assert sum(len(collection.get_segments()) for collection in axes.collections) == 12 * 8  # round 2×2 pixels


def test_cells_are_filled_where_they_are_right_framed_where_they_are_wrong_and_bare_where_neither(results):
    figure = battery_figure(results)
    (axes,) = (axes for axes in figure.axes if axes.images)
    white = [patch for patch in axes.patches if patch.get_facecolor() == (1, 1, 1, 1)]
    # People: one, two, three, six and the equal four. plain: one, three right, two, six wrong. tuned: one right;
    # two, three, six wrong. four and five have no frame.
    assert len(white) == 2 + 3
    assert len(axes.patches) - len(white) == 5 + 2 + 1


@pytest.mark.parametrize("predictors", [1, 5, 20])
def test_the_figure_has_the_width_of_a_page_however_many_compete(predictors):
    results = [saying(STIMULI, [[1]] * 6, name=f"a predictor with a long name {i}") for i in range(predictors)]
    figure = battery_figure(results)
    figure.canvas.draw()
    assert figure.get_size_inches()[0] == pytest.approx(6.4)
    (axes,) = (axes for axes in figure.axes if axes.images)
    right = max(patch.get_x() + patch.get_width() for patch in axes.patches)
    assert right <= 6.4


def test_the_page_says_what_was_scored_and_what_was_not(results):
    page = battery_page(results, scores_frame(results), command="illusions battery", settings={"stimuli": "s, t"})
    assert "2 predictors, 6 stimuli" in page
    assert "no idea" in page
    assert "Says what it is told." in page
    assert "2 of 3 (21–94 %)" in page
    row = re.search(r"<td>tuned</td>(.*?)</tr>", page).group(1)
    assert re.findall(r"<td>(.*?)</td>", row)[:3] == ["1 of 3 (6–79 %)", "2 of 3", "2 of 4"]
    assert "nobody" in page


def test_one_sentence_per_predictor(results):
    assert sentences(results, scores_frame(results)) == [
        "plain: s 2 of 3; t 0 of 1",
        "tuned: s 1 of 3 (2 of 3 in sample); t 0 of 1 (1 of 1 in sample)",
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("directions", 0.8, 0.609, 0.911, 25), "20 of 25 (61–91 %)"),
        (("strength_correlation", 0.382, -0.224, 0.822, 15), "+0.38 (−0.22 to +0.82)"),
        (("share_correlation", -0.5, math.nan, math.nan, 3), "−0.50 (of 3, no interval)"),
        (("share_correlation", math.nan, math.nan, math.nan, 3), "–"),
    ],
)
def test_a_score_in_words(row, words):
    assert score_in_words(dict(zip(("score", "value", "low", "high", "n"), row, strict=True))) == words


def test_progress_is_told_by_stimulus_and_not_by_patch():
    heard = []

    def answer(picture, targets, pixels_per_degree):
        report(1000)
        return {"": [1, 0]}

    with reported_to(heard.append):
        compete(Entry("e", "", answer), STIMULI)
    assert heard == [1] * 6
