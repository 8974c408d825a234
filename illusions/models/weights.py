"""Weights on disk: safetensors files, written whole or not at all, checked before they are loaded."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from illusions.errors import InputError
from illusions.files import write_whole

WEIGHTS = "weights.safetensors"


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, object]) -> None:
    """Write tensors and JSON metadata to a safetensors file, atomically.

    Raises:
        InputError: the file cannot be written.
    """
    copies = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    # Not by save_file: only the owner can read the files it makes.
    write_whole(path, save(copies, metadata={key: json.dumps(value) for key, value in metadata.items()}))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, object]]:
    """Read a safetensors file: its tensors and its metadata, as `write_tensors` takes them. Nothing is unpickled.

    Metadata that another program wrote, and that is no JSON, stays the text that it is.

    Raises:
        InputError: there is no such file, it is truncated, or it is no safetensors file.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected the weights of a model")
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = {key: _parse(value) for key, value in (file.metadata() or {}).items()}
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"{path}: is no complete safetensors file ({error})") from None
    return tensors, metadata


def _parse(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return value


def load_weights(module: nn.Module, path: Path) -> None:
    """Load the weights of a module from a safetensors file.

    Raises:
        InputError: the file cannot be read, or holds the weights of another architecture.
    """
    tensors, _ = read_tensors(path)
    check_tensors(path, tensors, module.state_dict(), "holds the weights of another architecture")
    if any(not torch.isfinite(tensor).all() for tensor in tensors.values()):
        raise InputError(f"{path}: holds weights that are not finite numbers")
    module.load_state_dict(tensors)


def check_tensors(path: Path, tensors: dict[str, Tensor], expected: dict[str, Tensor], otherwise: str) -> None:
    """Check that tensors from a file have the names and the shapes of others, and are floats where these are.

    Args:
        path: the file.
        tensors: what was in it.
        expected: what they stand for.
        otherwise: what the file holds if names or shapes differ, as it should be read behind its name.

    Raises:
        InputError: they do not.
    """
    for name, other in expected.items():
        if name not in tensors:
            raise InputError(f"{path}: {otherwise} ('{name}' is missing)")
        if tensors[name].shape != other.shape:
            raise InputError(
                f"{path}: {otherwise} ('{name}' has the shape {tuple(tensors[name].shape)}, expected "
                f"{tuple(other.shape)})"
            )
        if tensors[name].is_floating_point() != other.is_floating_point():
            raise InputError(f"{path}: {otherwise} ('{name}' is {_kind(tensors[name])}, expected {_kind(other)})")
    surplus = sorted(set(tensors) - set(expected))
    if surplus:
        raise InputError(f"{path}: {otherwise} ('{surplus[0]}' is not part of this one)")


def _kind(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
