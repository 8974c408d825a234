from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from illusions.analyses.densities.matching import match_all, matches_frame
from illusions.analyses.drawing.canvas import shortened
from illusions.analyses.predictions import Prediction
from illusions.analyses.ranks.figure import ranking_figure
from illusions.analyses.ranks.report import report_page
from illusions.analyses.ranks.wording import (
    caption,
    match_sentence,
    prediction_sentence,
    ranking_caption,
    scales_in_words,
)
from illusions.analyses.readings.fields import rank_by_field
from illusions.analyses.readings.ranking import rank, thinned
from illusions.analyses.readings.scales import Ranking
from illusions.analyses.readings.trivial import equal_contrast, veridical
from illusions.analyses.wording import percent, with_error
from illusions.estimates import Replicated
from illusions.stimuli.axes import parse_axis
from illusions.stimuli.colours import parse_colour
from illusions.stimuli.families.masked import labelled_picture
from illusions.stimuli.families.uniform import uniform_contrast
from illusions.stimuli.loading import load_stimulus
from tests.analyses.fakes import FakeModel, contrast
from tests.analyses.tiny import tiny_structure


def test_numbers():
    assert with_error(0.62345, 0.0123) == "0.623 ± 0.012"
    assert with_error(0.62352, 0.0004) == "0.6235 ± 0.0004"
    assert with_error(0.62352, 1e-9) == "0.6235 ± < 0.0001"
    assert with_error(0.62345, float("nan")) == "0.623"
    assert percent(-3.25) == "−3.2 %"


def test_scales():
    assert scales_in_words([16 / 6]) == "scale 2.67"
    assert scales_in_words([2, 3, 4]) == "mean over the scales 2, 3 and 4"
    assert scales_in_words([12], "field") == "field of 12°"
    assert scales_in_words([10, 12.5, 14], "field") == "mean over the fields of 10°, 12.5° and 14°"


def predicted(conditions, temperature="bits-per-dim", **settings):
    stimulus = contrast(conditions)
    curves = rank(stimulus, FakeModel(), temperature, **settings)
    return prediction_sentence(Ranking(stimulus, {stimulus.scale: curves}).prediction)


def test_which_target_looks_brighter_whatever_the_order():
    assert predicted({"light": 0.8, "dark": 0.2}).endswith("the one on “dark” should look brighter.")


def test_equal_surrounds_look_the_same():
    assert "should look the same" in predicted({"a": 0.3, "b": 0.3})


def ranked(*ranks, temperature=532.3):
    """A prediction from ranks, each with its replicates."""
    stimulus = contrast()
    of = dict(zip(stimulus.conditions, (Replicated(np.array(rank)) for rank in ranks), strict=True))
    return Prediction(stimulus, {2.0: of}, "somebody", temperature)


@pytest.mark.parametrize(
    ("dark", "says"),
    [
        (0.5002, "alike"),  # certain, and not worth mentioning
        (0.511, "should look brighter"),
        (0.509, "is too small or too uncertain to say which should look brighter, or that they should look the same"),
    ],
)
def test_a_conclusion_needs_more_than_certainty(dark, says):
    """A grey target of ranks 0.0021 and 0.0019 was to look more saturated."""
    sentence = prediction_sentence(ranked([dark, dark - 0.001, dark + 0.001], [0.5, 0.5, 0.5]))
    assert says in sentence
    assert ("should look brighter." in sentence) == (dark == 0.511)


def test_what_is_uncertain_is_not_the_same():
    sentence = prediction_sentence(ranked([0.51, 0.41, 0.61], [0.5, 0.5, 0.5]))
    assert "Their difference, 0.010 ± 0.100, is too small or too uncertain to say which" in sentence
    assert "alike" not in sentence


def test_small_ranks_that_differ_by_nothing_worth_mentioning():
    sentence = prediction_sentence(ranked([0.0021, 0.0020, 0.0022], [0.0019, 0.0019, 0.0019]))
    assert sentence.endswith("they should look the same.")


