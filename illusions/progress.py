"""Progress reporting: workers report completed items; listeners display them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[int], object]] = ContextVar("listener", default=lambda n: None)


def report(n: int) -> None:
    """Report n more completed items: patches that went through a flow, or pictures that were read."""
    _listener.get()(n)


@contextmanager
def reported_to(listener: Callable[[int], object]) -> Iterator[None]:
    """Call a function with the number of items of every report inside the context.

    Example:
        >>> heard = []
        >>> with reported_to(heard.append):
        ...     report(3)
        ...     report(4)
        >>> heard
        [3, 4]
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
