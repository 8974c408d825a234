"""Several stacks of patches are scored together, and come back as if each was alone."""

from __future__ import annotations

import numpy as np

from illusions.models.stacks import Stack, score_stacks
from tests.analyses.fakes import FakeModel
from tests.analyses.tiny import tiny_structure


def stacks(size=8):
    """Of 3, 1 and 5 patches, under other noise and numbers of draws."""
    rng = np.random.default_rng(0)
    surround = np.zeros((size, size), dtype=np.bool_)
    surround[:4] = True
    first, second, third = (rng.integers(0, 256, (n, size, size, 3), dtype=np.uint8) for n in (3, 1, 5))
    return [Stack(first, 2, 7, surround), Stack(second, 1, 8), Stack(third, 3, 7, surround, first=2)]


def alone(model, stacks):
    """Each by `log_likelihood_draws`."""
    return [
        model.log_likelihood_draws(s.patches, draws=s.draws, seed=s.seed, surround=s.surround, first=s.first)
        for s in stacks
    ]


def test_a_model_scores_all_at_once():
    model = tiny_structure()
    together = score_stacks(model, stacks())
    assert [found.shape for found in together] == [(2, 3), (1, 1), (3, 5)]
    for found, expected in zip(together, alone(model, stacks()), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_density_that_knows_no_stacks_is_asked_for_one_after_the_other():
    model, given = FakeModel(), stacks(16)
    for found, expected in zip(score_stacks(model, given), alone(model, given), strict=True):
        np.testing.assert_array_equal(found, expected)
