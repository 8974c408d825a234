"""What browsers, extensions, hosts and people do to the page: zoom, dark modes, small windows, frames, absences."""

from __future__ import annotations

import base64
import io
import json
import time

import numpy as np
import pytest
from PIL import Image
from selenium.webdriver.common.keys import Keys

from illusions.analyses.experiment.responses import read_responses
from illusions.stimuli.loading import load_stimulus

#: Two stimuli: a disc with soft edges along brightness, and a grating along lightness.
STIMULI = ("bullseye", "white")
CONTINUE = "#jspsych-html-button-response-btngroup button"


def screen(person):
    """What the screen shows, shape (h, w, 3)."""
    shot = person.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB"))


def a_session(person, file, *, before_the_trials=lambda: None):
    """By keyboard, of two stimuli; returns what was saved as JSON, and what is read of it."""
    stimuli = [load_stimulus(name) for name in STIMULI]
    person.open(file)
    person.to_the_first_trial(observer="ab")
    before_the_trials()
    person.rest_by_keyboard(stimuli)
    assert not person.complaints()
    (_, saved) = person.save()
    return json.loads(saved.read_text("utf-8")), read_responses([saved])


def test_a_session_in_a_browser_that_darkens_pages(person_at, page):
    person = person_at("--enable-features=WebContentsForceDark")
    grounds = []

    def look():
        person.find(".stage")
        box = person.driver.execute_script("return document.querySelector('.stage').getBoundingClientRect()")
        grounds.append(screen(person)[int(box["top"]) + 5, int(box["left"]) + 5].tolist())

    file = page(*STIMULI)
    person.open(file)
    person.find("#jspsych-instructions-next")
    assert "Something darkens this page" not in person.find("article").text
    person.press(Keys.ENTER)
    time.sleep(0.3)
    assert "Something darkens this page" in person.find("article").text
    rows, responses = a_session(person, file, before_the_trials=look)
    assert grounds == [[232, 232, 232]]  # of the pictures; the page around it is dark
    assert [row["darkened"] for row in rows if row.get("part") in ("screen", "trial")] == [True] * 5
    (notes,) = responses.notes.values()
    assert notes == ["observer ab: the browser darkened the page, the ground around the pictures, too"]
    assert responses.sessions["darkened"].tolist() == [True]


def test_without_a_dark_mode_nothing_is_said_of_one(person, page):
    person.open(page("white"))
    person.find("#jspsych-instructions-next")
    person.press(Keys.ENTER)
    time.sleep(0.3)
    assert "Something darkens" not in person.find("article").text
    assert person.driver.execute_script("return document.querySelector('meta[name=darkreader-lock]') !== null")


@pytest.mark.parametrize("factor", [1.25, 0.8])
def test_degrees_stay_right_when_the_page_is_zoomed_after_the_card_was_measured(factor, person_at, page):
    person = person_at()

    def zoom():
        person.zoom(factor)
        time.sleep(0.5)
        assert person.driver.execute_script("return devicePixelRatio") == pytest.approx(factor)

    rows, responses = a_session(person, page(*STIMULI), before_the_trials=zoom)
    (about,) = [row for row in rows if row.get("part") == "about"]
    assert about["device_pixel_ratio"] == 1
    for match in responses.matches.to_dict("records"):
        width = load_stimulus(match["stimulus"]).picture(match["comparison_condition"]).shape[1]
        millimetres = width * match["magnification"] / about["css_pixels_per_mm"]  # pixels of the screen at that time
        assert match["picture_degrees"] == pytest.approx(2 * np.degrees(np.arctan(millimetres / 20 / 57)))


def overlaps(person):
    """Pairs of things on the page, of which one covers a part of the other, or which reach beyond the window."""
    return person.driver.execute_script(
        """
        const roles = ".question, .stage canvas:not(.outline), .setting, .answers, .said, [data-role=small]";
        const shown = [...document.querySelectorAll(roles)].filter((each) => each.offsetParent);
        const boxes = shown.map((each) => [each.id || each.className, each.getBoundingClientRect()]);
        const meet = (a, b, low, high) => a[low] < b[high] - 1 && b[low] < a[high] - 1;
        const near = (a, b) => meet(a, b, "left", "right") && meet(a, b, "top", "bottom");
        const isOut = (a) => a.left < -1 || a.top < -1 || a.right > innerWidth + 1 || a.bottom > innerHeight + 1;
        const pairs = boxes.flatMap(([name, a], i) =>
          boxes.slice(i + 1).filter(([, b]) => near(a, b)).map(([other]) => `${name} ${other}`));
        return [...pairs, ...boxes.filter(([, a]) => isOut(a)).map(([name]) => `${name} beyond the window`)];
        """
    )


