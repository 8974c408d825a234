from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose

from illusions.analyses.patches.crops import crop_at_random, join
from illusions.analyses.patches.scores import score
from tests.analyses.tiny import some_picture, tiny_model


def test_scores_are_those_of_the_model():
    crops = join([crop_at_random(some_picture(seed=i), f"picture-{i}.png", 8, 40, (i,)) for i in range(2)])
    model = tiny_model()
    scores = score(crops, model, seed=1)
    assert_allclose(scores["log_likelihood"], model.log_likelihood(crops.patches, seed=1), rtol=1e-6)
    assert_allclose(scores["bits_per_dimension"], -scores["log_likelihood"] / (192 * np.log(2)))
    assert scores["picture"].tolist() == ["picture-0.png"] * 40 + ["picture-1.png"] * 40
