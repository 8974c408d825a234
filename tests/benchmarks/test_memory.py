"""Memory that does not grow with depth: the peak of one training step over K, ordinary and constant."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from pytest_benchmark.fixture import BenchmarkFixture

STEPS = [8, 16, 32, 64, 128]
HERE = Path(__file__).parent


def test_memory_does_not_grow_with_depth(benchmark: BenchmarkFixture) -> None:
    table = benchmark.pedantic(measure_all, rounds=1, iterations=1)
    table.round(2).to_csv(HERE / "memory.csv", index=False)
    plot(table)
    slopes = {memory: np.polyfit(rows["K"], rows["megabytes"], 1)[0] for memory, rows in table.groupby("memory")}
    assert slopes["constant"] < 0.03 * slopes["ordinary"]
    seconds = table.pivot(index="K", columns="memory", values="seconds")
    assert (seconds["constant"] / seconds["ordinary"]).median() < 1.6


def measure_all() -> pd.DataFrame:
    """Columns memory, K, megabytes, seconds."""
    rows = []
    for steps in STEPS:
        for memory in ("ordinary", "constant"):
            command = [sys.executable, str(HERE / "measure_memory.py"), memory, str(steps)]
            output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            rows.append({"memory": memory, "K": steps, **json.loads(output)})
    return pd.DataFrame(rows)


def plot(table: pd.DataFrame) -> None:
    """Write ``memory.png``: peak memory over K, both ways."""
    figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
    for (memory, rows), marker, colour in zip(table.groupby("memory"), "os", ["#0072B2", "#D55E00"], strict=True):
        axes.plot(rows["K"], rows["megabytes"], marker=marker, color=colour, label=f'memory = "{memory}"')
    axes.set(xlabel="K, steps of flow", ylabel="peak of one training step (MB)", ylim=(0, None), xticks=STEPS)
    axes.legend(frameon=False)
    figure.savefig(HERE / "memory.png", dpi=150)
    plt.close(figure)
