"""Pictures other than photographs, which an outlier detector has to find."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from illusions.arrays import Bytes

#: Factor by which lines are drawn larger and then reduced, for smooth edges.
_OVERSAMPLING = 4
#: Of a drawing: pixels per line, and the width of the pen in pixels.
_AREA_PER_LINE, _PEN = 400, (0.8, 2.0)


def noise(picture: Bytes, random: np.random.Generator) -> Bytes:
    """White noise of the picture's size: every value of every pixel uniform on 0 to 255, independent."""
    return random.integers(0, 256, picture.shape, dtype=np.uint8)


def scrambled(picture: Bytes, random: np.random.Generator) -> Bytes:
    """The picture with its Fourier phases shuffled: its spectrum, and the correlation of its colours, without edges.

    The same random phases, those of white noise, are added in all three channels, so that the relation between these
    stays. Values that leave the range are clipped. The mean colour stays.
    """
    phases = np.angle(np.fft.fft2(random.standard_normal(picture.shape[:2])))
    phases[0, 0] = 0
    spectrum = np.fft.fft2(picture.astype(np.float64), axes=(0, 1)) * np.exp(1j * phases)[..., None]
    return np.rint(np.clip(np.fft.ifft2(spectrum, axes=(0, 1)).real, 0, 255)).astype(np.uint8)


def drawing(picture: Bytes, random: np.random.Generator) -> Bytes:
    """A line drawing of the picture's size: smooth dark curves at random places on white paper."""
    height, width = picture.shape[:2]
    page = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING), 255)
    pen = ImageDraw.Draw(page)
    for _ in range(max(1, height * width // _AREA_PER_LINE)):
        start = random.uniform((0, 0), (width, height))
        corners = start + np.cumsum(random.normal(0, 20, (4, 2)), axis=0)
        curve = _bezier(corners) * _OVERSAMPLING
        ink, line = int(random.integers(0, 90)), max(1, round(random.uniform(*_PEN) * _OVERSAMPLING))
        pen.line([(float(x), float(y)) for x, y in curve], fill=ink, width=line, joint="curve")
    small = np.asarray(page.resize((width, height), Image.Resampling.BOX))
    return np.repeat(small[..., None], 3, axis=2)


def negative(picture: Bytes, random: np.random.Generator) -> Bytes:
    """The inverted picture: 255 minus every value."""
    return np.asarray(255 - picture)


#: Every kind, by name.
CONTROLS: dict[str, Callable[[Bytes, np.random.Generator], Bytes]] = {
    "noise": noise,
    "phase-scrambled": scrambled,
    "line drawings": drawing,
    "inverted": negative,
}


def _bezier(corners: np.ndarray, steps: int = 24) -> np.ndarray:
    """Points (steps, 2) on the cubic Bézier curve of four corners (4, 2)."""
    t = np.linspace(0, 1, steps)[:, None]
    a, b, c, d = corners
    return np.asarray((1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d)
