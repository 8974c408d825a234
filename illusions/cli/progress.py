"""Progress bars of long work: one for its items, and one for the parts of an item."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from rich.progress import Progress

from illusions.cli.console import progress_bar
from illusions.cli.threads import use_threads
from illusions.progress import reported_to

if TYPE_CHECKING:
    from illusions.models.devices import Precision
    from illusions.models.model import Model

_Thing = TypeVar("_Thing")


class Bars:
    """The bars of one command.

    Args:
        progress: where they are shown.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._within = progress.add_task("", visible=False)

    def begin(self, description: str, total: int | None = None) -> None:
        """Begin an item with a number of parts, patches or pictures; None if unknown."""
        self._progress.remove_task(self._within)
        self._within = self._progress.add_task(description, total=total)

    def advance(self, n: int) -> None:
        """Advance the present item by n."""
        self._progress.advance(self._within, n)

    def each(
        self, kind: str, things: Sequence[_Thing], patches: Callable[[_Thing], int | None] = lambda thing: None
    ) -> Iterator[_Thing]:
        """Things one after the other, ``"analysis 3 of 24"``, and within each how many patches are done.

        Args:
            kind: what they are.
            things: on which the caller works in turn.
            patches: how many will go through a flow for one of them.
        """
        above = self._progress.add_task("", total=len(things))
        for number, thing in enumerate(things, start=1):
            self._progress.update(above, description=f"{kind} {number} of {len(things)}", completed=number - 1)
            self.begin("scoring", patches(thing))
            yield thing
        self._progress.remove_task(above)


@contextmanager
def working() -> Iterator[Bars]:
    """Show bars while something works, which hear of all that it has done (`illusions.progress`)."""
    use_threads()
    with progress_bar() as progress:
        bars = Bars(progress)
        with reported_to(bars.advance):
            yield bars


@contextmanager
def loaded_flow(name: str, device: str, *, precision: Precision = "32") -> Iterator[tuple[Model, Bars]]:
    """Load a model, and show progress bars for it.

    Raises:
        InputError: there is no such model or device, or its weights cannot be used.
    """
    with working() as bars:
        bars.begin(f"loading {name}")
        gc.disable()  # PyTorch makes hundreds of thousands of objects, and none is garbage
        try:
            from illusions.models.model import load_model

            model = load_model(name, device=device, precision=precision)
        finally:
            gc.enable()
        bars.begin("scoring")
        yield model, bars
