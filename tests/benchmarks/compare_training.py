"""Steps of training beside an earlier version: ``python tests/benchmarks/compare_training.py``.

Each version is a process of its own that makes steps (forward, backward, clipping, Adam, the running mean of the
weights) on one thread; the versions take turns, a few steps each. Time is that of the processor, so that other
processes count little. Writes its rows into ``training.csv`` and leaves the others there.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import click
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.compare_commands import BEFORE, versions, write_rows

HERE = Path(__file__).parent
#: Size, channels, levels, steps, hidden channels: structure16's in three channels.
SHAPE = (16, 3, 2, 16, 96)
#: Environment in which oneDNN, MKL and PyTorch use no instructions newer than AVX2.
AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
_WORKER = """
import sys, time
import torch
from illusions.models.averaging import AveragedWeights
from illusions.models.devices import keep_freed_memory
from illusions.models.glow import Architecture, Glow
batch, precision, memory, shape = int(sys.argv[1]), sys.argv[2], sys.argv[3], [int(n) for n in sys.argv[4].split(",")]
torch.set_num_threads(1)
keep_freed_memory(megabytes=2047)
torch.manual_seed(0)
flow = Glow(Architecture(*shape), memory=memory)
x = torch.rand(batch, shape[0], shape[0], shape[1]) - 0.5
flow.initialise(x)
for level in flow.levels:
    for step in level.steps:
        torch.nn.init.normal_(step.coupling.network.last.weight, std=0.01)
adam = torch.optim.Adam(flow.parameters(), 1e-5, fused=True)
average = AveragedWeights(flow, 0.999)
def update():
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
        loss = -flow.log_prob(x).mean()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(flow.parameters(), 50.0, foreach=True)
    adam.step()
    adam.zero_grad()
    average.follow(1000)
update()
print("ready", flush=True)
for line in sys.stdin:
    begun = time.process_time()
    update()
    print(time.process_time() - begun, flush=True)
"""


@click.command()
@click.option("--before", default=BEFORE, show_default=True, help="The earlier version: a commit.")
@click.option("--batch", "batches", multiple=True, type=int, default=(96, 256, 512), show_default=True)
@click.option("--precision", "precisions", multiple=True, default=("bf16", "32"), show_default=True)
@click.option("--memory", default="ordinary", show_default=True)
@click.option("--shape", default=",".join(map(str, SHAPE)), show_default=True)
@click.option("--avx2", is_flag=True, help="Without newer instructions than AVX2.")
@click.option("--rounds", default=12, show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=HERE / "training.csv", show_default=True)
def main(
    before: str,
    batches: tuple[int, ...],
    precisions: tuple[str, ...],
    memory: str,
    shape: str,
    avx2: bool,
    rounds: int,
    output: Path,
) -> None:
    """Time steps of training now and before."""
    rows = []
    with versions(before) as trees:
        for precision in precisions:
            for batch in batches:
                arguments = [str(batch), precision, memory, shape]
                times = in_turn(trees, arguments, rounds, AVX2 if avx2 else {})
                row = {"precision": precision, "batch": batch, "memory": memory, "instructions": "AVX2" if avx2 else ""}
                for how, summary in (("median", median), ("fastest", min)):
                    each = {name: 1000 * summary(seconds) / batch for name, seconds in times.items()}
                    row |= {f"{name}_ms_per_patch_{how}": round(value, 3) for name, value in each.items()}
                    row[f"times_faster_{how}"] = round(each["before"] / each["now"], 2)
                rows.append(row)
                click.echo(row, err=True)
    write_rows(output, rows, ["precision", "batch", "memory", "instructions"])
    click.echo(pd.DataFrame(rows).to_string(index=False))


def in_turn(
    trees: dict[str, Path], arguments: list[str], rounds: int, environment: dict[str, str]
) -> dict[str, list[float]]:
    """Seconds of the processor for each of several steps by the version in each folder; the versions take turns."""
    with contextlib.ExitStack() as stack:
        workers = {name: stack.enter_context(worker(tree, arguments, environment)) for name, tree in trees.items()}
        times: dict[str, list[float]] = {name: [] for name in trees}
        for _ in range(rounds):
            for name, process in workers.items():
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write("\n")
                process.stdin.flush()
                times[name].append(float(process.stdout.readline()))
    return times


@contextlib.contextmanager
def worker(tree: Path, arguments: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process that makes one step for every line it gets."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKER, *arguments],
        env={**os.environ, **environment, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"},
        cwd=tree,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()  # ready
        yield process
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
