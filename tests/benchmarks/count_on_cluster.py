"""Counting on two Dask workers, one of which is killed: ``python tests/benchmarks/count_on_cluster.py``.

The photographs, 256×256 pixels, are generated where they are searched and stored nowhere. They are counted in one
process, and on two workers of one thread each; after a third of them a worker is killed, and its nanny starts another.
Writes ``cluster.csv``: processor time per photograph, which other processes of the machine disturb less than wall time,
including that of the scheduler and of starting the new worker; memory of all processes, after a tenth of the
photographs and at most since then; and whether all places are the same.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import distributed
import joblib
import numpy as np
import pandas as pd
import psutil
from numpy.typing import NDArray
from PIL import Image

from illusions.analyses.counting.counts import Count, count
from illusions.progress import reported_to
from illusions.stimuli.loading import load_stimulus

SIDE, COARSE = 256, 32
STIMULUS = "white"


@dataclass(frozen=True)
class Photograph:
    """A number that becomes a smooth picture with noise, (256, 256, 3) uint8, where it is asked for as an array."""

    number: int

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        random = np.random.default_rng(self.number)
        coarse = Image.fromarray(random.integers(0, 256, (COARSE, COARSE, 3), dtype=np.uint8))
        smooth = np.asarray(coarse.resize((SIDE, SIDE), Image.Resampling.BICUBIC)).astype(np.int16)
        noisy = smooth + random.integers(-4, 5, smooth.shape, dtype=np.int16)
        return noisy.clip(0, 255).astype(dtype or np.uint8)


@dataclass
class Watch:
    """Photographs that are done, and the memory and processor time of processes while they are."""

    photographs: int
    processes: Callable[[], list[psutil.Process]]
    at_a_third: Callable[[], object] = lambda: None
    done: int = 0
    memory: list[tuple[int, float]] = field(default_factory=list)
    processor: dict[int, float] = field(default_factory=dict)

    def heard(self, done: int) -> None:
        """Progress; at a third of the photographs something happens."""
        before, self.done = self.done, self.done + done
        if before < self.photographs // 3 <= self.done:
            self.look()
            self.at_a_third()

    def look(self) -> None:
        """Memory and processor time of now. A process that was killed keeps what it had used."""
        total = 0.0
        for process in self.processes():
            try:
                with process.oneshot():
                    total += process.memory_info().rss / 2**20
                    used = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            self.processor[process.pid] = used.user + used.system
        self.memory.append((self.done, total))

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look every two seconds."""
        over = threading.Event()

        def look() -> None:
            while not over.wait(2.0):
                self.look()

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        yield
        over.set()
        thread.join()

    def row(self, where: str, begun: float, processor: float) -> dict[str, Any]:
        """A row of the table."""
        self.look()
        used = sum(self.processor.values()) - processor
        settled = [megabytes for done, megabytes in self.memory if done >= self.photographs // 10]
        return {
            "where": where,
            "photographs": self.photographs,
            "seconds": round(time.perf_counter() - begun, 1),
            "processor_ms_per_photograph": round(1e3 * used / self.photographs, 2),
            "megabytes": round(settled[0]),
            "megabytes_grown": round(max(settled) - settled[0]),
        }


@click.command()
@click.option("--photographs", "n", default=1000, show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path(__file__).with_name("cluster.csv"))
def main(n: int, output: Path) -> None:
    """Count in generated photographs, in one process and on a cluster that loses a worker."""
    photographs = [Photograph(number) for number in range(n)]
    one, here = in_one_process(photographs)
    two, there = on_a_cluster(photographs)
    same = all(a.places.equals(b.places) for a, b in zip(here, there, strict=True))
    ratio = two["processor_ms_per_photograph"] / one["processor_ms_per_photograph"]
    table = pd.DataFrame([one, two]).assign(places=sum(len(a.places) for a in here), same_places=same)
    table["processor_over_one_process"] = [1.0, round(ratio, 3)]
    table.to_csv(output, index=False)
    click.echo(table.to_string(index=False))


def in_one_process(photographs: Sequence[Photograph]) -> tuple[dict[str, Any], list[Count]]:
    """The row, and the counts."""
    myself = psutil.Process()
    return _counted(photographs, Watch(len(photographs), lambda: [myself]), "one process")


def on_a_cluster(photographs: Sequence[Photograph]) -> tuple[dict[str, Any], list[Count]]:
    """The same on two workers."""
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
        joblib.parallel_config("dask"),
    ):
        count([load_stimulus(STIMULUS)], [Photograph(2**32 + i) for i in range(8)])  # imports

        def workers() -> list[psutil.Process]:
            return [psutil.Process(), *psutil.Process().children(recursive=True)]

        def kill() -> None:
            os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)

        return _counted(photographs, Watch(len(photographs), workers, kill), "two workers, one killed")


def _counted(photographs: Sequence[Photograph], watch: Watch, where: str) -> tuple[dict[str, Any], list[Count]]:
    watch.look()
    watch.memory.clear()
    before, begun = sum(watch.processor.values()), time.perf_counter()
    with watch.looking(), reported_to(watch.heard):
        (counting,) = count([load_stimulus(STIMULUS)], photographs).countings
    return watch.row(where, begun, before), counting.counts


if __name__ == "__main__":
    main()
