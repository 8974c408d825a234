"""Training a Glow on photographs: maximum likelihood of random patches, resumable to the same numbers.

Every update draws its patches and its noise from a generator seeded by (seed, update), so that a run that was
interrupted goes on as if nothing had happened, and several processes share one batch.
"""

from __future__ import annotations

import csv
import io
import math
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from pydantic import ValidationError
from torch import Tensor, nn

from illusions.errors import InputError
from illusions.files import write_whole
from illusions.models.evaluation import Estimate, bits_per_dimension, mean_over_photographs
from illusions.models.glow import Glow, standard_normal_log_prob
from illusions.models.recipe import Recipe, TrainingTable, load_recipe, write_recipe
from illusions.models.view import View
from illusions.models.weights import WEIGHTS, check_tensors, load_weights, read_tensors, write_tensors

CHECKPOINT = "checkpoint.safetensors"
LOG = "log.csv"
RECIPE = "recipe.toml"
#: Patches that actnorm is initialised with.
_INITIAL_PATCHES = 1024
#: Updates between two looks at the loss: a look makes a GPU wait.
_LOOK_EVERY = 10
#: Later than every update.
_NEVER = 2**62


class PatchSource(Protocol):
    """Where the patches of an update come from."""

    @property
    def skipped(self) -> Sequence[str]:
        """For every file that has been passed over, why."""

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


class TrainingFailed(InputError):
    """The loss is no longer a number. The last checkpoint is from before that."""


