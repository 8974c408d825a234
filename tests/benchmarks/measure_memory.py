"""Peak memory and time of one training step, in a process of its own: ``python measure_memory.py MEMORY K``."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import torch

from illusions.models.glow import Architecture, Glow, Memory

BATCH = 64


def measure(memory: Memory, steps: int) -> dict[str, float]:
    """Peak resident memory, MB, that one training step adds (parameters and gradients apart), and its time, s."""
    torch.manual_seed(0)
    flow = Glow(Architecture(levels=1, steps=steps, hidden=128), memory=memory)
    x = torch.rand(BATCH, 16, 16, 3)
    flow.initialise(x)
    (-flow.log_prob(x[:1]).mean()).backward()  # loads what is loaded once
    flow.zero_grad()
    before = _resident()
    start = time.perf_counter()
    (-flow.log_prob(x).mean()).backward()
    seconds = time.perf_counter() - start
    gradients = sum(parameter.nbytes for parameter in flow.parameters())
    return {"megabytes": (_peak() - before - gradients) / 2**20, "seconds": seconds}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))  # type: ignore[arg-type]
