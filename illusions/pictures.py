"""Pictures in and out: what converts faithfully to 8-bit sRGB is read, everything else is refused with its reason."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from illusions.errors import InputError
from illusions.files import write_whole
from illusions.sixteen_bits import raw_mode, round_to_bytes

#: Pillow's limit against decompression bombs.
MAXIMUM_PIXELS = 89_478_485
_TOO_LARGE = f"is absurdly large; expected at most {MAXIMUM_PIXELS / 1e6:.0f} million pixels"
#: What decoders raise on damaged files.
_DAMAGE = (OSError, SyntaxError, TypeError, ValueError, EOFError, IndexError, struct.error, zlib.error)
#: By what else is raised, what is wrong with the file.
_REASONS: dict[type[Exception], str] = {
    Image.DecompressionBombWarning: _TOO_LARGE,
    Image.DecompressionBombError: _TOO_LARGE,
    UnidentifiedImageError: "is no picture; expected PNG, JPEG, TIFF, WebP or BMP",
    FileNotFoundError: "no such file; expected a picture",
    IsADirectoryError: "is a folder; expected a picture file",
    PermissionError: "cannot be read; you lack the permission",
}
_UNREADABLE: tuple[type[Exception], ...] = (*_REASONS, *_DAMAGE)


def read_picture(path: str | Path, *, minimum_side: int = 16) -> NDArray[np.uint8]:
    """Read a picture file as 8-bit sRGB.

    Converted are: palette, greyscale and black-and-white pictures, CMYK, YCbCr, 16 bits per channel (rounded to the
    nearest byte), an EXIF orientation, and an embedded ICC profile (relative colorimetric, to sRGB). A picture without
    a profile is taken as sRGB. An alpha channel is fine as long as every pixel is opaque.

    Args:
        path: the file.
        minimum_side: pixels that the shorter side must have, the side of a patch.

    Returns:
        Shape (h, w, 3), sRGB.

    Raises:
        InputError: there is no such file, it is a folder, cannot be read, is no picture, is truncated or damaged,
            is transparent somewhere, has several frames, pixels in planes of 16 bits or without a defined range
            (32-bit integers, floats), a side below ``minimum_side``, or more than 89 million pixels.
    """
    path = Path(path)
    if path.is_fifo():  # which Pillow would wait for
        raise InputError(f"{path}: is a pipe; expected a picture file")
    try:
        with _bombs_only(), Image.open(path) as image:
            pixels = np.asarray(_decode(path, image))
    except InputError:
        raise
    except _UNREADABLE as error:
        raise InputError(f"{path}: {_reason(error)}") from None
    height, width = pixels.shape[:2]
    if min(height, width) < minimum_side:
        raise InputError(
            f"{path}: is {width}×{height} pixels; expected at least {minimum_side}×{minimum_side}, the size of a patch"
        )
    return pixels


def write_picture(path: str | Path, picture: NDArray[np.uint8]) -> None:
    """Write a PNG file; it appears complete or not at all.

    Args:
        path: the file; one that exists is replaced.
        picture: shape (h, w, 3), sRGB, or (h, w), greyscale.

    Raises:
        InputError: the folder does not exist or cannot be written to.
    """
    png = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(png, format="PNG")
    try:
        write_whole(Path(path), png.getvalue())
    except InputError as error:
        raise InputError(f"{error}; expected a folder you may write to") from None


def _reason(error: Exception) -> str:
    reasons = (reason for kind, reason in _REASONS.items() if isinstance(error, kind))
    return next(reasons, f"is truncated or damaged ({error})")


@contextmanager
def _bombs_only() -> Iterator[None]:
    """Ignore what a decoder warns of, but for a decompression bomb."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _decode(path: Path, image: ImageFile) -> Image.Image:
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":  # a JPEG with its preview, as telephones write it
        raise InputError(f"{path}: holds several frames or pages; expected a single picture")
    stored = raw_mode(path, image)
    image.load()
    upright = round_to_bytes(path, ImageOps.exif_transpose(image), stored)
    return _to_srgb(path, _opaque(path, upright), sixteen_bits=image.mode == "I" and image.format == "PNG")


def _opaque(path: Path, image: Image.Image) -> Image.Image:
    """The picture without its alpha channel, which must be opaque."""
    if not image.has_transparency_data:
        return image
    if image.mode.startswith("I"):
        clear = np.asarray(image) == image.info["transparency"]
    else:
        clear = np.asarray(image.convert("RGBA").getchannel("A")) < 255
    if clear.any():
        raise InputError(
            f"{path}: is transparent in {100 * clear.mean():.3g} % of its pixels; expected an opaque picture"
        )
    if image.mode.startswith("I"):
        return image
    opaque = image.convert("L" if image.mode in ("L", "LA", "La") else "RGB")
    opaque.info.pop("transparency", None)
    return opaque


def _to_srgb(path: Path, image: Image.Image, *, sixteen_bits: bool) -> Image.Image:
    """The picture in mode RGB, its embedded profile applied."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I;16") or sixteen_bits:  # some versions of Pillow read 16 bits of a PNG into 32
        image = Image.fromarray(np.rint(np.asarray(image) / 257).astype(np.uint8))
    if image.mode in ("I", "F", "LAB"):
        raise InputError(f"{path}: its pixels (mode {image.mode}) have no defined sRGB value; expected 8 or 16 bits")
    if not profile:
        return image.convert("RGB")
    try:
        return _apply_profile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError) as error:
        raise InputError(f"{path}: its colour profile cannot be applied ({error})") from None


def _apply_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    if "sRGB" in ImageCms.getProfileDescription(profile):
        return image.convert("RGB")
    mode = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(profile.profile.xcolor_space.strip(), image.mode)
    converted = ImageCms.profileToProfile(
        image.convert(mode),
        profile,
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert converted is not None, "only in-place conversion returns nothing"
    return converted
