"""Speed against what people would use instead, on the same shape of flow, the same torch, in one run.

Every work is one group; `make bench` prints how many times faster this package is than the other implementation.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import normflows
import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor, nn

from illusions.models.devices import keep_freed_memory
from illusions.models.glow import Architecture, Glow
from illusions.models.scoring import Scorer
from illusions.models.threads import in_parallel
from tests.benchmarks.operations import coupling_operations

ARCHITECTURE = Architecture(size=16, levels=1, steps=32, hidden=256)
PATCHES = 2048
BATCH = 256
SIDE_BY_SIDE = 32
SIDE = 128


OPERATIONS = coupling_operations(ARCHITECTURE)
#: Without instructions for bfloat16 it is emulated, and a single product takes a minute.
DTYPES = [torch.float32, *([torch.bfloat16] if torch.ops.mkldnn._is_mkldnn_bf16_supported() else [])]
#: A map takes minutes: it is timed once.
MAP = {"operations": (SIDE - ARCHITECTURE.size + 1) ** 2 * OPERATIONS, "rounds": 1, "warmup_rounds": 0}


@pytest.fixture(scope="module", autouse=True)
def _memory() -> None:
    keep_freed_memory(megabytes=2047)  # for both implementations alike


@pytest.fixture(scope="module")
def ours() -> Glow:
    return build_ours()


@pytest.fixture(scope="module")
def theirs() -> nn.Module:
    return build_theirs()


def build_ours() -> Glow:
    """The benchmark's flow by this package."""
    torch.manual_seed(0)
    flow = Glow(ARCHITECTURE)
    flow.initialise(patches(BATCH))
    for level in flow.levels:
        for step in level.steps:
            nn.init.normal_(step.coupling.network.last.weight, std=0.01)
    return flow


def build_theirs() -> nn.Module:
    """The same by normflows."""
    torch.manual_seed(0)
    blocks: list[nn.Module] = [normflows.flows.GlowBlock(12, ARCHITECTURE.hidden) for _ in range(ARCHITECTURE.steps)]
    side = ARCHITECTURE.size // 2
    base = normflows.distributions.DiagGaussian((12, side, side), trainable=False)
    flow = normflows.MultiscaleFlow([base], [[*blocks, normflows.flows.Squeeze()]], [], class_cond=False)
    with torch.no_grad():
        flow.log_prob(channels_first(patches(BATCH)), None)  # initialises actnorm
    return flow


def patches(n: int) -> Tensor:
    """n patches ``(n, size, size, 3)`` of noise around 0."""
    return torch.rand(n, ARCHITECTURE.size, ARCHITECTURE.size, 3, generator=torch.Generator().manual_seed(1)) - 0.5


def seconds(function: Callable[[], object]) -> float:
    """How long a second call takes."""
    function()
    begun = perf_counter()
    function()
    return perf_counter() - begun


def channels_first(x: Tensor) -> Tensor:
    return x.permute(0, 3, 1, 2).contiguous()


def time(
    benchmark: BenchmarkFixture,
    work: str,
    who: str,
    function: Callable[[], object],
    *,
    operations: float,
    rounds: int = 3,
    warmup_rounds: int = 1,
) -> None:
    """Time a function; the table also says how many of these floating-point operations it makes per second."""
    benchmark.group, benchmark.name = work, who
    benchmark.extra_info["operations"] = operations
    benchmark.pedantic(function, rounds=rounds, iterations=1, warmup_rounds=warmup_rounds)


class TestLogLikelihood:
    """Log-likelihood of 2,048 patches. Each in its best way: normflows with all threads in every operation, or batches
    side by side with one thread each, whichever is faster.
    """

    work = "log-likelihood of 2,048 patches"

    def test_normflows(self, benchmark: BenchmarkFixture, theirs: nn.Module) -> None:
        x = channels_first(patches(PATCHES))

        @torch.no_grad()
        def score_batch(batch: Tensor) -> Tensor:
            return theirs.log_prob(batch, None)

        def in_turn() -> Tensor:
            return torch.cat([score_batch(batch) for batch in x.split(BATCH)])

        def side_by_side() -> Tensor:
            return torch.cat(in_parallel(score_batch, x.split(SIDE_BY_SIDE)))

        score = min((in_turn, side_by_side), key=seconds)
        time(benchmark, self.work, "normflows, float32", score, operations=PATCHES * OPERATIONS)

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_illusions(self, benchmark: BenchmarkFixture, ours: Glow, dtype: torch.dtype) -> None:
        x, scorer = patches(PATCHES), Scorer(ours, dtype)
        time(benchmark, self.work, f"illusions, {_name(dtype)}", lambda: scorer(x), operations=PATCHES * OPERATIONS)


