"""Colours in sRGB, HSV, CIELAB or DKL, kept as floats and converted to 8-bit sRGB last."""

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
from skimage import color

from illusions.arrays import Bytes, Floats
from illusions.displays import (
    SRGB,
    SRGB_CONES,
    ConeSpace,
    from_dkl,
    from_polar,
    from_xyy,
    gamut_contrast,
    to_dkl,
    to_polar,
)
from illusions.errors import InputError

#: sRGB in [0, 1]; HSV in [0, 1]; CIELAB (D65) as lightness L*, chroma C*, hue angle in radians; as L*, a*, b*; the
#: contrasts of Derrington, Krauskopf and Lennie, and the same as luminance, contrast and azimuth in degrees, see
#: `illusions.displays`.
Space = Literal["srgb", "hsv", "lch", "lab", "dkl", "dkl-polar"]

#: The spaces of cone contrasts.
DKL: tuple[Space, ...] = ("dkl", "dkl-polar")

#: A CIELAB colour is outside the sRGB gamut if a channel is by half a level of 8 bits.
_OUT_OF_GAMUT = 0.5 / 255
#: Below this saturation, chroma, a colour that was not written in that space has no hue to speak of.
_GREY: dict[Space, float] = {"hsv": 1e-3, "lch": 0.05, "dkl-polar": 1e-3}
#: Channels of bytes that differ by no more, in levels, may be those of a grey: each is rounded by up to half a level.
_GREY_BYTES = 1


@dataclass(frozen=True)
class Colour:
    """A colour, exact in the space in which it was given.

    A grey written as HSV has a hue, a black written as HSV has a saturation; rounded to bytes they would lose them.

    Attributes:
        space: in which it was given.
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
            convert = color.lab2lch if space == "lch" else color.lch2lab
            return np.asarray(convert(self.values), dtype=np.float64)
        if {space, self.space} == {"dkl", "dkl-polar"}:
            return to_polar(self.values) if space == "dkl-polar" else from_polar(self.values)
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


def parse_colour(written: Any, cones: ConeSpace = SRGB_CONES) -> Colour:
    """A colour as it is written in files and in Python.

    Args:
        written: ``"#8a6f3c"``; ``{"hsv": [h, s, v]}``, each in [0, 1]; ``{"lab": [L, a, b]}``, CIELAB with D65, L in
            [0, 100]; ``{"dkl": [L+M, L-M, S-(L+M)]}``, contrasts, see `to_dkl`; ``{"dkl-polar": [L+M, contrast,
            azimuth]}``, degrees, see `to_polar`; ``{"xyY": [x, y, Y]}``, CIE 1931 and cd/m²; or a `Colour`.
        cones: the display of a colour in xyY, and the cone-opponent space of one in DKL.

    Raises:
        InputError: it is none of these, or lies out of range or outside the gamut; or it is in xyY and the luminance
            of the display's white is unknown.
    """
    if isinstance(written, Colour):
        return written
    if isinstance(written, str):
        return _parse_hex(written)
    if isinstance(written, Mapping) and len(written) == 1:
        ((space, values),) = written.items()
        if space in _PARSERS:
            return _PARSERS[space](_three_numbers(space, values), cones)
    raise InputError(
        'a colour is "#rrggbb", { hsv = [h, s, v] }, { lab = [L, a, b] }, { dkl = [L+M, L-M, S-(L+M)] }, '
        "{ dkl-polar = [L+M, contrast, azimuth] } or { xyY = [x, y, Y] }"
    )


def to_rgb(space: Space, coordinates: ArrayLike, cones: ConeSpace = SRGB_CONES) -> Floats:
    """Coordinates (..., 3) to sRGB in [0, 1], clipped to the gamut; of DKL to the values of its display."""
    values = np.asarray(coordinates, dtype=np.float64)
    if space == "hsv":
        return _rgb_of_hsv(values)
    if space == "lch":
        return _rgb_of_lab(color.lch2lab(values), grey=values[..., 1:2] == 0)
    if space == "lab":
        return _rgb_of_lab(values, grey=(values[..., 1:] == 0).all(axis=-1, keepdims=True))
    if space in DKL:
        return np.clip(_rgb_of_dkl(space, values, cones), 0, 1)
    return values


def _rgb_of_hsv(hsv: Floats) -> Floats:
    """As `skimage.color.hsv2rgb`, whose import takes SciPy with it and more time than a command's stimuli."""
    hue, saturation, v = np.moveaxis(hsv, -1, 0)
    sector = np.floor(6 * hue)
    f = 6 * hue - sector
    p, q, t = v * (1 - saturation), v * (1 - f * saturation), v * (1 - (1 - f) * saturation)
    by_sector = [np.stack(rgb, axis=-1) for rgb in ((v, t, p), (q, v, p), (p, v, t), (p, q, v), (t, p, v), (v, p, q))]
    return np.asarray(np.choose(sector.astype(int)[..., None] % 6, by_sector))


