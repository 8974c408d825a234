"""How a picture's file says that its bytes mean colours, where it is not by an ICC profile.

Which statement goes before which is the order of the PNG specification (W3C, third edition, section 4.3): cICP, an ICC
profile, sRGB, then gAMA and cHRM. Code points of cICP (and of nclx in AVIF) are those of ITU-T H.273.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from illusions.decoding import JUST_NOTICEABLE
from illusions.errors import InputError

#: Chromaticities x and y of white, red, green and blue.
Chromaticities: TypeAlias = tuple[float, ...]

_D65 = (0.3127, 0.3290)
#: IEC 61966-2-1.
SRGB_PRIMARIES: Chromaticities = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
#: SMPTE EG 432-1, with the white of Display P3.
P3_PRIMARIES: Chromaticities = (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
#: Adobe RGB (1998), with its exponent.
ADOBE_PRIMARIES: Chromaticities = (*_D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
ADOBE_EXPONENT = 563 / 256

#: By code point what is converted: the primaries, and the exponent (0 for the curve of sRGB); "unspecified" is sRGB.
_PRIMARIES = {1: SRGB_PRIMARIES, 2: SRGB_PRIMARIES, 12: P3_PRIMARIES}
_EXPONENTS = {2: 0.0, 4: 2.2, 5: 2.8, 8: 1.0, 13: 0.0}
#: By code point what else there is.
_PRIMARY_NAMES = {4: "BT.470 M", 5: "BT.470 BG", 6: "BT.601", 7: "SMPTE 240M", 8: "film", 9: "BT.2020", 10: "XYZ"}
_CURVE_NAMES = {1: "BT.709", 6: "BT.601", 7: "SMPTE 240M", 14: "BT.2020", 15: "BT.2020", 16: "PQ", 18: "HLG"}

#: Chromaticities nearer to those of sRGB than this are taken for them: files hold them rounded.
_SAME_CHROMATICITY = 0.001
#: An exponent within this share of 2.2 stands for the curve of sRGB: PNG asks that files with that curve say 1/2.2.
#: libpng does not correct less, either.
_SAME_EXPONENT = 0.05

_WHITE_POINT, _PRIMARY_CHROMATICITIES = 318, 319
_INTEROPERABILITY, _INDEX = 0xA005, 1
#: Cone responses of XYZ: Bradford, as in ICC.1:2022, annex E.
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


@dataclass(frozen=True)
class Encoding:
    """Primaries and curve of bytes."""

    source: str  #: what says so, as it should be read.
    primaries: Chromaticities = SRGB_PRIMARIES  #: chromaticities of white, red, green and blue.
    exponent: float = 0.0  #: of linear light as a power of the byte; 0 for the curve of sRGB.

    @property
    def is_srgb(self) -> bool:
        """Whether bytes are sRGB as they are, up to what files round."""
        return self.exponent == 0 and self.primaries == SRGB_PRIMARIES

    def to_srgb(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Bytes of this encoding as sRGB: white becomes white (Bradford); what lies outside of the gamut is clipped.

        Args:
            pixels: shape (h, w, 3).

        Returns:
            Shape (h, w, 3), and which were clipped visibly, shape (h, w).

        Raises:
            InputError: the chromaticities are none of three primaries around a white.
        """
        levels = np.arange(256) / 255
        light = levels**self.exponent if self.exponent else _decode_srgb(levels)
        clipped = np.zeros(pixels.shape[:2], dtype=bool)
        if self.primaries == SRGB_PRIMARIES:
            return np.rint(255 * _encode_srgb(light)).astype(np.uint8)[pixels], clipped
        matrix = np.linalg.inv(_to_xyz(SRGB_PRIMARIES)) @ self._adapted()
        converted = np.empty_like(pixels)
        for row, stored in enumerate(pixels):
            linear = light.astype(np.float32)[stored] @ matrix.T
            converted[row] = np.rint(255 * _encode_srgb(linear))
            outside = ((linear < 0) | (linear > 1)).any(axis=1)
            if outside.any():
                clipped[row, outside] = _moves_visibly(linear[outside])
        return converted, clipped

    def _adapted(self) -> NDArray[np.float64]:
        """Linear light to XYZ, the white of which is that of sRGB, shape (3, 3)."""
        try:
            matrix = _to_xyz(self.primaries)
            whites = _BRADFORD @ np.stack([_xyz(*SRGB_PRIMARIES[:2]), _xyz(*self.primaries[:2])], axis=1)
            adapted = np.linalg.inv(_BRADFORD) @ np.diag(whites[:, 0] / whites[:, 1]) @ _BRADFORD @ matrix
        except (np.linalg.LinAlgError, ZeroDivisionError):
            adapted = np.full((3, 3), np.nan)
        if not np.isfinite(adapted).all():
            raise InputError(f"its chromaticities ({self.source}) are no primaries around a white: {self.primaries}")
        return np.asarray(adapted)


