from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from illusions.analyses.foundations.cut_outs import CutOutAnalysis
from illusions.errors import InputError
from illusions.stimuli.loading import load_stimulus
from tests.analyses.tiny import drawn


def analysis(*stimuli):
    keys = {"kind": "cut-outs", "title": "t", "stimuli": stimuli, "claim": {"source": "s", "text": "t."}}
    return CutOutAnalysis.model_validate(keys)


def run(*stimuli):
    return analysis(*stimuli).run(lambda name: pytest.fail("no model is needed"), seed=0)


def test_targets_are_the_same():
    found = run("brightness-contrast", "white", "hue-contrast", "bullseye")
    assert found.verdict == "holds"
    assert "In 4 of 4 stimuli" in found.measured
    columns = ["stimulus", "condition", "pixels", "red", "green", "blue", "largest_difference"]
    assert list(found.table.columns) == columns
    assert (found.table["largest_difference"] == 0).all()
    axes = drawn(found)
    assert [panel.get_title() for panel in axes] == ["brightness-contrast", "white", "hue-contrast", "bullseye"]
    assert np.array_equal(axes[1].images[0].get_array(), load_stimulus("white").proof())


class Unequal:
    """A target that is one step of 8 bits brighter in its second condition."""

    def __init__(self, stimulus):
        self._stimulus = stimulus

    def __getattr__(self, name):
        return getattr(self._stimulus, name)

    def picture(self, name):
        return self._stimulus.picture(name) + (name == "light")


def test_targets_that_differ_are_found(monkeypatch):
    other = replace(load_stimulus("brightness-contrast"), name="other")
    load = {"brightness-contrast": load_stimulus("brightness-contrast"), "other": Unequal(other)}
    monkeypatch.setattr("illusions.stimuli.loading.load_stimulus", load.__getitem__)
    found = run("brightness-contrast", "other")
    assert found.verdict == "holds in part"
    assert "in “other” they differ" in found.measured
    assert found.table["largest_difference"].tolist() == [0, 0, 0, 1]
    assert run("other").verdict == "does not hold"


def test_bad_stimuli():
    with pytest.raises(ValidationError, match="at least 1 item"):
        analysis()
    with pytest.raises(InputError, match="did you mean 'white'"):
        run("whit")
