from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from PIL import Image

from illusions.analyses.counting import search as module
from illusions.analyses.counting.counts import count
from illusions.analyses.counting.figure import counting_figure, places_figure
from illusions.analyses.counting.report import counting_caption, counting_page
from illusions.analyses.counting.search import Template
from illusions.analyses.counting.tables import places_frame, ranks_frame, summary
from illusions.analyses.predictions import MEAN
from illusions.analyses.ranks.wording import prediction_sentence
from illusions.errors import InputError
from illusions.progress import reported_to
from illusions.stimuli.loading import load_stimulus

WHITE = load_stimulus("white")  # at scale 4; all its pixels are either target or surround


def noise(seed, shape=(50, 60)):
    return np.random.default_rng(seed).integers(90, 150, (*shape, 1), dtype=np.uint8).repeat(3, axis=2)


def planted(condition, target, *, at=(20, 31), seed=0, stimulus=WHITE):
    """Noise, and in it the stimulus with less contrast and another grey, its upper left corner at (top, left)."""
    template = Template(stimulus, condition)
    patch = (template.patch * 0.4 + 60).round().astype(np.uint8)
    patch[template.target] = target
    picture = noise(seed)
    top, left = at
    picture[top : top + 16, left : left + 16] = patch
    return picture


def normalised(picture, condition, *, at=(20, 31), stimulus=WHITE):
    template = Template(stimulus, condition)
    patch = picture[at[0] : at[0] + 16, at[1] : at[1] + 16, 0] / 255
    surround = patch[template.surround]
    return (patch[template.target].mean() - surround.mean()) / surround.std()