def train(
    recipe: Recipe,
    source: PatchSource,
    validation: tuple[NDArray[np.uint8], NDArray[np.int64]],
    output: Path,
    *,
    fabric: Fabric,
    start: Path | None = None,
    resume: bool = False,
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
        report: called every few updates.

    Returns:
        The rows of the log, those of earlier sessions included.

    Raises:
        InputError: as `check_output`; `start` holds no weights of this flow; the checkpoint is none, or belongs to
            another recipe; files cannot be written; the processes cannot share the batch evenly.
        TrainingFailed: the loss became infinite or NaN; it names the update.
        Interrupted: SIGINT came; the state of the last complete update is saved.
    """
    check_output(output, recipe, resume=resume)
    if recipe.training.batch % fabric.world_size:
        raise InputError(
            f"{fabric.world_size} processes cannot share a batch of {recipe.training.batch} patches evenly; "
            f"expected another number of devices, or another 'training.batch'"
        )
    run = _Run(recipe, source, validation, output, fabric)
    if resume:
        run.load()
    else:
        run.initialise(start)
    with _interrupts() as interrupted:
        for progress in run.updates(interrupted):
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
        self.view = View(recipe.photographs)
        self.flow = Glow(recipe.architecture(), memory=recipe.training.memory).to(fabric.device)
        self.update = self.saved_at = 0
        self.seconds = 0.0
        self.rows: list[LogRow] = []
        self.sums = torch.zeros(2, device=fabric.device)  # of loss and gradient norm since the last row
        self.failed_at = torch.tensor(_NEVER, device=fabric.device)

    # -- beginning --

    def initialise(self, start: Path | None) -> None:
        if start is not None:
            load_weights(self.flow, start)
        elif self.fabric.is_global_zero:  # the other processes receive what this one starts with
            self.flow.initialise(self._draw(_INITIAL_PATCHES, self._generator(update=-1)))
        self._set_up()

    def load(self) -> None:
        path = self.output / CHECKPOINT
        tensors, metadata = read_tensors(path)
        if not self._is_this_recipe(metadata.get("recipe")):
            raise InputError(f"{path}: was made with another recipe or precision; expected {self.output / RECIPE}")
        tensors.setdefault("sums", self.sums)
        check_tensors(path, tensors, self._checkpointed(), "is no checkpoint of a training run")
        try:
            self.update, self.seconds = int(str(metadata["update"])), float(str(metadata["seconds"]))
        except (KeyError, ValueError) as error:
            raise InputError(
                f"{path}: is no checkpoint of a training run ({error}); expected it as it was left"
            ) from None
        self.saved_at = self.update
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
        self.sums = tensors["sums"].to(self.fabric.device)
        self.rows = [row for row in read_log(self.output / LOG) if row.update <= self.update]

    def _checkpointed(self) -> dict[str, Tensor]:
        """Tensors with the names and the shapes of those in a checkpoint."""
        expected = {f"flow.{name}": tensor for name, tensor in self.flow.state_dict().items()} | {"sums": self.sums}
        for name, parameter in self.flow.named_parameters():
            expected |= {f"{what}.{name}": parameter for what in ("average", "adam.exp_avg", "adam.exp_avg_sq")}
            expected[f"adam.step.{name}"] = torch.zeros(())
        return expected

    def _set_up(self) -> None:
        adam = torch.optim.Adam(self.flow.parameters(), lr=self.recipe.training.learning_rate, fused=True)
        self.module, self.optimiser = self.fabric.setup(self.flow, adam)
        self.average = [parameter.detach().clone() for parameter in self.flow.parameters()]

    # -- updates --

    def updates(self, interrupted: threading.Event) -> Iterator[Progress]:
        """Make the updates that are left, yielding every few of them and after every validation.

        Raises:
            TrainingFailed, Interrupted: as `train`.
        """
        training = self.recipe.training
        last_row = self.rows[-1].update if self.rows else 0
        clock, row_seconds, row_patches = time.perf_counter(), 0.0, 0
        while self.update < training.updates:
            self._make_update()
            row_patches += training.batch
            validate = self.update % training.validate_every == 0 or self.update == training.updates
            alone = self.fabric.world_size == 1
            if not (validate or self.update % _LOOK_EVERY == 0 or (alone and interrupted.is_set())):
                continue
            self._check_finite()
            now = time.perf_counter()
            self.seconds, row_seconds, clock = self.seconds + now - clock, row_seconds + now - clock, now
            rate = row_patches / row_seconds
            loss, norm = (self._over_processes(self.sums, "mean") / (self.update - last_row)).tolist()
            if validate:
                estimate = self._validate()
                now = time.perf_counter()
                self.seconds, clock = self.seconds + now - clock, now
                patches, last_rate = self.update * training.batch, learning_rate(self.update - 1, training)
                self.rows.append(
                    LogRow(
                        self.update, patches, self.seconds, last_rate, loss, norm,
                        estimate.mean, estimate.standard_error, rate,
                    )
                )  # fmt: skip
                self.sums.zero_()
                self.save()
                last_row, row_seconds, row_patches = self.update, 0.0, 0
            yield Progress(self.update, training.updates, loss, rate, self.rows[-1] if self.rows else None)
            if self.update < training.updates and self._on_any_process(interrupted.is_set()):
                self.save()
                raise Interrupted(
                    f"interrupted after update {self.update}, which is saved; --resume goes on from there"
                )

    def _make_update(self) -> None:
        training = self.recipe.training
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.update, training)
        share = slice(self.fabric.global_rank, None, self.fabric.world_size)
        generator = self._generator(self.update)
        x = self._draw(training.batch, generator, self.update * training.batch, share)
        with self._autocast():
            z, log_det = self.module(x)
        dimensions = self.flow.architecture.dimensions
        log_likelihood = self.view.log_likelihood(standard_normal_log_prob(z) + log_det, dimensions)
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
        self.update += 1
        self.sums += torch.stack([loss.detach().float(), norm.detach()])
        finite = torch.isfinite(self.sums).all()
        self.failed_at = torch.where(finite, self.failed_at, self.failed_at.clamp_max(self.update))

    def _generator(self, update: int) -> torch.Generator:
        """Random numbers of an update."""
        # On a CPU only the last 32 bits of a seed count: the seeds of recipes are spread evenly over these.
        seed = (self.recipe.training.seed * 0x9E3779B1 + update + 1) % 2**32
        return torch.Generator(device=self.fabric.device).manual_seed(seed)

    def _draw(self, n: int, generator: torch.Generator, first: int = 0, share: slice = slice(None)) -> Tensor:
        """What the flow sees of n patches, the same on every process: a share of ``(n, size, size, channels)``."""
        size, flip = self.recipe.flow.size, self.recipe.photographs.flip
        patches = self.source.random_patches(n, size, generator, flip=flip, first=first, share=share)
        return self.view.see(patches, self.view.random_noise(n, size, generator, share=share))

    # -- several processes --

    def _over_processes(self, value: Tensor, how: str) -> Tensor:
        return cast(Tensor, self.fabric.all_reduce(value.clone(), reduce_op=how))

    def _on_any_process(self, true: bool) -> bool:
        return bool(self._over_processes(torch.tensor(int(true), device=self.fabric.device), "max").item())

    def _check_finite(self) -> None:
        failed_at = int(self._over_processes(self.failed_at, "min").item())
        if failed_at < _NEVER:
            raise self._failure(failed_at)

    def _failure(self, update: int) -> TrainingFailed:
        kept = f"{self.output / CHECKPOINT} is from update {self.saved_at}" if self.saved_at else "nothing was saved"
        return TrainingFailed(
            f"the loss is not a number at update {update}; {kept}. "
            f"Expected a lower 'training.learning_rate' or 'training.clip_norm'"
        )

    # -- validation and files --

    def _validate(self) -> Estimate:
        """Bits per dimension of the averaged weights on the validation patches."""
        with self._averaged(), torch.no_grad():
            generator = self._generator(update=-2)
            values = []
            for batch in torch.from_numpy(self.validation).split(256):
                noise = self.view.random_noise(len(batch), self.recipe.flow.size, generator)
                x = self.view.see(batch.to(self.fabric.device), noise)  # not under autocast, which rounds luminance
                with self._autocast():
                    log_prob = self.flow.log_prob(x)
                dimensions = self.flow.architecture.dimensions
                values.append(bits_per_dimension(self.view.log_likelihood(log_prob, dimensions), dimensions))
        estimate = mean_over_photographs(torch.cat(values).cpu().numpy(), self.validation_photographs)
        if not math.isfinite(estimate.mean):
            raise self._failure(self.update)
        return estimate

    def save(self) -> None:
        """Write recipe, log, averaged weights and checkpoint, each whole or not at all.

        Raises:
            InputError: one cannot be written.
        """
        sums = self._over_processes(self.sums, "mean")
        failure: InputError | None = None
        if self.fabric.is_global_zero:
            try:
                self._write(sums)
            except InputError as error:
                failure = error
        if self._on_any_process(failure is not None):  # all end, and none waits for one that has
            raise failure or InputError("the first process could not save the run; it says why")
        self.saved_at = self.update

    def _write(self, sums: Tensor) -> None:
        names = [name for name, _ in self.flow.named_parameters()]
        with self._averaged():
            averaged = {name: tensor.clone() for name, tensor in self.flow.state_dict().items()}
        metadata: dict[str, object] = {"update": self.update, "recipe": self._recipe_of_checkpoint()}
        state = self.optimiser.state_dict()["state"]
        tensors = {f"flow.{name}": tensor for name, tensor in self.flow.state_dict().items()}
        tensors |= {f"average.{name}": tensor for name, tensor in zip(names, self.average, strict=True)}
        tensors |= {
            f"adam.{key}.{name}": torch.as_tensor(value)
            for index, name in enumerate(names)
            for key, value in state[index].items()
        }
        tensors["sums"] = sums
        _make_folder(self.output)
        if not (self.output / RECIPE).exists():
            write_recipe(self.output / RECIPE, self.recipe)
        write_log(self.output / LOG, self.rows)
        write_tensors(self.output / WEIGHTS, averaged, metadata)
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

    def _is_this_recipe(self, written: object) -> bool:
        """Whether a checkpoint's recipe is this run's; keys that it is too old to have count as left out."""
        try:
            return Recipe.model_validate(written) == self.recipe
        except ValidationError:
            return False


def read_log(path: Path) -> list[LogRow]:
    """The rows of a training log; none if there is no file.

    Raises:
        InputError: it is no training log.
    """
    if not path.is_file():
        return []
    try:
        with path.open(newline="") as file:
            return [
                LogRow(
                    int(row["update"]), int(row["patches"]), *(float(row[field.name]) for field in fields(LogRow)[2:])
                )
                for row in csv.DictReader(file)
            ]
    except (KeyError, ValueError, TypeError):
        raise InputError(f"{path}: is no complete log of a training run; expected it as the run left it") from None


def write_log(path: Path, rows: list[LogRow]) -> None:
    """Write a training log, atomically.

    Raises:
        InputError: it cannot be written.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(LogRow)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: f"{value:.6g}" if isinstance(value, float) else value for key, value in asdict(row).items()}
        for row in rows
    )
    write_whole(path, text.getvalue().encode())


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be made ({error.strerror}); expected a folder to write into") from None


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
