"""Checkpoints: the state of a training run between two updates, as a safetensors file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from torch import Tensor, nn

from illusions.errors import InputError
from illusions.models.recipe import RECIPE, Recipe
from illusions.models.weights import check_tensors, read_tensors, write_tensors

CHECKPOINT = "checkpoint.safetensors"
#: What Adam keeps of every weight: the averages of the gradient and of its square; and the number of its updates.
_MOMENTS, _STEP = ("exp_avg", "exp_avg_sq"), "step"

#: Under which key the fingerprint of the photographs stands.
_PHOTOGRAPHS = "photographs"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state of a training run."""

    update: int  #: how many were made.
    seconds: float  #: wall time that they took.
    flow: dict[str, Tensor]  #: the weights, by name.
    average: list[Tensor]  #: the averaged weights, in the order of the flow's parameters.
    adam: dict[int, dict[str, Tensor]]  #: what the optimiser keeps of each parameter, in the same order.
    sums: Tensor  #: shape (2,): of loss and gradient norm since the last row of the log.
    photographs: str = ""  #: the fingerprint of the photographs that the run sees; empty if unknown.


def write_checkpoint(path: Path, held: Checkpoint, recipe: Recipe, flow: nn.Module) -> None:
    """Write the state of a run of a recipe, atomically.

    Raises:
        InputError: the file cannot be written.
    """
    names = [name for name, _ in flow.named_parameters()]
    tensors = {f"flow.{name}": tensor for name, tensor in held.flow.items()}
    tensors |= {f"average.{name}": tensor for name, tensor in zip(names, held.average, strict=True)}
    tensors |= {
        f"adam.{key}.{name}": torch.as_tensor(value)
        for index, name in enumerate(names)
        for key, value in held.adam[index].items()
    }
    more = {"seconds": held.seconds} | ({_PHOTOGRAPHS: held.photographs} if held.photographs else {})
    write_tensors(path, tensors | {"sums": held.sums}, metadata(held.update, recipe) | more)


def metadata(update: int, recipe: Recipe) -> dict[str, object]:
    """The metadata of the weights: their update, and the recipe."""
    return {"update": update, "recipe": recipe.model_dump(mode="json")}


def read_checkpoint(
    path: Path, recipe: Recipe, flow: nn.Module, device: torch.device, *, photographs: str = ""
) -> Checkpoint:
    """Read the state of a run of a recipe.

    Args:
        path: the file.
        recipe: of the run.
        flow: of its shape.
        device: where its state is wanted.
        photographs: the fingerprint of the photographs to go on with; empty if unknown.

    Raises:
        InputError: there is no such file, it is of another recipe or of other photographs, or is no checkpoint.
    """
    tensors, written = read_tensors(path)
    if not _is(recipe, written.get("recipe")):
        raise InputError(f"{path}: was made with another recipe or precision; expected {path.with_name(RECIPE)}")
    if photographs:
        _check_photographs(path, written, photographs)
    tensors.setdefault("sums", torch.zeros(2))
    check_tensors(path, tensors, _expected(flow), "is no checkpoint of a training run")
    try:
        update, seconds = int(str(written["update"])), float(str(written["seconds"]))
    except (KeyError, ValueError) as error:
        raise InputError(f"{path}: is no checkpoint of a training run ({error}); expected it as it was left") from None
    names = [name for name, _ in flow.named_parameters()]
    return Checkpoint(
        update=update,
        seconds=seconds,
        flow={name: tensors[f"flow.{name}"] for name in flow.state_dict()},
        average=[tensors[f"average.{name}"].to(device) for name in names],
        adam={
            index: {key: tensors[f"adam.{key}.{name}"].to(device) for key in _MOMENTS}
            | {_STEP: tensors[f"adam.{_STEP}.{name}"]}
            for index, name in enumerate(names)
        },
        sums=tensors["sums"].to(device),
        photographs=str(written.get(_PHOTOGRAPHS, "")),
    )


def check_photographs(path: Path, photographs: str) -> bool:
    """False where a checkpoint does not say which photographs its run sees; else it sees those of this fingerprint.

    Raises:
        InputError: it says that its run sees others, or cannot be read. What is no checkpoint is said by
            `read_checkpoint`.
    """
    _, written = read_tensors(path)
    _check_photographs(path, written, photographs)
    return _PHOTOGRAPHS in written or "seconds" not in written


def _check_photographs(path: Path, written: dict[str, object], photographs: str) -> None:
    if written.get(_PHOTOGRAPHS, photographs) != photographs:
        raise InputError(
            f"{path}: was trained on other photographs than these; expected the same to go on with, or another output "
            "folder"
        )


def _expected(flow: nn.Module) -> dict[str, Tensor]:
    """Tensors with the names and the shapes of those in a checkpoint."""
    expected = {f"flow.{name}": tensor for name, tensor in flow.state_dict().items()} | {"sums": torch.zeros(2)}
    for name, parameter in flow.named_parameters():
        expected |= {f"average.{name}": parameter} | {f"adam.{key}.{name}": parameter for key in _MOMENTS}
        expected[f"adam.{_STEP}.{name}"] = torch.zeros(())
    return expected


def _is(recipe: Recipe, written: Any) -> bool:
    """Whether a checkpoint's recipe is this one; keys that it is too old to have count as left out."""
    try:
        return Recipe.model_validate(written) == recipe
    except ValidationError:
        return False
