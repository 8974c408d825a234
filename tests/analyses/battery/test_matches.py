"""Predicted matches: rivals, flows by hand, how settings are chosen, and scores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from illusions.analyses.battery.flows import Remembering, ScaledTemperature
from illusions.analyses.battery.match_contest import compete_in_matches
from illusions.analyses.battery.match_figure import match_caption, match_figure
from illusions.analyses.battery.match_flows import MatchingFlow, Reading, match_by_field, readings_with
from illusions.analyses.battery.match_plane import match_in_plane
from illusions.analyses.battery.match_responses import match_by_response
from illusions.analyses.battery.match_rivals import around, match_rivals
from illusions.analyses.battery.match_scores import best_rival, ceiling, match_scores
from illusions.analyses.battery.matches import MatchEntry, carried, groups_of, with_even_share
from illusions.analyses.battery.tables import CEILING, battery_frame, match_sets, scores_frame
from illusions.analyses.readings.fields import rank_by_field
from illusions.stimuli.settings import load_settings


@pytest.fixture(scope="module")
def hue():
    return groups_of(load_settings("klauke2015"))


@pytest.fixture(scope="module")
def light():
    return groups_of(load_settings("singh2026"))


def rival(name):
    return next(entry for entry in match_rivals() if entry.name == name)


def saying(groups, of_group, settings=("",), name="fake", chosen_on=None, is_flow=False):
    """The result of an entry that says these shifts of the axis: from a group and a setting to a number or an array."""

    def answer(group):
        return {setting: group.values + of_group(group, setting) for setting in settings}

    return compete_in_matches(MatchEntry(name, "", answer, tuple(settings), is_flow), groups, chosen_on)


def test_groups_share_their_surrounds_and_hold_all_settings(hue):
    assert [len(group.values) for group in hue] == [16] * 8
    assert all(len({id(s.stimulus.conditions) for s in group.settings}) == 1 for group in hue)


@pytest.mark.parametrize("entry", match_rivals(), ids=lambda entry: entry.name)
def test_every_rival_answers_in_hue_and_in_luminance(entry, hue, light):
    for group in (hue[1], light[0]):
        answer = compete_in_matches(entry, [group]).answers[id(group)]
        assert set(answer.reasons) == {""}
        assert np.isfinite(answer.shifts).all()


@pytest.mark.parametrize("name", ["subtraction", "von Kries", "heavy tail, linear RGB", "Gaussian, DKL and even"])
def test_rivals_push_hues_away_from_the_surround(name, hue):
    group = hue[2]
    answer = compete_in_matches(rival(name), [group]).answers[id(group)]
    near = (np.abs(group.x) > 10) & (np.abs(group.x) < 100)
    assert (np.sign(answer.shifts[:, near]) == np.sign(group.x[near])).mean() > 0.95


def test_equal_contrast_in_luminance_is_the_ratio_to_the_surround(light):
    group = light[0]
    people, display = group.people, group.people.display
    seen = [around(group.stimulus, condition, 1.0) for condition in (group.test, group.reference)]
    test, reference = (display.white * float(display.linear(each.rgb[0, 0])) for each in seen)
    target = display.white * float(display.linear(group.values[0]))
    answer = compete_in_matches(rival("equal contrast"), [group]).answers[id(group)]
    assert_allclose(answer.shifts[0, 0], target * reference / test - target, atol=0.02 * people.display.white / 100)


def test_the_mixture_of_a_variegated_surround_is_not_its_mean():
    group = next(g for g in groups_of(load_settings("aguilar2020")) if g.name == "variegated-light")
    result = compete_in_matches(rival("heavy tail, sRGB"), [group])
    by_setting = dict(zip(result.entry.settings, result.answers[id(group)].shifts, strict=True))
    mean, mixture = (
        shifts for name, shifts in by_setting.items() if name.startswith("k = 1,") and name.endswith("within 2°")
    )
    assert np.abs(mean - mixture).max() > 0.01


def test_an_even_share_weakens_and_all_of_it_is_no_shift(hue):
    axis, values = hue[0].stimulus.axis, np.arange(120) * 3.0
    peaked = np.exp(3 * np.cos(np.radians(values)))
    at = np.array([20.0, 340.0])
    shifts = [carried(axis, values, with_even_share(peaked, share), np.ones(120), at) - at for share in (0.0, 0.5, 1.0)]
    assert shifts[0][0] > shifts[1][0] > 1
    assert_allclose(shifts[2], 0, atol=1e-6)
    assert_allclose(shifts[0][0], -shifts[0][1], atol=1e-3)


class _Near:
    """A density of patches: the likelier, the nearer the target's colour is to its surround's."""

    name, size, dimensions = "near", 16, 768

    def log_likelihood_draws(self, patches, *, draws, seed, surround=None, first=0):
        apart = np.linalg.norm(patches[:, 8, 8] / 255.0 - patches[:, 0, 0] / 255.0, axis=-1)
        return np.repeat(-2000 * apart[None] ** 2, draws, axis=0)


def test_a_flow_is_asked_once_per_surround_and_read_at_every_setting(hue):
    flow = MatchingFlow(_Near(), placements=2)
    entry = match_by_field(flow, "near", "", readings_with([0.0, 0.9]))
    result = compete_in_matches(entry, hue[:1])
    answer = result.answers[id(hue[0])]
    assert set(answer.reasons) == {""}
    by_setting = dict(zip(entry.settings, answer.shifts, strict=True))
    reading = Reading((10.0,), ScaledTemperature(10.0, 1.0))
    one, weaker = by_setting[str(reading)], by_setting[f"{reading}, 90 % even"]
    at = np.flatnonzero(hue[0].x == 45)[0]
    assert one[at] > weaker[at] > 0.5
    assert len(flow._curves) == 5


def test_a_reading_in_words():
    reading = Reading((8.0,), ScaledTemperature(50.0, 0.25), 0.9)
    assert str(reading) == "8°, T = 50 nats × pixels of the target^0.25, 90 % even"


def test_the_map_in_the_plane_turns_hues_away_from_the_surround(hue, light):
    entry = match_in_plane(_Near())
    result = compete_in_matches(entry, [hue[2], light[0]])
    answer = result.answers[id(hue[2])]
    assert set(answer.reasons) == {""}
    near = np.isin(np.abs(hue[2].x), [22.5, 45])
    assert (np.sign(answer.shifts[:, near]) == np.sign(hue[2].x[near])).all()
    assert np.abs(answer.shifts[0, near]).mean() > np.abs(answer.shifts[-1, near]).mean()
    assert "says nothing about brightness" in result.answers[id(light[0])].reasons[0]


def test_a_flow_that_remembers_is_asked_about_each_stack_once(hue):
    class Counting(_Near):
        asked = 0

        def log_likelihood_draws(self, patches, **how):
            self.asked += len(patches)
            return super().log_likelihood_draws(patches, **how)

    model = Counting()
    for group in hue[:2]:
        alone = rank_by_field(group.stimulus, _Near(), [10], 1.0, placements=2).curves
        again = rank_by_field(group.stimulus, Remembering(model), [10], 1.0, placements=2).curves
        assert_allclose(again[group.test].draws, alone[group.test].draws)
    one = Counting()
    remembering = Remembering(one)
    for group in hue[:2]:
        rank_by_field(group.stimulus, remembering, [10], 1.0, placements=2)
    assert one.asked == model.asked * 3 / 4  # the grey of the second surround is that of the first
    assert remembering.name == "near"


def test_a_model_of_luminance_says_nothing_of_hue(hue):
    model = _Near()
    model.dimensions = 256
    answer = compete_in_matches(match_by_field(MatchingFlow(model), "n", ""), hue[:1]).answers[id(hue[0])]
    assert set(answer.reasons) == {"near sees luminance and no dkl-hue"}
    assert np.isnan(answer.shifts).all()


def test_settings_are_chosen_without_the_surround_and_without_the_set(hue, light):
    # "x" is what people set, but on the first surround, where it is "y"; luminance is "x".
    def of_group(group, setting):
        true = (setting == "y") == (group is hue[0])
        return group.shifts if true and group in hue else 0.0

    result = saying(hue, of_group, ("x", "y"), chosen_on=[*hue, *light])
    assert [result.setting(hue[0], left) for left in ("nothing", "surround")] == [0, 0]
    assert_allclose(result.shifts(hue[0], "surround"), 0, atol=1e-9)
    assert_allclose(result.shifts(hue[1], "surround"), hue[1].shifts, atol=1e-9)
    assert result.setting(hue[0], "set") == 0  # nothing tells them apart in luminance: the first
    assert saying(hue, of_group, ("x", "y")).setting(hue[0], "set") is None


def test_a_set_left_out_chooses_nothing_for_itself(hue, light):
    def of_group(group, setting):
        return group.shifts if (setting == "hue") == (group in hue) and group in hue else 0.0 if group in hue else 1e-3

    result = saying([*hue, *light], of_group, ("none", "hue"))
    assert result.setting(hue[0], "set") == 0
    assert result.setting(hue[0], "nothing") == 1


def test_scores_of_people_themselves_and_of_nothing(hue):
    perfect = match_scores(saying(hue, lambda group, _: group.shifts), hue, "nothing")
    assert [round(score.value, 6) for score in perfect] == [0, 1, 1]
    nothing = match_scores(saying(hue, lambda group, _: 0.0), hue, "nothing")
    people = np.concatenate([group.shifts for group in hue])
    assert nothing[0].value == pytest.approx(np.sqrt((people**2).mean()))
    assert nothing[0].low < nothing[0].value < nothing[0].high
    assert math.isnan(nothing[1].value)
    assert [score.n for score in nothing] == [128] * 3


def test_the_mean_curve_has_no_residual_correlation(hue):
    mean = np.mean([group.shifts for group in hue], axis=0)
    scores = match_scores(saying(hue, lambda *_: mean), hue, "nothing")
    assert scores[0].value == pytest.approx(3.74, abs=0.005)
    assert math.isnan(scores[2].value)


def test_the_lead_over_the_best_rival_has_an_interval(hue):
    better = saying(hue, lambda group, _: 0.8 * group.shifts, name="flow", is_flow=True)
    rivals = [saying(hue, lambda group, _, k=k: k * group.shifts, name=f"{k}") for k in (0.1, 0.5)]
    best = best_rival([better, *rivals], hue, "surround")
    assert best is rivals[1]
    lead = match_scores(better, hue, "surround", best=best)[-1]
    people = np.concatenate([group.shifts for group in hue])
    assert lead.name == "error_minus_best_rival"
    assert lead.value == pytest.approx(-0.3 * np.sqrt((people**2).mean()))
    assert lead.high < 0
    own = match_scores(best, hue, "surround", best=best)[-1]
    assert (own.value, own.low, own.high) == (0, 0, 0)


def test_the_noise_ceiling_is_what_standard_errors_leave(hue):
    errors = np.concatenate([group.standard_errors for group in hue])
    found = ceiling(hue)
    assert found[0].value == pytest.approx(np.sqrt((errors**2).mean()))
    assert found[2].value < found[1].value < 1


def brightness(picture, targets, pixels_per_degree):
    """The target minus a third of the rest."""
    return [picture[targets == 1].mean() - picture[targets == 0].mean() / 3]


def colour(picture, targets, pixels_per_degree):
    """What lies on the screen."""
    return [picture[targets == 1].mean(axis=0)]


def test_ones_own_predictor_is_matched_by_its_response(hue, light):
    group = light[0]
    answer = compete_in_matches(match_by_response("own", "", brightness), [group]).answers[id(group)]
    assert answer.reasons == ("",)
    assert np.sign(answer.shifts[0, 0]) == np.sign(group.shifts[0])
    answer = compete_in_matches(match_by_response("own", "", colour), hue[:1]).answers[id(hue[0])]
    assert np.abs(answer.shifts).max() < 1.5  # the bytes of a picture
    answer = compete_in_matches(match_by_response("own", "", brightness), hue[:1]).answers[id(hue[0])]
    assert "expected a colour" in answer.reasons[0]


def test_what_fails_is_a_reason(hue):
    def fails(picture, targets, pixels_per_degree):
        raise ValueError("no idea")

    answer = compete_in_matches(match_by_response("own", "", fails), hue[:1]).answers[id(hue[0])]
    assert answer.reasons == ("ValueError: no idea",)
    assert np.isnan(answer.shifts).all()


def test_tables_and_figure_have_every_match_and_predictor(hue, light):
    groups = [*hue, *light]
    matches = [
        saying(groups, lambda *_: 0.0, name="none"),
        saying(groups, lambda group, k: 0.01 * float(k) * np.sign(group.x), ("1", "2"), name="some", is_flow=True),
    ]
    table = battery_frame([], matches)
    assert len(table) == 2 * sum(len(group.values) for group in groups)
    row = table[(table["set"] == "klauke2015") & (table["predictor"] == "none")].iloc[0]
    assert row[["family", "shift", "unit", "reason"]].tolist() == ["0°", 0, "degrees of azimuth", ""]
    scores = scores_frame([], matches)
    assert set(scores["left_out"]) == {"nothing", "surround", "set"}
    assert CEILING in set(scores["predictor"])
    assert list(match_sets(matches)) == ["klauke2015", "singh2026"]
    caption = match_caption(matches, hue)
    figure = match_figure(matches, hue, caption=caption)
    panels = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert panels == [group.name for group in hue]
    assert "some" in caption
    figure.canvas.draw()
