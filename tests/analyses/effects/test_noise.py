from __future__ import annotations

from typing import ClassVar

import numpy as np

from illusions.analyses.effects.noise import NoisyModel
from tests.analyses.fakes import FakeModel


class Seen(FakeModel):
    """Keeps what it is shown."""

    patches: ClassVar[list[np.ndarray]] = []

    def log_likelihood_draws(self, patches, *, draws, seed, surround=None):
        self.patches.append(patches)
        return super().log_likelihood_draws(patches, draws=draws, seed=seed)


def seen(levels, patches, draws=3, seed=0):
    Seen.patches.clear()
    scores = NoisyModel(Seen(), levels).log_likelihood_draws(patches, draws=draws, seed=seed)
    assert scores.shape == (draws, len(patches))
    return np.array(Seen.patches), scores


def test_noise_is_uniform_over_its_levels_and_shared_within_a_draw():
    patches = np.full((2, 16, 16, 3), 100, np.uint8)
    shown, _ = seen(4, patches)
    assert (shown[:, 0] == shown[:, 1]).all()
    assert (shown[0] != shown[1]).any()
    values, counts = np.unique(shown[:, 0], return_counts=True)
    assert list(values) == [100, 101, 102, 103]
    assert np.abs(counts / counts.sum() - 0.25).max() < 0.03


def test_one_level_changes_nothing():
    patches = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    assert (seen(1, patches)[0] == patches).all()


def test_bytes_do_not_wrap_round():
    shown, _ = seen(16, np.full((1, 16, 16, 3), 250, np.uint8))
    assert shown.min() == 250
    assert shown.max() == 255


def test_the_same_seed_gives_the_same_numbers():
    patches = np.full((2, 16, 16, 3), 100, np.uint8)
    assert (seen(8, patches, seed=1)[1] == seen(8, patches, seed=1)[1]).all()
    assert (seen(8, patches, seed=1)[0] != seen(8, patches, seed=2)[0]).any()