def overlaps_after_a_change(person):
    """The overlaps that remain once the page has had time to place its pictures anew, which a busy machine takes."""
    until = time.monotonic() + 8
    while (found := overlaps(person)) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def test_a_session_in_a_small_window(person_at, page):
    person = person_at(width=800, height=600)
    found: list[str] = []
    _, responses = a_session(person, page(*STIMULI), before_the_trials=lambda: found.extend(overlaps(person)))
    assert not found
    assert len(responses.matches) == 4
    assert responses.matches["magnification"].between(0.3, 1).all()


def test_pictures_cover_nothing_whatever_the_size_of_the_window_and_of_the_letters(person, page):
    person.open(page(*STIMULI))
    person.to_the_first_trial()
    for width, height in ((1280, 900), (800, 600), (640, 480), (500, 400), (360, 640), (1024, 500)):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        person.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        assert (width, height, overlaps_after_a_change(person)) == (width, height, [])
    size = {"width": 1024, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    person.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    person.driver.execute_script("document.querySelector('.question').style.fontSize = '3rem'")
    assert overlaps_after_a_change(person) == []


@pytest.mark.parametrize(("typed", "read"), [("38,5", 38.5), ("38.5", 38.5), (" 57 cm ", 57), ("", None)])
def test_a_distance_is_read_as_people_write_it(typed, read, person, page):
    person.open(page("white"))
    person.to_the_first_trial(distance=typed)
    rows = so_far(person)
    assert [row["viewing_distance_cm"] for row in rows if row.get("part") == "about"] == [read]


def so_far(person):
    """What a host would get if the person left now: after the training nothing, so that the page is asked for it."""
    person.driver.execute_script("illusions.sendTo((data) => { window.taken = data; })")
    person.set_step(next(iter(person.nearest().values())))
    person.press(Keys.ENTER)
    person.find(CONTINUE)
    person.press(Keys.ENTER)
    person.find(".stage")
    person.set_step(128)
    person.press(Keys.ENTER)
    time.sleep(0.2)
    return json.loads(person.driver.execute_script("return window.taken"))


@pytest.mark.parametrize("typed", ["5", "3850", "half a metre", "1.000"])
def test_a_distance_that_cannot_be_is_refused(typed, person, page):
    person.open(page("white"))
    for _ in range(2):
        person.find("#jspsych-instructions-next")
        person.press(Keys.ENTER)
        time.sleep(0.2)
    person.find("#jspsych-fullscreen-btn")
    person.press(Keys.ENTER)
    field = person.find("[name=distance]")
    field.send_keys(typed, Keys.ENTER)
    time.sleep(0.3)
    assert person.shows("[name=distance]")
    assert field.get_property("validationMessage").startswith("A number of centimetres from 10 to 400")


def test_the_time_of_an_answer_is_without_the_time_away(person, page):
    person.open(page("white"))
    person.to_the_first_trial()
    driver = person.driver
    page_handle = driver.current_window_handle
    driver.switch_to.new_window("tab")
    time.sleep(3)
    driver.close()
    driver.switch_to.window(page_handle)
    rows = so_far(person)
    (trained,) = [row for row in rows if row.get("part") == "training"]
    assert trained["away"] > 2900
    others = [row for row in rows if row.get("part") in ("gamma", "trial", "catch")]
    assert [row["away"] for row in others] == [0, 0]
    appeared = trained["time_elapsed"] - max(row["time_elapsed"] for row in rows if row.get("trial_index") == 6)
    assert 0 < trained["rt"] <= appeared - trained["away"] + 1


@pytest.mark.parametrize(
    ("key", "code", "is_t"),
    [("t", "KeyT", True), ("T", "KeyT", True), ("е", "KeyT", True), ("τ", "KeyT", True), ("ט", "KeyY", False),
     ("t", "KeyK", True), ("g", "KeyT", False), ("ㅅ", "KeyT", True)],
)  # fmt: skip
def test_the_key_t_on_keyboards_of_other_alphabets_and_layouts(key, code, is_t, person, page):
    if not person.shows("[data-role=outline]"):
        person.open(page("white"))
        person.to_the_first_trial()
        time.sleep(1.8)
    before = person.shows(".outlined")
    person.type_with(key, code)
    assert (person.shows(".outlined") != before) is is_t


def in_a_page(tmp_path, file, sandbox):
    frame = tmp_path / "frame.html"
    frame.write_text(f'<iframe {sandbox} src="{file}" style="width:100%;height:850px;border:0"></iframe>', "utf-8")
    return frame


def test_in_a_frame_that_forbids_downloads_nothing_is_said_to_be_saved(person, page, tmp_path):
    file = page("white")
    person.open(in_a_page(tmp_path, file, 'sandbox="allow-scripts allow-forms"'))
    person.driver.switch_to.frame(0)
    for _ in range(2):
        person.find("#jspsych-instructions-next").click()
        time.sleep(0.3)
    person.find("#jspsych-fullscreen-btn").click()
    person.find("[name=observer]").send_keys("ab")
    person.find("#jspsych-survey-html-form-next").click()
    person.find(".stage")
    person.set_step(186)
    person.press(Keys.ENTER)
    person.find("#jspsych-instructions-next").click()
    person.find("[data-role=outline]")
    person.rest_by_keyboard([load_stimulus("white")])
    person.find("[data-format=json]").click()
    said = person.find("#saved").text
    assert "Saved" not in said
    assert "asked to save matches-ab.json" in said
    (tmp_path / "copied.json").write_text(person.find("#copy").get_property("value"), "utf-8")
    assert len(read_responses([tmp_path / "copied.json"]).matches) == 2
    person.driver.switch_to.default_content()


HOSTS = {
    "asked": "illusions.sendTo((data, { ended }) => { (window.got ??= []).push([ended, data]); });",
    "listening": "document.addEventListener('illusions:finish', ({ detail }) => "
    "{ (window.got ??= []).push([null, detail]); localStorage.setItem('got', detail); });",
    "failing": "illusions.sendTo(() => Promise.reject(new Error('no network')));",
}


@pytest.fixture
def hosted(page, tmp_path):
    """The page with the lines of a host before its last </body>, as experiment/README.md has them."""

    def hosted(kind, *names):
        before, _, after = page(*names).read_text("utf-8").rpartition("</body>")
        file = tmp_path / f"{kind}.html"
        file.write_text(f"{before}<script>{HOSTS[kind]}</script>\n</body>{after}", "utf-8")
        return file

    return hosted


def leaving_is_held_up(person):
    return person.driver.execute_script(
        "const event = new Event('beforeunload', { cancelable: true }); return !window.dispatchEvent(event)"
    )


@pytest.mark.parametrize("kind", ["asked", "listening"])
def test_on_a_host_the_page_says_where_the_data_go_and_lets_people_leave(kind, person, hosted, tmp_path):
    person.open(hosted(kind, "white"))
    person.find("#jspsych-instructions-next")
    said = person.find("article").text
    assert "Your answers go to the people who run this page" in said
    assert "Nothing leaves this page" not in said
    person.to_the_first_trial(observer="ab")
    person.rest_by_keyboard([load_stimulus("white")])
    said = person.find(".results").text
    assert "were sent to the people who run this page" in said
    assert "exist only in this page" not in said
    assert not leaving_is_held_up(person)
    got = person.driver.execute_script("return window.got")
    assert [ended for ended, _ in got] == ([False] * 4 + [True] if kind == "asked" else [None])
    for i, (_, data) in enumerate(got):
        (tmp_path / f"{i}.json").write_text(data, "utf-8")
    responses = read_responses(sorted(tmp_path.glob("?.json")))
    assert len(responses.matches) == 2
    assert responses.sessions["complete"].tolist() == [True]


def test_a_host_that_cannot_take_the_data_is_said_and_the_file_asked_for(person, hosted):
    person.open(hosted("failing", "white"))
    person.to_the_first_trial(observer="ab")
    person.rest_by_keyboard([load_stimulus("white")])
    said = person.find(".results").text
    assert "could not be sent" in said
    assert "exist only in this page" in said
    assert leaving_is_held_up(person)
    person.save()
    assert not leaving_is_held_up(person)


@pytest.mark.parametrize("kind", ["asked", "listening"])
def test_who_leaves_midway_leaves_what_is_done_at_the_host(kind, person, hosted, tmp_path):
    file = hosted(kind, "white")
    person.open(file)
    person.to_the_first_trial(observer="ab")
    (nearest,) = person.nearest().values()
    person.set_step(nearest)
    person.press(Keys.ENTER)
    person.find(CONTINUE)
    person.press(Keys.ENTER)
    kinds = set()
    while kinds != {True, False}:
        person.find(".stage")
        kinds.add(person.corner("reference") == person.corner("comparison"))
        person.set_step(nearest)
        person.press(Keys.ENTER)
        time.sleep(0.1)
    if kind == "asked":
        data = person.driver.execute_script("return window.got.at(-1)[1]")
    else:
        person.driver.execute_script("window.dispatchEvent(new Event('pagehide'))")
        data = person.driver.execute_script("return window.got.at(-1)[1]")
    (tmp_path / "left.json").write_text(data, "utf-8")
    responses = read_responses([tmp_path / "left.json"])
    assert len(responses.matches) >= 1
    assert responses.sessions["complete"].tolist() == [False]


def test_a_page_that_is_not_ready_says_that_it_loads(person, page):
    source = page(*STIMULI).read_text("utf-8")
    assert "The experiment is loading." in source[: source.index('id="configuration"')]
    script = "requestAnimationFrame = () => 0"  # so that the refresh rate, which comes first, is never known
    person.driver.get("about:blank")
    added = person.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    try:
        person.open(page(*STIMULI))
        assert "The experiment is loading." in person.find("body").text
    finally:
        person.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
