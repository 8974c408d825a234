"""Somebody who takes part: finds things on the page, and moves them by mouse, keys, wheel or finger."""

from __future__ import annotations

import base64
import io
import time
from functools import cache

import numpy as np
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

_PIXELS = """
const canvas = document.getElementById(arguments[0]);
const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
let text = "";
for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode(...data.subarray(i, i + 32768));
return [canvas.width, canvas.height, btoa(text)];
"""


@cache
def _pictures(stimulus):
    """Of every condition, with the physical target."""
    return [stimulus.picture(condition) for condition in stimulus.conditions]


class Person:
    def __init__(self, driver, downloads):
        self.driver = driver
        self.downloads = downloads

    def telephone(self, width, height, ratio, **features):
        """A screen that is touched, and what its owner prefers."""
        size = {"width": width, "height": height, "deviceScaleFactor": ratio, "mobile": True}
        wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 5})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})

    def own_screen(self):
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    def open(self, file):
        self.driver.get_log("browser")
        self.driver.get(f"file://{file}")

    def complaints(self):
        """What the browser complains of, but for jsPsych's remark that the page is opened from the disk."""
        log = self.driver.get_log("browser")
        return [e for e in log if e["level"] in ("SEVERE", "WARNING") and "file:// protocol" not in e["message"]]

    def find(self, selector):
        """The first element of a selector that is shown, as soon as it is."""

        def shown(driver):
            return next((e for e in driver.find_elements(By.CSS_SELECTOR, selector) if e.is_displayed()), None)

        return WebDriverWait(self.driver, 8, poll_frequency=0.05).until(shown, f"{selector} is not shown")

    def shows(self, selector):
        return any(e.is_displayed() for e in self.driver.find_elements(By.CSS_SELECTOR, selector))

    def press(self, *keys):
        """Keys, to whatever has the focus."""
        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def press_with_shift(self, key):
        ActionChains(self.driver, duration=0).key_down(Keys.SHIFT).send_keys(key).key_up(Keys.SHIFT).perform()

    def focus(self):
        """What has the focus: its role, or its id."""
        return self.driver.execute_script("return document.activeElement.dataset.role || document.activeElement.id")

    def to_the_first_trial(self, *, observer="", distance="57"):
        """From the page's opening to the training, by keyboard alone."""
        for _ in range(2):
            self.find("#jspsych-instructions-next")
            self.press(Keys.ENTER)
            time.sleep(0.1)
        self.find("#jspsych-fullscreen-btn")
        self.press(Keys.ENTER)
        self.find("[name=observer]")
        self.press(Keys.TAB, observer, Keys.TAB, distance, Keys.ENTER)
        self.find(".stage")
        self.set_step(186)
        self.press(Keys.ENTER)
        self.find("#jspsych-instructions-next")
        self.press(Keys.ENTER)
        self.find("[data-role=outline]")

    def step(self):
        return int(self.driver.execute_script("return document.querySelector('.stage').dataset.step"))

    def set_step(self, wanted):
        """By keys: coarse, then fine; there and back if it is there already."""
        if self.step() == wanted:
            self.press(Keys.ARROW_LEFT, Keys.ARROW_RIGHT) if wanted else self.press(Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
        tens, ones = divmod(abs(wanted - self.step()), 10)
        up = wanted > self.step()
        self.press(*[Keys.PAGE_UP if up else Keys.PAGE_DOWN] * tens, *[Keys.ARROW_UP if up else Keys.ARROW_DOWN] * ones)

    def drag_slider(self, pixels):
        """The mouse, from where the thumb is."""
        slider = self.find("[data-role=slider]")
        share = self.driver.execute_script("return arguments[0].value / arguments[0].max", slider)
        thumb = round((share - 0.5) * (slider.rect["width"] - 16))
        mouse = ActionChains(self.driver, duration=20).move_to_element_with_offset(slider, thumb, 0)
        mouse.click_and_hold().move_by_offset(pixels, 0).release().perform()

    def roll(self, notches):
        """The wheel, away from the person for positive notches."""
        origin = ScrollOrigin.from_element(self.find(".stage"))
        ActionChains(self.driver, duration=0).scroll_from_origin(origin, 0, -100 * notches).perform()

    def swipe(self, pixels):
        """A finger across the pictures."""
        finger = ActionBuilder(self.driver, mouse=PointerInput("touch", "finger"), duration=20)
        stage = self.find(".stage")
        finger.pointer_action.move_to(stage).pointer_down().move_to(stage, pixels, 0).pointer_up()
        finger.perform()

    def tap(self, selector):
        finger = ActionBuilder(self.driver, mouse=PointerInput("touch", "finger"), duration=0)
        finger.pointer_action.move_to(self.find(selector)).pointer_down().pointer_up()
        finger.perform()

    def pixels(self, role):
        """What a canvas holds, shape (h, w, 3)."""
        width, height, data = self.driver.execute_script(_PIXELS, f"picture-{role}")
        rgba = np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4)
        assert (rgba[..., 3] == 255).all()
        return rgba[..., :3]

    def corner(self, role):
        """The upper left pixel of a canvas."""
        return self.driver.execute_script(
            "return [...document.getElementById(arguments[0]).getContext('2d').getImageData(0, 0, 1, 1).data]",
            f"picture-{role}",
        )

    def on_screen(self, role):
        """What the screen shows where a canvas stands, in its own pixels, shape (h, w, 3)."""
        ratio, *box = self.driver.execute_script(
            "const r = document.getElementById(arguments[0]).getBoundingClientRect();"
            "return [devicePixelRatio, r.top, r.left, r.bottom, r.right]",
            f"picture-{role}",
        )
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
        screen = np.asarray(Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB"))
        top, left, bottom, right = (round(edge * ratio) for edge in box)
        return screen[top:bottom, left:right]

    def zoom(self, factor):
        """The zoom of the browser, for all pages."""
        page = self.driver.current_window_handle
        self.driver.switch_to.new_window("tab")
        self.driver.get("chrome://settings/")
        self.driver.execute_script("chrome.settingsPrivate.setDefaultZoom(arguments[0])", factor)
        self.driver.close()
        self.driver.switch_to.window(page)

    def type_with(self, key, code):
        """A key of any keyboard: what it types, and where it lies."""
        for kind in ("keyDown", "keyUp"):
            event = {"type": kind, "key": key, "code": code}
            self.driver.execute_cdp_cmd("Input.dispatchKeyEvent", event)

    def rest_by_keyboard(self, stimuli, off=7):
        """From the training to the results, by keyboard alone: each match a few steps from physically the same."""
        nearest = self.nearest()
        self.set_step(nearest[stimuli[0].name])
        self.press(Keys.ENTER)
        self.find("#jspsych-html-button-response-btngroup button")
        self.press(Keys.ENTER)
        while True:
            self.find(".stage, .results")
            if self.shows(".results"):
                return
            same = self.corner("reference") == self.corner("comparison")
            name = self.shown(stimuli)
            self.set_step(nearest[name] + (0 if same else off))
            self.press(Keys.ENTER)

    def nearest(self):
        """By stimulus the step at which the target is physically the same, or nearest to it."""
        return self.driver.execute_script(
            "const { stimuli } = JSON.parse(document.getElementById('configuration').textContent);"
            "return Object.fromEntries(stimuli.map(({ name, nearest }) => [name, nearest]))"
        )

    def shown(self, stimuli):
        """The name of the stimulus whose reference is shown."""
        reference = self.pixels("reference")
        (name,) = [
            stimulus.name
            for stimulus in stimuli
            if any(np.array_equal(reference, picture) for picture in _pictures(stimulus))
        ]
        return name

    def save(self):
        """Both files, as soon as they are there."""
        for kind in ("json", "csv"):
            self.find(f"[data-format={kind}]").click()
        files = []
        WebDriverWait(self.driver, 8, poll_frequency=0.05).until(
            lambda _: files.extend(sorted(self.downloads.glob("matches*.[cj]s*[vn]"))) or len(set(files)) == 2
        )
        return sorted(set(files))
