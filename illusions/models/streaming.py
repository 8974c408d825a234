"""Photographs that do not fit in memory: read from disk while the model trains, each decoded once per epoch.

An epoch is a random order of all photographs. When the turn of a photograph comes, a worker process decodes it, cuts a
few patches at random places and forgets it, so that memory holds patches only. The patches of many photographs are
kept together and dealt out one photograph after the other, so that a batch has two of the same only where there are
fewer photographs than are kept together, where an epoch begins, or where one stands in for another that cannot be used.
Which patch comes when follows from the seed and from how many came before, so that a run can be resumed.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from illusions.decoding import Notes, noted, one_warning, report
from illusions.errors import InputError
from illusions.interruptions import ignore
from illusions.models.photographs import PhotographBank
from illusions.photographs import evenly_spaced, is_grey, read_photographs
from illusions.pictures import read_picture

#: Photographs that take more bytes than this when decoded are streamed.
LARGEST_BANK = 2 * 2**30
#: Files whose size in pixels is looked up to estimate that of all.
_HEADERS = 1_000
#: Photographs that a worker hands over at a time.
_CHUNK = 32


def open_photographs(
    paths: Sequence[Path], size: int, device: torch.device, *, seed: int
) -> PhotographBank | PhotographStream:
    """The photographs in memory where they fit, as a stream otherwise.

    Args:
        paths: picture files.
        size: side of a patch, pixels.
        device: where a model trains; what is held in memory is held there.
        seed: of a stream's order and places.

    Raises:
        InputError: none can be used.
    """
    if decoded_bytes(paths) > LARGEST_BANK:
        return PhotographStream(paths, seed=seed)
    pictures, skipped = read_photographs(paths, size)
    return PhotographBank(pictures, device, skipped=skipped)


def decoded_bytes(paths: Sequence[Path]) -> float:
    """About how many bytes photographs take when decoded, from the headers of at most 1,000 of them."""
    looked_at = evenly_spaced(paths, _HEADERS)
    return 3.0 * sum(map(_pixels, looked_at)) / len(looked_at) * len(paths)


def _pixels(path: Path) -> int:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                return image.width * image.height
    except (OSError, Image.DecompressionBombError):
        return 0  # it will be passed over


class PhotographStream:
    """Patches of photographs on disk, without end; a source of patches as `PhotographBank` is.

    Args:
        paths: picture files.
        seed: of the order of the photographs and the places of the patches.
        crops: patches that are cut from a photograph each time it is decoded.
        at_once: photographs whose patches are kept together.

    Attributes:
        skipped: for every file that has been passed over, why. In its place comes another photograph once more.
    """

    def __init__(self, paths: Sequence[Path], *, seed: int, crops: int = 16, at_once: int = 1024) -> None:
        self._paths = np.array([os.fsencode(path) for path in paths])  # no objects, which workers would copy
        self._seed, self._crops, self._at_once = seed, crops, at_once
        self._plan: _Plan | None = None
        self._chunks: Iterator[_Chunk] = iter(())
        self._blocks: dict[int, NDArray[np.uint8]] = {}
        self._next_block = 0
        self._skipped: dict[int, str] = {}
        self._grey: set[int] = set()

    @property
    def skipped(self) -> list[str]:
        return list(self._skipped.values())

    @property
    def grey(self) -> int:
        """How many of the photographs decoded until now have no colour."""
        return len(self._grey)

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
        """As in `PatchSource`: n patches of the stream after the `first`; decodes only photographs of ``share``.

        ``generator`` only says on which device the patches are wanted.

        Raises:
            InputError: none of the photographs whose turn it is can be used.
        """
        numbers = np.arange(first, first + n)[share]
        step = share.step or 1
        plan = _Plan(size, flip, int(numbers[0]) % step, step, -(-self._at_once // step) * step)
        blocks, within = np.divmod(numbers, plan.photographs * self._crops)
        crops, slots = np.divmod(within, plan.photographs)
        parts = [
            self._block(int(block), plan)[(slots[blocks == block] - plan.start) // step, crops[blocks == block]]
            for block in np.unique(blocks)
        ]
        patches = torch.from_numpy(np.concatenate(parts))
        if generator.device.type == "cuda":
            patches = patches.pin_memory()  # copied while the GPU still works on the update before
        return patches.to(generator.device, non_blocking=True)

    def _block(self, number: int, plan: _Plan) -> NDArray[np.uint8]:
        """Patches ``(photographs, crops, size, size, 3)`` of a block of the stream."""
        if plan != self._plan or (number not in self._blocks and number != self._next_block):
            self._plan, self._next_block, self._blocks = plan, number, {}
            self._chunks = self._read(plan, number)
        if number not in self._blocks:
            self._blocks = {number: self._next(plan)}
            self._next_block = number + 1
        return self._blocks[number]

    @one_warning()
    def _next(self, plan: _Plan) -> NDArray[np.uint8]:
        parts: list[NDArray[np.uint8]] = []
        failed: list[int] = []
        length = len(plan.slots)
        while (done := sum(len(part) for part in parts)) < length:
            chunk = next(self._chunks)
            parts.append(chunk.patches)
            self._skipped |= chunk.reasons
            self._grey |= chunk.grey
            report(chunk.notes)
            failed += [done + place for place in chunk.failed]
        if len(failed) == length:
            raise InputError(f"none of {length} photographs in a row can be used; the first: {self.skipped[0]}")
        patches = np.concatenate(parts)
        for place in failed:
            good = next(other for other in range(place - 1, place - length, -1) if other % length not in failed)
            patches[place] = np.roll(patches[good % length], 1, axis=0)  # not the same patch at the same time
        return patches

    def _read(self, plan: _Plan, block: int) -> Iterator[_Chunk]:
        workers = max(1, min(8, _cores() // (2 * plan.step)))
        chunks_of_a_block = -(-len(plan.slots) // _CHUNK)
        loader = DataLoader(
            _Cutter(self._paths, plan, self._seed, self._crops),
            sampler=_Order(len(self._paths), plan, self._seed, block),
            batch_size=None,
            collate_fn=_as_it_is,
            num_workers=workers,
            prefetch_factor=-(-chunks_of_a_block // workers),  # the next block, while this one is used
            worker_init_fn=_ignore_interrupts,
            generator=torch.Generator(),
        )
        with warnings.catch_warnings():
            # The workers touch neither PyTorch's threads nor a GPU.
            warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
            return iter(loader)


class _Plan(NamedTuple):
    """The part of a stream for one process: patches of this size from every `step`-th photograph of a block."""

    size: int
    flip: bool
    start: int
    step: int
    photographs: int  # of a block, over all processes

    @property
    def slots(self) -> range:
        return range(self.start, self.photographs, self.step)


class _Chunk(NamedTuple):
    """Patches ``(photographs, crops, size, size, 3)``; failed photographs, and why; files without colour; notes."""

    patches: NDArray[np.uint8]
    failed: list[int]
    reasons: dict[int, str]
    grey: set[int]
    notes: Notes


class _Turn(NamedTuple):
    """The turn of a photograph in the stream: how many came before, and which file it is."""

    number: int
    file: int


class _Order(Sampler[list[_Turn]]):
    """The turns of the photographs that a process needs, in chunks, epoch after epoch without end."""

    def __init__(self, files: int, plan: _Plan, seed: int, first_block: int) -> None:
        self.files, self.plan, self.seed, self.first_block = files, plan, seed, first_block

    def __iter__(self) -> Iterator[list[_Turn]]:
        epoch, order = -1, np.empty(0, int)
        for block in count(self.first_block):
            turns = []
            for slot in self.plan.slots:
                number = block * self.plan.photographs + slot
                if number // self.files != epoch:
                    epoch = number // self.files
                    order = np.random.default_rng([self.seed, epoch]).permutation(self.files)
                turns.append(_Turn(number, int(order[number % self.files])))
            for start in range(0, len(turns), _CHUNK):
                yield turns[start : start + _CHUNK]


class _Cutter(Dataset[_Chunk]):
    """Decodes photographs when their turn comes, and cuts patches at random places."""

    def __init__(self, paths: NDArray[np.bytes_], plan: _Plan, seed: int, crops: int) -> None:
        self.paths, self.plan, self.seed, self.crops = paths, plan, seed, crops

    def __getitem__(self, turns: list[_Turn]) -> _Chunk:
        size = self.plan.size
        with noted() as notes:
            chunk = _Chunk(np.zeros((len(turns), self.crops, size, size, 3), np.uint8), [], {}, set(), notes)
            for i, turn in enumerate(turns):
                try:
                    chunk.patches[i] = self._cut(turn, chunk.grey)
                except InputError as error:
                    chunk.failed.append(i)
                    chunk.reasons[turn.file] = str(error)
        return chunk

    def _cut(self, turn: _Turn, grey: set[int]) -> NDArray[np.uint8]:
        """Patches ``(crops, size, size, 3)`` of a photograph, which joins the files without colour if it has none."""
        size = self.plan.size
        picture = read_picture(os.fsdecode(self.paths[turn.file]), minimum_side=size)
        if is_grey(picture):
            grey.add(turn.file)
        height, width = picture.shape[:2]
        random = np.random.default_rng([self.seed, turn.number])
        top = random.integers(0, height - size + 1, self.crops)
        left = random.integers(0, width - size + 1, self.crops)
        mirrored = (random.random(self.crops) < 0.5) & self.plan.flip
        windows = np.lib.stride_tricks.sliding_window_view(picture, (size, size), axis=(0, 1))
        patches = windows[top, left].transpose(0, 2, 3, 1)
        patches[mirrored] = patches[mirrored, :, ::-1]
        return patches


def _as_it_is(chunk: Any) -> Any:
    return chunk


def _ignore_interrupts(_worker: int) -> None:
    """The run decides when its workers end, not the signal that reaches all of them."""
    ignore()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