@pytest.mark.parametrize(("value", "end"), [(0.0, "lowest"), (1.0, "highest")])
def test_at_an_end_of_the_sweep_ranks_are_alike_of_necessity(value, end):
    """Nothing is less saturated than a grey: it ranks 0.005 in every surround, whatever it looks like."""
    stimulus = contrast({"a": 0.3 + 0.4 * value, "b": 0.35 + 0.3 * value}, value=value)
    ranking = Ranking(stimulus, {stimulus.scale: rank(stimulus, FakeModel(), 500.0)})
    ranks = [rank.value for rank in ranking.prediction.ranks[stimulus.scale].values()]
    assert abs(ranks[0] - ranks[1]) < 0.01
    sentence = prediction_sentence(ranking.prediction)
    assert (
        "is too small or too uncertain to say which should look brighter, or that they should look the same" in sentence
    )
    assert f"has the {end} value of its sweep" in sentence
    assert f"has the {end} value of its sweep" in ranking.prediction.summary()["cautions"].iloc[0]


def test_a_temperature_that_evens_out_everything_says_nothing():
    """Ranks are then the values: that they are the same on both surrounds is no prediction."""
    stimulus = contrast()
    ranking = Ranking(stimulus, {stimulus.scale: rank(stimulus, FakeModel(), 1e8)})
    sentence = prediction_sentence(ranking.prediction)
    assert "or that they should look the same" in sentence
    assert "T = 1e+08 is so high that all values are about equally likely" in sentence
    assert any("so high" in caution for found in ranking.matches for caution in found.cautions)


@pytest.mark.parametrize(
    ("rank", "share"), [(0.9983, "99.83 %"), (0.0045, "0.45 %"), (0.336, "34 %"), (1.0, "100 %"), (0.0, "0 %")]
)
def test_the_share_below_is_not_rounded_to_all_or_none(rank, share):
    stimulus = contrast({"image": 0.3})
    found = Prediction(stimulus, {2.0: {"image": Replicated(np.array([rank]))}}, "somebody", 532.3)
    assert f"{share} of the density in this surround lie below it" in prediction_sentence(found)


@pytest.mark.parametrize(
    ("pse", "error", "says"),
    [
        (0.53, 0.001, "must be set to brightness 0.5300 ± 0.0010 (+6.0 %)."),
        (0.503, 0.001, "would be set to brightness 0.5030 ± 0.0010, which hardly differs from its 0.5."),
        (0.53, 0.02, ". This is too close to its 0.5, or too uncertain, to say in which direction."),
        (0.503, 0.01, ". This is too close to its 0.5, or too uncertain, to say in which direction."),
        (0.53, math.nan, ". It has no standard error."),
    ],
)
def test_a_match_is_a_change_above_its_standard_error_and_worth_mentioning(pse, error, says):
    found = match_all(rank(contrast(), FakeModel()))[0]
    sentence = match_sentence(replace(found, pse=pse, pse_standard_error=error, change_percent=200 * (pse - 0.5)))
    assert sentence.endswith(says)


def test_a_hue_that_matches_on_the_other_side_of_red_is_near():
    found = match_all(rank(contrast(value=0.9, axis="hue"), FakeModel(circular=True)))[0]
    sentence = match_sentence(replace(found, reference_value=0.999, pse=0.001, pse_standard_error=0.0001))
    assert "which hardly differs from" in sentence


def a_line(width=20, height=1):
    """A line in a picture, on black and on white."""
    pixels, labels = np.zeros((80, 160, 3), np.uint8), np.zeros((80, 160), int)
    pixels[:, 80:] = 255
    for left, k in ((30, 1), (110, 2)):
        labels[40 : 40 + height, left : left + width] = k
    pixels[labels > 0] = 128
    return replace(labelled_picture(pixels, labels, "brightness", pixels_per_degree=8.0), name="line")