def declared(path: Path, image: ImageFile) -> Encoding | None:
    """The encoding that a file declares, by metadata that precede an ICC profile, or without a profile.

    Args:
        path: the file.
        image: the same, opened.

    Returns:
        The encoding; None if the file says nothing, so that its ICC profile counts, or that they are sRGB.

    Raises:
        InputError: it says something that has no faithful conversion; the message names it.
    """
    if (codes := _code_points(path, image)) is not None:
        return _of_code_points(path, *codes)
    if image.info.get("icc_profile") or "srgb" in image.info:
        return None
    if "gamma" in image.info or "chromaticity" in image.info:
        return _of_gamma(path, image.info.get("gamma"), image.info.get("chromaticity", SRGB_PRIMARIES))
    tags = getattr(image, "tag_v2", {})
    if _PRIMARY_CHROMATICITIES in tags:
        white = tuple(map(float, tags.get(_WHITE_POINT, _D65)))
        return Encoding("PrimaryChromaticities", _primaries((*white, *map(float, tags[_PRIMARY_CHROMATICITIES]))))
    if _interoperability(image).startswith("R03"):
        return Encoding("EXIF: Adobe RGB", ADOBE_PRIMARIES, ADOBE_EXPONENT)
    return None


def _interoperability(image: Image.Image) -> str:
    """The rule that EXIF says a file follows: ``"R03"`` for Adobe RGB; empty where it says nothing."""
    try:
        return str(image.getexif().get_ifd(_INTEROPERABILITY).get(_INDEX, ""))
    except KeyError:  # Pillow 11 and 12, where a file has no such table
        return ""


def _of_gamma(path: Path, gamma: float | None, chromaticities: Chromaticities) -> Encoding:
    if gamma is None:
        return Encoding("cHRM", _primaries(chromaticities))
    if not gamma > 0:
        raise InputError(f"{path}: its gAMA is {gamma:g}; expected a positive number")
    exponent = 0.0 if abs(1 / gamma / 2.2 - 1) < _SAME_EXPONENT else 1 / gamma
    return Encoding("gAMA and cHRM", _primaries(chromaticities), exponent)


def _primaries(chromaticities: Chromaticities) -> Chromaticities:
    same = np.abs(np.subtract(chromaticities, SRGB_PRIMARIES)).max() < _SAME_CHROMATICITY
    return SRGB_PRIMARIES if same else chromaticities


def _of_code_points(path: Path, primaries: int, curve: int) -> Encoding:
    if primaries in _PRIMARIES and curve in _EXPONENTS:
        return Encoding("cICP", _PRIMARIES[primaries], _EXPONENTS[curve])
    colours = {1: "sRGB", 2: "unspecified", 11: "DCI P3", 12: "Display P3", **_PRIMARY_NAMES}
    curves = {2: "unspecified", 8: "linear", 13: "sRGB", **_CURVE_NAMES}
    raise InputError(
        f"{path}: its colours have the primaries {primaries} ({colours.get(primaries, 'unknown')}) and the curve "
        f"{curve} ({curves.get(curve, 'unknown')}) of ITU-T H.273 (cICP); expected sRGB or Display P3"
    )


def _code_points(path: Path, image: ImageFile) -> tuple[int, int] | None:
    """Code points of primaries and curve, if the file has such; of a PNG they stand before its pixels."""
    if image.format == "PNG":
        return _cicp(path)
    if image.format == "HEIF" and not image.info.get("icc_profile"):
        nclx = image.info.get("nclx_profile") or {}
        return (nclx["color_primaries"], nclx["transfer_characteristics"]) if nclx else None
    if image.format == "AVIF":
        data = path.read_bytes()
        at = data.find(b"colrnclx")
        return struct.unpack(">HH", data[at + 8 : at + 12]) if at >= 0 else None
    return None


def _cicp(path: Path) -> tuple[int, int] | None:
    with path.open("rb") as file:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            length, kind = struct.unpack(">I4s", head)
            if kind == b"cICP" and length == 4:
                primaries, curve, _, full = file.read(4)
                if not full:
                    raise InputError(f"{path}: its bytes are of a video, 16 to 235 (cICP); expected the full range")
                return primaries, curve
            if kind in (b"IDAT", b"IEND"):
                break
            file.seek(length + 4, 1)
    return None


def _moves_visibly(linear: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether a colour, linear sRGB (n, 3), moves visibly where it is clipped to the gamut; shape (n,)."""
    from skimage.color import xyz2lab

    to_xyz = _to_xyz(SRGB_PRIMARIES).T
    moved = xyz2lab(linear @ to_xyz) - xyz2lab(linear.clip(0, 1) @ to_xyz)
    return np.asarray(np.linalg.norm(moved, axis=-1) > JUST_NOTICEABLE)


def apply(path: Path, image: Image.Image, encoding: Encoding) -> tuple[Image.Image, NDArray[np.bool_]]:
    """The picture in mode RGB, its bytes converted to sRGB, and which pixels were clipped visibly, shape (h, w).

    Raises:
        InputError: what it says of its primaries makes no sense.
    """
    rgb = image.convert("RGB")
    if encoding.is_srgb:
        return rgb, np.zeros(rgb.size[::-1], dtype=bool)
    try:
        converted, clipped = encoding.to_srgb(np.asarray(rgb))
        return Image.fromarray(converted), clipped
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _to_xyz(chromaticities: Chromaticities) -> NDArray[np.float64]:
    """Linear light of three primaries to XYZ, shape (3, 3): all of each makes white, Y = 1."""
    white, *primaries = (_xyz(x, y) for x, y in zip(chromaticities[::2], chromaticities[1::2], strict=True))
    matrix = np.stack(primaries, axis=1)
    return np.asarray(matrix * np.linalg.solve(matrix, white))


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    """XYZ of a chromaticity with Y = 1."""
    return np.array([x / y, 1, (1 - x - y) / y])


def _decode_srgb(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _encode_srgb(light: NDArray[np.floating]) -> NDArray[np.floating]:
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
