"""The page of ``rank`` and ``match`` in a browser: what it reads at any T is what Python reads."""

from __future__ import annotations

import base64
import io
import re
import time
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from illusions.analyses.predictions import SMALLEST_EFFECT
from illusions.analyses.ranks.explorer import explorable
from illusions.analyses.ranks.report import report_page
from illusions.analyses.ranks.wording import prediction_sentence
from illusions.analyses.readings.fields import rank_by_field
from illusions.analyses.readings.ranking import rank
from illusions.analyses.readings.scales import Ranking, rank_at_scales
from illusions.stimuli.loading import load_stimulus
from tests.analyses.fakes import FakeModel, contrast
from tests.experiment.conftest import chromium

_READ = """
const explorer = window.explorers[arguments[0]];
explorer.set(arguments[1]);
const plain = (row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, Number.isNaN(v) ? null : v]));
return [explorer.read.ranks.map(plain), explorer.read.matches.map(plain)];
"""
_PANEL = """
const { read, stimulus } = window.explorers[arguments[0]];
const seen = window.explorers[arguments[0]].part("chart").data.filter(({ mode, name }) => mode === "lines" && name);
return seen.map(({ name, x, y }) => [name, [...x], [...y]]);
"""


def _rankings():
    noisy = FakeModel(strength=3000.0)
    by_field = replace(contrast(), units_per_degree=2.0)
    return {
        "two": Ranking(contrast(), {2.0: rank(contrast(), noisy, draws=4)}),
        "circular": Ranking(
            contrast(value=0.9, axis="hue"), {2.0: rank(contrast(value=0.9, axis="hue"), FakeModel(circular=True))}
        ),
        "three": Ranking(three := contrast({"a": 0.1, "b": 0.5, "c": 0.9}), {2.0: rank(three, noisy, draws=3)}),
        "scales": rank_at_scales(contrast({"dark": 0.3, "light": 0.6}), noisy, (2.0, 4.0), draws=3),
        "field": rank_by_field(by_field, noisy, (10.0, 14.0), 40.0, placements=3),
        "one": Ranking(contrast({"image": 0.3}), {2.0: rank(contrast({"image": 0.3}), noisy, draws=1)}),
        "soft": Ranking(soft := load_stimulus("bullseye"), {2.0: rank(soft, noisy, draws=2)}),
        "near": Ranking(near := contrast({"a": 0.5, "b": 0.501}), {2.0: rank(near, noisy, draws=4)}),
        "end": Ranking(end := contrast({"a": 0.5, "b": 0.501}, value=0.0), {2.0: rank(end, noisy, draws=4)}),
        "unsure": Ranking(
            contrast({"a": 0.5, "b": 0.52}), {2.0: _unsure(rank(contrast({"a": 0.5, "b": 0.52}), noisy))}
        ),
    }


def _unsure(curves):
    """The same, with draws that differ from each other as much as surrounds do."""
    shift = np.linspace(-1, 1, len(curves["a"].draws))[:, None]
    return {
        name: replace(curve, draws=curve.draws + sign * 300 * shift * curve.values)
        for (name, curve), sign in zip(curves.items(), (1, -1), strict=True)
    }


@pytest.fixture(scope="module")
def rankings():
    # two of them are of one stimulus, which no command takes; each needs a name of its own
    return {key: replace(ranking, stimulus=replace(ranking.stimulus, name=key)) for key, ranking in _rankings().items()}


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def driver(downloads):
    with chromium(downloads) as driver:
        yield driver


@pytest.fixture(scope="module")
def page(driver, rankings, tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(report_page(list(rankings.values()), command="test", settings={}), encoding="utf-8")
    driver.get_log("browser")
    driver.get(f"file://{file}")
    _wait(lambda: driver.execute_script("return window.explorers?.[0].part('chart').data?.length > 0"))
    return driver


def _wait(found, seconds=10):
    end = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.05)
    return result


