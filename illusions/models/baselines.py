"""Baselines for likelihoods: simple models of patches, and PNG compression.

Every baseline gives the bits per dimension of 8-bit patches, as a flow does: a model of bytes directly, a density by
way of uniform dequantisation, a compressor by the length of what it writes.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from illusions.errors import InputError
from illusions.models.dequantisation import uniform_noise
from illusions.models.photographs import EvenPatches

_Patches = NDArray[np.uint8]
_Floats = NDArray[np.float64]
#: Shrinkages of the Gaussian among which photographs that it was not fitted to choose.
SHRINKAGES = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
#: Every how many-th training photograph chooses the shrinkage.
_CHOOSING = 5
#: Patches that are float64 at a time.
_BATCH = 4_096


def baselines(training: EvenPatches, validation: EvenPatches, *, seed: int = 0) -> Iterator[tuple[str, _Floats]]:
    """Fit every baseline, one after the other, and let it predict patches.

    Args:
        training: what is fitted to.
        validation: what is predicted.
        seed: of the dequantisation noise.

    Yields:
        The name of the baseline, and the bits per dimension ``(n,)`` of every patch of `validation`.
    """
    patches, photographs = validation.patches, validation.photographs
    yield "independent pixels", IndependentPixels.fit(training.patches).bits_per_dimension(patches)
    gaussian = Gaussian.fit(training.patches, training.photographs, seed=seed)
    yield "Gaussian", gaussian.bits_per_dimension(patches, seed=seed)
    yield "PNG, each patch by itself", png_bits_per_dimension(patches)
    yield "PNG, a photograph's patches together", png_bits_per_dimension_together(patches, photographs)


@dataclass(frozen=True)
class IndependentPixels:
    """Every value of a patch by itself: how often it occurs in its channel."""

    bits: _Floats  #: ``(3, 256)``, −log₂ of the probability of each value of each channel.

    @classmethod
    def fit(cls, patches: _Patches) -> IndependentPixels:
        """Count the values of patches ``(n, size, size, 3)``, and half a time each that has never been seen."""
        counts = np.stack([np.bincount(patches[..., channel].ravel(), minlength=256) for channel in range(3)]) + 0.5
        return cls(-np.log2(counts / counts.sum(axis=1, keepdims=True)))

    def bits_per_dimension(self, patches: _Patches) -> _Floats:
        """Bits per dimension ``(n,)`` of patches ``(n, size, size, 3)``."""
        bits: _Floats = self.bits[np.arange(3), patches].mean(axis=(1, 2, 3))
        return bits


@dataclass(frozen=True)
class Gaussian:
    """A Gaussian of all values of a patch, with their full covariance.

    The covariance is (1 − λ) S + λ tr(S)/D · I, with S that of the training patches, bytes spread evenly over their
    bins, and λ the shrinkage that makes photographs most likely which S was not computed from.
    """

    mean: _Floats  #: ``(D,)``, of values in [0, 256).
    axes: _Floats  #: ``(D, D)``, the eigenvectors of the covariance as columns.
    variances: _Floats  #: ``(D,)``, along them.
    shrinkage: float  #: λ.

    @classmethod
    def fit(cls, patches: _Patches, photographs: NDArray[np.int64], *, seed: int = 0) -> Gaussian:
        """Fit to patches ``(n, size, size, 3)`` of at least two photographs.

        Args:
            patches: training patches.
            photographs: the photograph ``(n,)`` that each comes from.
            seed: of the dequantisation noise.

        Raises:
            InputError: all patches are of one photograph.
        """
        if len(np.unique(photographs)) < 2:
            raise InputError("one training photograph is too few to fit a Gaussian to; expected at least 2")
        choosing = np.isin(photographs, np.unique(photographs)[::_CHOOSING])
        trial = cls._unshrunk(patches[~choosing], seed)
        bits = {
            shrinkage: trial._shrunk(shrinkage).bits_per_dimension(patches[choosing], seed=seed).mean()
            for shrinkage in SHRINKAGES
        }
        return cls._unshrunk(patches, seed)._shrunk(min(bits, key=bits.__getitem__))

    def bits_per_dimension(self, patches: _Patches, *, seed: int = 0) -> _Floats:
        """Bits per dimension ``(n,)`` of patches ``(n, size, size, 3)``, with one draw of noise for each."""
        constant = np.log(2 * math.pi * self.variances).sum()
        squares = np.concatenate(
            [(((x - self.mean) @ self.axes) ** 2 / self.variances).sum(axis=1) for x in _dequantised(patches, seed)]
        )
        bits: _Floats = 0.5 * (squares + constant) / (len(self.mean) * math.log(2))
        return bits

    @classmethod
    def _unshrunk(cls, patches: _Patches, seed: int) -> Gaussian:
        dimensions = math.prod(patches.shape[1:])
        total, products = np.zeros(dimensions), np.zeros((dimensions, dimensions))
        for x in _dequantised(patches, seed):
            centred = x - 128  # keeps the products small
            total += centred.sum(axis=0)
            products += centred.T @ centred
        mean = total / len(patches)
        variances, axes = np.linalg.eigh(products / len(patches) - np.outer(mean, mean))
        return cls(mean + 128, axes, variances.clip(0), shrinkage=0)

    def _shrunk(self, shrinkage: float) -> Gaussian:
        variances = (1 - shrinkage) * self.variances + shrinkage * self.variances.mean()
        return replace(self, variances=variances, shrinkage=shrinkage)


def _dequantised(patches: _Patches, seed: int) -> Iterator[_Floats]:
    """Continuous values in [0, 256), ``(batch, D)``, with the noise that a model would be given."""
    noise = uniform_noise(patches.shape, seed=seed, draw=0)
    for start in range(0, len(patches), _BATCH):
        part = slice(start, start + _BATCH)
        x: _Floats = noise[part].astype(np.float64)
        x += patches[part]
        yield x.reshape(len(x), -1)


def png_bits_per_dimension(patches: _Patches) -> _Floats:
    """Bits per dimension ``(n,)`` of patches ``(n, size, size, 3)``, each compressed as a PNG picture of its own.

    Only the compressed pixels count (the payload of the IDAT chunks), not the header of the file. Still, a picture
    this small pays for a code table of its own; `png_bits_per_dimension_together` is what PNG needs without that.
    """
    dimensions = math.prod(patches.shape[1:])
    return np.array([8 * len(png_payload(patch)) / dimensions for patch in patches])


def png_bits_per_dimension_together(patches: _Patches, photographs: NDArray[np.int64]) -> _Floats:
    """As `png_bits_per_dimension`, but all patches of a photograph are compressed as one picture.

    They lie side by side in rows, as many as columns. This favours PNG: what one patch of a photograph tells about
    another is nothing that a model of single patches may use.
    """
    dimensions = math.prod(patches.shape[1:])
    bits = np.empty(len(patches))
    for photograph in np.unique(photographs):
        own = photographs == photograph
        pictures = mosaic(patches[own])
        bits[own] = 8 * sum(len(png_payload(picture)) for picture in pictures) / (own.sum() * dimensions)
    return bits


def mosaic(patches: _Patches) -> list[_Patches]:
    """Patches ``(n, size, size, 3)`` side by side: a picture of ⌊√n⌋ columns, and one of the row that is left over."""
    columns = math.isqrt(len(patches))
    whole = len(patches) // columns * columns
    return [_rows(part, columns) for part in (patches[:whole], patches[whole:]) if len(part)]


def _rows(patches: _Patches, columns: int) -> _Patches:
    columns = min(columns, len(patches))
    _, size, _, channels = patches.shape
    grid = patches.reshape(-1, columns, size, size, channels)
    return np.ascontiguousarray(grid.transpose(0, 2, 1, 3, 4).reshape(-1, columns * size, channels))


def png_payload(picture: _Patches) -> bytes:
    """What PNG makes of the pixels ``(height, width, 3)``: filtered row by row, then deflated as well as zlib can."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="PNG", optimize=True)
    data = file.getvalue()
    payload, position = b"", 8  # after the signature
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        if kind == b"IDAT":
            payload += data[position + 8 : position + 8 + length]
        position += 12 + length  # length, kind and checksum are 4 bytes each
    return payload
