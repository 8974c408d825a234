from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from illusions.analyses.densities.matching import match_all
from illusions.analyses.drawing.saving import png_bytes, save_figure
from illusions.analyses.ranks.figure import ranking_figure, stimulus_figure
from illusions.analyses.ranks.plotting import bands
from illusions.analyses.readings.fields import rank_by_field
from illusions.analyses.readings.ranking import rank
from illusions.analyses.readings.scales import rank_at_scales
from illusions.stimuli.from_pictures import from_pictures
from tests.analyses.fakes import FakeModel, contrast


def figure_of(stimulus, temperature="bits-per-dim", model=None):
    curves = rank(stimulus, model or FakeModel(), temperature)
    return stimulus_figure(stimulus, curves, next(iter(match_all(curves)), None), caption="what to see")


def texts(figure):
    return " ".join(text.get_text() for axes in figure.axes for text in [axes.title, *axes.texts])


def pictures(figure):
    return [axes for axes in figure.axes if axes.get_title()]


def test_bands_are_in_the_order_of_the_rank():
    stimulus = contrast(value=0.1, axis="hue")
    frame = bands(rank(stimulus, FakeModel(circular=True))["dark"])
    assert (np.diff(frame["position"]) > 0).all()
    assert (np.diff(frame["percentile_rank"]) > 0).all()
    assert frame["position"].iloc[0] == pytest.approx(-0.4, abs=1 / 255)
    assert not frame.isna().any(axis=None)


def test_the_pair_before_and_after_and_the_match_are_shown():
    figure = figure_of(contrast())
    assert len(pictures(figure)) == 2
    assert "set to 0.908" in texts(figure)
    assert "match 0.908 (+82 %)" in texts(figure)
    assert "both targets are the same" in texts(figure)
    assert "what to see" in texts(figure)
    density = next(axes for axes in figure.axes if axes.get_legend())
    assert [text.get_text() for text in density.get_legend().texts] == ["on dark", "on light"]
    assert density.get_ylabel()
    assert "brightness (HSV V) of the target" in [axes.get_xlabel() for axes in figure.axes]


def test_without_a_match_only_the_pair_is_shown_and_it_says_so():
    figure = figure_of(contrast(), "exact")
    assert len(pictures(figure)) == 1
    assert "does not reach this rank" in texts(figure)


def test_three_conditions_a_single_one_and_a_circle_can_be_drawn():
    for stimulus in (
        contrast({"a": 0.1, "b": 0.5, "c": 0.9}),
        contrast({"image": 0.3}),
        contrast(value=0.9, axis="hue"),
    ):
        assert png_bytes(figure_of(stimulus)).startswith(b"\x89PNG")


@pytest.mark.filterwarnings("error")
def test_a_density_that_is_the_same_everywhere_is_drawn():
    """At an endless T: its lowest value is its highest."""
    stimulus = contrast()
    assert png_bytes(ranking_figure(rank_at_scales(stimulus, FakeModel(), [], 1e300))).startswith(b"\x89PNG")


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        save_figure(figure_of(contrast()), tmp_path / folder, "f")
    for name in ("f.png", "f.pdf"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    with Image.open(tmp_path / "a" / "f.png") as image:
        assert image.width == 1280


def test_in_a_picture_of_ones_own_targets_are_outlined_and_patches_stand_beside():
    picture = np.full((64, 96, 3), 60, np.uint8)
    picture[:, 48:] = 200
    left, right = np.zeros((2, 64, 96), dtype=bool)
    left[28:36, 12:20] = right[28:36, 76:84] = True
    picture[left | right] = 128
    stimulus = from_pictures(picture, [left, right], conditions=["left", "right"])
    ranking = rank_at_scales(stimulus, FakeModel(), [])
    figure = ranking_figure(ranking)
    shown = [axes for axes in pictures(figure) if axes.images]
    match = next(iter(ranking.matches))
    assert [axes.get_title() for axes in shown[:4]] == ["left", "its patch", "right", "its patch"]
    np.testing.assert_array_equal(shown[1].images[0].get_array(), stimulus.patches("left", [stimulus.value])[0])
    np.testing.assert_array_equal(shown[2].images[0].get_array(), picture)
    if match.in_gamut:
        assert shown[6].get_title() == "right, the match"
    (line, _), around = shown[2].collections, right.copy()
    ends = line.get_paths()[0].get_extents()
    around[27:37, 75:85] = True  # a pixel away from the target
    rows, columns = np.nonzero(around)
    assert (ends.x0, ends.x1) == (columns.min() - 0.5, columns.max() + 0.5)
    assert (ends.y0, ends.y1) == (rows.min() - 0.5, rows.max() + 0.5)
    assert "and the patch that the model sees" in texts(figure)


def test_by_field_the_patch_is_as_wide_as_the_field():
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    mask = np.zeros((64, 64), dtype=bool)
    mask[30:34, 30:34] = True
    stimulus = from_pictures(picture, mask, pixels_per_degree=4)
    ranking = rank_by_field(stimulus, FakeModel(), [4.0, 8.0, 12.0], 40.0, placements=2)
    middle = stimulus.picture("image")[16:48, 16:48].reshape(16, 2, 16, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(ranking.seen("image"), middle, atol=0.51)
