from __future__ import annotations

import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, vonmises

from illusions.analyses.densities.transport import circular_map, line_map

N = 360
HUES = np.arange(N) / N


def bump(mean, kappa, n=N):
    """A von Mises density over n hues, in turns."""
    return vonmises.pdf(2 * np.pi * (np.arange(n) / n - mean), kappa)


def turns(a, b):
    return circular_map(a, b) - HUES


def test_on_a_line_the_map_is_that_of_equal_ranks():
    x = np.linspace(0, 1, 501)
    image = line_map(x, norm.pdf(x, 0.4, 0.05), norm.pdf(x, 0.5, 0.1))
    near = (x > 0.3) & (x < 0.5)
    assert image[near] == pytest.approx(0.5 + 2 * (x[near] - 0.4), abs=1e-4)


def test_a_shift_comes_back():
    """Where the density is; a turn elsewhere makes up for it, so that turns averaged over all hues cancel."""
    for shift in (0.1, -0.2, 0.3):
        found = turns(bump(0.9, 40), bump(0.9 + shift, 40))
        has_mass = bump(0.9, 40) > 0.01 * bump(0.9, 40).max()
        assert found[has_mass] == pytest.approx(shift, abs=1e-4)
        assert found.mean() == pytest.approx(0, abs=2e-3)


def test_uniform_gives_the_identity():
    assert turns(np.ones(N), np.ones(N)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("hue", [0, 77, 300])
def test_symmetric_densities_leave_the_surrounds_hue_and_its_opposite_in_place(hue):
    around = bump(hue / N, 3)
    for other in (np.ones(N), bump(hue / N, 0.5), bump(hue / N, 8)):
        found = turns(around, other)
        assert found[[hue, (hue + N // 2) % N]] == pytest.approx(0, abs=1e-5)
        assert found[(hue + np.arange(1, N // 2)) % N] == pytest.approx(
            -found[(hue - np.arange(1, N // 2)) % N], abs=1e-4
        )


def test_hues_near_that_of_the_surround_are_pushed_away_from_it_by_a_flatter_density():
    found = turns(bump(0.5, 3), np.ones(N))
    assert (found[N // 2 + 1 : N - 1] > 0).all()
    assert (found[1 : N // 2 - 1] < 0).all()


def test_the_map_back_undoes_the_map():
    a, b = bump(0.1, 2) + 0.3 * bump(0.6, 5), bump(0.35, 3)
    there = circular_map(a, b)
    assert circular_map(b, a, there) == pytest.approx(HUES, abs=1e-9)


def test_places_may_be_given_beyond_a_turn():
    a, b = bump(0.1, 2), bump(0.3, 4)
    assert circular_map(a, b, [-0.8, 1.2]) == pytest.approx(circular_map(a, b, [0.2, 0.2]) + np.array([-1, 1]))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (bump(0.1, 2) + 0.3 * bump(0.6, 5), bump(0.35, 3)),
        (bump(0.95, 1), bump(0.2, 1)),
        (bump(0.5, 4), np.ones(N)),
        (bump(0.2, 6) + bump(0.5, 6), bump(0.3, 6) + 0.2 * bump(0.9, 2)),
    ],
)
def test_pot_moves_as_far(a, b):
    a, b = a / a.sum(), b / b.sum()
    turn = (HUES - HUES[:, None] + 0.5) % 1 - 0.5
    plan = ot.emd(a, b, turn**2)
    barycentric = (plan * turn).sum(axis=1) / a
    ours = turns(a, b)
    assert np.sum(a * ours**2) == pytest.approx(np.sum(plan * turn**2), abs=1e-4)
    assert np.average(np.abs(ours - barycentric), weights=a) < 1e-3


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=12, max_size=12).filter(lambda x: sum(x) > 0.1),
    st.lists(st.floats(0, 1), min_size=12, max_size=12).filter(lambda x: sum(x) > 0.1),
)
def test_no_other_cut_turns_hues_less(a, b):
    """The mean squared turn of maps with other α, by brute force over quantiles."""
    places = np.arange(24) / 12
    shares = np.linspace(0, 1, 2000, endpoint=False) + 0.00025

    def quantiles(density, alpha=0.0):
        mass = np.array(density) + 1e-9
        mass = mass / mass.sum()
        once = np.concatenate([[0], np.cumsum((mass + np.roll(mass, -1)) / 2)[:-1]])
        u = shares + alpha
        return np.interp(u % 1, np.concatenate([once, once + 1]), places) + np.floor(u)

    def cost(alpha):
        return np.mean((quantiles(b, alpha) - quantiles(a)) ** 2)

    ours = np.mean((circular_map(a, b, quantiles(a)) - quantiles(a)) ** 2)
    assert ours <= min(cost(alpha) for alpha in np.linspace(-2, 2, 401)) + 1e-4
