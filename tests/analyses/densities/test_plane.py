from __future__ import annotations

import numpy as np
import pytest

from illusions.analyses.densities.plane import Cells, Space, between, carry
from illusions.displays import ConeSpace, gamut_contrast

CONES = ConeSpace(s_scale=2.6)
PLANE, SOLID = Space(CONES, 0.0), Space(CONES, None)


def gaussian(cells, mean, sd):
    """Shape (n,): the mass of an isotropic Gaussian in each cell."""
    mass = np.exp(-((cells.centres - mean) ** 2).sum(axis=1) / (2 * sd**2)) * cells.volumes
    return mass / mass.sum()


def refined(space):
    """The cells on which matches are found."""
    return Cells.begin(space).split()


@pytest.fixture(scope="module")
def cells():
    return refined(PLANE)


def test_cells_fill_the_gamut(cells):
    azimuths = np.arange(0.0, 360.0)
    area = (gamut_contrast(0.0, azimuths, CONES) ** 2).sum() / 2 * np.radians(1)
    assert cells.volumes.sum() == pytest.approx(area, rel=0.1)  # what is left of cells at the edge
    assert PLANE.has(cells.centres).all()
    assert np.abs(Cells.begin(PLANE).centres).sum(axis=1).min() == pytest.approx(0, abs=1e-12)
    contrast, azimuth = np.linalg.norm(cells.centres, axis=1), np.degrees(np.arctan2(*cells.centres.T[::-1]))
    to_edge = gamut_contrast(0.0, azimuth, CONES) - contrast
    assert to_edge[cells.at_edge].max() < to_edge.max() / 2
    assert to_edge[~cells.at_edge].min() > 0


def test_colours_and_coordinates_are_inverse(cells):
    rgb = cells.colours / 255
    assert PLANE.coordinates(rgb) == pytest.approx(cells.centres, abs=0.02)
    solid = Cells.begin(SOLID)
    assert solid.centres.shape[1] == 3
    assert SOLID.coordinates(solid.colours / 255) == pytest.approx(solid.centres, abs=0.05)


def test_a_density_is_carried_into_itself_in_place(cells):
    mass = gaussian(cells, [0.03, -0.02], 0.05)
    assert carry(cells, mass, mass).images == pytest.approx(cells.centres, abs=1e-7)


def test_a_shift_comes_back(cells):
    """Of Gaussians the map is known: it shifts and stretches (Peyré & Cuturi 2019, eq. 2.40)."""
    shift = np.array([0.03, -0.02])
    found = carry(cells, gaussian(cells, [0, 0], 0.03), gaussian(cells, shift, 0.03))
    near = np.array([[0, 0], [0.02, 0.01], [-0.03, 0.02]])
    assert found.at(near)[0] == pytest.approx(near + shift, abs=0.008)


def test_a_wider_density_pushes_colours_away_from_its_middle(cells):
    middle = np.array([0.01, 0.01])
    found = carry(cells, gaussian(cells, middle, 0.02), gaussian(cells, middle, 0.04))
    offsets = 0.02 * np.stack([np.cos(angles := np.arange(0, 6.28, 0.5)), np.sin(angles)], axis=1)
    assert found.at(middle + offsets)[0] == pytest.approx(middle + 2 * offsets, abs=0.01)


def test_in_the_solid_too():
    cells = refined(SOLID)
    shift = np.array([0.1, 0.02, -0.02])
    found = carry(cells, gaussian(cells, [0, 0, 0], 0.12), gaussian(cells, shift, 0.12))
    assert found.at(np.zeros((1, 3)))[0] == pytest.approx(shift[None], abs=0.02)


def test_what_goes_to_the_edge_is_known(cells):
    corner = cells.centres[np.argmax(np.where(cells.at_edge, cells.centres[:, 1], -1))]
    found = carry(cells, gaussian(cells, [0, 0], 0.05), gaussian(cells, corner, 0.02))
    assert found.at(corner[None] / 2)[1][0] > 0.5
    assert carry(cells, *[gaussian(cells, [0, 0], 0.03)] * 2).at(np.zeros((1, 2)))[1][0] == pytest.approx(0, abs=1e-6)


def test_log_likelihoods_between_scored_colours_are_interpolated(cells):
    first = Cells.begin(PLANE)

    def smooth(x):
        return np.stack([-((x - 0.05) ** 2).sum(axis=1), np.sin(5 * x[:, 0]) + x[:, 1]], axis=1)

    found = between(first.centres, smooth(first.centres), cells)
    inside = ~cells.at_edge
    assert found[inside] == pytest.approx(smooth(cells.centres)[inside], abs=0.005)
