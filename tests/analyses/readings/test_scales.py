from __future__ import annotations

import numpy as np
import pytest

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.densities.matching import match
from illusions.analyses.predictions import MEAN
from illusions.analyses.readings.ranking import effect, rank
from illusions.analyses.readings.scales import (
    Ranking,
    at_each,
    average,
    average_conditions,
    rank_at_scales,
)
from illusions.errors import InputError
from illusions.stimuli.families.uniform import uniform_contrast
from illusions.stimuli.scenes.scene import check_scale
from tests.analyses.fakes import FakeModel, contrast


@pytest.fixture
def curves():
    """Of one condition, as if from patches of three scales."""
    return [rank(contrast(), FakeModel(strength=strength))["dark"] for strength in (500, 2000, 6000)]


def test_density_and_percentile_rank_are_means(curves):
    mean = average(curves)
    assert mean.density == pytest.approx(np.mean([curve.density for curve in curves], axis=0))
    for value in (0.2, 0.5, 0.77):
        expected = np.mean([curve.percentile_rank(value) for curve in curves])
        assert mean.percentile_rank(value) == pytest.approx(expected)
    assert mean.density.sum() * mean.axis.step == pytest.approx(1)


def test_so_they_are_at_every_temperature(curves):
    mean = average(curves).at_temperature(40)
    expected = [curve.at_temperature(40).percentile_rank(0.3) for curve in curves]
    assert mean.temperature == 40
    assert mean.percentile_rank(0.3) == pytest.approx(np.mean(expected))


def test_the_mean_of_a_curve_with_itself_is_the_curve(curves):
    curve, mean = curves[0], average([curves[0], curves[0]])
    for name in ("density", "percentile_ranks", "density_standard_error", "percentile_ranks_standard_error", "peak"):
        assert getattr(mean, name) == pytest.approx(getattr(curve, name), abs=1e-12)
    found = match(mean, 0.5, curve)
    assert found.pse == pytest.approx(0.5)


def test_the_peak_of_the_mean_is_where_its_density_is_greatest():
    narrow, broad = FakeModel(strength=6000), FakeModel(strength=2000)
    low = rank(contrast({"a": 0.2, "b": 0.9}), narrow, 20)["a"]
    high = rank(contrast({"a": 0.8, "b": 0.9}), broad, 20)["a"]
    assert average([low, high]).peak == pytest.approx(low.peak, abs=0.02)


def test_effect_and_table_of_the_mean():
    first, second = (rank(contrast(), FakeModel(strength=s)) for s in (500, 6000))
    at_scales = {2.0: first, 3.0: second}
    effects = [effect(curves["dark"], curves["light"])[0] for curves in at_scales.values()]
    mean = average_conditions(at_scales)
    difference, error = effect(mean["dark"], mean["light"])
    assert difference == pytest.approx(np.mean(effects))
    assert 0 < error < 0.01
    ranking = Ranking(contrast(), at_scales)
    table = ranking.prediction.summary()
    assert table["effect_standard_error"].iloc[-1] == pytest.approx(error)
    assert ranking.prediction.effects(MEAN)["dark"].value == pytest.approx(difference)
    assert list(table["scale"]) == [2, 2, 3, 3, "mean", "mean"]
    assert list(table["effect"][::2]) == pytest.approx([*effects, np.mean(effects)])
    ranks = ranking.ranks_frame()
    assert list(ranks.columns)[-1] == "scale"
    assert len(ranks) == 3 * 2 * 256
    matches = ranking.matches_frame()
    low, high, between = matches["pse"][::2]
    assert low < between < high or high < between < low


def test_a_single_scale_has_no_mean():
    curves = rank(contrast(), FakeModel())
    assert average_conditions({2.0: curves}) is curves
    ranking = Ranking(contrast(), {2.0: curves})
    assert list(ranking.prediction.summary()["scale"]) == [2, 2]
    assert ranking.prediction.whole == 2


def test_the_scale_decides_how_much_of_the_surround_is_seen():
    stimulus = uniform_contrast(
        axis="brightness", value=0.5, surrounds={"dark": 0.2, "light": 0.8}, base={"hsv": [0, 0, 0.5]}, size=6
    )
    seen = {scale: scaled.patches("dark", [1.0])[0, ..., 0] for scale, scaled in at_each(stimulus, [2, 4]).items()}
    assert {scale: (patch == 255).sum() for scale, patch in seen.items()} == {2: 64, 4: 16}
    assert list(at_each(stimulus, [])) == [stimulus.scale]
    ranked = rank_at_scales(stimulus, FakeModel(), [2, 4], draws=2)
    assert list(ranked.at_scales) == [2, 4]
    assert isinstance(ranked.at_scales[2]["dark"], LikelihoodCurve)


@pytest.mark.parametrize("scale", [1, 0, -2, 17, float("nan"), float("inf")])
def test_a_scale_that_is_none(scale):
    with pytest.raises(InputError, match=r"scale .*: a patch is more than 1 and at most 16 times"):
        check_scale(scale)
