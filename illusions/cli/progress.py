"""A loaded flow, and bars for its long work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress

from illusions.cli.console import progress_bar

if TYPE_CHECKING:
    from illusions.models.devices import Precision
    from illusions.models.model import Model


@contextmanager
def loaded_flow(name: str, device: str, *, precision: Precision = "32") -> Iterator[tuple[Model, Progress]]:
    """Load a model, and keep the place for the bars of what it does.

    Raises:
        InputError: there is no such model or device, or its weights cannot be used.
    """
    with progress_bar() as progress:
        loading = progress.add_task(f"loading {name}", total=None)
        from illusions.models.model import load_model

        model = load_model(name, device=device, precision=precision)
        progress.remove_task(loading)
        yield model, progress


def advancing(progress: Progress, description: str, total: int) -> Callable[[int], None]:
    """A new bar, and the function that moves it by so many steps."""
    task = progress.add_task(description, total=total)
    return lambda steps: progress.advance(task, steps)