@pytest.mark.parametrize("unit", ["scale", "field"])
def test_a_target_thinner_than_a_pixel_is_said_to_be_everywhere(unit):
    stimulus = a_line()
    if unit == "scale":  # a pixel of the model is 20 · (16/6) / 16 = 3.3 pixels wide
        ranking, most = Ranking(stimulus, {stimulus.scale: rank(stimulus, FakeModel())}), 0.3
    else:
        ranking = rank_by_field(stimulus, FakeModel(), [8], 40, placements=4)
        most = 0.25  # 8° · 8 pixels / 16
    said = "The target covers at most 0."
    summary, matches = ranking.prediction.summary(), ranking.matches_frame()
    assert (0.6 * most < summary["coverage"]).all()
    assert (summary["coverage"] < most + 1e-3).all()
    assert matches["coverage"].tolist() == summary["coverage"].tolist()
    for text in (
        *summary["cautions"],
        *matches["cautions"],
        prediction_sentence(ranking.prediction),
        match_sentence(ranking.matches[0]),
        ranking.prediction._repr_html_(),
        report_page([ranking], command="", settings={}),
    ):
        assert said in text
    assert "alike" not in prediction_sentence(ranking.prediction)


def test_a_target_of_whole_pixels_is_not():
    stimulus = a_line(20, 20)
    ranking = Ranking(stimulus, {stimulus.scale: rank(stimulus, FakeModel())})
    assert ranking.prediction.cautions == ()
    assert ranking.prediction.summary()["coverage"].tolist() == [1, 1]


def test_a_surround_without_contrast_is_said_to_be_where_a_model_divides_by_it():
    model, uniform = tiny_structure(), replace(contrast(), scale=2.0)
    ranking = Ranking(uniform, {2.0: rank(uniform, model, draws=2)})
    assert "on “dark” and “light” has less contrast than the floor" in prediction_sentence(ranking.prediction)
    assert "has less contrast than the floor" in ranking.matches_frame()["cautions"][0]
    assert Ranking(uniform, {2.0: rank(uniform, model.with_floor(0.1), draws=2)}).prediction.noted == ()
    checks = replace(load_stimulus("checkerboard"), scale=2.0)
    assert Ranking(checks, {2.0: rank(checks, model, draws=2)}).prediction.noted == ()


def test_a_match_near_the_peak_is_hard_to_believe_wherever_it_is_shown():
    curves = rank(contrast({"dark": 0.5, "light": 0.55}), FakeModel(), 200)
    found = match_all(curves)[0]
    assert abs(found.pse - curves["light"].peak) < 0.05
    assert "A person is unlikely to set a match there" in match_sentence(found)
    assert "unlikely to set a match there" in matches_frame([found])["cautions"].item()
    assert "unlikely to set a match there" not in match_sentence(found, said=found.noted)


def test_a_short_sweep_is_said_to_be():
    stimulus = contrast()
    short = replace(stimulus, axis=parse_axis("chroma"), target=parse_colour({"lab": [98, -1, -1]}))
    assert 2 <= len(short.values()) < 32
    ranking = Ranking(short, {short.scale: rank(short, FakeModel())})
    assert f"The sweep has only {len(short.values())} values" in prediction_sentence(ranking.prediction)
    every_fifth = thinned(stimulus, 9)
    assert Ranking(every_fifth, {2.0: rank(every_fifth, FakeModel())}).prediction.noted == ()


def test_a_single_draw_allows_no_conclusion():
    sentence = predicted({"light": 0.8, "dark": 0.2}, draws=1)
    assert "A single draw gives no standard error" in sentence
    assert "should look" not in sentence


@pytest.mark.parametrize(("surrounds", "rank_of_both"), [((0.2, 0.3), 1), ((0.7, 0.8), 0)])
def test_ranks_in_one_far_tail_say_neither_the_same_nor_brighter(surrounds, rank_of_both):
    curves = rank(contrast(dict(zip("ab", surrounds, strict=True))), FakeModel(), "exact")
    assert [round(curve.percentile_rank(0.5), 4) for curve in curves.values()] == [rank_of_both] * 2
    sentence = predicted(dict(zip("ab", surrounds, strict=True)), "exact")
    assert f"Both ranks are {rank_of_both} up to the far tails of two narrow densities. T = 1 is too low" in sentence
    assert "alike" not in sentence
    assert "the one on" not in sentence


def test_ranks_at_opposite_ends_are_a_difference():
    assert "should look brighter" in predicted({"dark": 0.2, "light": 0.8}, "exact")
    assert "far tails" not in predicted({"dark": 0.2, "light": 0.8}, "exact")