@pytest.mark.parametrize("temperature", [None, 1.0, 30.0, 500.0, 2e4])
@pytest.mark.parametrize("number", range(10))
def test_the_page_reads_ranks_and_matches_as_python_does(page, rankings, number, temperature):
    ranking = list(rankings.values())[number]
    asked = next(iter(ranking.curves.values())).temperature
    ranking = ranking if temperature is None else ranking.at_temperature(temperature)
    ranks, matches = page.execute_script(_READ, number, temperature or asked)
    expected = ranking.prediction.ranks[ranking.prediction.whole]
    effects = ranking.prediction.effects(ranking.prediction.whole)
    assert [row["condition"] for row in ranks] == list(expected)
    for row in ranks:
        rank, effect = expected[row["condition"]], effects[row["condition"]]
        assert row["rank"] == pytest.approx(rank.value, abs=1e-5)
        assert _number(row["rankError"]) == pytest.approx(rank.standard_error, abs=1e-5, nan_ok=True)
        assert _number(row["effect"]) == pytest.approx(effect.value, abs=1e-5, nan_ok=True)
        assert _number(row["effectError"]) == pytest.approx(effect.standard_error, abs=1e-5, nan_ok=True)
    assert len(matches) == len(ranking.matches)
    for row, found in zip(matches, ranking.matches, strict=True):
        assert (row["reference"], row["comparison"]) == (found.reference_condition, found.comparison_condition)
        assert row["inGamut"] == found.in_gamut
        assert _number(row["pse"]) == pytest.approx(found.pse, abs=1e-4, nan_ok=True)
        assert _number(row["error"]) == pytest.approx(found.pse_standard_error, abs=1e-4, nan_ok=True)
        assert _number(row["change"]) == pytest.approx(found.change_percent, abs=0.02, nan_ok=True)
        assert row["rank"] == pytest.approx(found.percentile_rank, abs=1e-5)


def _number(written):
    return np.nan if written is None else written


def test_what_is_drawn_is_the_curve(page, rankings):
    ranking = rankings["two"].at_temperature(700.0)
    page.execute_script("scrollTo(0, 0); window.explorers[0].set(700); window.explorers[0].draw()")
    drawn = page.execute_script(_PANEL, 0)
    assert [name for name, _, _ in drawn] == ["on dark", "on dark", "on light", "on light"]
    for i, curve in enumerate(ranking.curves.values()):
        (_, x, density), (_, _, ranks) = drawn[2 * i], drawn[2 * i + 1]
        assert x == pytest.approx(curve.positions)
        assert density == pytest.approx(curve.density, rel=1e-5)
        assert ranks == pytest.approx(curve.percentile_ranks, abs=1e-6)


def test_the_slider_moves_t_and_the_tables_follow(page, rankings):
    page.execute_script("window.explorers[4].set(40)")
    slider = "document.getElementById('t0')"
    page.execute_script(f"{slider}.value = 250; {slider}.dispatchEvent(new Event('input'))")
    explorer = "window.explorers[0]"
    temperature = page.execute_script(f"return {explorer}.temperature")
    assert temperature not in (next(iter(rankings["two"].curves.values())).temperature, 700.0)
    words = page.execute_script(f"return {explorer}.part('nats').textContent")
    assert words == f"T = {temperature:g} nats"
    read = rankings["two"].at_temperature(temperature)
    cell = page.execute_script(f"return {explorer}.part('ranks').querySelector('td:nth-child(2)').textContent")
    rank = read.prediction.ranks[2.0]["dark"]
    assert float(cell.split(" ± ")[0]) == pytest.approx(rank.value, abs=6e-4)
    # all that were read in one way share their temperature; a reading by field has its own
    assert page.execute_script("return window.explorers.map(({ temperature }) => temperature)") == [
        40.0 if key == "field" else temperature for key in rankings
    ]
    page.execute_script(f"{explorer}.parts('preset')[0].click()")
    assert (
        page.execute_script(f"return {explorer}.temperature") == next(iter(rankings["two"].curves.values())).temperature
    )


def _concluded(sentence):
    """What a sentence says of the targets."""
    for words in ("too low", "nor that they should look the same", "should look the same"):
        if words in sentence:
            return words
    found = re.search("the one on “([^”]*)” should look", sentence, re.IGNORECASE)
    return found[1] if found else "nothing"


