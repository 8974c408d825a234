"""Hue and contrast set at once, on the page in a browser, and what is read of them."""

from __future__ import annotations

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from illusions.analyses.experiment.discs import disc_of, settings_frame
from illusions.analyses.experiment.page import experiment_page
from illusions.analyses.experiment.responses import read_responses
from illusions.stimuli.loading import load_stimulus

STIMULUS = load_stimulus("hue-induction")
#: Of the target: azimuth in degrees, contrast in steps of 0.004.
OWN = (90, 50)


@pytest.fixture(scope="module")
def disc():
    return disc_of(STIMULUS)


@pytest.fixture(scope="module")
def file(bundle, tmp_path_factory):
    file = tmp_path_factory.mktemp("disc") / "page.html"
    file.write_text(experiment_page(bundle, [STIMULUS], colours=[], repetitions=1), "utf-8")
    return file


def steps(person):
    stage = person.find(".stage")
    return int(stage.get_dom_attribute("data-step")), int(stage.get_dom_attribute("data-contrast"))


def set_to(person, azimuth, contrast):
    """By keys, the shorter way round; hue first, as not every contrast is to be had everywhere."""
    hue, _ = steps(person)
    turn = (azimuth - hue + 180) % 360 - 180
    tens, ones = divmod(abs(turn), 10)
    for _ in range(tens):
        person.press_with_shift(Keys.ARROW_RIGHT if turn > 0 else Keys.ARROW_LEFT)
    person.press(*[Keys.ARROW_RIGHT if turn > 0 else Keys.ARROW_LEFT] * ones)
    more = contrast - steps(person)[1]
    tens, ones = divmod(abs(more), 10)
    person.press(*[Keys.PAGE_UP if more > 0 else Keys.PAGE_DOWN] * tens)
    person.press(*[Keys.ARROW_UP if more > 0 else Keys.ARROW_DOWN] * ones)
    assert steps(person) == (azimuth, contrast)


def is_catch(person):
    return np.array_equal(person.pixels("reference")[0, 0], person.pixels("comparison")[0, 0])


def test_a_session_in_the_plane_by_keyboard(person, file, disc):
    person.open(file)
    person.to_the_first_trial(observer="ab")
    hue, contrast = steps(person)
    assert contrast < disc.begins[hue + 1] - disc.begins[hue]
    person.press(*[Keys.PAGE_UP] * 40)  # beyond the gamut
    hue, contrast = steps(person)
    assert contrast == disc.begins[hue + 1] - disc.begins[hue] - 1
    set_to(person, *OWN)
    assert np.array_equal(person.pixels("comparison"), STIMULUS.picture("grey"))
    person.press(Keys.ENTER)
    assert "Well done" in person.find("article").text
    person.press(Keys.ENTER)
    for _ in range(3):
        person.find(".stage")
        catch = is_catch(person)
        set_to(person, *(OWN if catch else (100, 40)))
        coverage = STIMULUS.conditions["grey"].picture().coverage
        colour = disc.colours[disc.begins[steps(person)[0]] + steps(person)[1]]
        assert (person.pixels("comparison")[coverage == 1] == colour).all()
        person.press(Keys.ENTER)
    said = person.find(".results").text
    assert "You set the hue 10° away from that of the target and its contrast 0.8 times as strong" in said
    assert not person.complaints()
    for saved in person.save():
        responses = read_responses([saved])
        assert responses.matches.empty
        assert responses.sessions["catch_error"].tolist() == pytest.approx([0], abs=0.002)
        its = responses.colours
        assert its["match"].tolist() == [100, 100]
        assert its["match_contrast"].tolist() == pytest.approx([0.16, 0.16])
        assert its["reference_value"].tolist() == pytest.approx([90, 90])
        assert its["reference_contrast"].tolist() == pytest.approx([0.2, 0.2])
        frame = settings_frame(its, [STIMULUS])
        assert frame["hue_shift"].tolist() == pytest.approx([10, 10])
        assert frame["contrast_ratio"].tolist() == pytest.approx([0.8, 0.8])


def test_both_sliders_buttons_and_a_finger_change_what_they_say(person, file):
    person.open(file)
    person.to_the_first_trial()
    set_to(person, *OWN)
    person.find("[data-role=by][data-which='1'][data-by='1']").click()
    person.find("[data-role=by][data-which='0'][data-by='-10']").click()
    assert steps(person) == (80, 51)
    person.driver.execute_script("document.querySelector('[data-role=slider-contrast]').focus()")
    person.press(Keys.ARROW_LEFT)  # of the slider that has the focus
    assert steps(person) == (80, 50)
    person.swipe(40)
    assert steps(person) == (90, 50)
    person.roll(1)
    assert steps(person)[0] != 90
