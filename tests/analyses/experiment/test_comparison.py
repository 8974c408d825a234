from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from illusions.analyses.experiment.comparison import Predictor, comparison_frame, errors_frame
from illusions.analyses.experiment.comparison_figure import comparison_caption, comparison_figure
from illusions.analyses.experiment.comparison_report import (
    error_sentences,
    fit_sentences,
    left_out_sentences,
    people_sentences,
)
from illusions.analyses.experiment.observers import mean_over_observers
from illusions.analyses.readings.calibration import HIGHEST, LOWEST, TemperatureFit
from illusions.analyses.readings.ranking import rank
from illusions.analyses.readings.scales import Ranking
from illusions.analyses.readings.trivial import equal_contrast
from tests.analyses.fakes import FakeModel, contrast

GREY = contrast({"dark": 0.4, "light": 0.6})
HUES = replace(contrast({"red": 0.9, "orange": 0.15}, value=0.02, axis="hue"), name="hues")


def means(stimulus, *rows):
    """Of (observer, reference, comparison, match)."""
    frame = pd.DataFrame(rows, columns=["observer", "reference_condition", "comparison_condition", "match"])
    return frame.assign(
        stimulus=stimulus.name, axis=stimulus.axis.name, reference_value=stimulus.value, trials=1, low=None, high=None
    )


SET = means(GREY, ("ab", "dark", "light", 0.55), ("cd", "dark", "light", 0.57), ("ab", "light", "dark", 0.41))
RANKING = Ranking(GREY, {GREY.scale: rank(GREY, FakeModel(), 532.0, draws=3)})
PREDICTOR = Predictor("fake, T = 532", [RANKING])


def compared(set_by=SET, stimuli=(GREY,), predictors=(PREDICTOR,)):
    people = mean_over_observers(set_by)
    comparison = comparison_frame(people, stimuli, predictors)
    return people, comparison


def test_every_match_beside_every_prediction():
    _, comparison = compared()
    there = comparison[comparison["reference_condition"] == "dark"].set_index("predictor")
    assert list(there.index) == ["veridical", "equal contrast", "fake, T = 532"]
    assert there["match"].tolist() == pytest.approx([0.56] * 3)
    assert there.loc["veridical", "predicted"] == 0.5
    assert there.loc["veridical", "difference"] == pytest.approx(-0.06)
    assert there.loc["equal contrast", "predicted"] == equal_contrast(GREY, "dark", "light")
    (found,) = [m for m in RANKING.matches if m.reference_condition == "dark"]
    assert there.loc["fake, T = 532", "predicted"] == found.pse
    assert there.loc["fake, T = 532", "predicted_standard_error"] == found.pse_standard_error
    assert there.loc["fake, T = 532", ["model", "temperature", "temperature_unit"]].tolist() == ["fake", 532.0, "nats"]


def test_a_prediction_lies_within_the_interval_or_not():
    """Of 0.55 and 0.57 the interval is 0.56 ± 12.706 · 0.01: 0.5 lies in it. Of one observer there is none."""
    _, comparison = compared()
    veridical = comparison[comparison["predictor"] == "veridical"]
    assert veridical["within"].tolist() == [True, None]
    near = means(GREY, *((f"p{i}", "dark", "light", 0.56 + 0.002 * i) for i in range(6)))
    assert not compared(near)[1]["within"].iloc[0]


def test_of_several_sizes_each_observer_has_the_prediction_at_theirs():
    other = contrast({"dark": 0.35, "light": 0.55})
    rankings = [RANKING, Ranking(other, {other.scale: rank(other, FakeModel(), 532.0, draws=3)})]
    predictor = Predictor("fake", rankings, seen_by=[("ab",), ("cd",)])
    people = mean_over_observers(SET)
    comparison = comparison_frame(people, [GREY], [predictor], SET).set_index(["predictor", "reference_condition"])
    first, second = (
        {m.reference_condition: (m.pse, m.pse_standard_error) for m in ranking.matches} for ranking in rankings
    )
    both, one = comparison.loc[("fake", "dark")], comparison.loc[("fake", "light")]  # the second was set by ab alone
    assert both["predicted"] == pytest.approx((first["dark"][0] + second["dark"][0]) / 2)
    errors = first["dark"][1], second["dark"][1]
    assert both["predicted_standard_error"] == pytest.approx((errors[0] ** 2 + errors[1] ** 2) ** 0.5 / 2)
    assert one["predicted"] == pytest.approx(first["light"][0])
    assert len(comparison.loc["fake"]) == 2


def test_without_a_match_in_the_gamut_the_end_is_the_prediction():
    steep = contrast({"dark": 0.05, "light": 0.95})
    ranking = Ranking(steep, {steep.scale: rank(steep, FakeModel(), 20.0, draws=2)})
    _, comparison = compared(means(steep, ("ab", "dark", "light", 0.6)), [steep], [Predictor("cold", [ranking])])
    found = comparison.set_index("predictor").loc["cold"]
    assert not found["in_gamut"]
    assert found["predicted"] == 1.0
    assert found["difference"] == pytest.approx(0.4)


def test_hues_differ_the_shorter_way_round():
    set_by = means(HUES, ("ab", "red", "orange", 0.98))  # as it may come out of an average
    _, comparison = compared(set_by, [HUES], [])
    veridical = comparison[comparison["predictor"] == "veridical"].iloc[0]
    assert veridical["difference"] == pytest.approx(0.04)


