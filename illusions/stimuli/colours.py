"""Colours: written as sRGB, HSV, CIELAB or DKL, kept as floats, and turned into 8-bit sRGB at the very end."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from skimage.color import hsv2rgb, lab2lch, lab2rgb, lab2xyz, lch2lab, rgb2hsv, rgb2lab
from skimage.color.colorconv import rgb_from_xyz

from illusions.arrays import Bytes, Floats
from illusions.errors import InputError
from illusions.stimuli.displays import SRGB, Display, from_dkl, to_dkl

#: sRGB in [0, 1]; HSV in [0, 1]; CIELAB (D65) as lightness L*, chroma C*, hue angle in radians; as L*, a*, b*; the
#: contrasts of Derrington, Krauskopf and Lennie, see `illusions.stimuli.displays`.
Space = Literal["srgb", "hsv", "lch", "lab", "dkl"]

#: A CIELAB colour is outside the sRGB gamut if a channel is by half a level of 8 bits.
_OUT_OF_GAMUT = 0.5 / 255
#: Below this saturation, chroma, a colour that was not written in that space has no hue to speak of.
_GREY: dict[Space, float] = {"hsv": 1e-3, "lch": 0.05}
#: Channels of bytes that differ by no more, in levels, may be those of a grey: each is rounded by up to half a level.
_GREY_BYTES = 1


@dataclass(frozen=True)
class Colour:
    """A colour, exact in the space in which it was written.

    A grey written as HSV has a hue, a black written as HSV has a saturation; rounded to bytes they would lose them.

    Attributes:
        space: in which it was written.
        values: three coordinates in that space.
    """

    space: Space
    values: tuple[float, float, float]

    @property
    def rgb(self) -> Floats:
        """Shape (3,), sRGB in [0, 1]."""
        return to_rgb(self.space, np.array(self.values))

    @property
    def bytes(self) -> Bytes:
        """Shape (3,), 8-bit sRGB."""
        return to_bytes(self.rgb)

    @property
    def hex(self) -> str:
        """8-bit sRGB as text, ``"#808080"``."""
        return "#{:02x}{:02x}{:02x}".format(*self.bytes)

    @property
    def written(self) -> str | dict[str, list[float]]:
        """As it is written in files; see `parse_colour`. A grey in CIELAB loses its hue."""
        if self.space == "srgb" and np.array_equal(self.bytes / 255, self.values):
            return self.hex
        space: Space = {"srgb": "hsv", "lch": "lab"}.get(self.space, self.space)  # type: ignore[assignment]
        return {space: [float(value) for value in self.coordinates(space)]}

    def coordinates(self, space: Space) -> Floats:
        """Shape (3,): the same colour in another space."""
        if space == self.space:
            return np.array(self.values)
        if {space, self.space} == {"lch", "lab"}:
            return np.asarray(lab2lch(self.values) if space == "lch" else lch2lab(self.values), dtype=np.float64)
        return from_rgb(space, self.rgb)

    def has_hue(self, space: Space) -> bool:
        """Whether its hue in a space is known: a grey has none, unless it was written as HSV, or with an angle.

        A colour of bytes within a level of grey has none, either: a grey saved as JPEG comes back as (127, 128, 128).
        """
        if self.space == "srgb":
            return bool(255 * np.ptp(self.values) > _GREY_BYTES + 1e-9)
        if space == self.space:
            return space == "hsv" or bool(self.values[1] > _GREY[space] or self.values[2] != 0)
        return bool(self.coordinates(space)[1] > _GREY[space])


def parse_colour(written: Any) -> Colour:
    """A colour as it is written in files and in Python.

    Args:
        written: ``"#8a6f3c"``; ``{"hsv": [h, s, v]}``, each in [0, 1]; ``{"lab": [L, a, b]}``, CIELAB with D65, L in
            [0, 100]; ``{"dkl": [L+M, L-M, S-(L+M)]}``, contrasts, see `to_dkl`; or a `Colour`.

    Raises:
        InputError: it is none of these, or lies out of range or outside the sRGB gamut.
    """
    if isinstance(written, Colour):
        return written
    if isinstance(written, str):
        return _parse_hex(written)
    if isinstance(written, Mapping) and len(written) == 1:
        ((space, values),) = written.items()
        if space in _PARSERS:
            return _PARSERS[space](_three_numbers(space, values))
    raise InputError('a colour is "#rrggbb", { hsv = [h, s, v] }, { lab = [L, a, b] } or { dkl = [L+M, L-M, S-(L+M)] }')


def to_rgb(space: Space, coordinates: ArrayLike, display: Display = SRGB) -> Floats:
    """Coordinates (..., 3) to sRGB in [0, 1], clipped to the gamut; of DKL to the values of a display."""
    values = np.asarray(coordinates, dtype=np.float64)
    if space == "hsv":
        return np.asarray(hsv2rgb(values), dtype=np.float64)
    if space == "lch":
        return _rgb_of_lab(lch2lab(values), grey=values[..., 1:2] == 0)
    if space == "lab":
        return _rgb_of_lab(values, grey=(values[..., 1:] == 0).all(axis=-1, keepdims=True))
    if space == "dkl":
        return np.clip(from_dkl(values, display), 0, 1)
    return values


def _rgb_of_lab(lab: Floats, *, grey: NDArray[np.bool_]) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what lies outside the gamut is clipped
        rgb = np.asarray(lab2rgb(lab), dtype=np.float64)
    return np.where(grey, rgb.mean(axis=-1, keepdims=True), rgb)


def from_rgb(space: Space, rgb: ArrayLike, display: Display = SRGB) -> Floats:
    """The sRGB colours (..., 3), in [0, 1], in another space; to DKL from the values of a display."""
    values = np.asarray(rgb, dtype=np.float64)
    if space == "hsv":
        return np.asarray(rgb2hsv(values), dtype=np.float64)
    if space == "dkl":
        return to_dkl(values, display)
    if space in ("lch", "lab"):
        lab = rgb2lab(values)
        found = np.asarray(lab2lch(lab) if space == "lch" else lab, dtype=np.float64)
        found[..., 1:][np.ptp(values, axis=-1) == 0] = 0  # the white of the conversion is off in the fifth digit
        return found
    return values


def in_gamut(space: Space, coordinates: ArrayLike, display: Display = SRGB) -> NDArray[np.bool_]:
    """Whether coordinates (..., 3), in range, are sRGB colours: whether no channel is half a level off."""
    values = np.asarray(coordinates, dtype=np.float64)
    if space in ("srgb", "hsv"):
        return np.ones(values.shape[:-1], dtype=bool)
    if space == "dkl":
        encoded = from_dkl(values, display)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what lies outside of XYZ, too
            linear = lab2xyz(_lab(space, values)) @ rgb_from_xyz.T
        encoded = SRGB.encoded(linear)
    return np.asarray((encoded > -_OUT_OF_GAMUT).all(axis=-1) & (encoded < 1 + _OUT_OF_GAMUT).all(axis=-1))


def outside_gamut(space: Space, coordinates: ArrayLike, display: Display = SRGB) -> Floats:
    """How far coordinates (..., 3), in range, are from the sRGB colour that they are clipped to (CIE 1976 ΔE).

    A line of DKL leaves the gamut once and for all, as it is one of light: what lies outside is infinitely far.
    """
    values = np.asarray(coordinates, dtype=np.float64)
    if space in ("srgb", "hsv"):
        return np.zeros(values.shape[:-1])
    if space == "dkl":
        return np.where(in_gamut(space, values, display), 0.0, np.inf)
    return np.asarray(np.linalg.norm(rgb2lab(to_rgb(space, values)) - _lab(space, values), axis=-1))


def _lab(space: Space, values: Floats) -> Floats:
    return np.asarray(lch2lab(values) if space == "lch" else values)


def to_bytes(rgb: ArrayLike) -> Bytes:
    """The sRGB colours (..., 3), in [0, 1], as 8-bit sRGB: rounded to the nearest, halves up."""
    return np.floor(np.asarray(rgb) * 255 + 0.5).astype(np.uint8)


def _parse_hex(text: str) -> Colour:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise InputError(f'a colour in sRGB is "#rrggbb", six hexadecimal digits; not "{text}"')
    red, green, blue = (byte / 255 for byte in bytes.fromhex(text[1:]))
    return Colour("srgb", (red, green, blue))


def _three_numbers(space: str, values: Any) -> tuple[float, float, float]:
    try:
        first, second, third = values
    except (TypeError, ValueError):
        first = second = third = None
    if not all(_is_number(value) for value in (first, second, third)):
        raise InputError(f"{space} takes three numbers, not {values!r}")
    return float(first), float(second), float(third)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _from_hsv(hsv: tuple[float, float, float]) -> Colour:
    for letter, value in zip("hsv", hsv, strict=True):
        if not 0 <= value <= 1:
            raise InputError(f"{letter} of hsv is {value:g}; expected 0 to 1")
    return Colour("hsv", hsv)


def _from_lab(lab: tuple[float, float, float]) -> Colour:
    if not 0 <= lab[0] <= 100:
        raise InputError(f"L of lab is {lab[0]:g}; expected 0 to 100")
    lightness, chroma, hue = (float(value) for value in lab2lch(np.array(lab)))
    if not in_gamut("lch", [lightness, chroma, hue]):
        raise InputError(f"lab = {list(lab)} lies outside the sRGB gamut; expected a* and b* nearer to 0")
    return Colour("lch", (lightness, chroma, hue))


def _from_dkl(dkl: tuple[float, float, float]) -> Colour:
    if not in_gamut("dkl", dkl):
        raise InputError(f"dkl = {list(dkl)} lies outside the sRGB gamut; expected contrasts nearer to 0")
    return Colour("dkl", dkl)


#: How a table of three numbers becomes a colour, by its key.
_PARSERS: dict[str, Callable[[tuple[float, float, float]], Colour]] = {
    "hsv": _from_hsv,
    "lab": _from_lab,
    "dkl": _from_dkl,
}