@pytest.mark.parametrize("temperature", [1.0, 30.0, 500.0, 2e4, 1e7])
@pytest.mark.parametrize("key", ["two", "circular", "three", "field", "near", "end", "unsure"])
def test_the_page_concludes_as_python_does(page, rankings, key, temperature):
    """Above twice the standard error and 0.01; what is uncertain is not the same."""
    number = list(rankings).index(key)
    said = page.execute_script(
        "const explorer = window.explorers[arguments[0]]; explorer.set(arguments[1]); explorer.draw();"
        "return explorer.part('sentence').textContent",
        number,
        temperature,
    )
    expected = prediction_sentence(rankings[key].at_temperature(temperature).prediction)
    assert _concluded(said) == _concluded(expected), (said, expected)


def test_the_tables_can_be_taken_along(page, rankings, downloads):
    temperature = next(iter(rankings["scales"].curves.values())).temperature
    page.execute_script("window.explorers[3].parts('preset')[0].click()")
    for button, frame in (
        ("summary", rankings["scales"].prediction.summary().query("scale == 'mean'").drop(columns="scale")),
        ("matches", rankings["scales"].matches_frame().query("scale == 'mean'").drop(columns="scale")),
        ("curves", None),
    ):
        page.find_element("css selector", f"[data-curves='3'] button[value='{button}']").click()
        file = downloads / f"scales-{button}-T{temperature:.4g}.csv"
        _wait(file.is_file)
        saved = pd.read_csv(file)
        if frame is None:
            curve = rankings["scales"].curves["light"]
            of = saved[saved["condition"] == "light"]
            assert of["percentile_rank"].to_numpy() == pytest.approx(curve.percentile_ranks, abs=1e-6)
        else:
            # what the page does not compute again stands in the table that `rank` wrote
            fixed = ["lowest_value", "highest_value", "values", "coverage", "gamut_shift", "cautions"]
            frame = frame.reset_index(drop=True).assign(stimulus="scales").drop(columns=fixed, errors="ignore")
            pd.testing.assert_frame_equal(saved, frame, rtol=1e-3, atol=1e-4, check_dtype=False)


@pytest.mark.parametrize(("number", "key"), [(0, "two"), (6, "soft")])
def test_the_picture_shows_the_match(page, rankings, number, key):
    stimulus = rankings[key].stimulus
    _, matches = page.execute_script(_READ, number, 2e4)
    page.execute_script(f"window.explorers[{number}].draw()")
    url = page.execute_script(f"return window.explorers[{number}].part('matched').toDataURL()")
    with Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))) as image:
        shown = np.asarray(image.convert("RGB")).astype(int)
    found = matches[0]
    values = stimulus.values()
    nearest = float(values[np.abs(values - found["pse"]).argmin()])
    expected = stimulus.pair({found["comparison"]: nearest}).astype(int)
    assert not np.array_equal(expected, stimulus.pair())
    assert np.abs(shown - expected).max() <= 1


def test_it_fits_a_phone_in_the_dark_and_the_browser_does_not_complain(page):
    screen = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    page.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    _wait(lambda: page.execute_script("return document.documentElement.scrollWidth") == 390)
    assert page.execute_script("return getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert [entry for entry in page.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []


def test_single_precision_is_enough():
    """Log-likelihoods are stored below the likeliest value, so that what rounding loses is lost in the tails."""
    ranking = Ranking(contrast(), {2.0: rank(contrast(), FakeModel(), draws=2)})
    packed = explorable(ranking)["conditions"]["dark"][0]
    draws = np.frombuffer(base64.b64decode(packed["draws"]), "<f4").reshape(2, -1).astype(float)
    curve = ranking.curves["dark"]
    for temperature in (1.0, 500.0):
        rounded = replace(curve, draws=draws, temperature=temperature)
        expected = curve.at_temperature(temperature).percentile_ranks
        assert rounded.percentile_ranks == pytest.approx(expected, abs=2e-6)


def test_the_page_concludes_from_effects_as_large_as_python_does():
    script = (files("illusions.analyses.pages") / "scripts" / "report.js").read_text(encoding="utf-8")
    assert f"const SMALLEST_EFFECT = {SMALLEST_EFFECT};\n" in script
