from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from illusions.analyses.drawing.saving import png_bytes, save_figure
from illusions.analyses.ranks.figure import stimulus_figure
from illusions.analyses.ranks.matching import match_all
from illusions.analyses.ranks.plotting import bands
from illusions.analyses.ranks.ranking import rank
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


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        save_figure(figure_of(contrast()), tmp_path / folder, "f")
    for name in ("f.png", "f.pdf"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    with Image.open(tmp_path / "a" / "f.png") as image:
        assert image.width == 1280
