"""Displays: what light an 8-bit colour becomes, and what the cones of an eye make of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from illusions.arrays import Bytes, Floats
from illusions.errors import InputError, unknown_name

#: x and y of CIE 1931.
Chromaticity: TypeAlias = tuple[float, float]

#: From X', Y', Z' with Judd's and Vos' corrections to the cones L, M and S: Smith, V. C. & Pokorny, J. (1975). Spectral
#: sensitivity of the foveal cone photopigments between 400 and 500 nm. Vision Research, 15, 161–171. L + M is the
#: luminance; the unit of S means nothing here, as only its ratios are used.
_CONES = np.array([[0.15514, 0.54312, -0.03286], [-0.15514, 0.45684, 0.03286], [0.0, 0.0, 0.01608]])
_KEYS = ("red", "green", "blue", "white", "gamma")


def _xyz(xy: Chromaticity, luminance: float) -> Floats:
    x, y = xy
    return luminance / y * np.array([x, y, 1 - x - y])


def _vos(x: float, y: float) -> Chromaticity:
    """From CIE 1931 to the chromaticity with Judd's and Vos' corrections (Vos 1978)."""
    share = 0.03845 * x + 0.01496 * y + 1
    return (1.0271 * x - 0.00008 * y - 0.00009) / share, (0.00376 * x + 1.0072 * y + 0.00764) / share


@dataclass(frozen=True)
class Display:
    """A display with three primaries, whose lights add up. Left out, all is as in sRGB (IEC 61966-2-1).

    Attributes:
        red: chromaticity of the primary.
        green: chromaticity of the primary.
        blue: chromaticity of the primary.
        white: chromaticity of all three at their greatest.
        gamma: light is the value, in [0, 1], to this power; None for the curve of sRGB.
        luminance: of the white, cd/m².
    """

    red: Chromaticity = (0.64, 0.33)
    green: Chromaticity = (0.30, 0.60)
    blue: Chromaticity = (0.15, 0.06)
    white: Chromaticity = (0.3127, 0.3290)
    gamma: float | None = None
    luminance: float = 1.0

    def __post_init__(self) -> None:
        for name in ("red", "green", "blue", "white"):
            x, y = getattr(self, name)
            if not (0 <= x <= 1 and 0 < y <= 1 and x + y <= 1):
                raise InputError(f"{name} of the display is [{x:g}, {y:g}]; expected x and y of CIE 1931")
        if self.gamma is not None and not 0.5 <= self.gamma <= 5:
            raise InputError(f"gamma of the display is {self.gamma:g}; expected 0.5 to 5")
        if not (self.luminance > 0 and math.isfinite(self.luminance)):
            raise InputError(f"white of the display is {self.luminance:g} cd/m²; expected a positive number")
        primaries = np.array([_xyz(xy, 1.0) for xy in (self.red, self.green, self.blue)])
        if abs(np.linalg.det(primaries)) < 1e-9 or not (self._shares > 0).all():
            raise InputError("the white of the display does not lie between its primaries; expected it within them")

    def linear(self, rgb: ArrayLike) -> Floats:
        """Colours (..., 3) in [0, 1] as parts of the light of each primary, in [0, 1]."""
        values = np.asarray(rgb, dtype=np.float64)
        if self.gamma is not None:
            return np.asarray(values**self.gamma)
        return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)

    def encoded(self, light: ArrayLike) -> Floats:
        """The inverse of `linear`; also for a little less or more light than there is."""
        values = np.asarray(light, dtype=np.float64)
        if self.gamma is not None:
            return np.asarray(np.sign(values) * np.abs(values) ** (1 / self.gamma))
        return np.where(values <= 0.0031308, 12.92 * values, 1.055 * np.maximum(values, 0) ** (1 / 2.4) - 0.055)

    def luminances(self, colours: Bytes) -> Floats:
        """The luminance, cd/m², of 8-bit colours (..., 3): shape (...)."""
        return np.asarray(self.luminance * (self.linear(colours / 255) @ self._shares))

    @cached_property
    def cones(self) -> Floats:
        """Shape (3, 3): what L, M and S make of each primary at its greatest, a primary a row; L + M of the white is 1.

        Chromaticities are corrected after Vos, J. J. (1978), Colorimetric and photometric properties of a 2°
        fundamental observer, Color Research & Application, 3, 125–128, and luminances stay, so that L + M is the
        luminance that a photometer measures.
        """
        lights = zip((self.red, self.green, self.blue), self._shares, strict=True)
        return np.asarray(np.array([_xyz(_vos(*xy), share) for xy, share in lights]) @ _CONES.T)

    @cached_property
    def _shares(self) -> Floats:
        """Shape (3,): the share that each primary has in the luminance of the white."""
        primaries = np.array([_xyz(xy, 1.0) for xy in (self.red, self.green, self.blue)])
        return np.asarray(np.linalg.lstsq(primaries.T, _xyz(self.white, 1.0), rcond=None)[0])


#: What pictures are made for.
SRGB = Display()


def to_dkl(rgb: ArrayLike, display: Display = SRGB) -> Floats:
    """Colours (..., 3) in [0, 1] in the space of Derrington, Krauskopf and Lennie; shape (..., 3).

    The coordinates are contrasts to a grey of half the luminance of the display's white: ΔL+ΔM over L+M of that grey
    (from −1, black, to 1, white); L−M: the contrast of the L cones minus that of the M cones; and S−(L+M): that of the
    S cones minus that of the luminance. Every grey has 0 for the last two. Along L−M neither luminance nor S changes,
    along S−(L+M) neither L nor M.

    Derrington, A. M., Krauskopf, J. & Lennie, P. (1984). Chromatic mechanisms in lateral geniculate nucleus of macaque.
    Journal of Physiology, 357, 241–265. As a matrix: Brainard, D. H. (1996). Cone contrast and opponent modulation
    color spaces. In P. K. Kaiser & R. M. Boynton, Human Color Vision (2nd ed.), pp. 563–579.
    """
    values = np.asarray(rgb, dtype=np.float64)
    cones = display.linear(values) @ display.cones
    grey = display.cones.sum(axis=0) / 2
    contrast = cones / grey - 1
    luminance = cones[..., :2].sum(axis=-1) / grey[:2].sum() - 1
    found = np.stack([luminance, contrast[..., 0] - contrast[..., 1], contrast[..., 2] - luminance], axis=-1)
    found[..., 1:][np.ptp(values, axis=-1) == 0] = 0  # but for the last digits
    return found


def from_dkl(dkl: ArrayLike, display: Display = SRGB) -> Floats:
    """The inverse of `to_dkl`, (..., 3): below 0 or above 1 where the display has no such colour."""
    values = np.asarray(dkl, dtype=np.float64)
    long, middle, short = display.cones.sum(axis=0) / 2
    luminance, difference = values[..., 0], values[..., 1]
    # contrasts l and m with l − m = difference, and long·l + middle·m = (long + middle)·luminance
    of_middle = luminance - long / (long + middle) * difference
    cones = np.stack(
        [
            (1 + of_middle + difference) * long,
            (1 + of_middle) * middle,
            (1 + values[..., 2] + luminance) * short,
        ],
        axis=-1,
    )
    rgb = display.encoded(cones @ np.linalg.inv(display.cones))
    grey = (values[..., 1:] == 0).all(axis=-1, keepdims=True)
    return np.where(grey, rgb.mean(axis=-1, keepdims=True), rgb)


def parse_display(written: Any) -> Display:
    """A display as it is written in files: ``{ red = [x, y], green = …, blue = …, white = …, gamma = 2.2 }``.

    Every key may be left out, and is then as in sRGB.

    Raises:
        InputError: there is another key, or a value is none.
    """
    if isinstance(written, Display):
        return written
    if not isinstance(written, Mapping):
        raise InputError("a display is { red = [x, y], green = [x, y], blue = [x, y], white = [x, y], gamma = 2.2 }")
    for key in written:
        if key not in _KEYS:
            raise unknown_name("key of a display", str(key), _KEYS)
    read: dict[str, Any] = {
        key: _number(key, value) if key == "gamma" else _chromaticity(key, value) for key, value in written.items()
    }
    return Display(**read)


def parse_luminances(written: str) -> Display:
    """A display of sRGB's primaries whose luminances are known, as on the command line: ``"gamma=2.2,white=100"``.

    Args:
        written: ``white``, the luminance of the white, cd/m²; and ``gamma``, or left out for the curve of sRGB.

    Raises:
        InputError: it is not as above.
    """
    said = [part.partition("=") for part in written.split(",")]
    values = {key.strip(): value.strip() for key, _, value in said}
    try:
        numbers = {key: float(value) for key, value in values.items()}
    except ValueError:
        numbers = {}
    if len(numbers) < len(said) or not {"white"} <= set(numbers) <= {"white", "gamma"}:
        raise InputError(
            "a display is gamma=2.2,white=100, its gamma (or left out for the curve of sRGB) and the cd/m² of its "
            f"white; not '{written}'"
        )
    return Display(gamma=numbers.get("gamma"), luminance=numbers["white"])


def _chromaticity(key: str, written: Any) -> Chromaticity:
    if not isinstance(written, Sequence) or isinstance(written, str) or len(written) != 2:
        raise InputError(f"{key} of the display is {written!r}; expected [x, y] of CIE 1931")
    x, y = (_number(key, value) for value in written)
    return x, y


def _number(key: str, written: Any) -> float:
    if isinstance(written, bool) or not isinstance(written, Real) or not math.isfinite(written):
        raise InputError(f"{key} of the display: expected a number, not {written!r}")
    return float(written)
