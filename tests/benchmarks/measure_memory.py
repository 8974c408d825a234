"""Peak memory and time of one training step, in a process of its own: ``python measure_memory.py MEMORY K`` (Linux)."""

from __future__ import annotations

import ctypes
import json
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
    before = _resident_from_now_on()
    start = time.perf_counter()
    (-flow.log_prob(x).mean()).backward()
    seconds = time.perf_counter() - start
    gradients = sum(parameter.nbytes for parameter in flow.parameters())
    return {"megabytes": (_peak() - before - gradients) / 2**20, "seconds": seconds}


def _resident_from_now_on() -> int:
    """Resident memory, bytes, after all freed memory has been given back; `_peak` counts from here."""
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # see proc(5)
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM")


def _status(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) * 1024


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))  # type: ignore[arg-type]
