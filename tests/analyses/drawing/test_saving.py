from __future__ import annotations

import re

import pytest
from matplotlib.text import Text
from PIL import Image

from illusions.analyses.densities.matching import match_all
from illusions.analyses.drawing.canvas import shortened
from illusions.analyses.drawing.saving import save_figure
from illusions.analyses.drawing.style import FigureStyle, figure_style
from illusions.analyses.ranks.figure import stimulus_figure
from illusions.analyses.readings.ranking import rank
from tests.analyses.fakes import FakeModel, contrast

LONG = " ".join(f"Sentence number {number} says one more thing that is to be seen." for number in range(12))


def figure_of(strength=4000.0, caption="What to see."):
    stimulus = contrast()
    curves = rank(stimulus, FakeModel(strength=strength))
    return stimulus_figure(stimulus, curves, match_all(curves)[0], caption=caption)


def printed(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_a_short_caption_stays_as_it_is_and_a_long_one_keeps_its_model():
    assert shortened("Short. Model m, T = 1 nats.") == "Short. Model m, T = 1 nats."
    kept = shortened(f"{LONG} Model m, T = 1 nats. The rest.")
    assert kept.startswith("Sentence number 0 says")
    assert kept.endswith("to be seen. Model m, T = 1 nats.")
    assert len(kept) <= 4 * 103


def test_inside_a_figure_are_four_lines_and_all_of_the_caption_is_beside_it(tmp_path):
    figure = figure_of(caption=LONG)
    lines = max(printed(figure), key=len).split("\n")
    assert 2 < len(lines) <= 4
    files = save_figure(figure, tmp_path, "f")
    assert [file.name for file in files] == ["f.png", "f.pdf", "f.txt"]
    assert files[-1].read_text("utf-8") == f"{LONG}\n"
    assert [file.name for file in save_figure(figure_of(), tmp_path, "short")] == ["short.png", "short.pdf"]


def test_for_paper_a_figure_is_as_wide_as_a_column_and_has_letters_and_no_caption(tmp_path):
    with figure_style(FigureStyle("paper", 3.5, ("png", "pdf", "svg"))):
        figure = figure_of()
        files = save_figure(figure, tmp_path, "f")
    assert [file.name for file in files] == ["f.png", "f.pdf", "f.svg", "f.txt"]
    with Image.open(files[0]) as image:
        assert image.width == 700  # 3.5 inches at 200 per inch
    width = float(re.search(r'width="([\d.]+)pt"', files[2].read_text("utf-8"))[1])
    assert width == pytest.approx(3.5 * 72)
    texts = printed(figure)
    assert "What to see." not in texts
    assert files[3].read_text("utf-8") == "What to see.\n"
    assert [text for text in texts if text in ("a", "b", "c", "d")] == ["c", "d"]
    assert [text[:9] for text in texts if text.startswith("$\\bf")] == ["$\\bf{a}$ ", "$\\bf{b}$ "]
    pdf = files[1].read_bytes()
    assert b"/FontFile2" in pdf  # type 42: TrueType, embedded
    assert b"/Type3" not in pdf
    assert b"<text" not in files[2].read_bytes()  # outlines: no reader needs the type


def test_for_paper_too_the_same_figure_gives_the_same_bytes(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        with figure_style(FigureStyle("paper", 5, ("pdf", "svg"))):
            save_figure(figure_of(), tmp_path / folder, "f")
    for name in ("f.pdf", "f.svg"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_small_effect_is_shown_enlarged_and_a_large_one_is_not():
    for strength, insets in ((60.0, 1), (4000.0, 0)):
        children = [child for axes in figure_of(strength).axes for child in axes.child_axes]
        assert len(children) == insets
    density = next(axes for axes in figure_of(60.0).axes if axes.get_legend())
    low, high = density.get_ylim()
    assert low > 0.5 * high
    assert next(axes for axes in figure_of().axes if axes.get_legend()).get_ylim()[0] == 0
