from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.stats import truncnorm

from illusions.analyses.claims.analysis import Analysis, Claim
from illusions.analyses.claims.loading import load_analysis
from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.ranks.match_analysis import MatchAnalysis
from illusions.content import find, names
from illusions.errors import InputError
from tests.analyses.fakes import FakeModel, contrast


@pytest.fixture(autouse=True)
def _fake_stimulus(monkeypatch):
    monkeypatch.setattr("illusions.stimuli.loading.load_stimulus", lambda name: contrast())


def finding(higher="dark", lower="light", *, strength=4000.0, temperature=532.0, change_percent=None):
    analysis = MatchAnalysis(
        kind="match",
        title="t",
        stimulus="fake",
        higher=higher,
        lower=lower,
        temperature=temperature,
        claim=Claim(source="s", text="t", change_percent=change_percent),
    )
    return analysis.run(lambda name: FakeModel(strength=strength), seed=0)


def test_verdicts():
    assert finding().verdict == "holds"
    assert finding("light", "dark").verdict == "does not hold"
    assert finding(strength=0.0).verdict == "undecided"


def test_a_number_of_the_source_must_come_out_too():
    # exp(−4000 · (v − surround)² / T) is a normal density, cut off half a step beyond 0 and 1.
    sd, end = (532 / (2 * 4000)) ** 0.5, 0.5 / 255
    on_dark, on_light = (truncnorm((-end - s) / sd, (1 + end - s) / sd, s, sd) for s in (0.2, 0.8))
    measured = 100 * (on_light.ppf(on_dark.cdf(0.5)) / 0.5 - 1)
    assert finding(change_percent=measured).verdict == "holds"
    assert finding(change_percent=24).verdict == "holds in direction, not in size"
    assert finding("light", "dark", change_percent=24).verdict == "does not hold"
    assert finding(change_percent=24, temperature="exact").verdict == "holds in direction, not in size"


def test_a_match_at_which_the_target_vanishes_is_called_that():
    assert "almost disappears" not in finding().measured
    assert "almost disappears" in finding(strength=1800.0).measured


def test_the_measurement_is_set_against_the_number_of_the_source():
    assert "The source's example has +24 %" in finding(change_percent=24).measured
    assert "source's example" not in finding().measured


def test_what_people_see_stands_before_what_is_predicted(monkeypatch):
    published = replace(contrast(), people_see_higher="dark")
    monkeypatch.setattr("illusions.stimuli.loading.load_stimulus", lambda name: published)
    assert finding().measured.startswith("People see the target on “dark” as brighter. The target on “dark” ranks 0.")
    assert "source's example" not in finding(change_percent=24, temperature="exact").measured


def test_the_caption_states_the_temperature_and_the_model():
    assert "Model fake, T = 532 nats" in finding().caption


@pytest.mark.parametrize("name", names("analyses"))
def test_every_analysis_is_valid(name):
    analysis = load_analysis(name)
    claim = getattr(analysis, "claim", None)
    assert (analysis.kind in ("training", "map", "extremes")) == (claim is None)
    assert claim is None or claim.text.endswith(".")
    assert analysis.topic != Analysis.model_fields["topic"].default
    assert analysis.order != Analysis.model_fields["order"].default


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("saturation-match", "change_percent = 24", 'change_percent = "24"', "'claim.change_percent'.*number.*'24'"),
        ("saturation-match", "change_percent = 24", "change_percent = true", "'claim.change_percent'.*number.*True"),
        ("saturation-match", 'higher = "pale"', "higher = 1", "'higher'.*string.*given: 1"),
        (
            "saturation-match",
            'higher = "pale"',
            'higher = "pale"\ntemperature = "300"',
            "'temperature'.*without quotes",
        ),
        ("saturation-match", 'higher = "pale"', 'higher = "pale"\ntemperature = true', "'temperature"),
        ("scale-colour", "scales = [1.5, ", 'scales = ["1.5", ', r"'scales.0'.*number.*given: '1.5'"),
        ("scale-colour", '["bits-per-dim", 50]', '["bits-per-dim", "50"]', r"'temperatures.1'.*without quotes"),
        ("brightness-sensitivity", "noise = [", 'noise = ["2", ', r"'vary.noise.0'.*integer.*given: '2'"),
        ("brightness-sensitivity", "surrounds = [", "surrounds = [true, ", r"'surrounds"),
    ],
)
def test_types_are_strict(tmp_path, name, old, new, message):
    text = find("analyses", name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "mine.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=rf"mine\.toml: key {message}"):
        load_analysis(tmp_path / "mine.toml")


def test_a_whole_number_is_a_number(tmp_path):
    text = find("analyses", "saturation-match").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(text.replace('"pale"', '"pale"\ntemperature = 300'), encoding="utf-8")
    assert load_analysis(tmp_path / "mine.toml").temperature == Temperature(300.0)
