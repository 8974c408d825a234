"""Wider noise than a model was trained with: as in the published code, which adds it at every evaluation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from illusions.arrays import Floats
from illusions.models.stacks import PatchModel, Stack, WrappedModel, score_stacks

#: Width of the noise in the code published with Hirsch & Tal 2020, which scales patches to [−1, 1] and adds noise
#: uniform on [0, 1/32), in levels of 8 bits.
PUBLISHED_LEVELS = 4


class NoisyModel(WrappedModel):
    """A model that sees every patch with noise uniform on [0, w) levels of 8 bits, newly drawn for each draw.

    It is made of whole levels, 0 … w − 1, added to the bytes, and of the dequantisation noise, uniform on [0, 1), which
    the model adds itself. Within a draw all patches share their noise. Bytes beyond 255 are clipped.

    Args:
        model: what scores the noisy patches.
        levels: w; with 1 the noise is the dequantisation noise alone.
    """

    def __init__(self, model: PatchModel, levels: int) -> None:
        super().__init__(model)
        self._levels = levels

    def log_likelihood_of_stacks(self, stacks: Sequence[Stack]) -> list[Floats]:
        """As that of ``Model``."""
        noisy = [[self._with_noise(stack, draw) for draw in range(stack.draws)] for stack in stacks]
        scores = iter(score_stacks(self._model, [draw for of_one in noisy for draw in of_one]))
        return [np.concatenate([next(scores) for _ in of_one]) for of_one in noisy]

    def _with_noise(self, stack: Stack, draw: int) -> Stack:
        """The patches of one draw."""
        number = stack.first + draw
        generator = np.random.Generator(np.random.PCG64([stack.seed, number, self._levels]))
        noise = generator.integers(0, self._levels, stack.patches.shape[1:])
        noisy = np.minimum(stack.patches + noise, 255).astype(np.uint8)
        return Stack(noisy, seed=stack.seed + number, surround=stack.surround)