@pytest.fixture
def write(tmp_path):
    def write(*pictures):
        paths = [tmp_path / f"{i}.png" for i in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            Image.fromarray(picture).save(path)
        return paths

    return write


def counted(stimulus, paths, **settings):
    return count([stimulus], paths, **settings).countings[0]


def only(counting):
    return next(iter(counting.at_scales.values()))


def test_a_planted_surround_is_found_at_its_place(write):
    pictures = [noise(1), planted("black", 77), planted("white", 140, at=(3, 0))]
    paths = write(*pictures)
    counts = only(counted(WHITE, paths, places=20))
    for condition, path, at in (("black", paths[1], (20, 31)), ("white", paths[2], (3, 0))):
        best = counts[condition].places.iloc[0]
        assert (best["picture"], best["top"], best["left"]) == (str(path), *at)
        assert best["correlation"] == pytest.approx(1, abs=1e-4)
        assert best["target"] == pytest.approx(normalised(pictures[paths.index(path)], condition, at=at))
        assert counts[condition].places["correlation"].is_monotonic_decreasing
        assert counts[condition].places["correlation"].iloc[1] < 0.95


def test_the_rank_is_the_share_of_lower_targets_and_its_error_that_of_a_share(write):
    targets = [70, 72, 74, *[150] * 7]  # the grey of the stimulus lies at 110 in these surrounds
    paths = write(*[planted("black", target, seed=i) for i, target in enumerate(targets)])
    counting = counted(WHITE, paths, places=10, share=0.1)
    rank = counting.prediction.ranks[WHITE.scale]["black"]
    assert rank.value == pytest.approx(0.3)
    assert rank.standard_error == pytest.approx(np.sqrt(0.3 * 0.7 / 9))
    black = only(counting)["black"]
    assert_allclose(black.percentile_ranks([0, 0.5, 1]), [0, 0.3, 1])
    assert black.places["picture"].nunique() == 10


def test_equal_targets_count_half(write):
    black = only(counted(WHITE, write(planted("black", 77)), places=4, share=1))["black"]
    own = float(black.template.normalised(0.5))
    tied = replace(black, places=black.places.assign(target=[own, own - 1, own - 1, own]))
    assert tied.percentile_ranks(0.5) == 0.75
    assert tied.replicates(list(tied.places["picture"].unique()))[0] == 0.75


def test_where_bars_go_on_behind_the_target_the_grey_that_interrupts_black_ranks_higher(write):
    bars = np.tile(np.repeat(np.array([60, 160], np.uint8), 2), 10)
    pictures = [np.broadcast_to(bars[None, shift : shift + 32, None], (30, 32, 3)) for shift in range(4)]
    counting = counted(WHITE, write(*pictures), places=40, share=0.25)
    assert [rank.value for rank in counting.prediction.ranks[WHITE.scale].values()] == [1, 0]
    effects = counting.prediction.effects(WHITE.scale)
    assert (effects["black"].value, effects["white"].value) == (1, -1)
    assert effects["black"].standard_error == 0
    assert "the one on “black” should look brighter" in prediction_sentence(counting.prediction)


def test_an_error_is_over_photographs_left_out_of_both_conditions_at_once(write):
    both = [planted(c, t, seed=i) for i, (c, t) in enumerate([("black", 70), ("white", 70), ("black", 150)])]
    counting = counted(WHITE, write(*both), places=30, share=0.5)
    pictures = sorted({p for c in counting.counts for p in c.places["picture"]})
    effects = []
    for left_out in pictures:
        ranks = []
        for c in counting.counts:
            targets = c.places.loc[c.places["picture"] != left_out, "target"]
            ranks.append((targets < c.template.normalised(0.5)).mean())
        effects.append(ranks[0] - ranks[1])
    k = len(pictures)
    expected = np.sqrt((k - 1) * np.var(effects))
    assert expected > 0.01
    assert counting.prediction.effects(WHITE.scale)["black"].standard_error == pytest.approx(expected)


def test_one_photograph_has_no_error(write):
    rank = counted(WHITE, write(planted("black", 80)), places=5).prediction.ranks[WHITE.scale]["black"]
    assert np.isfinite(rank.value)
    assert np.isnan(rank.standard_error)


@pytest.mark.parametrize(("many", "said"), [(1, "in 1 photograph,"), (3, "in 3 photographs,"), (20, "")])
def test_of_few_photographs_is_said_how_few_they_are(many, said, write):
    pictures = [planted(name, 70, seed=i) for i in range(many) for name in WHITE.conditions]
    found = counted(WHITE, write(*pictures[:many])).prediction
    assert (said in prediction_sentence(found)) if said else not found.noted
    assert (said in summary(counted(WHITE, write(*pictures[:many])))["cautions"].iloc[0]) if said else True


def test_no_photograph_has_more_than_its_share(write):
    paths = write(*[noise(i) for i in range(8)])
    places = only(counted(WHITE, paths, places=40, share=0.2))["black"].places
    assert len(places) == 40
    assert places["picture"].value_counts().max() == 8
    free = only(counted(WHITE, paths, places=40, share=1))["black"].places
    assert free["correlation"].iloc[-1] > places["correlation"].iloc[-1]


def test_the_best_are_the_best_of_all(write):
    paths = write(*[noise(i) for i in range(8)])
    few = only(counted(WHITE, paths, places=7, share=1))["black"].places
    many = only(counted(WHITE, paths, places=10_000, share=1))["black"].places
    pd.testing.assert_frame_equal(few, many.head(7))
    assert (many["correlation"] > 0).all()


def test_a_place_has_the_same_numbers_to_the_last_bit_among_any_others():
    template, values = Template(WHITE, "black"), np.random.default_rng(0).random((60, 70))
    tops, lefts = np.random.default_rng(1).integers(0, 44, (2, 40))
    measured = module._measure(template, "noise", values, tops, lefts)
    for n in range(1, 20):
        few = module._measure(template, "noise", values, tops[:n], lefts[:n])
        pd.testing.assert_frame_equal(few, measured.head(n), check_exact=True)


@pytest.mark.parametrize("apart", [0, 3])
def test_bands_change_nothing(apart, write, monkeypatch):
    paths = write(*[noise(i) for i in range(2)])
    whole = only(counted(WHITE, paths, apart=apart, places=300, share=1))["white"].places
    monkeypatch.setattr(module, "_AT_ONCE", 200)
    banded = only(counted(WHITE, paths, apart=apart, places=300, share=1))["white"].places
    pd.testing.assert_frame_equal(whole, banded)


def test_places_that_are_apart(write):
    paths = write(noise(0))
    places = only(counted(WHITE, paths, apart=3, places=1000, share=1))["black"].places
    across, down = (np.abs(np.subtract.outer(*[places[side].to_numpy()] * 2)) for side in ("left", "top"))
    near = np.maximum(across, down)[~np.eye(len(places), dtype=bool)]
    assert near.min() == 4
    everything = only(counted(WHITE, paths, places=10_000, share=1))["black"].places
    assert places["correlation"].iloc[0] == everything["correlation"].iloc[0]


def test_what_has_too_little_contrast_does_not_count(write):
    faint = (Template(WHITE, "black").patch * 0.03 + 100).round().astype(np.uint8)  # standard deviation 0.015
    paths = write(faint)
    assert only(counted(WHITE, paths))["black"].why_none == "no surround in the photographs correlates with it"
    assert len(only(counted(WHITE, paths, least_contrast=0.01))["black"].places) == 1


def test_what_has_no_count_says_why_and_takes_nothing_from_the_others(write):
    stimuli = [load_stimulus(name) for name in ("brightness-contrast", "munker", "white")]
    uniform, hue, white = count(stimuli, write(planted("black", 80), planted("white", 80))).countings
    table = pd.concat([summary(counting) for counting in (uniform, hue, white)]).set_index("stimulus")
    without = table.loc[["brightness-contrast", "munker"]]
    assert without[["percentile_rank", "effect", "effect_standard_error", "lowest_correlation"]].isna().all(axis=None)
    assert (without["places"] == 0).all()
    assert set(table.loc["brightness-contrast", "why_no_count"]) == {
        "a surround of one brightness correlates with nothing"
    }
    assert set(table.loc["munker", "why_no_count"]) == {"hue is an angle, which has no mean and no correlation"}
    assert (table.loc["white", "why_no_count"] == "").all()
    assert table.loc["white", "percentile_rank"].notna().all()
    assert places_figure(uniform) is None
    assert "a surround of one brightness" in prediction_sentence(uniform.prediction)
    assert "a surround of one brightness" in counting_figure(uniform).axes[-1].texts[0].get_text()


def test_a_target_that_fills_no_pixel_has_no_count():
    assert Template(replace(WHITE, scale=14.0), "black").why_none == "no pixel of 16×16 shows nothing but the target"


@pytest.mark.parametrize("name", ["dungeon-saturation", "checkerboard"])
def test_each_axis_has_its_own_quantity(name, write):
    stimulus = load_stimulus(name)
    condition = next(iter(stimulus.conditions))
    own = Template(stimulus, condition, 32).patch
    grey = own[..., ::-1] if name == "checkerboard" else own[..., [1, 2, 0]]  # another hue, the same saturation
    found = counted(stimulus, write(np.ascontiguousarray(grey)), size=32)
    best = only(found)[condition].places.iloc[0]
    assert best["correlation"] == pytest.approx(1, abs=1e-3)
    assert best["target"] == pytest.approx(
        float(Template(stimulus, condition, 32).normalised(stimulus.value)), abs=0.02
    )


def test_files_that_cannot_be_used_are_skipped_and_said(write, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    done = []
    with reported_to(done.append):
        found = count([WHITE], [tmp_path / "bad.png", *write(planted("black", 80))])
    assert found.photographs == 1
    assert "bad.png: is no picture" in found.skipped[0]
    assert sum(done) == 2
    with pytest.raises(InputError, match="none of 1 files can be used"):
        count([WHITE], [tmp_path / "bad.png"])


def test_the_tables_of_several_scales(write):
    found = count([WHITE], write(*[planted("black", 80 + i, seed=i) for i in range(3)]), (2, 4), name="counting in x")
    counting = found.countings[0]
    table = summary(counting)
    assert list(table["scale"]) == [2, 2, 4, 4, MEAN, MEAN]
    ranks = table.pivot(index="scale", columns="condition", values="percentile_rank")
    assert_allclose(ranks.loc[MEAN], (ranks.loc[2] + ranks.loc[4]) / 2)
    assert_allclose(table["effect"].iloc[4], ranks.loc[MEAN, "black"] - ranks.loc[MEAN, "white"])
    assert set(table["model"]) == {"counting in x"}
    values = ranks_frame(counting)
    assert len(values) == 6 * 256
    assert all(part["percentile_rank"].is_monotonic_increasing for _, part in values.groupby(["scale", "condition"]))
    places = places_frame(counting)
    assert len(places) == table["places"].iloc[:4].sum() == table["places"].iloc[4:].sum()
    assert places["left"].dtype.kind == "i"
    caption = counting_caption(counting, found.photographs)
    assert "3 photographs" in caption
    assert "mean over the scales 2 and 4" in caption
    page = counting_page([counting], found.photographs, command="illusions rank", settings={"places": 2000})
    assert page.count("data:image/png") == 2


def test_a_mean_over_scales_of_which_one_has_no_count_has_none(write):
    counting = counted(WHITE, write(planted("black", 80)), scales=(4, 14))
    assert np.isnan(counting.prediction.ranks[MEAN]["black"].value)
    assert np.isfinite(counting.prediction.ranks[4]["black"].value)
    assert counting.prediction.reasons[MEAN]["black"] == "at scale 14 no pixel of 16×16 shows nothing but the target"
    assert "at scale 14 no pixel" in prediction_sentence(counting.prediction)


def test_the_figures_show_the_ranks_and_the_best_places(write):
    counting = counted(WHITE, write(planted("black", 77), planted("white", 80, seed=1)))
    labels = counting_figure(counting).axes[-1].get_legend_handles_labels()[1]
    assert [label.split(":")[0] for label in labels] == ["on black", "on white"]
    sheet = places_figure(counting)
    texts = [text.get_text() for axes in sheet.axes for text in axes.texts]
    assert sum(text.startswith("stimulus") for text in texts) == 2
    assert sum(text.startswith("r = 1.00") for text in texts) == 2


def test_photographs_may_be_arrays(write):
    """The same ranks, places and figures as of files."""
    pictures = [planted("black", 90), planted("white", 160, seed=1)]
    of_files, of_arrays = counted(WHITE, write(*pictures)), counted(WHITE, [pictures[0] / 255, pictures[1]])
    for one, other in zip(of_files.counts, of_arrays.counts, strict=True):
        pd.testing.assert_frame_equal(one.places.drop(columns="picture"), other.places.drop(columns="picture"))
    assert set(of_arrays.counts[0].places["picture"]) == {"photograph 1", "photograph 2"}
    sheets = [places_figure(counting) for counting in (of_files, of_arrays)]
    shown = [[image.get_array() for axes in sheet.axes for image in axes.get_images()] for sheet in sheets]
    assert len(shown[0]) > 0
    for one, other in zip(*shown, strict=True):
        np.testing.assert_array_equal(one, other)


def test_arrays_that_are_no_photographs(write):
    found = count([WHITE], [planted("black", 90), np.zeros((8, 8, 3), np.uint8), np.zeros((40, 40, 4), np.uint8)])
    assert found.photographs == 1
    assert "photograph 2 is 8×8 pixels; expected at least 16×16" in found.skipped[0]
    assert "photograph 3 has shape (40, 40, 4); expected (h, w, 3)" in found.skipped[1]
    with pytest.raises(InputError, match="there are no photographs to count in"):
        count([WHITE], [])
