"""Illusions made in natural images: the surround of a target moved to where its latents are more or less likely."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from illusions import progress
from illusions.analyses.patches.crops import windows
from illusions.models.latents import HALF_LEVEL, comes_back, dequantised
from illusions.models.numerics import own_numerics
from illusions.models.threads import in_parallel, threads

if TYPE_CHECKING:
    from illusions.arrays import Bytes
    from illusions.models.glow import Glow
    from illusions.models.model import Model

#: Top and left of the patches of a batch.
_Place: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp]]

#: η of the published code: towards likelier latents, and (−0.8) away from them.
ETA = 0.6
#: Pixels between patches: every one, as in the published code.
STRIDE = 1
#: Patches that go through the flow at once: the weights are laid out anew for each batch.
BATCH = 1024


@dataclass(frozen=True, eq=False)
class Exaggeration:
    """A picture whose surround was moved, and how that went."""

    eta: float  #: how far, and which latents.
    picture: Bytes  #: shape (h, w, 3), sRGB; the target is that of the original, pixel for pixel.
    patches: int  #: how many patches were moved.
    halfway: int  #: how many of them did not decode after the whole step, and were moved by half of it.
    unmoved: int  #: how many did not decode then, either, or do not come back even unmoved, and stayed as they were.
    clipped: float  #: which share of the decoded colour values lay outside of sRGB, and was clipped.


def move(z: Tensor, eta: float) -> Tensor:
    """Latents moved along the gradient of their density: z − η z exp(−z²/2), each by itself.

    A latent is standard normal, with the density N(z) = exp(−z²/2) / √(2π), whose gradient is N′(z) = −z N(z): so
    this is a step of η √(2π) along N′. (Along the gradient of log N it would be −η z, which moves outliers most. This
    one moves latents near ±1 most, and those beyond ±3 hardly.) With η > 0 latents go to 0, where the prior is
    densest; with η < 0 away from it. The log-determinant, the other half of a patch's likelihood, is not looked at.

    So whether a patch becomes likelier is to be measured (`comparison.compare`). Towards 0 the density of the latents
    rises, and the log-determinant falls, often by more: photographs lose colour, gain a little texture, and become less
    likely, most of all where they were smooth. Besides, the noise that shrinks with the other latents is there again
    once colours are rounded to 8 bits.

    Source: the published code of Hirsch & Tal 2020, arXiv 2005.08772, with η = 0.6 and −0.8.
    """
    return z - eta * z * torch.exp(-0.5 * z.square())


@own_numerics()
def exaggerate(
    picture: Bytes,
    target: NDArray[np.bool_],
    model: Model,
    etas: Sequence[float] = (ETA,),
    *,
    stride: int = STRIDE,
    seed: int = 0,
) -> list[Exaggeration]:
    """Move the surround of a target to likelier (η > 0) or less likely (η < 0) latents; leave the target as it is.

    Patches at every `stride`-th row and column (and at the last ones) are encoded, moved (see `move`), decoded and
    clipped to sRGB; every pixel changes by the mean change over the patches that cover it. A change is that to the
    patch as it comes back unmoved, so that noise and rounding cancel: with η = 0 the picture stays exactly as it is. A
    patch that does not come back to within half a level of 8 bits in float32 is moved in float64 (`_recovered`). One
    that overflows on the way back is moved by half of η instead, and if that overflows too, not at all; so does the
    published code, which goes by way of η/2.

    A pixel away from the border is covered by (size / stride)² patches. On a CPU batches go through the flow side by
    side, one a thread. Memory: the picture and a batch per thread, whatever the number of patches.

    Args:
        picture: shape (h, w, 3), sRGB, not smaller than a patch.
        target: shape (h, w), true on the target.
        model: the flow.
        etas: one or several steps; patches are encoded once for all of them.
        stride: pixels between neighbouring patches; the published code has 1.
        seed: of the dequantisation noise, which all patches share.

    Returns:
        A picture per η, in their order.
    """
    totals = [_Total(eta, picture.shape[:2]) for eta in etas]
    tops, lefts = places(picture.shape[0], model.size, stride), places(picture.shape[1], model.size, stride)
    patches = windows(picture, model.size)

    @torch.inference_mode()
    def changes(place: _Place) -> list[tuple[_Place, list[_Change]]]:
        top, left = place
        found = [
            ((top[which], left[which]), [_change(latents, eta) for eta in etas])
            for which, latents in _latents_of_all(model, patches[top, left], seed)
        ]
        progress.report(len(top))
        return found

    batches = list(_batches(tops, lefts))
    at_once = threads() if model.device.type == "cpu" else 1
    for start in range(0, len(batches), at_once):
        some = batches[start : start + at_once]
        for found in in_parallel(changes, some) if at_once > 1 else map(changes, some):
            for place, of_etas in found:
                for total, change in zip(totals, of_etas, strict=True):
                    total.add(change, *place)
    cover = np.outer(_cover(tops, picture.shape[0], model.size), _cover(lefts, picture.shape[1], model.size))
    return [total.close(picture, target, cover, model.dimensions) for total in totals]


def patch_count(shape: Sequence[int], size: int, stride: int) -> int:
    """How many patches of a picture (h, w, …) are moved."""
    return len(places(shape[0], size, stride)) * len(places(shape[1], size, stride))


def places(length: int, size: int, stride: int) -> NDArray[np.intp]:
    """Where patches begin along one side of a picture: every `stride` pixels, and so that the last reaches its end."""
    last = length - size
    return np.unique(np.append(np.arange(0, last + 1, stride), last))


class _Total:
    """Sum of the changes of all patches for one η."""

    def __init__(self, eta: float, shape: Sequence[int]) -> None:
        self.eta = eta
        self.patches = self.halfway = self.unmoved = self.clipped = 0
        self._width = shape[1]
        self._sum = torch.zeros(shape[0] * shape[1], 3)

    def add(self, change: _Change, top: NDArray[np.intp], left: NDArray[np.intp]) -> None:
        """Lay the changes of patches over one another, each at its place, and count how it went."""
        offsets = torch.arange(change.colours.shape[1])
        rows, columns = torch.from_numpy(top)[:, None] + offsets, torch.from_numpy(left)[:, None] + offsets
        pixels = rows[:, :, None] * self._width + columns[:, None, :]
        self._sum.index_add_(0, pixels.flatten(), change.colours.flatten(0, 2))
        self.patches += len(change.colours)
        self.halfway += change.halfway
        self.unmoved += change.unmoved
        self.clipped += change.clipped

    def close(
        self, picture: Bytes, target: NDArray[np.bool_], cover: NDArray[np.intp], dimensions: int
    ) -> Exaggeration:
        change = 256 * self._sum.numpy().reshape(picture.shape) / cover[..., None]
        moved = np.rint(np.clip(picture + change, 0, 255)).astype(np.uint8)
        return Exaggeration(
            eta=self.eta,
            picture=np.where(target[..., None], picture, moved),
            patches=self.patches,
            halfway=self.halfway,
            unmoved=self.unmoved,
            clipped=self.clipped / (self.patches * dimensions),
        )


@dataclass(frozen=True, eq=False)
class _Change:
    """How patches change for one η, and how that went, as in `Exaggeration`."""

    colours: Tensor  #: shape (n, size, size, 3), on the scale of x.
    halfway: int  #: number of patches.
    unmoved: int  #: number of patches.
    clipped: int  #: number of colour values.


def _change(latents: _Latents, eta: float) -> _Change:
    y = latents.flow.decode(move(latents.z, eta))
    overflowed = _overflowed(y) | latents.lost
    halfway = unmoved = 0
    if overflowed.any():
        half = latents.flow.decode(move(latents.z[overflowed], eta / 2))
        still = _overflowed(half) | latents.lost[overflowed]
        half[still] = latents.back[overflowed][still]
        y[overflowed] = half
        unmoved = int(still.sum())
        halfway = int(overflowed.sum()) - unmoved
    clipped = int(((y < -0.5) | (y >= 0.5)).sum())
    colours = (y.clamp(-0.5, 0.5) - latents.back.clamp(-0.5, 0.5)).float().cpu()
    return _Change(colours, halfway, unmoved, clipped)


@dataclass(frozen=True, eq=False)
class _Latents:
    """Latents of patches, and what they decode to, in float32 or in float64."""

    flow: Glow  #: in that type.
    z: Tensor  #: shape (n, D), their latents.
    back: Tensor  #: shape (n, size, size, 3), the patches, but for rounding.
    lost: Tensor  #: shape (n,), which patches are not recovered from their latents; these latents are not used.


def _latents_of_all(model: Model, patches: Bytes, seed: int) -> Iterator[tuple[NDArray[np.intp], _Latents]]:
    """Indices and latents of the patches that are recovered in the model's type, then of the others, in float64."""
    latents = _latents(model, patches, seed)
    lost = latents.lost.cpu().numpy()
    kept = np.flatnonzero(~lost)
    if not lost.any():
        yield kept, latents
        return
    if len(kept):
        yield kept, _Latents(latents.flow, latents.z[kept], latents.back[kept], latents.lost[kept])
    others = np.flatnonzero(lost)
    yield others, _latents(model.double(), patches[others], seed)


