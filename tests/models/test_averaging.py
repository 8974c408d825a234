from __future__ import annotations

import pytest
import torch
from torch import nn

from illusions.models.averaging import AveragedWeights


def set_weight(module, value):
    with torch.no_grad():
        module.weight.fill_(value)


def test_the_average_of_two_updates_worked_out_by_hand():
    module = nn.Linear(1, 1, bias=False)
    set_weight(module, 0.0)
    average = AveragedWeights(module, 0.15)
    set_weight(module, 1.0)
    average.follow(0)  # decays by 1/10
    assert average.values[0].item() == pytest.approx(0.9)
    set_weight(module, 2.0)
    average.follow(1)  # 2/11 would be more than 0.15
    assert average.values[0].item() == pytest.approx(0.15 * 0.9 + 0.85 * 2)


def test_the_latest_weights_come_back_also_after_an_error():
    module = nn.Linear(1, 1, bias=False)
    set_weight(module, 3.0)
    average = AveragedWeights(module, 0.5)
    set_weight(module, 4.0)
    with pytest.raises(ZeroDivisionError), average.in_place():  # noqa: PT012
        assert module.weight.item() == 3
        raise ZeroDivisionError
    assert module.weight.item() == 4