def _hsv_of_rgb(rgb: Floats) -> Floats:
    """As `skimage.color.rgb2hsv`: hue and saturation of a grey are 0."""
    red, green, blue = np.moveaxis(rgb, -1, 0)
    v, delta = rgb.max(axis=-1), np.ptp(rgb, axis=-1)
    some = np.where(delta > 0, delta, 1)
    sectors = 4 + (red - green) / some, 2 + (blue - red) / some, (green - blue) / some
    hue = np.select([blue == v, green == v], sectors[:2], sectors[2])
    return np.stack([np.where(delta > 0, hue / 6 % 1, 0), delta / np.where(delta > 0, v, 1), v], axis=-1)


def _rgb_of_dkl(space: Space, values: Floats, cones: ConeSpace) -> Floats:
    return from_dkl(from_polar(values, cones) if space == "dkl-polar" else values, cones)


def _rgb_of_lab(lab: Floats, *, grey: NDArray[np.bool_]) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what lies outside the gamut is clipped
        rgb = np.asarray(color.lab2rgb(lab), dtype=np.float64)
    return np.where(grey, rgb.mean(axis=-1, keepdims=True), rgb)


def from_rgb(space: Space, rgb: ArrayLike, cones: ConeSpace = SRGB_CONES) -> Floats:
    """The sRGB colours (..., 3), in [0, 1], in another space; to DKL from the values of its display."""
    values = np.asarray(rgb, dtype=np.float64)
    if space == "hsv":
        return _hsv_of_rgb(values)
    if space in DKL:
        dkl = to_dkl(values, cones)
        return to_polar(dkl, cones) if space == "dkl-polar" else dkl
    if space in ("lch", "lab"):
        lab = color.rgb2lab(values)
        found = np.asarray(color.lab2lch(lab) if space == "lch" else lab, dtype=np.float64)
        found[..., 1:][np.ptp(values, axis=-1) == 0] = 0  # the white of the conversion is off in the fifth digit
        return found
    return values


def in_gamut(space: Space, coordinates: ArrayLike, cones: ConeSpace = SRGB_CONES) -> NDArray[np.bool_]:
    """Whether coordinates (..., 3), in range, are sRGB colours: whether no channel is half a level off."""
    values = np.asarray(coordinates, dtype=np.float64)
    if space in ("srgb", "hsv"):
        return np.ones(values.shape[:-1], dtype=bool)
    if space in DKL:
        encoded = _rgb_of_dkl(space, values, cones)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # what lies outside of XYZ, too
            linear = color.lab2xyz(_lab(space, values)) @ color.colorconv.rgb_from_xyz.T
        encoded = SRGB.encoded(linear)
    return np.asarray((encoded > -_OUT_OF_GAMUT).all(axis=-1) & (encoded < 1 + _OUT_OF_GAMUT).all(axis=-1))


