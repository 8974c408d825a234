import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from illusions.analyses.effects.sweep import sweep
from illusions.analyses.ranks.plotting import bands, plot, plot_effects
from illusions.analyses.readings.ranking import rank
from illusions.analyses.readings.scales import rank_at_scales
from illusions.errors import InputError
from illusions.stimuli.loading import load_stimulus
from tests.analyses.fakes import FakeModel, contrast


@pytest.fixture(scope="module")
def curves():
    return rank(contrast(), FakeModel())


@pytest.fixture
def ax():
    return Figure().add_subplot()


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines() if not line.get_label().startswith("_")}


def test_ranks_are_drawn_with_a_dot_at_the_target(curves, ax):
    assert plot(curves, ax) is ax
    drawn = lines(ax)
    assert list(drawn) == ["dark", "light"]
    np.testing.assert_array_equal(drawn["dark"].get_ydata(), curves["dark"].percentile_ranks)
    dots = [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.get_lines() if line.get_marker() == "o"]
    assert dots == [(0.5, curves[name].percentile_rank(0.5)) for name in curves]
    assert ax.get_ylabel() == "percentile rank\n$P(V \\leq v)$"
    assert len(ax.collections) == 2  # a band each


def test_densities_are_drawn(curves, ax):
    plot(curves, ax, show="density")
    np.testing.assert_array_equal(lines(ax)["light"].get_ydata(), curves["light"].density)


def test_a_ranking_or_a_single_curve_will_do(curves, ax):
    ranking = rank_at_scales(contrast(), FakeModel(), (2.0, 4.0))
    plot(ranking, ax)
    np.testing.assert_array_equal(lines(ax)["dark"].get_ydata(), ranking.curves["dark"].percentile_ranks)
    single = plot(curves["dark"], Figure().add_subplot())
    assert single.get_legend() is None


def test_a_circular_axis_is_drawn_from_its_cut(ax):
    curves = rank(contrast({"a": 0.3, "b": 0.7}, axis="hue", value=0.1), FakeModel(circular=True))
    plot(curves, ax)
    x = lines(ax)["a"].get_xdata()
    assert (np.diff(x) > 0).all()
    assert x[0] == pytest.approx(bands(curves["a"])["position"].iloc[0])
    assert ax.get_ylabel() == "percentile rank\nfrom the common cut on"


def test_ranks_on_a_circle_stay_within_0_and_1_and_the_line_breaks_at_the_cut(ax):
    curves = rank(contrast({"a": 0.3, "b": 0.7}, axis="hue", value=0.1), FakeModel(circular=True))
    assert abs(curves["b"].cut - curves["a"].cut) > 0.01
    drawn = lines(plot(curves, ax))["b"].get_ydata()
    (broken,) = np.flatnonzero(np.isnan(drawn))
    assert np.nanmin(drawn) >= 0
    assert np.nanmax(drawn) <= 1
    assert drawn[broken - 1] > 0.9 > 0.1 > drawn[broken + 1]
    assert (np.diff(drawn[:broken]) >= 0).all()
    assert (np.diff(drawn[broken + 1 :]) >= 0).all()


@pytest.mark.parametrize(("axis", "unit"), [("hue", "turn"), ("brightness", "unit of brightness")])
def test_a_density_is_per_unit_of_its_axis(axis, unit, ax):
    curves = rank(contrast({"a": 0.3, "b": 0.7}, axis=axis, value=0.1), FakeModel(circular=axis == "hue"))
    assert plot(curves, ax, show="density").get_ylabel() == f"likelihood\nper {unit}"


def test_without_axes_there_is_a_new_figure(curves):
    mpl.use("agg")
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    axes = plot(curves)
    assert len(plt.get_fignums()) == len(before) + 1
    plt.close(axes.figure)


def test_nothing_of_a_figure_of_ones_own_is_touched(curves):
    figure = Figure()
    left, right = figure.subplots(1, 2)
    plot(curves, right)
    assert not left.has_data()
    assert figure.axes == [left, right]


def test_what_cannot_be_plotted(curves, ax):
    with pytest.raises(InputError, match="show = 'ranks'; expected 'rank' or 'density'"):
        plot(curves, ax, show="ranks")
    with pytest.raises(InputError, match="there is no curve to plot"):
        plot({}, ax)


def test_effects_of_sweeps_over_numbers(ax):
    stimulus = load_stimulus("brightness-contrast")
    frames = [
        sweep(stimulus, "conditions.light.surround", [0.8, 0.6, 0.7], FakeModel(name=name), t, reading="paper")
        for name, t in (("one", 500), ("other", 900))
    ]
    assert plot_effects(pd.concat(frames), ax) is ax
    drawn = lines(ax)
    assert list(drawn) == ["brightness-contrast, one, T = 500", "brightness-contrast, other, T = 900"]
    first = next(iter(drawn.values()))
    np.testing.assert_array_equal(first.get_xdata(), [0.6, 0.7, 0.8])
    np.testing.assert_array_equal(first.get_ydata(), frames[0]["effect"].iloc[[1, 2, 0]])
    assert ax.get_xlabel() == "conditions.light.surround"
    assert ax.get_ylabel() == "effect: rank on “dark”\nminus rank on “light”"
    assert len({to_hex(line.get_color()) for line in drawn.values()}) == 2


def test_effects_of_a_sweep_over_words(ax):
    frame = sweep(
        load_stimulus("brightness-contrast"), "target.shape", ["square", "disc"], FakeModel(), 500, reading="paper"
    )
    plot_effects(frame, ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["square", "disc"]
    assert ax.get_legend() is None


def test_effects_by_stimulus_are_those_of_the_first_condition_in_the_mean(ax):
    rankings = [
        rank_at_scales(contrast(), FakeModel(), (2.0, 4.0)),
        rank_at_scales(load_stimulus("white"), FakeModel(), ()),
    ]
    table = pd.concat([ranking.prediction.summary() for ranking in rankings], ignore_index=True)
    plot_effects(table, ax)
    points = ax.containers[0].lines[0]
    expected = [
        r.prediction.effects(r.prediction.whole)[name].value
        for r, name in zip(rankings, ("dark", "black"), strict=True)
    ]
    assert points.get_xdata().tolist() == expected
    assert [label.get_text().split("\n")[0] for label in ax.get_yticklabels()] == ["brightness-contrast", "white"]
    assert ax.get_ylim() == (1.5, -0.5)


def test_tables_without_effects(ax):
    with pytest.raises(InputError, match="the table has no column stimulus"):
        plot_effects(pd.DataFrame({"a": [1]}), ax)
    empty = pd.DataFrame(columns=["stimulus", "condition", "effect", "effect_standard_error", "model", "temperature"])
    with pytest.raises(InputError, match="the table has no rows"):
        plot_effects(empty, ax)