def test_by_field_it_is_a_single_look_that_says_nothing():
    stimulus = replace(contrast(), units_per_degree=2.0)
    ranking = rank_by_field(stimulus, FakeModel(), [12], 40, placements=1)
    assert "A single placement gives no standard error" in prediction_sentence(ranking.prediction)


def test_a_caption_by_field_says_looks_fields_and_what_t_is_in():
    ranking = rank_by_field(replace(contrast(), units_per_degree=2.0), FakeModel(), [10, 12], 40, placements=3)
    text = ranking_caption(ranking)
    assert "± 1 standard error over 3 placements." in text
    assert text.endswith("T = 40 nats per pixel of the target, mean over the fields of 10° and 12°.")
    assert "patch ÷ target" not in text


def test_a_single_picture_is_only_described():
    assert "the percentile rank" in predicted({"image": 0.3})


def test_match_sentences():
    found = match_all(rank(contrast(), FakeModel()))[0]
    assert match_sentence(found) == (
        "To look like the one on “dark”, the target on “light” must be set to brightness "
        f"{with_error(found.pse, found.pse_standard_error)} (+81.6 %)."
    )
    assert "far tails" in match_sentence(replace(found, percentile_rank=1.0))
    none = match_all(rank(contrast(), FakeModel(), "exact"))[0]
    assert match_sentence(none).startswith("No match: ")


@pytest.mark.parametrize("name", ["brightness-contrast", "hue-contrast", "hue-induction"])
def test_the_caption_of_a_prediction_without_cautions_fits_into_its_figure(name):
    """Three fields and long names of conditions included: no text file has to lie beside the figure."""
    model = FakeModel(name="structure16", circular=name.startswith("hue"))
    ranking = rank_by_field(load_stimulus(name), model, [10, 12, 14], 158, placements=4)
    figure = ranking_figure(ranking)
    assert not ranking.prediction.noted
    assert "T = 158" in figure.get_label()
    assert shortened(figure.get_label()) == figure.get_label()


@pytest.mark.parametrize("temperature", ["bits-per-dim", "exact"])
def test_the_caption_states_model_and_temperature(temperature):
    curves = rank(contrast(), FakeModel(), temperature)
    text = caption(curves, [2, 3.3333], match_all(curves)[0])
    assert "mean over the scales 2 and 3.33" in text
    assert "Model fake" in text
    assert f"T = {curves['dark'].temperature:.4g}" in text
    assert ("diamond" in text) == (temperature == "bits-per-dim")


@pytest.mark.parametrize(
    ("axis", "named", "higher", "lower"),
    [
        ("a", "a*", "redder", "greener"),
        ("b", "b*", "yellower", "bluer"),
        ("l-m", "L−M", "redder", "greener"),
        ("s-lm", "S−(L+M)", "more violet", "more yellow-green"),
    ],
)
def test_a_grey_target_among_colours(axis, named, higher, lower):
    """On a signed axis grey is 0 in the middle, contrast goes both ways, and per cent of it mean nothing."""
    reach = {"a": 20, "b": 20, "l-m": 0.06, "s-lm": 0.3}[axis]
    base = {"lab": [60, 0, 0]} if axis in "ab" else {"dkl": [-0.3, 0, 0]}
    stimulus = uniform_contrast(axis=axis, value=0, surrounds={"minus": -reach, "plus": reach}, base=base)
    assert stimulus.value == 0
    ranking = Ranking(stimulus, {stimulus.scale: rank(stimulus, FakeModel(), 20.0)})
    sentence = prediction_sentence(ranking.prediction)
    assert f"physically the same ({named} 0)" in sentence
    assert sentence.endswith(f"the one on “minus” should look {higher}, the one on “plus” {lower}.")
    there = ranking.matches[0]
    assert (there.reference_condition, there.comparison_condition) == ("minus", "plus")
    assert there.pse > 0
    assert f"must be set to {named} {with_error(there.pse, there.pse_standard_error)}." in match_sentence(there)
    assert math.isnan(there.change_percent)
    assert veridical(stimulus, "minus", "plus") == 0
    assert equal_contrast(stimulus, "minus", "plus") == pytest.approx(min(2 * reach, stimulus.values()[-1]), rel=0.1)
