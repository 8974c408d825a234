from __future__ import annotations

import numpy as np
import pytest
from rich.progress import Progress

from illusions.cli.progress import Bars, working
from illusions.models.latents import decode, encode
from illusions.progress import report, reported_to
from tests.analyses.tiny import some_picture, tiny_model


@pytest.fixture
def patches():
    return np.stack([some_picture(8, 8, seed=i) for i in range(5)])


def test_what_goes_through_a_flow_is_told_and_does_not_depend_on_who_listens(patches):
    model, heard = tiny_model(), []
    scores, z = model.log_likelihood(patches, draws=3, seed=1), encode(model, patches)
    with reported_to(heard.append):
        assert np.array_equal(model.log_likelihood(patches, draws=3, seed=1), scores)
        assert sum(heard) == 15
        assert np.array_equal(encode(model, patches), z)
        decode(model, z)
        assert sum(heard) == 25
    decode(model, z)
    assert sum(heard) == 25


def test_a_listener_within_another_hears_alone():
    outer, inner = [], []
    with reported_to(outer.append):
        with reported_to(inner.append):
            report(2)
        report(3)
    assert (outer, inner) == ([3], [2])


def shown(progress):
    return [(task.description, task.completed, task.total) for task in progress.tasks if task.visible]


def test_one_bar_counts_what_is_done_in_turn_and_another_what_is_done_within():
    progress = Progress(disable=True)
    bars = Bars(progress)
    seen = []
    for name in bars.each("analysis", ["a", "b"], lambda name: 7 if name == "a" else None):
        bars.advance(3)
        seen.append((name, shown(progress)))
    assert seen == [
        ("a", [("analysis 1 of 2", 0, 2), ("scoring", 3, 7)]),
        ("b", [("analysis 2 of 2", 1, 2), ("scoring", 3, None)]),
    ]
    bars.begin("reading pictures", 4)
    assert shown(progress) == [("reading pictures", 0, 4)]


def test_where_nobody_watches_there_is_no_bar(capsys):
    with working() as bars:
        bars.begin("scoring", 2)
        report(2)
    assert capsys.readouterr() == ("", "")
