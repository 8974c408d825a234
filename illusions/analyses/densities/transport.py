"""Optimal transport on a line and on a circle: maps that carry one density into another and move values least.

On a line the map is the one between equal percentile ranks. On a circle ranks need a cut, and the map has one free
number, α: F_B(m) = F_A(v) + α, where F is the share of the density between a fixed hue and v. It takes the α with the
least mean squared turn. That mean is convex in α, and least where the turns, averaged evenly over all hues, cancel.

Rabin, J., Delon, J. & Gousseau, Y. (2011). Transportation distances on the circle. Journal of Mathematical Imaging and
Vision, 41, 147–167. Delon, J., Salomon, J. & Sobolevski, A. (2010). Fast transport optimization for Monge costs on the
circle. SIAM Journal on Applied Mathematics, 70, 2239–2258.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike

from illusions.arrays import Floats

#: Share of the mass that is spread evenly over a circle, so that every rank belongs to one hue.
_SPREAD = 1e-9
#: Positions in turns, and the distribution function there: from one turn below to two above.
_Distribution: TypeAlias = "tuple[Floats, Floats]"


def line_map(values: ArrayLike, density_a: ArrayLike, density_b: ArrayLike) -> Floats:
    """The monotone map that carries a density on a line into another: each value goes to the value of equal rank.

    Args:
        values: shape (n,), increasing: where both densities are given.
        density_a: shape (n,), not negative, in any unit.
        density_b: shape (n,), as above.

    Returns:
        Shape (n,): the image of every value; the end of the line where no value ranks so low or so high.
    """
    x = np.asarray(values, dtype=np.float64)
    return np.asarray(np.interp(_mid_ranks(density_a), _mid_ranks(density_b), x))


def circular_map(density_a: ArrayLike, density_b: ArrayLike, at: ArrayLike | None = None) -> Floats:
    """The map that carries a density on a circle into another and has the least mean squared turn.

    Args:
        density_a: shape (n,), not negative, in any unit, at 0, 1/n, 2/n, … turns.
        density_b: shape (m,), as above.
        at: shape (k,), turns: where the map is wanted; the n places of ``density_a`` if left out.

    Returns:
        Shape (k,): the images, in turns. They are unwrapped, so that image − place is the turn, and may be below 0 or
        above 1.
    """
    n = len(np.asarray(density_a))
    places = np.arange(n) / n if at is None else np.asarray(at, dtype=np.float64)
    a, b = _distribution(density_a), _distribution(density_b)
    whole = np.floor(places)
    ranks = np.interp(places - whole, *a) + _shift(a, b)
    return np.asarray(_inverse(b, ranks) + whole)


def _shift(a: _Distribution, b: _Distribution) -> float:
    """α, at which the map from a to b has the least mean squared turn: where turns averaged over the hues cancel."""

    def mean_turn(alpha: float) -> float:
        """The mean over hues y, in turns, of y minus the hue that is carried there: it increases with α."""
        corners = _inverse(b, a[1] + alpha)
        y = np.sort(np.concatenate([b[0], corners[(corners > 0) & (corners < 1)]]))
        y = y[(y >= 0) & (y <= 1)]
        turns = y - _inverse(a, np.interp(y, *b) - alpha)
        return float(np.sum((turns[1:] + turns[:-1]) * np.diff(y)) / 2)

    return float(scipy.optimize.brentq(mean_turn, -2.0, 2.0, xtol=1e-12))


def _inverse(distribution: _Distribution, ranks: Floats) -> Floats:
    """The positions, in turns, of ranks of any size: one more is a turn more."""
    whole = np.floor(ranks)
    return np.asarray(np.interp(ranks - whole, distribution[1], distribution[0]) + whole)


def _distribution(density: ArrayLike) -> _Distribution:
    """The share of a circle's density between 0 turns and each place; linear between the places where it is given."""
    mass = np.asarray(density, dtype=np.float64)
    n = len(mass)
    mass = (1 - _SPREAD) * mass / mass.sum() + _SPREAD / n
    between = (mass + np.roll(mass, -1)) / 2
    once = np.concatenate([[0.0], np.cumsum(between)[:-1]])
    turns = np.arange(-1, 3)[:, None]
    return (turns + np.arange(n) / n).ravel(), (turns + once).ravel()


def _mid_ranks(density: ArrayLike) -> Floats:
    mass = np.asarray(density, dtype=np.float64)
    mass = mass / mass.sum()
    return np.asarray(np.cumsum(mass) - mass / 2)
