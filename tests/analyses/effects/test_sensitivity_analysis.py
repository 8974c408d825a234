from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from illusions.analyses.drawing.saving import png_bytes
from illusions.analyses.effects.sensitivity_analysis import PUBLISHED, SensitivityAnalysis, published_ranks
from illusions.analyses.readings.ranking import rank, thinned
from illusions.stimuli.families.uniform import uniform_contrast
from tests.analyses.fakes import FakeModel, contrast

KEYS = {
    "kind": "sensitivity",
    "title": "t",
    "axis": "brightness",
    "target": {"hsv": [0, 0, 0.5]},
    "surrounds": [0.2, 0.8],
    "size": 6,
    "vary": {
        "temperature": ["exact", "bits-per-dim", 5000],
        "size": [4, 6],
        "surround": [0.2, 0.5, 0.8, 1],
        "noise": [1, 4],
        "models": ["fake", "other"],
    },
    "model": "fake",
    "claim": {"source": "s", "text": "t."},
}


def find(strength=4000.0, **keys):
    analysis = SensitivityAnalysis.model_validate(KEYS | keys)
    return analysis.run(lambda name: FakeModel(strength=strength, name=name), seed=0)


@pytest.fixture(scope="module")
def found():
    return find()


def row(found, parameter, setting):
    rows = found.table[(found.table["parameter"] == parameter) & (found.table["setting"] == setting)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_every_row_varies_one_setting(found):
    counts = found.table.groupby("parameter").size().to_dict()
    assert counts == {"default": 1, "temperature": 3, "size": 2, "surround": 4, "noise": 2, "model": 3}
    default = found.table.iloc[0]
    for parameter, setting in (("size", 6), ("surround", 0.2), ("noise", 1), ("model", "fake")):
        again = row(found, parameter, setting)
        assert again["effect"] == pytest.approx(default["effect"], abs=0.005)
        assert again["match"] == pytest.approx(default["match"], abs=0.01)


def test_the_effect_falls_with_temperature_and_turns_with_the_surround(found):
    effects = found.table[found.table["parameter"] == "temperature"]["effect"].to_numpy()
    assert effects[0] == 1
    assert 0 < effects[2] < effects[1] < 1
    assert row(found, "surround", 0.2)["effect"] > row(found, "surround", 0.5)["effect"] > 0
    assert row(found, "surround", 0.8)["effect"] == 0
    assert row(found, "surround", 1)["effect"] < 0
    assert found.verdict == "holds"


def test_where_the_gamut_ends_there_is_a_bound(found):
    exact = row(found, "temperature", 1)
    assert np.isnan(exact["match"])
    assert exact["bound"] == 1
    assert "there is none in the gamut at T = 1" in found.measured


def test_verdicts():
    assert find(strength=0.0).verdict == "undecided"
    assert find(strength=-400.0).verdict == "does not hold"


def test_the_figure_marks_the_default_settings_in_every_panel(found):
    figure = found.draw("words")
    panels = [axes for axes in figure.axes if axes.get_ylabel()]
    assert len(panels) == 10
    for axes in panels:
        assert sum(line.get_markersize() == 9 and len(line.get_xdata()) == 1 for line in axes.lines) == 1
    assert png_bytes(figure).startswith(b"\x89PNG")


def test_the_published_reading(found):
    reading = row(found, "model", PUBLISHED)
    assert 0 < reading["effect"] < 1
    curve = rank(contrast(), FakeModel())["dark"]
    ranks = published_ranks(curve)
    assert ranks[-1] == 1
    assert (np.diff(ranks) > 0).all()
    assert ranks == pytest.approx(curve.percentile_ranks, abs=0.01)
    step = replace(curve, draws=np.where(np.arange(256) == 100, 0.0, -1e6)[None])
    assert published_ranks(step)[[97, 100, 103]] == pytest.approx([0.2, 0.566, 0.875], abs=0.02)


def test_a_thinned_sweep_gives_the_same_ranks():
    stimulus = uniform_contrast(
        axis="brightness", value=0.5, surrounds={"dark": 0.2, "light": 0.8}, base={"hsv": [0, 0, 0.5]}
    )
    thin = thinned(stimulus, 5)
    assert thin.values() * 255 == pytest.approx(np.arange(0, 256, 5))
    full, few = rank(stimulus, FakeModel())["dark"], rank(thin, FakeModel())["dark"]
    assert few.percentile_rank(0.5) == pytest.approx(full.percentile_rank(0.5), abs=0.003)
    assert few.density.sum() * few.axis.step == pytest.approx(1)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"surrounds": [0.8, 0.2]}, "the lower value, then the higher"),
        ({"axis": "hue", "target": {"hsv": [0.5, 0.5, 0.5]}}, "expected brightness or saturation"),
        ({"vary": KEYS["vary"] | {"noise": [0, 4]}}, "greater than or equal to 1"),
    ],
)
def test_bad_keys(keys, message):
    with pytest.raises(ValidationError, match=message):
        SensitivityAnalysis.model_validate(KEYS | keys)