def test_errors_by_hand_and_beside_the_trivial_ones_on_the_same_stimuli():
    both = pd.concat([SET, means(HUES, ("ab", "red", "orange", 0.12))])
    people, comparison = compared(both, [GREY, HUES])
    errors = errors_frame(comparison, people, [GREY, HUES]).set_index("predictor")
    grey = (0.06**2 + 0.09**2) / 2
    assert errors.loc["veridical", "error"] == pytest.approx(((grey + 0.1**2) / 2) ** 0.5)
    assert (errors.loc["veridical", "stimuli"], errors.loc["veridical", "matches"]) == (2, 3)
    assert errors.loc["fake, T = 532", "stimuli"] == 1
    assert errors.loc["fake, T = 532", "veridical"] == pytest.approx(grey**0.5)
    assert errors.index[-1] == "fake, T = 532"  # of fewer stimuli


def test_sentences():
    people, comparison = compared()
    first, second = people_sentences(comparison)
    assert first == (
        f"{GREY.name}: to look as on “dark”, the target on “light” was set to brightness 0.56 (95 % 0.433 to 0.687), "
        "2 observers; physically the same is 0.5."
    )
    assert "set to brightness 0.41, 1 observer; physically" in second
    (veridical,) = [s for s in error_sentences(errors_frame(comparison, people, [GREY])) if s.startswith("veridical")]
    assert veridical == "veridical: off by 7.6 % of the range (root mean square over 1 stimulus)."
    assert left_out_sentences({"a.json": "is empty"}) == ["a.json: left out: it is empty"]


def fit(**changes):
    known = {"temperature": 412.4, "low": 300.0, "high": 2000.4, "side": None, "error": 0.031, "held_out": 0.05}
    known["worst"] = 0.3
    rest = {"veridical": 0.08, "equal_contrast": 0.2, "stimuli": 3, "matches": 6}
    return TemperatureFit(**{**known, **rest, **changes})


def test_a_fit_in_words():
    first, held_out, trivial = fit_sentences(fit(), unit="nats", over="5 observers")
    assert first == (
        "T = 412 nats (95 % 300 to 2000, by the bootstrap over 5 observers) predicts 6 matches of 3 stimuli best: off "
        "by 3.1 % of the range (root mean square)."
    )
    assert held_out == "Each stimulus predicted with the T of all others: off by 5.0 %."
    assert "physical value is off by 8.0 %, equal contrast to the surround by 20.0 %" in trivial
    alone = fit_sentences(fit(low=float("nan"), stimuli=1, side=12.0), unit="nats", over="")
    assert "in a field of 12° (its uncertainty is unknown with a single observer)" in alone[0]
    assert alone[1] == "With a single stimulus it is unknown how well T predicts another."


@pytest.mark.parametrize("temperature", [LOWEST, 412.0, HIGHEST])
def test_matches_that_are_predicted_as_well_at_any_t_say_nothing_of_it(temperature):
    """Of a stimulus whose prediction no T moves the lowest T is the first of the best, and no one's."""
    flat = fit(temperature=temperature, error=0.031, worst=0.036)
    *_, last = fit_sentences(flat, unit="nats", over="5 observers")
    assert last.startswith("At no T that was tried are they off by more than 3.6 %")
    assert not any("No temperature makes" in sentence for sentence in fit_sentences(flat, unit="nats", over="x"))


@pytest.mark.parametrize(("end", "word"), [(HIGHEST, "highest"), (LOWEST, "lowest")])
def test_a_fit_at_the_end_of_what_was_tried_says_so(end, word):
    *_, last = fit_sentences(fit(temperature=end), unit="nats", over="2 observers")
    assert last.startswith(f"That is the {word} T that was tried")
    assert last.endswith("No temperature makes these predictions fit.")


def test_intervals_are_drawn_as_far_as_the_range():
    """Matches of 0.3 and 0.7 have a 95 % interval of ± 2.5 around their mean. A match lies within 0 to 1."""
    apart = means(GREY, ("ab", "dark", "light", 0.3), ("cd", "dark", "light", 0.7))
    _, comparison = compared(apart)
    panel = comparison_figure(comparison, apart, [GREY]).axes[2]
    assert comparison["low"].iloc[0] < 0
    assert panel.collections[0].get_segments()[0][:, 0].tolist() == pytest.approx([-50, 50])


def test_the_figure_has_what_people_set_and_what_is_predicted_in_place():
    _, comparison = compared()
    words, picture, panel, legend = comparison_figure(comparison, SET, [GREY], caption=comparison_caption()).axes
    assert words.texts[0].get_text().startswith("Each match")
    assert [text.get_text() for text in legend.get_legend().get_texts()][:3] == ["people", "each observer", "veridical"]
    assert picture.get_title(loc="left") == GREY.name
    drawn = [list(line.get_xdata()) for line in panel.lines]
    assert any(x == pytest.approx([6.0]) for x in drawn if len(x) == 1)  # people: 0.56
    assert any(x == pytest.approx([5.0, 7.0]) for x in drawn if len(x) == 2)  # each of them
    low, high = (100 * (comparison[end].iloc[0] - 0.5) for end in ("low", "high"))
    assert (low, high) == pytest.approx((6 - 12.706, 6 + 12.706), abs=0.01)
    interval = panel.collections[0].get_segments()[0][:, 0]
    assert interval.tolist() == pytest.approx([low, high])
    predicted = 100 * (comparison["predicted"] - 0.5)
    for value in predicted:
        assert any(x == pytest.approx([value], abs=1e-6) for x in drawn if len(x) == 1)
    assert [text.get_text() for text in panel.texts] == [
        "on “light”, to look as on “dark”",
        "on “dark”, to look as on “light”",
    ]
