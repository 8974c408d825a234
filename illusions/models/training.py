"""Training on photographs: maximum likelihood of random patches, or of its bound, resumable to the same numbers.

Every update draws its patches and its noise from a generator seeded by (seed, update), so that a run that was
interrupted goes on as if nothing had happened, and several processes share one batch.
"""

from __future__ import annotations

import math
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor

from illusions.errors import InputError
from illusions.interruptions import interrupts
from illusions.models.averaging import AveragedWeights
from illusions.models.checkpoint import CHECKPOINT, Checkpoint, metadata, read_checkpoint, write_checkpoint
from illusions.models.evaluation import Estimate, bits_per_dimension, mean_over_photographs
from illusions.models.networks import build
from illusions.models.numerics import own_numerics
from illusions.models.photographs import quarter_turned
from illusions.models.recipe import RECIPE, Recipe, TrainingTable, load_recipe, write_recipe
from illusions.models.training_log import LOG, LogRow, read_log, write_log
from illusions.models.view import View, luminance
from illusions.models.weights import WEIGHTS, load_weights, write_tensors

#: Updates between two looks at the loss: a look makes a GPU wait.
_LOOK_EVERY = 10
#: Later than every update.
_NEVER = 2**62


class PatchSource(Protocol):
    """Where the patches of an update come from."""

    @property
    def skipped(self) -> Sequence[str]:
        """For every file that has been passed over, why."""

    @property
    def grey(self) -> int:
        """How many of the photographs read until now have no colour."""

    def random_patches(
        self,
        n: int,
        size: int,
        generator: torch.Generator,
        *,
        flip: bool = True,
        first: int = 0,
        share: slice = slice(None),
    ) -> Tensor:
        """Draw n patches, and return those of them that this process needs.

        Args:
            n: how many, over all processes.
            size: side of a patch, pixels.
            generator: random numbers, in the same state on all processes, on the device where the patches are wanted.
            flip: whether every second patch, at random, is mirrored left to right.
            first: how many patches of the run come before these.
            share: which of the n are wanted.

        Returns:
            ``(n, size, size, 3)[share]`` uint8.
        """


@dataclass(frozen=True)
class Progress:
    """Data for a progress display, after every few updates."""

    update: int
    updates: int
    bits_per_dimension: float
    patches_per_second: float
    last_row: LogRow | None


class Interrupted(KeyboardInterrupt):
    """Training was interrupted and its state saved; the message says how to go on."""


class TrainingFailed(InputError):
    """The loss is no longer a number. The last checkpoint is from before that."""


@own_numerics(gradients=True)
def train(
    recipe: Recipe,
    source: PatchSource,
    validation: tuple[NDArray[np.uint8], NDArray[np.int64]],
    output: Path,
    *,
    fabric: Fabric,
    start: Path | None = None,
    resume: bool = False,
    photographs: str = "",
    report: Callable[[Progress], None] = lambda _: None,
) -> list[LogRow]:
    """Train a model; its folder then holds its recipe, its weights (the averaged ones), the log and a checkpoint.

    Args:
        recipe: what to train, and how.
        source: the training photographs.
        validation: patches ``(n, size, size, 3)`` uint8 and the photograph ``(n,)`` that each comes from.
        output: folder of the model; made with the first checkpoint.
        fabric: device, precision and processes, launched.
        start: weights of a flow of the same shape to begin with; by default they are drawn, and actnorm is set from
            the first patches.
        resume: go on from the checkpoint in `output`.
        photographs: the fingerprint of the photographs (`illusions.photographs.fingerprint`), which checkpoints keep;
            empty where there is none.
        report: called every few updates.

    Returns:
        The rows of the log, those of earlier sessions included.

    Raises:
        InputError: as `check_output`; `start` holds no weights of this flow; the checkpoint is none, or belongs to
            another recipe or other photographs; files cannot be written; the processes cannot share the batch evenly.
        TrainingFailed: the loss became infinite or NaN; it names the update.
        Interrupted: one of `illusions.interruptions.SIGNALS` came; the state of the last complete update is saved.
    """
    check_output(output, recipe, resume=resume)
    if recipe.training.batch % fabric.world_size:
        raise InputError(
            f"{fabric.world_size} processes cannot share a batch of {recipe.training.batch} patches evenly; "
            f"expected another number of devices, or another 'training.batch'"
        )
    run = _Run(recipe, source, validation, output, fabric, photographs)
    if resume:
        run.resume()
    else:
        run.begin(start)
    with interrupts() as interrupted:
        for progress in run.updates(interrupted):
            with suppress(OSError):  # of a terminal that was closed
                report(progress)
    return run.rows


