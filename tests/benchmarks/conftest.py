"""After the benchmarks: how many times faster, for every work, as a table on the screen and in ``speed.csv``."""

from __future__ import annotations

import csv
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
#: What each ratio is expected to reach.
AT_LEAST = {
    ("log-likelihood of 2,048 patches", "illusions, float32"): 1.5,
    ("log-likelihood of 2,048 patches", "illusions, bf16"): 5.0,
    ("training step, batch 256", "illusions, float32, ordinary memory"): 1.5,
    ("training step, batch 256", "illusions, bf16, ordinary memory"): 4.0,
    ("dense map of a 128×128 picture", "illusions, float32"): 1.5,
    ("dense map of a 128×128 picture", "illusions, bf16"): 5.0,
}


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    session = getattr(config, "_benchmarksession", None)
    benchmarks = [bench for bench in session.benchmarks if "operations" in bench.extra_info] if session else []
    rows = []
    for work, group in groupby(sorted(benchmarks, key=lambda bench: bench.group), key=lambda bench: bench.group):
        runs = list(group)
        other = next((run for run in runs if not run.name.startswith("illusions")), None)
        for run in runs:
            ratio = f"{other.stats.median / run.stats.median:.2f}" if other and run is not other else ""
            target = AT_LEAST.get((work, run.name), "")
            gigaflops = run.extra_info["operations"] / run.stats.median / 1e9
            rows.append([work, run.name, f"{run.stats.median:.4g}", f"{gigaflops:.0f}", ratio, target])
    if not rows:
        return
    header = ["work", "implementation", "median_seconds", "GFLOP/s", "times_faster", "at_least"]
    with (HERE / "speed.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    for row in [header, *rows]:
        terminalreporter.write_line(
            "  ".join(str(cell).ljust(width) for cell, width in zip(row, (34, 38, 15, 8, 13, 8), strict=True))
        )
