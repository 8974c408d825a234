"""Work over many photographs: in this process, or where `joblib.parallel_config` says.

::

    with joblib.parallel_config(n_jobs=8):  # processes on this machine
        count(stimuli, paths)

    with distributed.Client("scheduler:8786"), joblib.parallel_config("dask"):  # a cluster
        count(stimuli, paths)

The numbers are the same wherever the work is done.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from typing import TypeVar

from illusions import progress
from illusions.decoding import Notes, noted, report
from illusions.errors import InputError

_Thing = TypeVar("_Thing")
_Result = TypeVar("_Result")

#: Things that a process is given before results are looked at: as many as take it some seconds, within these bounds.
_AHEAD, _FAR_AHEAD = 4, 64
_SECONDS = 2.0
#: Fewer things are not worth the seconds in which processes start.
_FEW = 16


def each(
    work: Callable[[_Thing], _Result], things: Sequence[_Thing], *, name: Callable[[_Thing], object] = str
) -> Iterator[_Result | InputError]:
    """Apply a function to many items, in order: its result, or the InputError that it raised.

    Outside of `joblib.parallel_config` the work is done here, one thing after the other. Within it `work` and the
    things go to other processes, and so must be picklable. Where a process dies, what it and its neighbours had in hand
    is done again, each thing alone; a thing whose process dies then, too, comes out as an InputError.

    Args:
        work: what to do with a thing; what it tells `illusions.progress` and `illusions.decoding` is heard here.
        things: photographs, mostly.
        name: what one is called where its process died.
    """
    import joblib

    processes = joblib.effective_n_jobs(None)
    if processes == 1:
        for thing in things:
            yield _outcome(work, thing)
        return
    start, at_once = 0, _AHEAD * processes
    while start < len(things):
        begun = time.monotonic()
        outcomes = _elsewhere(work, things[start : start + at_once], name)
        start += at_once
        if time.monotonic() - begun < _SECONDS:
            at_once = min(2 * at_once, _FAR_AHEAD * processes)
        for outcome, done, notes in outcomes:
            if done:
                progress.report(done)
            report(notes)
            yield outcome


@contextmanager
def on_all_cores(things: int) -> Iterator[None]:
    """Let `each` use the cores of the process, where it pays and no other setting was made.

    Args:
        things: how many there are to work on.
    """
    import joblib

    if things < _FEW or joblib.effective_n_jobs(None) > 1 or joblib.cpu_count() == 1:
        yield
        return
    with joblib.parallel_config("loky", n_jobs=joblib.cpu_count()):
        yield


def _elsewhere(
    work: Callable[[_Thing], _Result], things: Sequence[_Thing], name: Callable[[_Thing], object]
) -> Sequence[tuple[_Result | InputError, int, Notes]]:
    try:
        return _in_processes(work, things)
    except _deaths():
        return [_once_more(work, thing, name) for thing in things]


def _once_more(
    work: Callable[[_Thing], _Result], thing: _Thing, name: Callable[[_Thing], object]
) -> tuple[_Result | InputError, int, Notes]:
    try:
        return _in_processes(work, [thing])[0]
    except _deaths():
        return InputError(f"{name(thing)}: the process that worked on it died twice; expected more memory"), 0, Notes()


def _in_processes(
    work: Callable[[_Thing], _Result], things: Sequence[_Thing]
) -> Sequence[tuple[_Result | InputError, int, Notes]]:
    import joblib

    with warnings.catch_warnings():
        # Of a process that imports PyTorch, which takes hundreds of megabytes, joblib thinks that it leaks memory.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)
        outcomes: Sequence[tuple[_Result | InputError, int, Notes]] = joblib.Parallel()(
            joblib.delayed(_counted)(work, (thing,)) for thing in things
        )
    return outcomes


def _counted(work: Callable[[_Thing], _Result], things: tuple[_Thing]) -> tuple[_Result | InputError, int, Notes]:
    """The outcome, with the progress and the notes that were reported, as another process cannot report them.

    The one thing comes in a tuple: an array by itself would be kept by one of Dask's workers, and be lost with it.
    """
    heard: list[int] = []
    with progress.reported_to(heard.append), noted() as notes:
        outcome = _outcome(work, *things)
    return outcome, sum(heard), notes


def _outcome(work: Callable[[_Thing], _Result], thing: _Thing) -> _Result | InputError:
    try:
        return work(thing)
    except InputError as error:
        return error


def _deaths() -> tuple[type[BaseException], ...]:
    """Exceptions of a process that died: joblib's own, and Dask's if it is used."""
    dask = sys.modules.get("distributed")
    return (BrokenExecutor,) if dask is None else (BrokenExecutor, dask.KilledWorker)
