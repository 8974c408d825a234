"""Photographs as a source of patches: random crops, drawn many at once on the device that trains."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch import Tensor

from illusions.decoding import one_warning
from illusions.models.devices import widest_float
from illusions.photographs import evenly_spaced, is_grey, readable


class PhotographBank:
    """Photographs held as bytes in one tensor, so that crops of many of them are one gather.

    Args:
        pictures: arrays ``(height, width, 3)`` uint8, of any sizes not smaller than a patch.
        device: where they are held and crops are drawn.
        skipped: for every file that was passed over when they were read, why.

    Attributes:
        grey: how many of the photographs have no colour.
    """

    def __init__(
        self, pictures: Iterable[NDArray[np.uint8]], device: torch.device | str = "cpu", *, skipped: Sequence[str] = ()
    ) -> None:
        self.skipped = list(skipped)
        arrays = [np.ascontiguousarray(picture) for picture in pictures]
        self.grey = sum(map(is_grey, arrays))
        self.heights = torch.tensor([len(array) for array in arrays], device=device)
        self.widths = torch.tensor([array.shape[1] for array in arrays], device=device)
        areas = self.heights * self.widths
        self.starts = areas.cumsum(0) - areas
        self.pixels = torch.from_numpy(np.concatenate([array.reshape(-1, 3) for array in arrays])).to(device)

    def __len__(self) -> int:
        return len(self.heights)

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
        """As in `PatchSource`: from any photograph and position, equally likely. ``first`` is ignored."""
        device = self.pixels.device
        index = torch.randint(len(self), (n,), generator=generator, device=device)[share]
        top, left, turn = torch.rand(3, n, generator=generator, device=device, dtype=widest_float(device))[:, share]
        top = (top * (self.heights[index] - size + 1)).long()
        left = (left * (self.widths[index] - size + 1)).long()
        return self.patches(index, top, left, size, mirrored=(turn < 0.5) & flip)

    def patches(self, index: Tensor, top: Tensor, left: Tensor, size: int, *, mirrored: Tensor | None = None) -> Tensor:
        """The patches ``(n, size, size, 3)`` at given photographs and positions, each ``(n,)``."""
        offsets = torch.arange(size, device=self.pixels.device)
        columns = left[:, None] + offsets
        if mirrored is not None:
            columns = torch.where(mirrored[:, None], columns.flip(1), columns)
        rows = (top[:, None] + offsets) * self.widths[index][:, None]
        return self.pixels[self.starts[index][:, None, None] + rows[:, :, None] + columns[:, None, :]]


def quarter_turned(patches: Tensor, turns: Tensor) -> Tensor:
    """Patches ``(n, size, size, 3)``, each turned counterclockwise by its number of quarter turns ``(n,)``, 0 to 3."""
    turned = torch.stack([patches.rot90(k, dims=(1, 2)) for k in range(4)])
    return turned[turns, torch.arange(len(patches), device=patches.device)]


@one_warning()
def cut_evenly(paths: Sequence[Path], size: int, patches: int, *, seed: int = 0) -> EvenPatches:
    """Equally many patches from random places of every photograph, of which one at a time is in memory.

    Args:
        paths: picture files; where there are more than `patches`, that number of them is used, evenly spaced.
        size: side of a patch, pixels.
        patches: about how many in all.
        seed: of the places.

    Raises:
        InputError: nothing could be read.
    """
    paths = evenly_spaced(paths, patches)
    each = math.ceil(patches / len(paths))
    generator = torch.Generator().manual_seed(seed)
    place = torch.rand(2, len(paths) * each, generator=generator, dtype=torch.float64).numpy()
    skipped: list[str] = []
    cut, photographs = [], []
    for index, picture in readable(paths, size, skipped):
        height, width = picture.shape[:2]
        top, left = place[:, index * each : (index + 1) * each]
        windows = sliding_window_view(picture, (size, size), axis=(0, 1))
        rows, columns = (top * (height - size + 1)).astype(int), (left * (width - size + 1)).astype(int)
        cut.append(windows[rows, columns].transpose(0, 2, 3, 1))
        photographs.append(np.full(each, index))
    return EvenPatches(np.concatenate(cut), np.concatenate(photographs), skipped)


class EvenPatches(NamedTuple):
    """Result of `cut_evenly`: patches, the photograph of each, and skipped photographs with reasons."""

    patches: NDArray[np.uint8]
    photographs: NDArray[np.int64]
    skipped: list[str]
