from __future__ import annotations

import numpy as np
import pytest
import torch
from illusions.cli.watched import watch

from illusions.models.latents import decode, encode
from tests.analyses.tiny import some_picture, tiny_model


@pytest.fixture
def patches():
    return np.stack([some_picture(8, 8, seed=i) for i in range(5)])


def test_what_goes_through_a_watched_flow_is_counted_and_unchanged(patches):
    counted = []
    model, plain = watch(tiny_model(), counted.append), tiny_model()
    assert (model.name, model.size, model.dimensions) == ("tiny", 8, 192)
    scores = model.log_likelihood(patches, draws=3, seed=1)
    assert np.array_equal(scores, plain.log_likelihood(patches, draws=3, seed=1))
    assert sum(counted) == 15
    z = encode(model, patches)
    assert np.array_equal(z, encode(plain, patches))
    assert np.array_equal(decode(model, z), decode(plain, z))
    assert sum(counted) == 25
    model.double().flow.log_prob(torch.zeros(2, 8, 8, 3, dtype=torch.float64))
    assert sum(counted) == 27
