"""Training a Glow on photographs: maximum likelihood of random patches, resumable to the same numbers.

Every update draws its patches and its noise from a generator seeded by (seed, update), so that a run that was
interrupted goes on as if nothing had happened, and several processes share one batch.
"""

from __future__ import annotations

import csv
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from illusions.errors import InputError
from illusions.models.dequantisation import dequantise, eight_bit_log_likelihood
from illusions.models.evaluation import Estimate, bits_per_dimension, mean_over_photographs
from illusions.models.glow import Glow, standard_normal_log_prob
from illusions.models.recipe import Recipe, TrainingTable
from illusions.models.weights import WEIGHTS, read_tensors, write_tensors

CHECKPOINT = "checkpoint.safetensors"
LOG = "log.csv"
#: Patches that actnorm is initialised with.
_INITIAL_PATCHES = 1024
#: Updates between two looks at the loss: a look makes a GPU wait.
_LOOK_EVERY = 10


class PatchSource(Protocol):
    """Where the patches of an update come from."""

    def random_patches(self, n: int, size: int, generator: torch.Generator, *, flip: bool = True) -> Tensor:
        """Draw n patches ``(n, size, size, 3)`` uint8 on the device of the generator."""


@dataclass(frozen=True)
class LogRow:
    """One row of ``log.csv``: the state after an update at which the model was validated.

    `train_bits_per_dimension` and `gradient_norm` are means over the updates since the row before;
    `patches_per_second` leaves validation out; `seconds` is wall time over all sessions of the run.
    """

    update: int
    patches: int
    seconds: float
    learning_rate: float
    train_bits_per_dimension: float
    gradient_norm: float
    validation_bits_per_dimension: float
    standard_error: float
    patches_per_second: float


@dataclass(frozen=True)
class Progress:
    """What a progress display needs, after every few updates."""

    update: int
    updates: int
    bits_per_dimension: float
    patches_per_second: float
    last_row: LogRow | None


class Interrupted(KeyboardInterrupt):
    """Training was interrupted and its state saved; the message says how to go on."""


class TrainingFailed(RuntimeError):
    """The loss is no longer a number. The last checkpoint is from before that."""


def train(
    recipe: Recipe,
    source: PatchSource,
    validation: tuple[NDArray[np.uint8], NDArray[np.int64]],
    output: Path,
    *,
    fabric: Fabric,
    resume: bool = False,
    report: Callable[[Progress], None] = lambda _: None,
) -> list[LogRow]:
    """Train a model; its folder then holds weights (the averaged ones), checkpoint and log.

    Args:
        recipe: what to train, and how.
        source: the training photographs, on the device of `fabric`.
        validation: patches ``(n, size, size, 3)`` uint8 and the photograph ``(n,)`` that each comes from.
        output: folder of the model; it exists.
        fabric: device, precision and processes, launched.
        resume: go on from the checkpoint in `output`.
        report: called every few updates.

    Returns:
        The rows of the log, those of earlier sessions included.

    Raises:
        InputError: there is nothing to resume, or it belongs to another recipe; files cannot be written.
        TrainingFailed: the loss became infinite or NaN; it names the update.
        Interrupted: SIGINT came; the state of the last complete update is saved.
    """
    run = _Run(recipe, source, validation, output, fabric)
    if resume:
        run.load()
    else:
        run.initialise()
    with _interrupts() as interrupted:
        for progress in run.updates():
            report(progress)
            if interrupted.is_set():
                run.save()
                raise Interrupted(f"interrupted after update {run.update}; go on with --resume")
    return run.rows


def learning_rate(update: int, training: TrainingTable) -> float:
    """Adam's learning rate at an update (from 0): linear warm-up, then half a cosine down."""
    if update < training.warm_up:
        return training.learning_rate * (update + 1) / training.warm_up
    done = (update - training.warm_up) / max(1, training.updates - training.warm_up)
    height = 0.5 * (1 + math.cos(math.pi * done))
    return training.final_learning_rate + (training.learning_rate - training.final_learning_rate) * height