def check_output(output: Path, recipe: Recipe, *, resume: bool) -> None:
    """Whether a model can be trained into a folder; nothing is changed there.

    Raises:
        InputError: the folder cannot be written to, holds another recipe, holds a model already (without `resume`),
            or holds no checkpoint (with it).
    """
    nearest = next(path for path in (output, *output.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise InputError(f"{nearest}: is a file; expected a folder to write into")
    if resume and not (output / CHECKPOINT).is_file():
        raise InputError(f"{output / CHECKPOINT}: no such file; expected the checkpoint of the run to resume")
    for name in () if resume else (CHECKPOINT, WEIGHTS):
        if (output / name).exists():
            raise InputError(f"{output}: holds a model already ({name}); expected another folder, or --resume")
    if (output / RECIPE).exists() and load_recipe(output / RECIPE) != recipe:
        raise InputError(f"{output / RECIPE}: is another recipe than this run's; expected the same, or another folder")
    try:
        tempfile.TemporaryFile(dir=nearest).close()
    except OSError as error:
        raise InputError(
            f"{output}: cannot be written ({error.strerror}); expected a folder you may write to"
        ) from None


def learning_rate(update: int, training: TrainingTable) -> float:
    """Adam's learning rate at an update (from 0): linear warm-up, then half a cosine down."""
    if update < training.warm_up:
        return training.learning_rate * (update + 1) / training.warm_up
    done = (update - training.warm_up) / max(1, training.updates - training.warm_up)
    height = 0.5 * (1 + math.cos(math.pi * done))
    return training.final_learning_rate + (training.learning_rate - training.final_learning_rate) * height


class _Run:
    """A training run between two updates."""

    def __init__(
        self,
        recipe: Recipe,
        source: PatchSource,
        validation: tuple[NDArray[np.uint8], NDArray[np.int64]],
        output: Path,
        fabric: Fabric,
        photographs: str,
    ) -> None:
        self.photographs = photographs
        self.recipe, self.validation, self.output, self.fabric = recipe, validation, output, fabric
        torch.manual_seed(recipe.training.seed)
        self.view = View(recipe.photographs)
        self.network = build(recipe.architecture(), memory=recipe.training.memory).to(fabric.device)
        self.batches = _Batches(recipe, source, self.view, fabric)
        self.means = _Means(fabric)
        self.clock = _Clock()
        self.update = self.saved_at = 0
        self.rows: list[LogRow] = []

    def begin(self, start: Path | None) -> None:
        """Take the weights of a file, or draw them."""
        if start is not None:
            load_weights(self.network, start)
        elif self.fabric.is_global_zero:  # the other processes receive what this one starts with
            self.network.initialise(self.batches.initial(self.network.initial_patches))
        self._set_up()

    def resume(self) -> None:
        """Go on from the last checkpoint."""
        held = read_checkpoint(
            self.output / CHECKPOINT, self.recipe, self.network, self.fabric.device, photographs=self.photographs
        )
        self.photographs = self.photographs or held.photographs
        self.update = self.saved_at = held.update
        self.network.load_state_dict(held.flow)
        self._set_up()
        self.average.values, self.means.sums, self.clock.seconds = held.average, held.sums, held.seconds
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": held.adam, "param_groups": groups})
        self.rows = [row for row in read_log(self.output / LOG) if row.update <= self.update]

    def _set_up(self) -> None:
        adam = torch.optim.Adam(self.network.parameters(), lr=self.recipe.training.learning_rate, fused=True)
        for buffer in self.network.buffers():  # which never change: shared here, once
            buffer.copy_(self.fabric.broadcast(buffer.cpu()))
        self.module, self.optimiser = self.fabric.setup(self.network, adam)
        self.module.mark_forward_method("log_prob")
        self.average = AveragedWeights(self.network, self.recipe.training.average)

    def updates(self, interrupted: threading.Event) -> Iterator[Progress]:
        """Make the updates that are left, yielding every few of them and after every validation.

        Raises:
            TrainingFailed, Interrupted: as `train`.
        """
        training = self.recipe.training
        last_row = self.rows[-1].update if self.rows else 0
        self.clock.start()
        while self.update < training.updates:
            self._make_update()
            self.clock.patches += training.batch
            validate = self.update % training.validate_every == 0 or self.update == training.updates
            alone = self.fabric.world_size == 1
            if not (validate or self.update % _LOOK_EVERY == 0 or (alone and interrupted.is_set())):
                continue
            self._check_finite()
            rate = self.clock.rate()
            loss, norm = self.means.over(self.update - last_row)
            if validate:
                self.rows.append(self._row(loss, norm, rate))
                self.means.sums.zero_()
                self.save()
                last_row = self.update
                self.clock.new_row()
            yield Progress(self.update, training.updates, loss, rate, self.rows[-1] if self.rows else None)
            if self.update < training.updates and _on_any_process(self.fabric, interrupted.is_set()):
                self.save()
                raise Interrupted(
                    f"interrupted after update {self.update}, which is saved; --resume goes on from there"
                )

    def _make_update(self) -> None:
        training = self.recipe.training
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.update, training)
        x = self.batches.of_update(self.update)
        self.batches.seed_latents(self.update)
        with self._autocast():
            log_density = self.module.log_prob(x)
        loss = self._bits(log_density).mean()
        self.fabric.backward(loss)
        norm = self.fabric.clip_gradients(
            self.module, self.optimiser, max_norm=training.clip_norm, error_if_nonfinite=False
        )
        assert norm is not None  # it is when clipping by norm
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.average.follow(self.update)
        self.update += 1
        self.means.add(self.update, loss.detach(), norm.detach())

    def _bits(self, log_density: Tensor) -> Tensor:
        dimensions = self.network.architecture.dimensions
        return bits_per_dimension(self.view.log_likelihood(log_density, dimensions), dimensions)

    def _autocast(self) -> torch.autocast:
        """The recipe's precision, for the networks inside the couplings.

        Not by Fabric's "bf16-mixed": that rounds the input as well, and bfloat16 is coarser than the byte and its
        noise.
        """
        return torch.autocast(self.fabric.device.type, torch.bfloat16, enabled=self.recipe.training.precision == "bf16")

    def _check_finite(self) -> None:
        failed_at = self.means.failed_at()
        if failed_at < _NEVER:
            raise self._failure(failed_at)

    def _failure(self, update: int) -> TrainingFailed:
        kept = f"{self.output / CHECKPOINT} is from update {self.saved_at}" if self.saved_at else "nothing was saved"
        return TrainingFailed(
            f"the loss is not a number at update {update}; {kept}. "
            f"Expected a lower 'training.learning_rate' or 'training.clip_norm'"
        )

    def _row(self, loss: float, norm: float, rate: float) -> LogRow:
        """The row of the log for the latest update, with a validation."""
        estimate = self._validate()
        self.clock.lap()
        return LogRow(
            update=self.update,
            patches=self.update * self.recipe.training.batch,
            seconds=self.clock.seconds,
            learning_rate=learning_rate(self.update - 1, self.recipe.training),
            train_bits_per_dimension=loss,
            gradient_norm=norm,
            validation_bits_per_dimension=estimate.mean,
            standard_error=estimate.standard_error,
            patches_per_second=rate,
        )

    def _validate(self) -> Estimate:
        """Bits per dimension of the averaged weights on the validation patches."""
        patches, photographs = self.validation
        generator, values = self.batches.generator(update=-2), []
        self.batches.seed_latents(update=-2)
        with self.average.in_place(), torch.no_grad():
            for batch in torch.from_numpy(patches).split(256):
                noise = self.view.random_noise(len(batch), self.recipe.network.size, generator)
                surround = self.view.random_surrounds(len(batch), self.recipe.network.size, generator)
                x = self.view.see(
                    batch.to(self.fabric.device), noise, surround=surround
                )  # not under autocast, which rounds luminance
                with self._autocast():
                    log_density = self.network.log_prob(x)
                values.append(self._bits(log_density))
        estimate = mean_over_photographs(torch.cat(values).cpu().numpy(), photographs)
        if not math.isfinite(estimate.mean):
            raise self._failure(self.update)
        return estimate

    def save(self) -> None:
        """Write recipe, log, averaged weights and checkpoint, each whole or not at all.

        Raises:
            InputError: one cannot be written.
        """
        sums = _over_processes(self.fabric, self.means.sums, "mean")
        failure: InputError | None = None
        if self.fabric.is_global_zero:
            try:
                self._write(sums)
            except InputError as error:
                failure = error
        if _on_any_process(self.fabric, failure is not None):  # all end, and none waits for one that has
            raise failure or InputError("the first process could not save the run; it says why")
        self.saved_at = self.update

    def _write(self, sums: Tensor) -> None:
        with self.average.in_place():
            averaged = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        _make_folder(self.output)
        if not (self.output / RECIPE).exists():
            write_recipe(self.output / RECIPE, self.recipe)
        write_log(self.output / LOG, self.rows)
        write_tensors(self.output / WEIGHTS, averaged, metadata(self.update, self.recipe))
        held = Checkpoint(
            update=self.update,
            seconds=self.clock.seconds,
            flow=self.network.state_dict(),
            average=self.average.values,
            adam=self.optimiser.state_dict()["state"],
            sums=sums,
            photographs=self.photographs,
        )
        write_checkpoint(self.output / CHECKPOINT, held, self.recipe, self.network)


class _Batches:
    """What the flow sees of the patches of each update: the same on every process, which each take their share."""

    def __init__(self, recipe: Recipe, source: PatchSource, view: View, fabric: Fabric) -> None:
        self._recipe, self._source, self._view, self._fabric = recipe, source, view, fabric

    def initial(self, n: int) -> Tensor:
        """The patches that a network is initialised with, ``(n, size, size, channels)``."""
        return self._draw(n, self.generator(update=-1))

    def of_update(self, update: int) -> Tensor:
        """The share that this process has of the patches of an update (from 0), ``(n, size, size, channels)``."""
        batch = self._recipe.training.batch
        share = slice(self._fabric.global_rank, None, self._fabric.world_size)
        return self._draw(batch, self.generator(update), update * batch, share)

    def generator(self, update: int) -> torch.Generator:
        """Random numbers of an update."""
        return torch.Generator(device=self._fabric.device).manual_seed(self._seed(update))

    def seed_latents(self, update: int) -> None:
        """Seed PyTorch's random numbers, from which an autoencoder samples latents: for each process its own."""
        torch.manual_seed((self._seed(update) + self._fabric.global_rank * 0x85EBCA6B) % 2**32)

    def _seed(self, update: int) -> int:
        # On a CPU only the last 32 bits of a seed count: the seeds of recipes are spread evenly over these.
        return (self._recipe.training.seed * 0x9E3779B1 + update + 1) % 2**32

    def _draw(self, n: int, generator: torch.Generator, first: int = 0, share: slice = slice(None)) -> Tensor:
        size, sees = self._recipe.network.size, self._recipe.photographs
        patches = self._source.random_patches(n, size, generator, flip=sees.flip, first=first, share=share)
        if sees.rotate:
            turns = torch.randint(4, (n,), generator=generator, device=generator.device)[share]
            patches = quarter_turned(patches, turns)
        if sees.grey:
            grey = torch.rand((n, 1, 1, 1), generator=generator, device=generator.device)[share] < sees.grey
            patches = torch.where(grey, luminance(patches), patches)
        noise = self._view.random_noise(n, size, generator, share=share)
        return self._view.see(patches, noise, surround=self._view.random_surrounds(n, size, generator, share=share))


class _Means:
    """Means of loss and gradient norm since the last row of the log, over all processes, without waiting for a GPU."""

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric
        self.sums = torch.zeros(2, device=fabric.device)
        self._failed_at = torch.tensor(_NEVER, device=fabric.device)

    def add(self, update: int, loss: Tensor, norm: Tensor) -> None:
        """Take in those of an update."""
        self.sums += torch.stack([loss.float(), norm])
        finite = torch.isfinite(self.sums).all()
        self._failed_at = torch.where(finite, self._failed_at, self._failed_at.clamp_max(update))

    def over(self, updates: int) -> tuple[float, float]:
        """The means, given the number of updates since that row."""
        loss, norm = (_over_processes(self._fabric, self.sums, "mean") / updates).tolist()
        return loss, norm

    def failed_at(self) -> int:
        """The first update at which one was no number; later than every update if none."""
        return int(_over_processes(self._fabric, self._failed_at, "min").item())


class _Clock:
    """Wall time of a run over all its sessions, and patches per second since the last row, validation left out."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.start()

    def start(self) -> None:
        """A session begins."""
        self._last = time.perf_counter()
        self.new_row()

    def new_row(self) -> None:
        """The rate is that of what comes now."""
        self._row_seconds, self.patches = 0.0, 0

    def lap(self) -> float:
        """Seconds since the last lap."""
        now = time.perf_counter()
        passed, self._last = now - self._last, now
        self.seconds += passed
        return passed

    def rate(self) -> float:
        """Patches per second; the time since the last lap counts as theirs."""
        self._row_seconds += self.lap()
        return self.patches / self._row_seconds


def _over_processes(fabric: Fabric, value: Tensor, how: str) -> Tensor:
    return cast(Tensor, fabric.all_reduce(value.clone(), reduce_op=how))


def _on_any_process(fabric: Fabric, true: bool) -> bool:
    return bool(_over_processes(fabric, torch.tensor(int(true), device=fabric.device), "max").item())


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be made ({error.strerror}); expected a folder to write into") from None
