"""Threads that share the cores: work is cut into parts, each part is computed with one core, and nothing waits but the
end.

PyTorch by default puts all cores into every operation. The thousands of small ones that a flow consists of then each
wait for the slowest core, which on a busy machine takes several times as long.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import cache
from pathlib import Path
from typing import TypeVar

import torch

from illusions.errors import InputError

_Thing = TypeVar("_Thing")
_Result = TypeVar("_Result")
_CGROUPS = Path("/sys/fs/cgroup")
_chosen: int | None = None
_inside = threading.local()


def set_threads(n: int | None) -> None:
    """Choose how many threads score patches on the CPU, from now on in this process; ``--threads`` of the commands.

    It changes how long work takes and no score, to the last bit. Of training only the kernel for AMX uses these
    threads, and its gradients then differ by rounding. GPUs do not use them.

    Args:
        n: how many, at least 1; None for as many as there are cores for this process (`own_cores`).

    Raises:
        InputError: it is less than 1.

    Example:
        >>> set_threads(2)
        >>> threads()
        2
        >>> set_threads(None)
    """
    global _chosen
    if n is not None and n < 1:
        raise InputError(f"{n} threads: expected 1 or more")
    _chosen = n


def threads() -> int:
    """How many threads score patches on the CPU."""
    return _chosen or own_cores()


def own_cores() -> int:
    """Number of cores for this process, by its affinity, its cgroup and ``OMP_NUM_THREADS``.

    The quota of a cgroup (version 1 and 2, as containers set it) counts as the cores that it is worth, rounded up.
    """
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    openmp = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    limits = [affinity, *([int(openmp)] if openmp.isdigit() else []), *_quotas(_CGROUPS, Path("/proc/self/cgroup"))]
    return max(1, min(limits))


def in_parallel(function: Callable[[_Thing], _Result], things: Iterable[_Thing]) -> list[_Result]:
    """Apply a function to several items in `threads` threads; results in order, as of ``map``.

    Inside, PyTorch has a single thread for every operation, however many threads there are, so that the results are
    the same to the last bit. What the function itself does in parallel happens one after the other.

    Raises:
        Exception: the first that the function raises; what has not begun then does not begin.
    """
    if is_part():
        return [function(thing) for thing in things]
    pool = _pool(threads())
    futures = [pool.submit(copy_context().run, function, thing) for thing in things]
    try:
        return [future.result() for future in futures]
    except BaseException:
        for future in futures:
            future.cancel()
        wait(futures)
        raise


def is_part() -> bool:
    """Whether this is called from inside of `in_parallel`, where all threads have something to do already."""
    return getattr(_inside, "now", False)


@cache
def _pool(n: int) -> ThreadPoolExecutor:
    """Threads that live as long as the process, all begun."""
    before = torch.get_num_threads()
    begun = threading.Barrier(n + 1)
    pool = ThreadPoolExecutor(n, thread_name_prefix="illusions", initializer=_begin)
    for _ in range(n):
        pool.submit(begun.wait)
    begun.wait()
    torch.set_num_threads(before)  # it holds for this thread and for those begun later, such as training's
    return pool


def _begin() -> None:
    _inside.now = True
    torch.get_num_threads()  # else a thread's first operation sets the number that was set last, in whichever thread
    torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a forked process has none of the threads


def _quotas(mount: Path, memberships: Path) -> Iterator[int]:
    """Cores that the quotas of this process' cgroups are worth, those of the groups above them included."""
    try:
        lines = memberships.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield from _quotas_upwards(mount, path, _quota_of_version_2)
        elif "cpu" in controllers.split(","):
            yield from _quotas_upwards(mount / "cpu", path, _quota_of_version_1)


def _quotas_upwards(root: Path, path: str, quota: Callable[[Path], tuple[str, str]]) -> Iterator[int]:
    below = root / path.strip("/")
    for folder in (below, *below.parents):
        try:
            allowed, period = quota(folder)
        except (OSError, ValueError):
            allowed = period = ""
        if allowed.isdigit() and period.isdigit() and int(period):
            yield -(-int(allowed) // int(period))
        if folder == root:
            return


def _quota_of_version_2(folder: Path) -> tuple[str, str]:
    allowed, period = (folder / "cpu.max").read_text(encoding="utf-8").split()
    return allowed, period


def _quota_of_version_1(folder: Path) -> tuple[str, str]:
    allowed, period = ((folder / f"cpu.cfs_{name}_us").read_text(encoding="utf-8") for name in ("quota", "period"))
    return allowed.strip(), period.strip()
