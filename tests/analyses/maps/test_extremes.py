from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from illusions.analyses.maps.extremes import extremes
from illusions.analyses.maps.figure import extremes_figure
from illusions.analyses.maps.wording import extremes_caption
from illusions.analyses.patches.crops import crop_at_random, join
from illusions.analyses.patches.scores import score
from tests.analyses.tiny import some_picture, tiny_model


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture(scope="module")
def crops():
    return join([crop_at_random(some_picture(seed=i), f"folder/picture-{i}.png", 8, 40, (i,)) for i in range(2)])


def test_the_extremes_are_ordered_and_do_not_overlap():
    scores = pd.DataFrame(
        {"picture": ["a", "a", "a", "b", "b"], "left": [0, 5, 8, 0, 30], "top": [0, 0, 0, 0, 0]}
    ).assign(bits_per_dimension=[1.0, 2.0, 3.0, 4.0, 5.0])
    most, least = extremes(scores, 3, 8)
    assert most.tolist() == [0, 2, 3]
    assert least.tolist() == [4, 3, 2]
    assert [len(rows) for rows in extremes(scores, 9, 8)] == [4, 4]


def test_the_figure_labels_every_patch(model, crops):
    scores = score(crops, model)
    figure = extremes_figure(crops, scores, 3, caption=extremes_caption(scores, model))
    labels = [text.get_text() for axes in figure.axes for text in axes.texts]
    best = scores.loc[scores["bits_per_dimension"].idxmin()]
    assert f"{best['bits_per_dimension']:.2f}\n{Path(best['picture']).stem}" in labels
    assert sum("picture-" in label for label in labels) == 6
    assert any("Of 80 patches of 8×8 pixels" in label.replace("\n", " ") for label in labels)