class _Run:
    """The state of a training run between two updates."""

    def __init__(
        self,
        recipe: Recipe,
        source: PatchSource,
        validation: tuple[NDArray[np.uint8], NDArray[np.int64]],
        output: Path,
        fabric: Fabric,
    ) -> None:
        self.recipe, self.source, self.output, self.fabric = recipe, source, output, fabric
        self.validation, self.validation_photographs = validation
        torch.manual_seed(recipe.training.seed)
        self.flow = Glow(recipe.flow.architecture(), memory=recipe.training.memory).to(fabric.device)
        self.update = 0
        self.seconds = 0.0
        self.rows: list[LogRow] = []

    # -- beginning --

    def initialise(self) -> None:
        generator = self._generator(update=-1)
        self.flow.initialise(self._draw(_INITIAL_PATCHES, generator))
        self._set_up()

    def load(self) -> None:
        path = self.output / CHECKPOINT
        tensors, metadata = read_tensors(path)
        if metadata.get("recipe") != self._recipe_of_checkpoint():
            raise InputError(f"{path}: was made with another recipe; to resume, use {self.output / 'recipe.toml'}")
        self.flow.load_state_dict(_with_prefix("flow.", tensors))
        self._set_up()
        self.average = [tensors[f"average.{name}"].to(self.fabric.device) for name, _ in self.flow.named_parameters()]
        state = {
            index: {
                key: tensors[f"adam.{key}.{name}"].to(self.fabric.device if key != "step" else "cpu")
                for key in ("exp_avg", "exp_avg_sq", "step")
            }
            for index, (name, _) in enumerate(self.flow.named_parameters())
        }
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": state, "param_groups": groups})
        self.update = int(str(metadata["update"]))
        self.seconds = float(str(metadata["seconds"]))
        self.rows = [row for row in read_log(self.output / LOG) if row.update <= self.update]

    def _set_up(self) -> None:
        adam = torch.optim.Adam(self.flow.parameters(), lr=self.recipe.training.learning_rate)
        self.module, self.optimiser = self.fabric.setup(self.flow, adam)
        self.average = [parameter.detach().clone() for parameter in self.flow.parameters()]

    # -- updates --

    def updates(self) -> Iterator[Progress]:
        """Make the updates that are left, yielding every few of them and after every validation."""
        training = self.recipe.training
        losses = torch.zeros(2, device=self.fabric.device)  # sums of loss and gradient norm since the last row
        failed_at = torch.tensor(-1, device=self.fabric.device)
        since_row = 0
        row_seconds = 0.0
        clock = time.perf_counter()
        while self.update < training.updates:
            loss, norm = self._make_update()
            losses += torch.stack([loss, norm])
            failed_at = torch.where((failed_at < 0) & ~torch.isfinite(loss + norm), self.update, failed_at)
            self.update += 1
            since_row += 1
            validate = self.update % training.validate_every == 0 or self.update == training.updates
            if not validate and self.update % _LOOK_EVERY:
                continue
            if failed_at.item() >= 0:
                raise TrainingFailed(f"the loss is not a number at update {int(failed_at.item()) + 1}")
            now = time.perf_counter()
            self.seconds, row_seconds, clock = self.seconds + now - clock, row_seconds + now - clock, now
            rate = since_row * training.batch / row_seconds
            mean_loss, mean_norm = (losses / since_row).tolist()
            if validate:
                estimate = self._validate()
                now = time.perf_counter()
                self.seconds, clock = self.seconds + now - clock, now
                patches, last_rate = self.update * training.batch, learning_rate(self.update - 1, training)
                self.rows.append(
                    LogRow(
                        self.update, patches, self.seconds, last_rate, mean_loss, mean_norm,
                        estimate.mean, estimate.standard_error, rate,
                    )
                )  # fmt: skip
                self.save()
                losses.zero_()
                since_row, row_seconds = 0, 0.0
            yield Progress(self.update, training.updates, mean_loss, rate, self.rows[-1] if self.rows else None)

    def _make_update(self) -> tuple[Tensor, Tensor]:
        training = self.recipe.training
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.update, training)
        x = self._draw(training.batch, self._generator(self.update))
        x = x[self.fabric.global_rank :: self.fabric.world_size]
        with self._autocast():
            z, log_det = self.module(x)
        dimensions = self.flow.architecture.dimensions
        log_likelihood = eight_bit_log_likelihood(standard_normal_log_prob(z) + log_det, dimensions)
        loss = bits_per_dimension(log_likelihood, dimensions).mean()
        self.fabric.backward(loss)
        norm = self.fabric.clip_gradients(
            self.module, self.optimiser, max_norm=training.clip_norm, error_if_nonfinite=False
        )
        assert norm is not None  # it is when clipping by norm
        self.optimiser.step()
        self.optimiser.zero_grad()
        decay = min(training.average, (1 + self.update) / (10 + self.update))
        torch._foreach_lerp_(self.average, [parameter.detach() for parameter in self.flow.parameters()], 1 - decay)
        return loss.detach().float(), norm.detach()

    def _generator(self, update: int) -> torch.Generator:
        generator = torch.Generator(device=self.fabric.device)
        return generator.manual_seed((self.recipe.training.seed << 32) + update + 1)

    def _draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Continuous patches ``(n, size, size, 3)``, the same on every process."""
        size, photographs = self.recipe.flow.size, self.recipe.photographs
        patches = self.source.random_patches(n, size, generator, flip=photographs.flip)
        noise = torch.rand(patches.shape, generator=generator, device=patches.device)
        return dequantise(patches, noise, photographs.bits)

    # -- validation and files --

    def _validate(self) -> Estimate:
        """Bits per dimension of the averaged weights on the validation patches."""
        with self._averaged(), torch.no_grad(), self._autocast():
            generator = self._generator(update=-2)
            values = []
            for batch in torch.from_numpy(self.validation).split(256):
                patches = batch.to(self.fabric.device)
                noise = torch.rand(patches.shape, generator=generator, device=patches.device)
                log_prob = self.flow.log_prob(dequantise(patches, noise, self.recipe.photographs.bits))
                dimensions = self.flow.architecture.dimensions
                values.append(bits_per_dimension(eight_bit_log_likelihood(log_prob, dimensions), dimensions))
        return mean_over_photographs(torch.cat(values).cpu().numpy(), self.validation_photographs)

    def save(self) -> None:
        """Write the log, the averaged weights and the checkpoint, each whole or not at all."""
        if not self.fabric.is_global_zero:
            return
        names = [name for name, _ in self.flow.named_parameters()]
        with self._averaged():
            averaged = {name: tensor.clone() for name, tensor in self.flow.state_dict().items()}
        metadata: dict[str, object] = {"update": self.update, "recipe": self._recipe_of_checkpoint()}
        write_log(self.output / LOG, self.rows)
        write_tensors(self.output / WEIGHTS, averaged, metadata)
        state = self.optimiser.state_dict()["state"]
        tensors = {f"flow.{name}": tensor for name, tensor in self.flow.state_dict().items()}
        tensors |= {f"average.{name}": tensor for name, tensor in zip(names, self.average, strict=True)}
        tensors |= {
            f"adam.{key}.{name}": torch.as_tensor(value)
            for index, name in enumerate(names)
            for key, value in state[index].items()
        }
        write_tensors(self.output / CHECKPOINT, tensors, metadata | {"seconds": self.seconds})

    def _autocast(self) -> torch.autocast:
        """The recipe's precision, for the networks inside the couplings.

        Not by Fabric's "bf16-mixed": that rounds the input as well, and bfloat16 is coarser than the byte and its
        noise.
        """
        return torch.autocast(self.fabric.device.type, torch.bfloat16, enabled=self.recipe.training.precision == "bf16")

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """The averaged weights in the place of the latest, for the time of a block."""
        latest = [parameter.detach().clone() for parameter in self.flow.parameters()]
        _copy_into(self.flow, self.average)
        try:
            yield
        finally:
            _copy_into(self.flow, latest)

    def _recipe_of_checkpoint(self) -> dict[str, Any]:
        return self.recipe.model_dump(mode="json")


def read_log(path: Path) -> list[LogRow]:
    """The rows of a training log."""
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return [
            LogRow(int(row["update"]), int(row["patches"]), *(float(row[field.name]) for field in fields(LogRow)[2:]))
            for row in csv.DictReader(file)
        ]


def write_log(path: Path, rows: list[LogRow]) -> None:
    """Write a training log, atomically."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(LogRow)])
        writer.writeheader()
        writer.writerows(
            {key: f"{value:.6g}" if isinstance(value, float) else value for key, value in asdict(row).items()}
            for row in rows
        )
    temporary.replace(path)


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """An event that SIGINT sets, so that an update is never left half done; a second SIGINT ends at once."""
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return

    def handle(_number: int, _frame: object) -> None:
        if event.is_set():
            raise KeyboardInterrupt
        event.set()

    previous = signal.signal(signal.SIGINT, handle)
    try:
        yield event
    finally:
        signal.signal(signal.SIGINT, previous)


def _copy_into(module: nn.Module, values: list[Tensor]) -> None:
    with torch.no_grad():
        for parameter, value in zip(module.parameters(), values, strict=True):
            parameter.copy_(value)


def _with_prefix(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
