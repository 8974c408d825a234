"""Models whose work is watched by a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress, TaskID

from illusions.cli.console import progress_bar

if TYPE_CHECKING:
    from illusions.analyses.ranking import PatchModel

#: Patches that are scored between two steps of the bar.
_CHUNK = 128


class WatchedModel:
    """Scores patches as the model does, and moves a bar by one for each and each of its noise draws.

    Args:
        model: what scores.
        progress: the bars.
        task: the bar.
    """

    def __init__(self, model: PatchModel, progress: Progress, task: TaskID) -> None:
        self.name = model.name
        self.size = model.size
        self.dimensions = model.dimensions
        self._model = model
        self._progress = progress
        self._task = task

    def log_likelihood_draws(
        self, patches: NDArray[np.uint8], *, draws: int, seed: int, surround: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """As ``PatchModel.log_likelihood_draws``."""
        parts = []
        for start in range(0, len(patches), _CHUNK):
            chunk = patches[start : start + _CHUNK]
            parts.append(self._model.log_likelihood_draws(chunk, draws=draws, seed=seed, surround=surround))
            self._progress.advance(self._task, len(chunk) * draws)
        return np.concatenate(parts, axis=1)


@contextmanager
def watched_models(device: str, patches: int) -> Iterator[Callable[[str], WatchedModel]]:
    """Load models by their names, each once, and show a bar while they score.

    Args:
        device: where they run.
        patches: how many they will score together, each counted once per noise draw.

    Raises:
        InputError: (when one is loaded) there is no such model or device, or its weights cannot be used.
    """
    with progress_bar() as progress:
        task = progress.add_task("scoring", total=patches)

        @cache
        def load(name: str) -> WatchedModel:
            progress.update(task, description=f"loading {name}")
            from illusions.models.model import load_model

            model = load_model(name, device=device)
            progress.update(task, description="scoring")
            return WatchedModel(model, progress, task)

        yield load
