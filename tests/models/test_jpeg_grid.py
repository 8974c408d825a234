"""The 8-pixel blocks of JPEG in the likelihoods of the shipped models, as docs/trust.md describes them."""

from __future__ import annotations

import pytest

from illusions import load_model
from illusions.content import folder
from tests.benchmarks.jpeg_grid import GaussianModel, jpeg_gains


@pytest.mark.parametrize(
    ("name", "on_grid"), [("natural16", (120, 220)), ("cones16", (5, 40)), ("structure16", (-5, 5))]
)
def test_jpeg_is_a_little_more_likely_and_most_on_the_grid(name, on_grid):
    on, off = jpeg_gains(load_model(name, device="cpu"), every=4)
    assert on_grid[0] < on.mean() < on_grid[1]
    assert 0 <= (on - off).mean() < 0.6 * max(on.mean(), 5)


def test_a_gaussian_which_cannot_learn_the_grid_prefers_it_too():
    on, off = jpeg_gains(GaussianModel(folder("stimuli") / "photographs", patches=4_000), every=2)
    difference = on - off
    assert difference.mean() > 4 * difference.std(ddof=1) / len(difference) ** 0.5
