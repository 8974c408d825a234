"""50,000 photographs from disk, each decoded once per epoch, in memory that does not grow with their number."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from illusions.models import streaming
from illusions.models.streaming import PhotographStream
from illusions.photographs import find_photographs

PHOTOGRAPHS = 50_000
BATCH = 256
CROPS = 16
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Small generated photographs, a thousand to a folder."""
    root = tmp_path_factory.mktemp("photographs")
    rng = np.random.default_rng(0)
    for number in range(PHOTOGRAPHS):
        path = root / f"{number // 1000:02d}" / f"{number:05d}.jpg"
        path.parent.mkdir(exist_ok=True)
        blurred = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)).resize((96, 72), Image.BICUBIC)
        blurred.save(path, quality=88)
    yield root
    for path in root.rglob("*.jpg"):
        path.unlink()


@pytest.fixture
def decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Counter[str]]:
    """How often each file has been decoded in the first epoch; the workers are forked, and append to one file."""
    log = os.open(tmp_path / "decoded.txt", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    cut, loader = streaming._Cutter._cut, streaming.DataLoader

    def cut_and_tell(self: Any, turn: Any, grey: set[int]) -> np.ndarray:
        if turn.number < PHOTOGRAPHS:
            os.write(log, f"{turn.file}\n".encode())
        return cut(self, turn, grey)

    monkeypatch.setattr(streaming._Cutter, "_cut", cut_and_tell)
    monkeypatch.setattr(streaming, "DataLoader", lambda *a, **k: loader(*a, multiprocessing_context="fork", **k))
    return lambda: Counter((tmp_path / "decoded.txt").read_text().split())


def test_an_epoch_of_50_000_photographs(
    benchmark: BenchmarkFixture, folder: Path, decoded: Callable[[], Counter[str]]
) -> None:
    table = benchmark.pedantic(one_epoch, [folder], rounds=1, iterations=1)
    counts = decoded()
    assert len(counts) == PHOTOGRAPHS
    assert set(counts.values()) == {1}
    assert table["megabytes_grown"].item() < 50
    table.round(1).to_csv(HERE / "streaming.csv", index=False)


def one_epoch(folder: Path) -> pd.DataFrame:
    """Draw the patches of an epoch in batches: a row with the rate, and how much memory grew after the second block."""
    paths = find_photographs(folder)
    source = PhotographStream(paths, seed=0, crops=CROPS)
    block = 1024 * CROPS
    updates = len(paths) * CROPS // BATCH
    start, memory = time.perf_counter(), []
    for update in range(updates):
        patches = source.random_patches(BATCH, 16, torch.Generator(), first=update * BATCH)
        assert patches.shape == (BATCH, 16, 16, 3)
        if update * BATCH % block == 0:
            memory.append(megabytes())
    seconds = time.perf_counter() - start
    return pd.DataFrame(
        {
            "photographs": [len(paths)],
            "patches": [updates * BATCH],
            "seconds": [seconds],
            "photographs_per_second": [updates * BATCH / CROPS / seconds],
            "patches_per_second": [updates * BATCH / seconds],
            "megabytes": [max(memory)],
            "megabytes_grown": [max(memory[2:]) - memory[2]],
        }
    )


def megabytes() -> float:
    """Memory of this process and its workers; what they share is counted once."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    total = 0
    for process in ["self", *children]:
        rows = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        total += next(int(row.split()[1]) for row in rows if row.startswith("Pss:"))
    return total / 1024
