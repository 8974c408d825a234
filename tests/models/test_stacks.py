"""Several stacks of patches are scored together, and come back as if each was alone."""

from __future__ import annotations

import numpy as np

from illusions.models.stacks import Stack, interleave, run, score_stacks
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


def asking(rounds, stack, heard):
    """Asks for the same stack so many times, and returns how often."""
    for _ in range(rounds):
        (scores,) = yield [stack]
        heard.append(scores)
    return rounds


def test_several_that_ask_are_asked_for_at_once_and_each_hears_its_own():
    model, (first, second, third), sizes = FakeModel(), stacks(16), []

    class Counting(FakeModel):
        def log_likelihood_of_stacks(self, stacks):
            sizes.append(len(stacks))
            return score_stacks(FakeModel(), stacks)

    heard = [[], [], []]
    several = [asking(2, first, heard[0]), asking(0, second, heard[1]), asking(3, third, heard[2])]
    assert run(Counting(), interleave(several)) == [2, 0, 3]
    assert sizes == [2, 2, 1]
    assert [len(scores) for scores in heard] == [2, 0, 3]
    for scores, stack in ((heard[0], first), (heard[2], third)):
        (expected,) = score_stacks(model, [stack])
        assert all(np.array_equal(each, expected) for each in scores)


def test_nothing_that_asks_needs_no_model():
    assert run(None, interleave([])) == []