def _latents(model: Model, patches: Bytes, seed: int) -> _Latents:
    x = dequantised(model, patches, seed=seed)
    z, log_det = model.flow.forward(x)
    back, lost = _recovered(model.flow, x, z, log_det)
    return _Latents(model.flow, z, back, lost)


def _recovered(flow: Glow, x: Tensor, z: Tensor, log_det: Tensor) -> tuple[Tensor, Tensor]:
    """The patches (n, size, size, 3) as they come back where that was tried, and which are lost (n,).

    The inverse divides by the scales of the couplings, so rounding errors grow most where scales are small, as the
    log-determinant is. Patches are tried in its order, a tenth at a time, until a tenth comes back with errors of at
    most a sixteenth of half a level. If a patch that is not tried were lost, it would change a pixel by at most one
    level: it is one of size² that cover the pixel.
    """
    back, lost = x.clone(), torch.zeros(len(x), dtype=torch.bool, device=x.device)
    for some in log_det.argsort().split(math.ceil(len(x) / 10)):
        returned = flow.decode(z[some])
        lost[some] = ~comes_back(x[some], returned)
        back[some] = torch.where(lost[some, None, None, None], x[some], returned)
        if comes_back(x[some], returned, HALF_LEVEL / 16).all():
            break
    return back, lost


def _overflowed(x: Tensor) -> Tensor:
    return ~x.isfinite().flatten(1).all(dim=1)


def _batches(tops: NDArray[np.intp], lefts: NDArray[np.intp]) -> Iterator[_Place]:
    for start in range(0, len(tops) * len(lefts), BATCH):
        row, column = np.divmod(np.arange(start, min(start + BATCH, len(tops) * len(lefts))), len(lefts))
        yield tops[row], lefts[column]


def _cover(starts: NDArray[np.intp], length: int, size: int) -> NDArray[np.intp]:
    """By how many patches each pixel along one side is covered."""
    edges = np.zeros(length + 1, dtype=np.intp)
    edges[starts] += 1
    edges[starts + size] -= 1
    return edges.cumsum()[:-1]
