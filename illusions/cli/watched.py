"""A model whose work is watched by a progress bar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress, TaskID

from illusions.cli.console import progress_bar

if TYPE_CHECKING:
    from illusions.analyses.ranking import PatchModel
    from illusions.stimuli.stimulus import Stimulus

#: Patches that are scored between two steps of the bar.
_CHUNK = 128


class WatchedModel:
    """Scores patches as the model does, and moves a bar by one for each.

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

    def log_likelihood_draws(self, patches: NDArray[np.uint8], *, draws: int, seed: int) -> NDArray[np.float64]:
        """As ``PatchModel.log_likelihood_draws``."""
        parts = []
        for start in range(0, len(patches), _CHUNK):
            chunk = patches[start : start + _CHUNK]
            parts.append(self._model.log_likelihood_draws(chunk, draws=draws, seed=seed))
            self._progress.advance(self._task, len(chunk))
        return np.concatenate(parts, axis=1)


@contextmanager
def watched_model(name: str, device: str, stimuli: Iterable[Stimulus]) -> Iterator[WatchedModel]:
    """Load a model, and show a bar while it scores every sweep of the stimuli.

    Raises:
        InputError: there is no such model or device, or its weights cannot be used.
    """
    with progress_bar() as progress:
        task = progress.add_task(f"loading {name}", total=None)
        from illusions.models.model import load_model

        model = load_model(name, device=device)
        patches = sum(len(stimulus.conditions) * len(stimulus.values()) for stimulus in stimuli)
        progress.update(task, description=f"scoring with {model.name}", total=patches)
        yield WatchedModel(model, progress, task)
