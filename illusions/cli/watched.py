"""Models whose work is watched by a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from illusions.cli.console import progress_bar

if TYPE_CHECKING:
    from torch import Tensor

    from illusions.models.devices import Precision
    from illusions.models.glow import Glow
    from illusions.models.model import Model

#: Patches that are scored between two steps of the bar.
_CHUNK = 128
Advance = Callable[[int], object]


class _Watched:
    """Has everything that what it watches has; what takes time is replaced by something that tells how far it is."""

    def __init__(self, watched: Any, advance: Advance) -> None:
        self._watched = watched
        self._advance = advance

    def __getattr__(self, name: str) -> Any:
        return getattr(self._watched, name)


class WatchedModel(_Watched):
    """Does what a model does, and tells of every patch that goes through its flow, in each noise draw and direction.

    Args:
        model: what scores, encodes and decodes.
        advance: told how many patches are done each time.
    """

    @property
    def flow(self) -> WatchedFlow:
        """The flow, watched as well."""
        return WatchedFlow(self._watched.flow, self._advance)

    def double(self) -> Model:
        """As ``Model.double``, watched as well."""
        return watch(self._watched.double(), self._advance)

    def log_likelihood(
        self,
        patches: NDArray[np.uint8],
        *,
        draws: int = 1,
        seed: int = 0,
        surround: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.float64]:
        """As ``Model.log_likelihood``."""
        of_draws = self.log_likelihood_draws(patches, draws=draws, seed=seed, surround=surround)
        mean: NDArray[np.float64] = of_draws.mean(axis=0)
        return mean

    def log_likelihood_draws(
        self,
        patches: NDArray[np.uint8],
        *,
        draws: int,
        seed: int = 0,
        common_noise: bool = True,
        surround: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.float64]:
        """As ``Model.log_likelihood_draws``; with noise of their own, all patches at once."""
        parts = []
        chunk_size = _CHUNK if common_noise else max(1, len(patches))
        options: dict[str, Any] = {} if common_noise else {"common_noise": False}  # which not every density has
        for start in range(0, max(1, len(patches)), chunk_size):
            chunk = patches[start : start + chunk_size]
            parts.append(
                self._watched.log_likelihood_draws(chunk, draws=draws, seed=seed, surround=surround, **options)
            )
            self._advance(len(chunk) * draws)
        return np.concatenate(parts, axis=1)


class WatchedFlow(_Watched):
    """Encodes, decodes and scores as a flow does, and tells of every patch."""

    def encode(self, x: Tensor) -> Tensor:
        """As ``Glow.encode``."""
        z = cast("Glow", self._watched).encode(x)
        self._advance(len(x))
        return z

    def log_prob(self, x: Tensor) -> Tensor:
        """As ``Glow.log_prob``."""
        nats = cast("Glow", self._watched).log_prob(x)
        self._advance(len(x))
        return nats

    def decode(self, z: Tensor) -> Tensor:
        """As ``Glow.decode``."""
        x = cast("Glow", self._watched).decode(z)
        self._advance(len(z))
        return x


def watch(model: Model, advance: Advance) -> Model:
    """The same model, which tells how many patches have gone through its flow."""
    return cast("Model", WatchedModel(model, advance))


@contextmanager
def watched_models(device: str, patches: int, *, precision: Precision = "32") -> Iterator[Callable[[str], Model]]:
    """Load models by their names, each once, and show a bar while they work.

    Args:
        device: where they run.
        precision: of the networks inside their couplings.
        patches: how many will go through their flows, each counted once per noise draw and direction.

    Raises:
        InputError: (when one is loaded) there is no such model or device, or its weights cannot be used.
    """
    with progress_bar() as progress:
        task = progress.add_task("scoring", total=patches)

        @cache
        def load(name: str) -> Model:
            progress.update(task, description=f"loading {name}")
            from illusions.models.model import load_model

            model = load_model(name, device=device, precision=precision)
            progress.update(task, description="scoring")
            return watch(model, lambda steps: progress.advance(task, steps))

        yield load
