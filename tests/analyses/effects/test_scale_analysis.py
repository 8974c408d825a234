from __future__ import annotations

import pytest

from illusions.analyses.claims.loading import load_analysis
from illusions.analyses.drawing.saving import png_bytes
from illusions.analyses.effects.scale_analysis import ScaleAnalysis
from illusions.analyses.readings.scales import MEAN
from illusions.content import names
from tests.analyses.fakes import FakeModel

MINE = """
kind = "uniform"
title = "Mine"
description = ""
source = ""
axis = "brightness"
{key}
[target]
colour = "#808080"
size = 6
[conditions.dark]
surround = "#404040"
[conditions.light]
surround = "#c0c0c0"
"""


@pytest.fixture
def mine(tmp_path):
    """The path of a stimulus file with a key of one's own in it."""

    def write(key, name="mine"):
        path = tmp_path / f"{name}.toml"
        path.write_text(MINE.format(key=key))
        return str(path)

    return write


def find(stimuli, *, strength=4000.0, **keys):
    analysis = ScaleAnalysis.model_validate(
        {
            "kind": "scale",
            "title": "t",
            "stimuli": list(stimuli),
            "scales": [2, 3],
            "models": ["fake"],
            "claim": {"source": "s", "text": "t."},
            **keys,
        }
    )
    return analysis.run(lambda name: FakeModel(strength=strength, name=name), seed=0)


def test_the_direction_is_that_of_the_file(mine):
    right, wrong = mine("people_see_higher = 'dark'", "right"), mine("people_see_higher = 'light'", "wrong")
    assert find([right]).verdict == "holds"
    assert find([wrong]).verdict == "does not hold"
    both = find([right, wrong])
    assert both.verdict == "holds in part"
    assert "1 of 2 by the mean over the scales; a coin would for 1. The mean effect is " in both.measured
    assert "It has not for wrong (−0." in both.measured
    assert list(both.overview["scale"]) == ["2", "3", "mean"]
    assert list(both.overview["as people see"]) == ["1 of 2"] * 3
    assert list(both.overview["by chance"]) == ["1"] * 3
    mean = both.table.loc[both.table["scale"] == "mean", "effect"].mean()
    assert float(both.overview["mean effect"].iloc[-1].replace("−", "-")) == pytest.approx(mean, abs=6e-4)
    assert find([right], strength=0.0).verdict == "undecided"
    effects = both.table.groupby("stimulus")["effect"].sum()
    assert effects["right"] == pytest.approx(-effects["wrong"])


def test_a_stimulus_of_unknown_direction_is_shown_and_not_counted(mine):
    found = find([mine("")])
    assert found.verdict == "undecided"
    assert set(found.table["as_people_see"]) == {""}
    assert "does not say what people see" in found.caption


def test_twins_are_refused():
    with pytest.raises(ValueError, match="two stimuli have the same name"):
        find(["white", "elsewhere/white.toml"])


def test_every_model_and_temperature_is_read_from_one_set_of_scores(mine):
    found = find([mine("people_see_higher = 'dark'")], models=["a", "b"], temperatures=["bits-per-dim", 2000])
    assert len(found.table) == 2 * 2 * 3
    means = found.table[found.table["scale"] == MEAN].groupby("temperature")["effect"].mean()
    assert means[2000] < 0.7 * means.iloc[0]
    assert "a at T = 532.3 nats: the effect is" in found.measured
    assert "b at T = 2000 nats" in found.measured


def test_scales_at_which_the_patch_leaves_the_photograph_are_left_out():
    found = find(["brightness-contrast-photograph"], scales=[2, 16])
    assert list(found.table["scale"]) == [2]
    with pytest.raises(ValueError, match="smaller than the patch at every scale"):
        find(["brightness-contrast-photograph"], scales=[15, 16])


def test_one_stimulus_is_shown_with_its_patches_and_several_beside_one_another(mine):
    path = mine("people_see_higher = 'dark'")
    one, several = find([path]).draw(""), find([path, "hue-contrast"]).draw("")
    assert "what the model\nsees at scale 2" in [axes.get_title() for axes in one.axes]
    assert {"Mine", "Simultaneous hue\ncontrast"} <= {axes.get_title() for axes in several.axes}
    assert png_bytes(several).startswith(b"\x89PNG")


def test_another_model_and_another_temperature_replace_all():
    analysis = load_analysis("white-scale").read_with(model="mine", temperature=300)
    assert (analysis.models, analysis.temperatures) == (("mine",), (300,))
    assert load_analysis("white-scale").read_with(model=None, temperature=None) == load_analysis("white-scale")


#: Stimuli that came after the figures of the paper, and stand beside them.
LATER = {"hue-induction", "koffka-ring", "two-colour-rings-s-cone", "variegated-surround"}


def test_every_shipped_stimulus_has_its_curve_over_scale():
    shown = {name for file in ("scale-brightness", "scale-colour") for name in load_analysis(file).stimuli}
    assert shown | LATER == set(names("stimuli"))
