from __future__ import annotations

import pytest
from fakes import FakeModel, FakeStimulus

from illusions.analyses.analysis import Analysis, Claim
from illusions.analyses.kinds import load_analysis
from illusions.analyses.match_analysis import MatchAnalysis
from illusions.content import names


@pytest.fixture(autouse=True)
def _fake_stimulus(monkeypatch):
    monkeypatch.setattr("illusions.stimuli.stimulus.load_stimulus", lambda name: FakeStimulus(name=name))


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
    assert analysis.patches() == 2 * 256 * 8
    return analysis.run(lambda name: FakeModel(strength=strength), seed=0)


def test_verdicts():
    assert finding().verdict == "holds"
    assert finding("light", "dark").verdict == "does not hold"
    assert finding(strength=0.0).verdict == "undecided"


def test_a_number_of_the_source_must_come_out_too():
    measured = 81.6
    assert finding(change_percent=measured).verdict == "holds"
    assert finding(change_percent=24).verdict == "holds in direction, not in size"
    assert finding("light", "dark", change_percent=24).verdict == "does not hold"
    assert finding(change_percent=24, temperature="exact").verdict == "holds in direction, not in size"


def test_a_match_at_which_the_target_vanishes_is_called_that():
    assert "all but disappears" not in finding().measured
    assert "all but disappears" in finding(strength=1800.0).measured


def test_the_measurement_is_set_against_the_number_of_the_source():
    assert "The source's example has +24 %" in finding(change_percent=24).measured
    assert "source's example" not in finding().measured
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
