"""Progress: whoever works through many says how many are done, and whoever listens hears it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[int], object]] = ContextVar("listener", default=lambda n: None)


def done(n: int) -> None:
    """Tell whoever listens that n more are done: patches that went through a flow, pictures that were read."""
    _listener.get()(n)


@contextmanager
def heard_by(listener: Callable[[int], object]) -> Iterator[None]:
    """Let a function hear of everything that is done within.

    Example:
        >>> heard = []
        >>> with heard_by(heard.append):
        ...     done(3)
        ...     done(4)
        >>> heard
        [3, 4]
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
