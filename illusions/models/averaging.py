"""Averaged weights: the exponential moving average of a module's weights in training, which is saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class AveragedWeights:
    """The average of a module's weights over its updates.

    Args:
        module: the module; the average begins with its weights.
        decay: of the average, in [0, 1); over the first updates it is less, so that what it began with is forgotten.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._module, self._decay = module, decay
        self.values = self._latest()

    def follow(self, updates: int) -> None:
        """Take in the weights after an update, given how many came before it."""
        decay = min(self._decay, (1 + updates) / (10 + updates))
        torch._foreach_lerp_(self.values, [parameter.detach() for parameter in self._module.parameters()], 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The averaged weights in the place of the module's own, for the time of a block."""
        latest = self._latest()
        self._copy(self.values)
        try:
            yield
        finally:
            self._copy(latest)

    def _latest(self) -> list[Tensor]:
        return [parameter.detach().clone() for parameter in self._module.parameters()]

    def _copy(self, values: Sequence[Tensor]) -> None:
        with torch.no_grad():
            for parameter, value in zip(self._module.parameters(), values, strict=True):
                parameter.copy_(value)