class TestTrainingStep:
    """One update of 256 patches: forward, backward, Adam."""

    work = "training step, batch 256"

    def test_normflows(self, benchmark: BenchmarkFixture, theirs: nn.Module) -> None:
        x, adam = channels_first(patches(BATCH)), torch.optim.Adam(theirs.parameters(), 1e-5)

        def update() -> None:
            (-theirs.log_prob(x, None).mean()).backward()
            adam.step()
            adam.zero_grad()

        time(benchmark, self.work, "normflows, float32", update, operations=3 * BATCH * OPERATIONS)

    @pytest.mark.parametrize("memory", ["ordinary", "constant"])
    @pytest.mark.parametrize("dtype", DTYPES)
    def test_illusions(self, benchmark: BenchmarkFixture, dtype: torch.dtype, memory: str) -> None:
        torch.manual_seed(0)
        flow = Glow(ARCHITECTURE, memory=memory)  # type: ignore[arg-type]
        flow.initialise(patches(BATCH))
        x, adam = patches(BATCH), torch.optim.Adam(flow.parameters(), 1e-5)

        def update() -> None:
            with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
                loss = -flow.log_prob(x).mean()
            loss.backward()
            adam.step()
            adam.zero_grad()

        time(
            benchmark,
            self.work,
            f"illusions, {_name(dtype)}, {memory} memory",
            update,
            operations=3 * BATCH * OPERATIONS,
        )


class TestDenseMap:
    """The likelihood of the patch at every position of a 128×128 picture."""

    work = "dense map of a 128×128 picture"

    def test_patch_batches(self, benchmark: BenchmarkFixture, theirs: nn.Module) -> None:
        """The algorithm of the paper's published script: cut every patch out, score batches of 256."""
        picture = _picture()
        size, side = ARCHITECTURE.size, SIDE - ARCHITECTURE.size + 1

        @torch.no_grad()
        def score() -> Tensor:
            places = [(row, column) for row in range(side) for column in range(side)]
            values = []
            for start in range(0, len(places), BATCH):
                cut = [
                    picture[row : row + size, column : column + size] for row, column in places[start : start + BATCH]
                ]
                x = torch.from_numpy(np.stack(cut)).float() / 256 - 0.5
                values.append(theirs.log_prob(channels_first(x + torch.rand(x.shape) / 256), None))
            return torch.cat(values).view(side, side)

        time(benchmark, self.work, "patch batches, normflows, float32", score, **MAP)

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_illusions(self, benchmark: BenchmarkFixture, ours: Glow, dtype: torch.dtype) -> None:
        from illusions.models.model import Model
        from illusions.models.recipe import FlowTable, Recipe, TrainingTable

        flow = FlowTable(size=16, levels=1, steps=32, hidden=256)
        recipe = Recipe(title="benchmark", flow=flow, training=TrainingTable(updates=1))
        model = Model("benchmark", ours, recipe, precision="bf16" if dtype == torch.bfloat16 else "32")
        picture = _picture()
        time(benchmark, self.work, f"illusions, {_name(dtype)}", lambda: model.likelihood_map(picture), **MAP)


class TestPeak:
    """This machine's own matrix product, to hold the float32 evaluation against."""

    work = "matrix product 2,048²"

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_product(self, benchmark: BenchmarkFixture, dtype: torch.dtype) -> None:
        a = torch.randn(2048, 2048).to(dtype)
        time(benchmark, self.work, _name(dtype), lambda: a @ a, operations=2 * 2048**3, rounds=10)


def _picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)


def _name(dtype: torch.dtype) -> str:
    return "bf16" if dtype == torch.bfloat16 else "float32"
