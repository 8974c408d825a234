"""What was tried to make the couplings faster, each beside what is used: ``python tests/benchmarks/variants.py``.

Writes ``variants.csv``: for float32 and bfloat16, on one thread and on all, the time of the network of one coupling
(K = 32, L = 1, 256 channels) and of its parts in several forms, and their share of the rate of this machine's own
product of two 2,048² matrices on as many threads. Every row is the fastest of several runs, so that other work on the
machine disturbs it little.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import click
import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional as F

from illusions.models import convolution
from illusions.models.convolution import FixedConvolutions, channels_last, neighbourhoods, three_convolutions
from illusions.models.devices import keep_freed_memory

HERE = Path(__file__).parent
SIDE, INPUTS, HIDDEN, OUTPUTS = 8, 6, 256, 12
BATCHES = [16, 32, 64, 128, 256]
ROUNDS = 15


@click.command()
def main() -> None:
    """Time the variants."""
    keep_freed_memory(megabytes=2047)
    rows = []
    for threads in sorted({1, torch.get_num_threads()}):
        torch.set_num_threads(threads)
        rows += [row for dtype in (torch.float32, torch.bfloat16) for row in of_type(dtype, threads)]
    frame = pd.DataFrame(rows)
    frame.to_csv(HERE / "variants.csv", index=False)
    click.echo(frame.to_string(index=False))


def of_type(dtype: torch.dtype, threads: int) -> list[dict[str, object]]:
    """The rows of one type."""
    square = torch.randn(2048, 2048).to(dtype)
    peak = 2 * 2048**3 / fastest(lambda: square @ square)
    rows: list[dict[str, object]] = []

    def row(what: str, batch: int, operations: float, function: Callable[[], object]) -> None:
        seconds = fastest(function)
        rows.append(
            {
                "type": str(dtype).removeprefix("torch."),
                "threads": threads,
                "patches": batch,
                "variant": what,
                "microseconds_per_patch": float(f"{seconds / batch * 1e6:.3g}"),
                "share_of_product": float(f"{operations / seconds / peak:.2f}"),
            }
        )

    with torch.inference_mode():
        for batch in BATCHES:
            network = Network(batch, dtype)
            row("network: as it is used", batch, network.operations, network.as_used)
        network = Network(64, dtype)
        compiled = torch.compile(network.plain)
        row("network: plain layers, channels last", 64, network.operations, network.plain)
        row("network: the same by torch.compile", 64, network.operations, compiled)
        first, middle, last = network.parts
        row("3×3, 6 to 256: convolution (used in bfloat16)", 64, first, network.first)
        row("3×3, 6 to 256: of 8 channels, two of them empty", 64, first, network.first_of_8)
        row("3×3, 6 to 256: gathered, product (used in float32)", 64, first, network.first_as_product)
        row("1×1, 256 to 256: product and ReLU in one (used)", 64, middle, network.middle)
        row("3×3, 256 to 12: convolution", 64, last, network.last)
        row("3×3, 256 to 12: into 16, four of them dropped (used)", 64, last, network.last_of_16)
        row("3×3, 256 to 12: product into 9·12, shifted sum", 64, last, network.last_as_product)

    network = Network(256, dtype)
    operations = 3 * network.operations
    row("forward and backward: as it is used", 256, operations, lambda: network.update(network.as_trained))
    row("forward and backward: in parts of 64 patches", 256, operations, lambda: network.update(network.in_parts))
    row("forward and backward: plain layers", 256, operations, lambda: network.update(network.plain_channels_last))
    return rows


class Network:
    """The network of a coupling for patches of a batch, in several forms."""

    def __init__(self, batch: int, dtype: torch.dtype) -> None:
        torch.manual_seed(0)
        pixels = batch * SIDE**2
        self.parts = tuple(2.0 * pixels * HIDDEN * connections for connections in (9 * INPUTS, HIDDEN, 9 * OUTPUTS))
        self.operations = sum(self.parts)
        self.x = torch.randn(batch, SIDE, SIDE, INPUTS).to(dtype)
        self.h = torch.randn(batch, SIDE, SIDE, HIDDEN).to(dtype)
        self.w1, self.w2, self.w3 = (
            (0.1 * torch.randn(*shape)).to(dtype)
            for shape in ((HIDDEN, INPUTS, 3, 3), (HIDDEN, HIDDEN, 1, 1), (OUTPUTS, HIDDEN, 3, 3))
        )
        self.b1, self.b2, self.b3 = (torch.randn(n).to(dtype) for n in (HIDDEN, HIDDEN, OUTPUTS))
        self.fixed = FixedConvolutions(self.w1, self.b1, self.w2, self.b2, self.w3, self.b3)
        self.w1_rows = self.w1.permute(2, 3, 1, 0).reshape(9 * INPUTS, HIDDEN).contiguous()
        self.w1_of_8 = channels_last(F.pad(self.w1, (0, 0, 0, 0, 0, 8 - INPUTS)))
        self.w3_of_16 = channels_last(F.pad(self.w3, (0, 0, 0, 0, 0, 0, 0, 16 - OUTPUTS)))
        self.b3_of_16 = F.pad(self.b3, (0, 16 - OUTPUTS))

    def as_used(self) -> Tensor:
        return self.fixed(self.x)

    def plain(self) -> Tensor:
        x = self.x.permute(0, 3, 1, 2)
        h = F.conv2d(x, self.w1, self.b1, padding=1).relu()
        h = F.conv2d(h, self.w2, self.b2).relu()
        return F.conv2d(h, self.w3, self.b3, padding=1)

    def as_trained(self) -> Tensor:
        return three_convolutions(self.x, self.w1, self.b1, self.w2, self.b2, self.w3, self.b3)

    def in_parts(self) -> Tensor:
        parts = [three_convolutions(x, self.w1, self.b1, self.w2, self.b2, self.w3, self.b3) for x in self.x.split(64)]
        return torch.cat(parts)

    def plain_channels_last(self) -> Tensor:
        return self.plain().permute(0, 2, 3, 1)

    def update(self, function: Callable[[], Tensor]) -> None:
        """The output of a function, and the gradients of input and parameters."""
        inputs = [self.x, self.w1, self.b1, self.w2, self.b2, self.w3, self.b3]
        for tensor in inputs:
            tensor.requires_grad_()
        y = function()
        torch.autograd.grad(y, inputs, torch.ones_like(y))

    def first(self) -> Tensor:
        return convolution._convolve_relu(self.x, self.w1, self.b1)

    def first_of_8(self) -> Tensor:
        return convolution._convolve_relu(F.pad(self.x, (0, 8 - INPUTS)), self.w1_of_8, self.b1)

    def first_as_product(self) -> Tensor:
        return torch.addmm(self.b1, neighbourhoods(self.x), self.w1_rows).relu_()

    def middle(self) -> Tensor:
        return convolution._linear_relu(self.h.flatten(0, 2), self.w2[:, :, 0, 0], self.b2)

    def last(self) -> Tensor:
        return convolution._convolve(self.h, self.w3, self.b3)

    def last_of_16(self) -> Tensor:
        return convolution._convolve(self.h, self.w3_of_16, self.b3_of_16)[..., :OUTPUTS]

    def last_as_product(self) -> Tensor:
        shifted = self.h.flatten(0, 2) @ self.w3.permute(1, 2, 3, 0).reshape(HIDDEN, 9 * OUTPUTS)
        shifted = shifted.view(-1, SIDE, SIDE, 3, 3, OUTPUTS)
        padded = shifted.new_zeros(len(shifted), SIDE + 2, SIDE + 2, OUTPUTS)
        for row in range(3):
            for column in range(3):
                padded[:, 2 - row : 2 - row + SIDE, 2 - column : 2 - column + SIDE] += shifted[:, :, :, row, column]
        return padded[:, 1:-1, 1:-1] + self.b3


def fastest(function: Callable[[], object]) -> float:
    """Seconds of the fastest of `ROUNDS` calls, after two to warm up."""
    times = []
    for number in range(ROUNDS + 2):
        start = time.perf_counter()
        function()
        if number >= 2:
            times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
