"""`illusions export --for jspsych` in a page of somebody else, with jsPsych and trials of another plugin."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from illusions.analyses.experiment.jspsych import write_jspsych
from illusions.analyses.experiment.responses import read_responses
from illusions.stimuli.loading import load_stimulus

PACKAGES = Path(__file__).resolve().parents[2] / "experiment" / "node_modules"
STIMULI = ("bullseye", "hue-contrast")
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Somebody's page</title>
<script src="{packages}/jspsych/dist/index.browser.min.js"></script>
<script src="{packages}/@jspsych/plugin-html-button-response/dist/index.browser.min.js"></script>
<link rel="stylesheet" href="{packages}/jspsych/css/jspsych.css">
<link rel="stylesheet" href="adjustment.css">
<script src="timeline.js"></script>
<style>.question {{ color: red }} body {{ background: #024 }}</style>
</head><body></body><script>
const jsPsych = initJsPsych({{ show_progress_bar: true, on_finish: () => {{
  window.saved = [jsPsych.data.get().json(), jsPsych.data.get().csv()];
}} }});
const button = (stimulus) => ({{ type: jsPsychHtmlButtonResponse, stimulus, choices: ["Go on"] }});
const matches = illusionsTimeline(jsPsych, {{ observer: "ab", repetitions: 1, pixelsPerDegree: () => 40 }});
jsPsych.run([button("<p>Welcome, to pictures</p>"), matches, button("<p>Thank you</p>")]);
</script></html>
"""


@pytest.fixture
def exported(bundle, tmp_path):
    if not (PACKAGES / "jspsych").is_dir():
        pytest.skip("the packages of the page are not installed (make experiment)")
    write_jspsych(map(load_stimulus, STIMULI), tmp_path)
    (tmp_path / "page.html").write_text(PAGE.format(packages=PACKAGES.as_uri()), "utf-8")
    return tmp_path / "page.html"


def test_a_session_by_keyboard_in_a_page_of_somebody_else(exported, person, tmp_path):
    stimuli = {name: load_stimulus(name) for name in STIMULI}
    person.open(exported)
    person.find("#jspsych-html-button-response-btngroup button").click()
    shown = []
    for _ in range(sum(len(stimulus.pairs) + len(stimulus.conditions) for stimulus in stimuli.values())):
        person.find(".stage")
        box = person.driver.execute_script("return document.querySelector('.adjustment').getBoundingClientRect()")
        size = person.driver.execute_script("return [innerWidth, innerHeight]")
        assert [box["x"], box["y"], box["width"], box["height"]] == [0, 0, *size]  # over the page and its progress bar
        name = person.shown(list(stimuli.values()))
        same = person.corner("reference") == person.corner("comparison")
        person.set_step(128 if same else 100)
        shown.append((name, person.pixels("comparison")))
        person.press(Keys.ENTER)
    person.find("#jspsych-html-button-response-btngroup button").click()
    WebDriverWait(person.driver, 8).until(lambda driver: driver.execute_script("return window.saved"))
    assert not person.complaints()
    saved = person.driver.execute_script("return window.saved")
    for suffix, text in zip(("json", "csv"), saved, strict=True):
        (tmp_path / f"saved.{suffix}").write_text(text, "utf-8")
    rows = [row for row in json.loads(saved[0]) if row["trial_type"] == "illusions-adjustment"]
    for (name, picture), row in zip(shown, rows, strict=True):
        assert name == row["stimulus"]
        assert np.array_equal(picture, stimuli[name].picture(row["comparison_condition"], row["match"]))
        across = picture.shape[1] * row["magnification"] / row["device_pixel_ratio"]  # CSS pixels
        assert row["picture_degrees"] == pytest.approx(across / 40)
    for file in ("saved.json", "saved.csv"):
        responses = read_responses([tmp_path / file])
        assert not responses.left_out
        (notes,) = responses.notes.values()
        assert notes[0] == "2 rows of other trials skipped"
        assert len(responses.matches) == sum(len(stimulus.pairs) for stimulus in stimuli.values())
        assert set(responses.matches["observer"]) == {"ab"}
