"""Photographs that keep a part of what photographs have: the controls of what a prediction comes from.

    python tests/benchmarks/altered_photographs.py scrambled PHOTOS OUT

PHOTOS holds train/ and validation/; so does OUT, as PNG. With the same seed the same pictures.

scrambled   phases of the Fourier transform random, the same added in red, green and blue: amplitude spectrum and
            covariance of the colours stay; edges, shapes and heavy tails go
turned      hues turned by 90° in the cone-opponent plane (RG, BY) of each pixel, both axes in units of their natural
            contrast; luminance A and all that is spatial stay
noise       Gaussian 1/f noise with the mean and the covariance of the colours of all photographs: nothing else stays

What leaves the range of sRGB is clipped; the share of values at or beyond its ends is printed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2]))

from illusions.arrays import Bytes, Floats
from illusions.models.cones import from_opponent, to_opponent
from illusions.photographs import find_photographs
from illusions.pictures import read_picture

#: Natural contrasts of RG and BY (the floors of the recipes of the view).
CONTRASTS = 0.01, 0.03
#: A photograph, and random numbers of its own, to values on the scale of bytes.
Change = Callable[[Bytes, np.random.Generator], Floats]


def scrambled(photograph: Bytes, random: np.random.Generator) -> Floats:
    """The photograph with the phases of white noise added to its own."""
    phases = np.angle(np.fft.rfft2(random.standard_normal(photograph.shape[:2])))
    phases[0, 0] = 0  # the mean stays
    spectrum = np.fft.rfft2(photograph.astype(float), axes=(0, 1)) * np.exp(1j * phases)[..., None]
    return np.asarray(np.fft.irfft2(spectrum, s=photograph.shape[:2], axes=(0, 1)))


def turned(photograph: Bytes, _: np.random.Generator) -> Floats:
    """The photograph with hues turned by a quarter: what was +RG becomes +BY, and +BY becomes −RG."""
    luminance, red, blue = to_opponent(torch.tensor(photograph), "cube-root", torch.float64).unbind(-1)
    ratio = CONTRASTS[1] / CONTRASTS[0]
    return np.asarray(255 * from_opponent(torch.stack([luminance, -blue / ratio, red * ratio], dim=-1), "cube-root"))


def noise(mean: Floats, root: Floats) -> Change:
    """Noise with an amplitude spectrum of 1/f, as large as the photograph in whose place it stands.

    Args:
        mean: shape (3,), of the colours of all photographs.
        root: shape (3, 3), a square root of their covariance.
    """

    def change(photograph: Bytes, random: np.random.Generator) -> Floats:
        height, width = photograph.shape[:2]
        frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
        frequency[0, 0] = 1.0
        white = np.fft.rfft2(random.standard_normal((height, width, 3)), axes=(0, 1)) / frequency[..., None]
        white[0, 0] = 0
        pink = np.fft.irfft2(white, s=(height, width), axes=(0, 1))
        return np.asarray(mean + pink / pink.std(axis=(0, 1)) @ root.T)

    return change


def colours(paths: list[Path]) -> tuple[Floats, Floats]:
    """Mean (3,) and square root of the covariance (3, 3) of the colours of photographs, bytes."""
    pixels = np.concatenate([read_picture(path)[::8, ::8].reshape(-1, 3) for path in paths]).astype(float)
    return pixels.mean(axis=0), np.linalg.cholesky(np.cov(pixels.T))


def write(change: Change, photos: Path, out: Path) -> Iterator[float]:
    """Write every photograph, changed; yields the share of its values at or beyond the ends of the range."""
    for part in ("train", "validation"):
        (out / part).mkdir(parents=True)
        for i, path in enumerate(find_photographs(photos / part)):
            found = change(read_picture(path), np.random.default_rng([0, i, part == "train"]))
            Image.fromarray(np.clip(np.rint(found), 0, 255).astype(np.uint8)).save(
                out / part / f"{i:05d}.png", compress_level=1
            )
            yield float(((found <= 0) | (found >= 255)).mean())


if __name__ == "__main__":
    name, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    changes: dict[str, Callable[[], Change]] = {
        "scrambled": lambda: scrambled,
        "turned": lambda: turned,
        "noise": lambda: noise(*colours(find_photographs(source / "train"))),
    }
    ends = list(write(changes[name](), source, target))
    print(f"{name}: {100 * np.mean(ends):.2f} % of the values are at or beyond the ends of the range")
