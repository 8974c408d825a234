"""The plane of colours of one luminance, or the solid: densities over its cells, and the map between two of them.

The map is the optimal transport that moves colours least (mean squared distance in cone-opponent space), as on a line
and on a circle (`illusions.analyses.densities.transport`). The image of a cell is the mean of where its mass goes
(barycentric projection). Peyré, G. & Cuturi, M. (2019). Computational optimal transport. Foundations and Trends in
Machine Learning, 11, 355–607; solved by POT (Flamary et al. 2021, Journal of Machine Learning Research, 22(78)).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator, RBFInterpolator

from illusions.arrays import Bytes, Floats
from illusions.displays import ConeSpace, gamut_contrast, to_dkl
from illusions.stimuli.colours import in_gamut, to_bytes, to_rgb

#: Cells along each side of the box around the gamut, to begin with: of the plane, of the solid.
_BEGIN = {2: 14, 3: 9}
#: Mass that is spread evenly over the cells, so that every one of them has an image.
_SPREAD = 1e-9
_ITERATIONS = 1_000_000


@dataclass(frozen=True)
class Space:
    """Where colours are varied: a plane of one luminance, or the solid.

    Coordinates are contrasts: in the plane L−M and S−(L+M) ÷ ``cones.s_scale``, in the solid L+M before these two.
    """

    cones: ConeSpace  #: the cone-opponent space.
    luminance: float | None  #: L+M of the plane; None for the solid.

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return 3 if self.luminance is None else 2

    def dkl(self, coordinates: Floats) -> Floats:
        """Shape (n, 3): L+M, L−M and S−(L+M) of coordinates, shape (n, 2) or (n, 3)."""
        scaled = np.asarray(coordinates * np.array([1.0, 1.0, self.cones.s_scale])[3 - self.dimensions :])
        if self.luminance is None:
            return scaled
        return np.column_stack([np.full(len(scaled), self.luminance), scaled])

    def coordinates(self, rgb: Floats) -> Floats:
        """Shape (n, 2) or (n, 3), of colours (n, 3) of the display, in [0, 1]."""
        dkl = to_dkl(rgb, self.cones) / np.array([1.0, 1.0, self.cones.s_scale])
        return np.asarray(dkl[:, 3 - self.dimensions :])

    def box(self) -> tuple[Floats, Floats]:
        """Shapes (d,): the least and the greatest coordinates of the gamut."""
        if self.luminance is None:
            edge = self.coordinates(np.array(list(product([0.0, 1.0], repeat=3))))
        else:
            azimuths = np.arange(0.0, 360.0)
            largest, angle = gamut_contrast(self.luminance, azimuths, self.cones), np.radians(azimuths)
            edge = largest[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return edge.min(axis=0), edge.max(axis=0)

    def has(self, coordinates: Floats, share: float = 1.0) -> NDArray[np.bool_]:
        """Shape (n,): which colours lie in the gamut, or in a gamut of a share of its width around the grey."""
        return in_gamut("dkl", self.dkl(coordinates / share), self.cones)

    def colours(self, coordinates: Floats) -> Bytes:
        """Shape (n, 3): as the display shows them, 8 bits."""
        return to_bytes(to_rgb("dkl", self.dkl(coordinates), self.cones))


@dataclass(frozen=True, eq=False)
class Cells:
    """A partition of the gamut into boxes."""

    space: Space  #: where they lie.
    centres: Floats  #: shape (n, d).
    sides: Floats  #: shape (n, d).

    @classmethod
    def begin(cls, space: Space) -> Cells:
        """Cells of one size that fill the gamut, one of them around the grey."""
        low, high = space.box()
        side = (high - low) / _BEGIN[space.dimensions]
        places = [
            width * np.arange(np.ceil(least / width), np.floor(most / width) + 1)
            for width, least, most in zip(side, low, high, strict=True)
        ]
        centres = np.stack(np.meshgrid(*places, indexing="ij"), axis=-1).reshape(-1, space.dimensions)
        inside = centres[space.has(centres)]
        return cls(space, inside, np.broadcast_to(side, inside.shape).copy())

    @property
    def colours(self) -> Bytes:
        """Shape (n, 3): of their centres."""
        return self.space.colours(self.centres)

    @cached_property
    def volumes(self) -> Floats:
        """Shape (n,): area or volume."""
        return np.asarray(self.sides.prod(axis=1))

    @cached_property
    def at_edge(self) -> NDArray[np.bool_]:
        """Shape (n,): which have a neighbour outside the gamut."""
        found = np.zeros(len(self.centres), dtype=np.bool_)
        for i, sign in product(range(self.space.dimensions), (-1.0, 1.0)):
            step = np.zeros_like(self.centres)
            step[:, i] = sign * self.sides[:, i]
            found |= ~self.space.has(self.centres + step)
        return found

    def split(self) -> Cells:
        """The halves of all in every direction: those whose centres lie in the gamut."""
        sides = self.sides / 2
        signs = np.array(list(product([-0.5, 0.5], repeat=self.space.dimensions)))
        centres = (self.centres[:, None] + signs * sides[:, None]).reshape(-1, self.space.dimensions)
        inside = self.space.has(centres)
        return Cells(self.space, centres[inside], np.repeat(sides, len(signs), axis=0)[inside])

    def where(self, kept: NDArray[np.bool_]) -> Cells:
        """Some of them."""
        return Cells(self.space, self.centres[kept], self.sides[kept])


@dataclass(frozen=True, eq=False)
class ColourMap:
    """Where every colour goes when the density of one surround is carried into that of another."""

    cells: Cells  #: on which both densities are given.
    images: Floats  #: shape (n, d): of their centres.
    edge: Floats  #: shape (n,): the share of the mass of each that goes to the edge of the gamut.

    def at(self, colours: Floats) -> tuple[Floats, Floats]:
        """The images of colours, and the shares of them at the edge; linear between the centres of cells.

        Args:
            colours: shape (k, d).

        Returns:
            Shapes (k, d) and (k,).
        """
        known = np.column_stack([self.images - self.cells.centres, self.edge])
        spread = np.ptp(self.cells.centres, axis=0)
        points, wanted = self.cells.centres / spread, colours / spread
        found = LinearNDInterpolator(points, known)(wanted)
        beyond = np.isnan(found).any(axis=1)
        if beyond.any():
            found[beyond] = NearestNDInterpolator(points, known)(wanted[beyond])
        return colours + found[:, :-1], found[:, -1]


def between(scored: Floats, nats: Floats, cells: Cells) -> Floats:
    """Log-likelihoods of the centres of cells, shape (n, k), by a thin-plate spline through colours that were scored.

    Args:
        scored: shape (m, d): their coordinates.
        nats: shape (m, k).
        cells: n of them.
    """
    spline = RBFInterpolator(scored / cells.sides[0], nats, kernel="thin_plate_spline")
    return np.asarray(spline(cells.centres / cells.sides[0]))


def carry(cells: Cells, mass_a: Floats, mass_b: Floats) -> ColourMap:
    """The map from one density to another that moves colours least.

    Args:
        cells: of the gamut.
        mass_a: shape (n,): the share of each cell.
        mass_b: shape (n,).
    """
    a, b = _spread(mass_a), _spread(mass_b)
    import ot  # it imports PyTorch, which reading tables of matches does not need

    plan = ot.emd(a, b, ot.dist(cells.centres, cells.centres), numItermax=_ITERATIONS)
    sent = plan.sum(axis=1, keepdims=True)
    return ColourMap(cells, np.asarray(plan @ cells.centres / sent), np.asarray((plan @ cells.at_edge) / sent[:, 0]))


def _spread(mass: Floats) -> Floats:
    share = (1 - _SPREAD) * mass / mass.sum() + _SPREAD / len(mass)
    return np.asarray(share / share.sum())