def outside_gamut(space: Space, coordinates: ArrayLike, cones: ConeSpace = SRGB_CONES) -> Floats:
    """How far coordinates (..., 3), in range, are from the sRGB colour that they are clipped to (CIE 1976 ΔE).

    A line of DKL leaves the gamut once and for all, as it is one of light: what lies outside is infinitely far.
    """
    values = np.asarray(coordinates, dtype=np.float64)
    if space in ("srgb", "hsv"):
        return np.zeros(values.shape[:-1])
    if space in DKL:
        return np.where(in_gamut(space, values, cones), 0.0, np.inf)
    return np.asarray(np.linalg.norm(color.rgb2lab(to_rgb(space, values)) - _lab(space, values), axis=-1))


def _lab(space: Space, values: Floats) -> Floats:
    return np.asarray(color.lch2lab(values) if space == "lch" else values)


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


def _from_hsv(hsv: tuple[float, float, float], _: ConeSpace) -> Colour:
    for letter, value in zip("hsv", hsv, strict=True):
        if not 0 <= value <= 1:
            raise InputError(f"{letter} of hsv is {value:g}; expected 0 to 1")
    return Colour("hsv", hsv)


def _from_lab(lab: tuple[float, float, float], _: ConeSpace) -> Colour:
    if not 0 <= lab[0] <= 100:
        raise InputError(f"L of lab is {lab[0]:g}; expected 0 to 100")
    lightness, chroma, hue = (float(value) for value in color.lab2lch(np.array(lab)))
    if not in_gamut("lch", [lightness, chroma, hue]):
        raise InputError(f"lab = {list(lab)} lies outside the sRGB gamut; expected a* and b* nearer to 0")
    return Colour("lch", (lightness, chroma, hue))


def _from_dkl(dkl: tuple[float, float, float], cones: ConeSpace) -> Colour:
    if not in_gamut("dkl", dkl, cones):
        raise InputError(f"dkl = {list(dkl)} lies outside the {_gamut(cones)}; expected contrasts nearer to 0")
    return Colour("dkl", dkl) if cones == SRGB_CONES else _of_display(from_dkl(dkl, cones))


def _from_polar(polar: tuple[float, float, float], cones: ConeSpace) -> Colour:
    luminance, contrast, azimuth = polar
    if contrast < 0:
        raise InputError(f"the contrast of dkl-polar is {contrast:g}; expected 0 or more")
    if not 0 <= azimuth < 360:
        raise InputError(f"the azimuth of dkl-polar is {azimuth:g}; expected degrees, from 0 to less than 360")
    if not in_gamut("dkl-polar", polar, cones):
        largest = np.floor(1e4 * gamut_contrast(luminance, azimuth, cones)) / 1e4
        raise InputError(
            f"dkl-polar = {list(polar)} lies outside the {_gamut(cones)}; expected a contrast of at most "
            f"{largest:g} at azimuth {azimuth:g}°"
        )
    return Colour("dkl-polar", polar) if cones == SRGB_CONES else _of_display(from_dkl(from_polar(polar, cones), cones))


def _from_xyy(xyy: tuple[float, float, float], cones: ConeSpace) -> Colour:
    rgb = from_xyy(xyy, cones.display)
    if not ((rgb > -_OUT_OF_GAMUT) & (rgb < 1 + _OUT_OF_GAMUT)).all():
        raise InputError(
            f"xyY = {list(xyy)} lies outside the gamut of the display, whose white has {cones.display.white:g} cd/m²; "
            "expected a colour that it shows"
        )
    return _of_display(rgb)


def _of_display(rgb: Floats) -> Colour:
    red, green, blue = (float(value) for value in np.clip(rgb, 0, 1))
    return Colour("srgb", (red, green, blue))


def _gamut(cones: ConeSpace) -> str:
    return "sRGB gamut" if cones.display == SRGB else "gamut of the display"


#: How a table of three numbers becomes a colour, by its key.
_PARSERS: dict[str, Callable[[tuple[float, float, float], ConeSpace], Colour]] = {
    "hsv": _from_hsv,
    "lab": _from_lab,
    "dkl": _from_dkl,
    "dkl-polar": _from_polar,
    "xyY": _from_xyy,
}


def is_colour(table: Mapping[str, Any]) -> bool:
    """Whether a table is a colour as it is written in files, rather than a table of other keys."""
    return len(table) == 1 and set(table) <= set(_PARSERS)
