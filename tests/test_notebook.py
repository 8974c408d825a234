"""What results show of themselves: in a terminal, and in a notebook."""

import base64
import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import illusions
from illusions import notebook
from illusions.analyses.counting.counts import count
from illusions.analyses.densities.matching import match_all
from illusions.analyses.readings.fields import rank_by_field
from illusions.analyses.readings.ranking import rank
from illusions.analyses.readings.scales import rank_at_scales
from illusions.pictures import write_picture
from tests.analyses.fakes import FakeModel, contrast


@pytest.fixture(scope="module")
def curves():
    return rank(contrast(), FakeModel())


def element(shown):
    """What a notebook gets, as well-formed XML (an <img> is closed for that)."""
    return ET.fromstring(re.sub(r"(<img [^>]*)>", r"\1/>", f"<div>{shown}</div>"))


def test_a_stimulus():
    stimulus = illusions.load_stimulus("brightness-contrast")
    assert repr(stimulus) == "Stimulus('brightness-contrast': brightness 0.5 (#808080) on dark, light)"
    shown = element(stimulus._repr_html_())
    sources = [image.get("src") for image in shown.iter("img")]
    for source, condition in zip(sources, stimulus.conditions, strict=True):
        picture = Image.open(io.BytesIO(base64.b64decode(source.removeprefix("data:image/png;base64,"))))
        np.testing.assert_array_equal(np.asarray(picture), stimulus.picture(condition))
    text = " ".join(shown.itertext())
    assert "Both squares are the same grey" in text
    assert "3° long" in text


def test_what_stands_in_a_title_is_no_html():
    stimulus = replace(contrast(), title="<b>&")
    assert "&lt;b&gt;&amp;" in stimulus._repr_html_()
    element(stimulus._repr_html_())


def test_a_curve(curves):
    curve = curves["dark"]
    line = repr(curve)
    assert line.startswith("LikelihoodCurve('brightness-contrast', 'dark': brightness 0.5 ranks 0.")
    assert line.endswith("by fake, T = 532.3)")
    assert "±" in line
    assert "\n" not in line
    shown = curve._repr_html_()
    assert {"brightness (HSV V)", "percentile rank"} <= {text.strip() for text in element(shown).itertext()}
    assert shown.count("<svg") == 1


def test_ink_is_that_of_the_page(curves):
    """No black or dark grey stroke or letter, and no background: a dark page stays readable."""
    shown = curves["dark"]._repr_html_()
    assert "currentColor" in shown
    for colour in ("#333333", "#000000", "#ffffff", "fill: black", "background:#"):
        assert colour not in shown


def test_two_curves_in_one_notebook_share_no_ids(curves):
    names = [set(re.findall(r'<clipPath id="(\w+)"', curve._repr_html_())) for curve in curves.values()]
    assert names[0]
    assert names[1]
    assert not names[0] & names[1]


def test_a_match_and_why_there_is_none(curves):
    found = match_all(curves)[0]
    assert re.fullmatch(
        r"Match\('brightness-contrast': brightness 0.5 on dark looks like 0\.\d+ ± \S+ on light \(\+\d+\.\d %\); "
        r"fake, T = 532.3\)",
        repr(found),
    )
    assert f"{found.percentile_rank:.3f}" in found._repr_html_()
    without = illusions.match(curves["dark"], 1.0, curves["light"])
    assert not without.in_gamut
    assert f"on dark ({without.reason}); fake" in repr(without)
    assert without.reason in " ".join(element(without._repr_html_()).itertext())
    assert "nan" not in repr(without) + without._repr_html_()


def test_predictions_and_rankings():
    ranking = rank_at_scales(contrast(), FakeModel(), (2.0, 4.0))
    line = repr(ranking.prediction)
    assert re.fullmatch(
        r"Prediction\('brightness-contrast': dark 0\.\S+ ± \S+, light 0\.\S+ ± \S+; effect on dark 0\.\S+ ± (< )?\S+; "
        r"fake, T = 532.3, scale 2 4\)",
        line,
    )
    assert repr(ranking) == line.replace("Prediction", "Ranking")
    rows = list(element(ranking.prediction._repr_html_()).iter("tr"))
    assert [row[0].text for row in rows] == ["scale", "2", "2", "4", "4", "mean", "mean"]
    shown = element(ranking._repr_html_())
    assert len(list(shown.iter("table"))) == 2
    assert len([e for e in shown.iter() if e.tag.endswith("svg")]) == 1


def test_subclasses_say_one_line_too():
    stimulus = replace(contrast(), units_per_degree=2.0)
    curve = rank_by_field(stimulus, FakeModel(), (8.0, 10.0), 40.0).curves["dark"]
    assert repr(curve).startswith("LikelihoodCurve('brightness-contrast', 'dark'")
    assert "\n" not in repr(curve.parts[0]) + repr(curve)


def test_a_count_without_ranks_says_why(tmp_path):
    write_picture(tmp_path / "a.png", np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8))
    prediction = count([contrast()], [tmp_path / "a.png"]).countings[0].prediction
    assert repr(prediction) == (
        "Prediction('brightness-contrast': dark none, light none; counting in photographs, scale 2.667)"
    )
    assert "why none" in prediction._repr_html_()
    assert prediction.why_none(prediction.whole)[0] in prediction._repr_html_()


def test_a_single_draw_has_no_error():
    curves = rank(contrast(), FakeModel(), draws=1)
    assert "nan" not in repr(curves["dark"]) + repr(match_all(curves)[0])


def test_a_table_without_a_header():
    assert "<thead>" not in notebook.table((), [("a", "<b>")])
    assert "&lt;b&gt;" in notebook.table((), [("a", "<b>")])
