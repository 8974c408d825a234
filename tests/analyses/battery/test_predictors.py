from __future__ import annotations

import sys

import numpy as np
import pytest

from illusions.analyses.battery.predictors import Answer, Entry, ask, own_entry, single
from illusions.errors import InputError
from tests.analyses.battery.people import seen


def answer_of(values, **settings):
    return ask(Entry("e", "", lambda *_: {"": values}, **settings), seen())[""]


def test_values_are_taken_as_they_are():
    assert answer_of(np.array([0.75, 0.5])) == Answer((0.75, 0.5))
    assert answer_of([0.75, 0.5]).difference == 0.25


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([1.0], "values of shape (1,); expected (2,), one per target, or (2, 3)"),
        ([1.0, 2.0, 3.0], "values of shape (3,); expected (2,), one per target, or (2, 3)"),
        (1.0, "values of shape (); expected (2,), one per target, or (2, 3)"),
        ([1.0, float("nan")], "the value of target 2 is nan"),
        ([float("-inf"), 1.0], "the value of target 1 is -inf"),
        ([None, 1.0], "the value of target 1 is nan"),
        ("the target is too wide", "the target is too wide"),
    ],
)
def test_what_is_no_value_per_target_is_no_prediction(values, reason):
    answer = answer_of(values)
    assert answer.reason == reason
    assert not answer.values
    assert np.isnan(answer.difference)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("too\n coarse"), "ValueError: too coarse"),
        (KeyError(), "KeyError"),
        (SystemExit(3), "SystemExit: 3"),
    ],
)
def test_a_predictor_that_raises_is_no_prediction(error, reason):
    def predict(picture, targets, pixels_per_degree):
        raise error

    assert ask(single("e", "", predict), seen())[""].reason == reason


def test_interrupting_is_not_caught():
    def predict(picture, targets, pixels_per_degree):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(single("e", "", predict), seen())


def test_a_setting_that_is_left_out_is_no_prediction_and_the_others_stay():
    answers = ask(Entry("e", "", lambda *_: {"b": [1, 2]}, settings=("a", "b")), seen())
    assert answers == {"a": Answer((), "nothing was said at this setting"), "b": Answer((1.0, 2.0))}


def test_a_predictor_may_write_into_what_it_gets():
    stimulus = seen()
    before = stimulus.picture.copy(), stimulus.targets.copy()

    def predict(picture, targets, pixels_per_degree):
        picture[:], targets[:] = 0, 0
        return [1, 2]

    ask(single("e", "", predict), stimulus)
    assert (stimulus.picture == before[0]).all()
    assert (stimulus.targets == before[1]).all()


def test_a_predictor_of_brightness_says_nothing_about_saturation():
    assert (
        ask(single("e", "", lambda *_: [1, 2]), seen(axis="saturation"))[""].reason == "says nothing about saturation"
    )


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "mine_for_test.py").write_text(
        "class Model:\n    def predict(picture, targets, pixels_per_degree):\n"
        '        """Likes\n        what it sees.\n\n        More."""\n        return [pixels_per_degree, 0]\n'
        "def plain(*_):\n    return [1, 2]\nnumber = 3\n"
    )
    (tmp_path / "broken_for_test.py").write_text("import nothing_of_this_name\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    for name in ("mine_for_test", "broken_for_test"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("module")
def test_ones_own_is_found_in_the_working_folder():
    entry = own_entry("mine_for_test:Model.predict")
    assert (entry.name, entry.description) == ("mine_for_test:Model.predict", "Likes what it sees.")
    assert ask(entry, seen())[""] == Answer((2.0, 0.0))
    assert ask(own_entry("mine_for_test:plain"), seen(axis="saturation"))[""] == Answer((1.0, 2.0))


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("mine_for_test", "expected module:function"),
        (":plain", "expected module:function"),
        ("mine_for_test:plan", "no function is called 'plan'; did you mean 'plain'?"),
        ("mine_for_test:number", "is a int; expected a function"),
        ("mine_for_test:plain.more", "no function is called 'more'"),
        ("no_such_module_here:f", "'no_such_module_here' cannot be imported"),
        ("broken_for_test:f", "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
    ],
)
def test_what_is_no_predictor_is_named(reference, message):
    with pytest.raises(InputError, match="predictor '") as raised:
        own_entry(reference)
    assert message in str(raised.value)


def test_a_colour_per_target_is_read_on_the_axis():
    answer = answer_of(np.array([[10, 20, 51], [0, 0, 102]]))
    assert answer.values == pytest.approx((0.2, 0.4))
