import joblib
import numpy as np
import pandas as pd
import pytest

from illusions.analyses.densities.matching import match
from illusions.analyses.effects.effect import effect
from illusions.analyses.effects.sweep import sweep
from illusions.analyses.readings.ranking import rank
from illusions.errors import InputError
from illusions.stimuli.loading import load_stimulus
from tests.analyses.fakes import FakeModel, contrast


class Counted(FakeModel):
    """Counts what it scores."""

    calls = 0

    def log_likelihood_draws(self, patches, **options):
        Counted.calls += 1
        return super().log_likelihood_draws(patches, **options)


@pytest.fixture
def stimulus():
    return load_stimulus("brightness-contrast")


def test_a_row_per_value_is_what_rank_effect_and_match_say(stimulus):
    values = np.array([0.6, 0.9])
    frame = sweep(stimulus, "conditions.light.surround", values, FakeModel(), 700, seed=2, reading="paper")
    assert frame["setting"].tolist() == [0.6, 0.9]
    for value, row in zip(values, frame.to_dict("records"), strict=True):
        curves = rank(stimulus.with_surround("light", value), FakeModel(), 700, seed=2)
        there, found = effect(curves), match(curves["dark"], 0.5, curves["light"])
        assert (row["effect"], row["effect_standard_error"]) == (there.value, there.standard_error)
        assert (row["pse"], row["pse_standard_error"]) == (found.pse, found.pse_standard_error)
        assert (row["temperature"], row["model"], row["value"]) == (700, "fake", 0.5)
        assert (row["reference_condition"], row["comparison_condition"]) == ("dark", "light")


def test_a_sweep_in_processes_is_the_same_to_the_last_bit(stimulus):
    values = np.linspace(0.5, 0.9, 20)
    here = sweep(stimulus, "conditions.light.surround", values, FakeModel(), 700, reading="paper")
    with joblib.parallel_config("loky", n_jobs=2):
        there = sweep(stimulus, "conditions.light.surround", values, FakeModel(), 700, reading="paper")
    pd.testing.assert_frame_equal(here, there, check_exact=True)


def test_the_target_may_be_swept_too(stimulus):
    frame = sweep(stimulus, "target.colour", [0.3, 0.4], FakeModel(), 700, reading="paper")
    assert frame["value"].tolist() == [0.3, 0.4]


def test_colours_stand_in_the_table_as_text(stimulus):
    frame = sweep(
        stimulus, "conditions.light.surround", ["#ffffff", {"hsv": [0, 0, 1]}], FakeModel(), 700, reading="paper"
    )
    assert frame["setting"].tolist() == ["#ffffff", "{'hsv': [0, 0, 1]}"]
    assert frame["effect"].nunique() == 1


def test_conditions_are_chosen_and_turned(stimulus):
    there = sweep(stimulus, "conditions.light.surround", [0.8], FakeModel(), 700, reading="paper")
    back = sweep(
        stimulus, "conditions.light.surround", [0.8], FakeModel(), 700, reading="paper", conditions=("light", "dark")
    )
    assert back["effect"].item() == -there["effect"].item()
    assert back["reference_condition"].item() == "light"


def test_a_reading_by_field(stimulus):
    frame = sweep(stimulus, "target.degrees", [2.0, 4.0], FakeModel(), reading="field")
    assert frame["temperature"].tolist() == [36.0, 36.0]
    assert frame["effect"].nunique() == 2


def test_the_model_is_loaded_once_by_its_name(stimulus, monkeypatch):
    asked = []

    def load(name, *, device):
        asked.append((name, device))
        return FakeModel(name=name)

    monkeypatch.setattr("illusions.models.model.load_model", load)
    frame = sweep(stimulus, "target.size", [4, 8], "mine", device="cpu", reading="paper")
    assert asked == [("mine", "cpu")]
    assert frame["model"].tolist() == ["mine", "mine"]
    assert frame["temperature"].iloc[0] == pytest.approx(768 * np.log(2))
    sweep(stimulus, "target.size", [4])
    assert asked[1] == ("cones16", "auto")


def test_a_model_and_a_temperature_replace_those_of_the_default_reading(stimulus):
    plain, given = (sweep(stimulus, "target.size", [4], *how) for how in ((FakeModel(),), (FakeModel(), 60)))
    named = sweep(stimulus, "target.size", [4], FakeModel(), 60, reading="field")
    assert plain["temperature"].item() == 36
    assert given.equals(named)


def test_what_is_wrong_is_said_before_anything_is_scored(stimulus):
    Counted.calls = 0
    for path, values, message in (
        ("conditions.lihgt.surround", [0.5], "no key in 'conditions'.*did you mean 'light'.*there is: dark, light"),
        ("conditions.light.surround", [0.5, 1.5], "key 'conditions.light.surround': brightness 1.5 is out of range"),
        ("target", [0.5], "'target' is a table; expected one of its keys: colour, size"),
    ):
        with pytest.raises(InputError, match=message):
            sweep(stimulus, path, values, Counted(), 700)
    with pytest.raises(
        InputError, match="effect and match need two of its conditions, dark, light; given: dark, lihgt"
    ):
        sweep(stimulus, "target.size", [4], Counted(), 700, conditions=("dark", "lihgt"))
    with pytest.raises(InputError, match="is not made from a file or in its words"):
        sweep(contrast(), "target.size", [4], Counted(), 700)
    assert Counted.calls == 0
