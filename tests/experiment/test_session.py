"""A whole experiment in headless Chromium: what is shown, what is set, what is saved, and what is read of it."""

from __future__ import annotations

import json
import time
from functools import cache
from itertools import cycle

import numpy as np
import pytest

from illusions.analyses.experiment.page import fingerprint
from illusions.analyses.experiment.responses import read_responses
from illusions.stimuli.loading import load_stimulus
from tests.experiment.conftest import STIMULI

CONTINUE = "#jspsych-html-button-response-btngroup button"
#: How far from physically the same the person sets each match, in steps.
BIAS = 7


def sweep(stimulus):
    """The values in the order of the slider: of a circular axis from the cut opposite to the target."""
    values = stimulus.values()
    if not stimulus.axis.circular:
        return values
    return np.roll(values, len(values) // 2 - int(np.abs(values - stimulus.value).argmin()))


def same(stimulus):
    """The step at which the target has the bytes that it has physically, or those nearest to them; then by value."""
    values = sweep(stimulus)
    off = np.abs(stimulus.axis.at(stimulus.target, values).astype(int) - stimulus.colour(stimulus.value)).sum(axis=1)
    return min(range(len(values)), key=lambda step: (off[step], abs(values[step] - stimulus.value)))


@cache
def picture(stimulus, condition, value):
    """As `Stimulus.picture`, which draws the scene anew for every value; see the test beneath."""
    raster = scene(stimulus, condition)
    return raster.paint(stimulus.colour(value)[None])[0]


@cache
def scene(stimulus, condition):
    return stimulus.conditions[condition].picture()


def test_pictures_are_those_that_render_writes():
    for stimulus in map(load_stimulus, STIMULI):
        for condition in stimulus.conditions:
            assert np.array_equal(picture(stimulus, condition, stimulus.value), stimulus.picture(condition))


def check_pixels(person, stimuli):
    """Both pictures, byte for byte; returns the stimulus and its two conditions."""
    shown, changed, step = person.pixels("reference"), person.pixels("comparison"), person.step()
    ((stimulus, reference),) = [
        (s, name) for s in stimuli for name in s.conditions if np.array_equal(shown, picture(s, name, s.value))
    ]
    value = float(sweep(stimulus)[step])
    (comparison,) = [name for name in stimulus.conditions if np.array_equal(changed, picture(stimulus, name, value))]
    return stimulus.name, reference, comparison


def moves(person):
    """Ways to change the target; the last is a finger's."""
    yield from cycle(
        [
            lambda: person.drag_slider(30),
            lambda: person.roll(3),
            lambda: person.find("[data-by='10']").click(),
            lambda: person.press_with_shift("\ue014"),  # →
            lambda: person.swipe(80),
            lambda: person.tap("[data-by='10']"),
        ]
    )


def test_a_whole_experiment(person, page):
    stimuli = [load_stimulus(name) for name in STIMULI]
    by_name = {stimulus.name: stimulus for stimulus in stimuli}
    person.open(page(*STIMULI))
    person.to_the_first_trial(observer="ab")
    person.press("\ue007")  # Enter, without a change
    check_screen(person, 2)
    assert "Change the target first" in person.find("[data-role=said]").text
    nearest = {name: same(stimulus) for name, stimulus in by_name.items()}
    person.set_step(nearest[STIMULI[0]])
    person.press("\ue007")
    person.find(CONTINUE)
    assert "Well done" in person.find("article").text
    person.press("\ue007")
    seen = []
    for move, _ in zip(moves(person), range(4 * len(STIMULI)), strict=False):
        person.find(".stage")
        person.set_step(100)
        move()
        assert 100 < person.step() < 180
        stimulus, reference, comparison = check_pixels(person, stimuli)
        person.set_step(nearest[stimulus] + (0 if reference == comparison else BIAS))
        seen.append((stimulus, reference, comparison))
        person.press("\ue007")
    assert "fake predicts" in person.find(".results").text
    assert not person.driver.execute_script("return performance.getEntriesByType('resource').map(({ name }) => name)")
    assert not person.complaints()
    table, text = person.save()
    assert (table.name, text.name) == ("matches-ab.csv", "matches-ab.json")
    responses = read_responses([text, table], {name: fingerprint(s) for name, s in by_name.items()})
    assert responses.left_out == {str(table): f"holds the same session as {text}"}
    assert read_responses([table]).matches.drop(columns="file").equals(responses.matches.drop(columns="file"))
    rows = responses.matches[["stimulus", "reference_condition", "comparison_condition"]].itertuples(index=False)
    assert [tuple(row) for row in rows] == [trial for trial in seen if trial[1] != trial[2]]
    assert sorted(seen) == sorted((s.name, a, b) for s in stimuli for a in s.conditions for b in s.conditions)
    for row in responses.matches.itertuples():
        values = sweep(by_name[row.stimulus])
        assert row.match == values[nearest[row.stimulus] + BIAS]
        assert row.start in values
        assert row.reference_value == by_name[row.stimulus].value
        assert (row.rt > 0, row.adjustments >= 1, row.magnification) == (True, True, 2)
    (session,) = responses.sessions.to_dict("records")
    assert (session["observer"], session["complete"], session["catch_error"]) == ("ab", True, 0)
    assert (session["viewing_distance_cm"], session["colour_gamut"]) == (57, "srgb")
    assert session["gamma"] == pytest.approx(np.log(0.5) / np.log(186 / 255))
    width = responses.matches["picture_degrees"].to_numpy() / 180 * np.pi
    pictures = [by_name[name].picture(row).shape[1] for name, row, _ in seen if name]
    assert 2 * 570 * np.tan(width / 2) * session["css_pixels_per_mm"] == pytest.approx(
        [pictures[i] for i, trial in enumerate(seen) if trial[1] != trial[2]]
    )


def check_screen(person, magnification):
    """Every pixel of both pictures fills whole pixels of the screen, and no other."""
    while person.shows(".outlined"):
        time.sleep(0.1)
    for role in ("reference", "comparison"):
        expected = person.pixels(role).repeat(magnification, 0).repeat(magnification, 1)
        assert np.array_equal(person.on_screen(role), expected)


def test_on_a_screen_with_half_a_pixel_too_many(person_at, page):
    person = person_at(ratio=1.5)
    person.open(page("bullseye"))
    person.to_the_first_trial()
    check_screen(person, 1)


def test_a_telephone_held_upright(person, page):
    person.telephone(390, 844, 3, prefers_color_scheme="dark", prefers_reduced_motion="reduce")
    person.open(page("white"))
    person.to_the_first_trial()
    assert "lower" in person.find(".question").text
    overflow, outside = person.driver.execute_script(
        """
        const { scrollWidth, scrollHeight } = document.documentElement;
        const controls = [...document.querySelectorAll(".adjustment button, .adjustment input, .stage canvas")];
        const shown = controls.filter((control) => control.offsetParent && !control.closest("dialog"));
        const boxes = shown.map((control) => control.getBoundingClientRect());
        return [
          [scrollWidth - innerWidth, scrollHeight - innerHeight],
          boxes.filter(({ left, top, right, bottom }) => left < 0 || top < 0 || right > 390 || bottom > 844).length,
        ];
        """
    )
    assert overflow == [0, 0]
    assert outside == 0
    before = person.step()
    person.swipe(100 if before < 128 else -100)
    assert abs(person.step() - before) in range(20, 30)


def test_who_stops_early_keeps_what_is_done(person, page):
    person.open(page("brightness-contrast"))
    person.to_the_first_trial()
    stimulus = load_stimulus("brightness-contrast")
    person.set_step(128)
    person.press("\ue007")
    person.find(CONTINUE)
    person.press("\ue007")
    kinds = set()
    while kinds != {True, False}:
        person.find(".stage")
        person.set_step(128)
        _, reference, comparison = check_pixels(person, [stimulus])
        kinds.add(reference == comparison)
        person.press("\ue007")
    person.find("[data-role=stop]")
    while person.focus() != "stop":
        person.press("\ue004")  # Tab
    person.press("\ue007")
    person.find("dialog[open]")
    person.press("\ue007")  # the way back has the focus
    assert not person.shows("dialog[open]")
    assert person.focus() == "slider"
    while person.focus() != "stop":
        person.press("\ue004")
    person.press("\ue007", "\ue004", "\ue007")
    assert "stopped early" in person.find(".results").text
    (_, file) = person.save()
    assert file.name == "matches.json"
    responses = read_responses([file])
    (session,) = responses.sessions.to_dict("records")
    assert session["complete"] is False
    done = [row for row in json.loads(file.read_text()) if row.get("part") in ("trial", "catch")]
    assert len(responses.matches) == len([row for row in done if row["part"] == "trial"]) < 3
    assert (responses.matches["match"] == stimulus.values()[128]).all()


def test_a_break_can_be_the_end_and_a_host_is_given_the_data(person, page, tmp_path):
    often = tmp_path / "often.html"
    taken = "<script>document.addEventListener('illusions:finish', ({ detail }) => { window.taken = detail; })</script>"
    text = page("white").read_text("utf-8").replace('"break_every": 20', '"break_every": 1')
    often.write_text(text.replace("<script>", f"{taken}<script>", 1), "utf-8")
    person.open(often)
    person.to_the_first_trial()
    person.set_step(128)
    person.press("\ue007")
    person.find(CONTINUE)
    person.press("\ue007")
    for done in (1, 2):
        person.find(".stage")
        person.set_step(128)
        person.press("\ue007")
        assert f"You have set {done} of 4 matches" in person.find("article").text
        person.press("\ue007" if done == 1 else "\ue004\ue007")
    assert "stopped early" in person.find(".results").text
    rows = json.loads(person.driver.execute_script("return window.taken"))
    assert len([row for row in rows if row.get("part") in ("trial", "catch")]) == 2
    assert [row["complete"] for row in rows if row.get("part") == "end"] == [False]


def test_a_browser_that_lacks_something_says_what(person, page):
    lacks = "Page.addScriptToEvaluateOnNewDocument"
    script = person.driver.execute_cdp_cmd(lacks, {"source": "delete window.HTMLDialogElement"})
    try:
        person.open(page("white"))
        assert "It lacks: dialogs." in person.find("main").text
    finally:
        person.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def test_without_javascript_the_page_has_words(person, page):
    person.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        person.open(page("white"))
        assert "JavaScript switched on" in person.find("main").text
    finally:
        person.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_page_that_was_cut_off_says_so(person, page, tmp_path):
    whole = page("white").read_text("utf-8")
    cut = tmp_path / "cut.html"
    start = whole.index('id="configuration">') + 1000
    cut.write_text(whole[:start] + whole[whole.index("</script>", start) :], "utf-8")
    person.open(cut)
    assert "not complete" in person.find("main").text
