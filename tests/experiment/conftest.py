from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from functools import cache

import pytest

from illusions.analyses.experiment.page import experiment_page, read_bundle
from illusions.analyses.readings.scales import rank_at_scales
from illusions.errors import InputError
from illusions.stimuli.loading import load_stimulus
from tests.analyses.fakes import FakeModel

#: A disc with soft edges, a hue (circular), lightness in steps that begin at the target, and a grating.
STIMULI = ("bullseye", "hue-contrast", "white")
#: Without a graphics card, Chromium's own compositor takes less time than an emulated card.
_ARGUMENTS = "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--disable-gpu"


@pytest.fixture(scope="session")
def bundle():
    try:
        return read_bundle()
    except InputError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def page(bundle, tmp_path_factory):
    """Write the page of an experiment with some stimuli, once, and what a fake model predicts; returns its file."""

    @cache
    def page(*names, repetitions=1):
        stimuli = [load_stimulus(name) for name in names]
        rankings = [
            rank_at_scales(s, FakeModel(circular=s.axis.circular), (), "bits-per-dim", draws=2) for s in stimuli
        ]
        file = tmp_path_factory.mktemp("page") / "page.html"
        file.write_text(experiment_page(bundle, stimuli, rankings, repetitions=repetitions, command="test"), "utf-8")
        return file

    return page


@contextmanager
def chromium(folder, *arguments, width=1280, height=900, ratio=1.0):
    """Headless Chromium, on a screen of a size in CSS pixels with so many pixels of its own per CSS pixel.

    A ratio that is set later, over the developers' protocol, only enlarges what has been painted.
    """
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    chromedriver = shutil.which("chromedriver")
    if browser is None or chromedriver is None:
        pytest.skip("Chromium and its driver are not installed (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    screen = f"--screen-info={{{width * ratio:.0f}x{height * ratio:.0f} devicePixelRatio={ratio}}}"
    for argument in (*_ARGUMENTS, screen, *arguments):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": str(folder)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="session")
def downloads(tmp_path_factory):
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="session")
def driver(downloads):
    with chromium(downloads, ratio=2) as driver:
        yield driver


@pytest.fixture
def person(driver, downloads):
    """Somebody before a screen with a device pixel ratio of 2; their files are gone afterwards."""
    from tests.experiment.person import Person

    person = Person(driver, downloads)
    yield person
    person.own_screen()
    for file in downloads.iterdir():
        file.unlink()


@pytest.fixture
def person_at(downloads):
    """Somebody before a screen with another device pixel ratio or size, in a browser with other arguments."""
    from tests.experiment.person import Person

    with ExitStack() as left:
        yield lambda *arguments, **screen: Person(
            left.enter_context(chromium(downloads, *arguments, **screen)), downloads
        )
        for file in downloads.iterdir():
            file.unlink()
