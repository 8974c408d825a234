from __future__ import annotations

import pickle

import pytest
import torch
from torch.testing import assert_close

from illusions.models.glow import Architecture
from illusions.models.scoring import Scorer
from tests.models.flows import TWO_LEVELS, random_flow, random_patches

SHAPES = [
    TWO_LEVELS,
    Architecture(size=8, levels=1, steps=3, hidden=8),
    Architecture(size=8, levels=3, steps=1, hidden=4),
]


@pytest.mark.parametrize("architecture", SHAPES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_scores_are_those_of_the_flow(architecture, dtype, tolerance):
    flow = random_flow(architecture, dtype=dtype)
    x = random_patches(9, architecture, dtype=dtype)
    before = x.clone()
    assert_close(Scorer(flow)(x), flow.log_prob(x).detach(), rtol=tolerance, atol=tolerance)
    assert torch.equal(x, before)


def test_scores_in_bfloat16_are_those_of_the_flow_under_autocast():
    flow = random_flow(dtype=torch.float32)
    x = random_patches(9, dtype=torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        expected = flow.log_prob(x).detach()
    assert_close(Scorer(flow, torch.bfloat16)(x), expected, rtol=1e-2, atol=0.1)
    assert not torch.equal(expected, flow.log_prob(x).detach())


def test_batches_do_not_change_a_score():
    x = random_patches(10)
    scorer = Scorer(random_flow())
    whole = scorer(x)
    scorer.batch = 3
    assert_close(scorer(x), whole, rtol=1e-12, atol=1e-12)


def test_a_scorer_can_go_to_another_process():
    scorer, x = Scorer(random_flow(dtype=torch.float32)), random_patches(5, dtype=torch.float32)
    assert torch.equal(pickle.loads(pickle.dumps(scorer))(x), scorer(x))


def test_a_batch_is_as_large_as_its_hidden_layer_may_be():
    small, large = (Scorer(random_flow(Architecture(size=16, steps=1, hidden=hidden))).batch for hidden in (16, 64))
    assert small == 4 * large > 4
