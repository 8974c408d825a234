import math

import pytest

from illusions.analyses.effects.effect import effect
from illusions.analyses.readings import ranking
from illusions.analyses.readings.ranking import rank
from illusions.analyses.readings.scales import rank_at_scales
from illusions.errors import InputError
from tests.analyses.fakes import FakeModel, contrast


def test_of_curves_it_is_the_difference_of_ranks_with_the_same_error():
    curves = rank(contrast(), FakeModel())
    found = effect(curves)
    assert (found.value, found.standard_error) == ranking.effect(curves["dark"], curves["light"])
    assert (found.condition, found.others, found.axis, found.model) == ("dark", ("light",), "brightness", "fake")
    assert found.is_certain
    assert effect(curves, "light").value == -found.value


def test_among_several_conditions_it_is_to_the_mean_of_the_others():
    curves = rank(contrast({"a": 0.2, "b": 0.5, "c": 0.8}), FakeModel())
    ranks = {name: curve.percentile_rank(0.5) for name, curve in curves.items()}
    assert effect(curves, "b").value == pytest.approx(ranks["b"] - (ranks["a"] + ranks["c"]) / 2)
    assert effect(curves, "b").others == ("a", "c")


def test_of_rankings_and_predictions_it_is_that_of_the_mean_over_scales():
    found = rank_at_scales(contrast(), FakeModel(), (2.0, 4.0))
    expected = found.prediction.effects("mean")["dark"]
    for of in (found, found.prediction, found.curves):
        assert effect(of).value == pytest.approx(expected.value)
        assert effect(of).standard_error == pytest.approx(expected.standard_error)


def test_a_stimulus_is_predicted(monkeypatch):
    asked = {}

    def load(name, *, device):
        asked.update(name=name, device=device)
        return FakeModel()

    monkeypatch.setattr("illusions.models.model.load_model", load)
    found = effect(contrast(), reading="paper", device="cpu", seed=3)
    assert found.value == effect(rank(contrast(), FakeModel(), seed=3)).value
    assert asked == {"name": "natural16", "device": "cpu"}


def test_of_a_single_draw_the_error_is_not_known():
    found = effect(rank(contrast(), FakeModel(), draws=1))
    assert math.isnan(found.standard_error)
    assert not found.is_certain
    assert "nan" not in repr(found)


def test_what_has_no_effect():
    curves = rank(contrast(), FakeModel())
    with pytest.raises(InputError, match="no condition of brightness-contrast is called 'drak'; did you mean 'dark'"):
        effect(curves, "drak")
    with pytest.raises(InputError, match="has the single condition “dark”; expected two or more"):
        effect({"dark": curves["dark"]})
