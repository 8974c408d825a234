from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.ranks.colour_figure import colours_figure
from illusions.analyses.readings.colour_matching import (
    colours_frame,
    match_colours,
    sample_colours,
)
from illusions.analyses.readings.reading import PAPER, PLANE
from illusions.columns import tables_called
from illusions.displays import gamut_contrast, to_dkl
from illusions.errors import InputError
from illusions.stimuli.making import uniform

READING = replace(PLANE, temperature=Temperature(1.0), sides=(10.0,), draws=3)


@dataclass(frozen=True)
class Near:
    """A Gaussian density of colours around that of the corner, in the cone-opponent plane, with noise of a look."""

    name: str = "near"
    size: int = 16
    dimensions: int = 768
    width: float = 0.05
    noise: float = 0.0

    def log_likelihood_draws(self, patches, *, draws, seed, surround=None, first=0):
        middle, corner = (to_dkl(patches[:, i, i] / 255) / [1.0, 1.0, 2.6] for i in (8, 0))
        moved = self.noise * np.random.default_rng(seed).normal(size=2)
        share = (patches[:1, ..., 0] != patches[:1, :1, :1, 0]).sum()
        off = (middle - corner)[:, 1:] - moved
        return np.tile(-share * (off**2).sum(axis=1) / (2 * self.width**2), (draws, 1))


class Blind(Near):
    """It sees as many values as a model of colours, but luminance alone."""

    sees_colour = False


def stimulus(**changes):
    made = uniform(
        target={"colour": {"dkl-polar": [0.0, 0.05, 90.0]}, "degrees": 4, "size": 6},
        axis="dkl-hue",
        surrounds={"left": {"dkl": [0.0, -0.02, 0.0]}, "right": {"dkl": [0.0, 0.03, 0.0]}},
    )
    return replace(made, **changes)


def test_two_gaussians_of_one_width_differ_by_their_shift():
    here, back = match_colours(stimulus(), Near(), READING)
    assert (here.reference_condition, here.comparison_condition) == ("left", "right")
    assert here.is_target
    assert here.delta_l_m == pytest.approx(0.05, abs=0.01)
    assert here.delta_s_lm == pytest.approx(0.0, abs=0.03)
    assert back.delta_l_m == pytest.approx(-0.05, abs=0.01)
    assert here.contrast_ratio > 1
    assert here.hue_shift < 0  # towards +(L−M), which is at 0
    assert here.at_edge < 0.5


def test_the_same_surround_changes_nothing():
    same = stimulus()
    same = replace(same, conditions={"a": same.conditions["left"], "b": same.conditions["left"]})
    for found in match_colours(same, Near(noise=0.01), READING, sample_colours(same)):
        assert (found.delta_l_m, found.delta_s_lm) == pytest.approx((0, 0), abs=1e-6)
        assert found.colour == found.match
        assert found.l_m_standard_error == pytest.approx(0, abs=1e-6)


def test_the_standard_error_is_over_looks():
    noisy = match_colours(stimulus(), Near(width=0.04), READING)[0]
    assert noisy.l_m_standard_error < 0.01
    single = match_colours(stimulus(), Near(), replace(READING, draws=1))[0]
    assert np.isnan(single.l_m_standard_error)
    assert "more than its standard error" not in single.cautions


def test_a_match_that_has_no_room_is_said_to_touch_the_edge():
    far = stimulus()
    largest = gamut_contrast(0.0, 0.0)
    edge = {"dkl-polar": [0.0, float(0.97 * largest), 0.0]}
    found = match_colours(far, Near(width=0.02), READING, [edge])[0]
    assert found.at_edge > 0.5
    assert "edge of the gamut" in found.cautions
    assert np.isnan(found.gamut_shift)


def test_the_solid_matches_luminance_too():
    found = match_colours(stimulus(), Near(), READING, solid=True)[0]
    assert found.delta_l_m == pytest.approx(0.05, abs=0.025)
    assert found.match_luminance == pytest.approx(found.luminance, abs=0.15)


def test_the_table_has_its_columns_and_the_figure_its_arrows():
    shown = stimulus()
    found = match_colours(shown, Near(), READING, sample_colours(shown))
    assert len(found) == 2 * 18
    (table,) = [table for table in tables_called("colours.csv") if table.command == "match"]
    assert table.allows(colours_frame(found).columns)
    figure = colours_figure(shown, found)
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert [axes.get_title() for axes in panels] == ["on “left” → on “right”", "on “right” → on “left”"]
    assert "T = 1 nats per pixel" in figure.get_label()


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({"units_per_degree": None}, {}, "no size in degrees"),
        ({}, {"reading": PAPER}, "read by field of view"),
        ({}, {"model": Near(dimensions=256)}, "sees luminance alone"),
        ({}, {"model": Blind(dimensions=768)}, "sees luminance alone"),
        ({}, {"colours": ["#ffffff"]}, "expected a colour of the same luminance, or the solid"),
        ({}, {"colours": ["red"]}, "a colour"),
    ],
)
def test_what_cannot_be_matched(changes, options, message):
    asked = {"model": Near(), "reading": READING, "colours": (), **options}
    with pytest.raises(InputError, match=message):
        match_colours(replace(stimulus(), **changes), asked["model"], asked["reading"], asked["colours"])
