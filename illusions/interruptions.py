"""Signals that ask a program to end: Ctrl-C, and those of a scheduler, a container or a terminal that is closed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

#: Ctrl-C; ``kill``, ``docker stop`` and SLURM; a terminal that is closed (not on Windows).
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def like_ctrl_c() -> Iterator[None]:
    """Raise KeyboardInterrupt on SIGTERM and SIGHUP, too, so that what was begun is cleared away."""

    def handle(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    with _handled(SIGNALS[1:], handle):
        yield


@contextmanager
def interrupts() -> Iterator[threading.Event]:
    """An event that each of `SIGNALS` sets, so that an update is never left half done; a second one ends at once."""
    event = threading.Event()

    def handle(_number: int, _frame: object) -> None:
        if event.is_set():
            raise KeyboardInterrupt
        event.set()

    with _handled(SIGNALS, handle):
        yield event


@contextmanager
def ignored() -> Iterator[None]:
    """Ignore all of `SIGNALS`, for a moment in which everything is done or nothing."""
    with _handled(SIGNALS, signal.SIG_IGN):
        yield


def ignore() -> None:
    """Ignore all of `SIGNALS` from now on: they reach every process of a group, of which one decides for the others."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def _handled(numbers: Sequence[int], handle: Callable[[int, object], None] | signal.Handlers) -> Iterator[None]:
    """Handle signals in the main thread, but for those that are ignored, as SIGHUP is under nohup."""
    here = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in numbers if here}
    heard = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in heard:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)
