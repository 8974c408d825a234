"""Reading and writing of pictures. Those that do not convert faithfully to 8-bit sRGB are refused with the reason."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngInfo

from illusions.decoding import JUST_NOTICEABLE, Decoded, Notes, report
from illusions.encodings import Encoding, apply, declared
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
#: Of HEIF files, by ISO 23008-12, annex B.
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
#: A profile under which no colour is this many bytes from what it is in sRGB is sRGB, up to rounding.
_SAME_BYTES = 1


def read_picture(path: str | Path, *, minimum_side: int = 16) -> NDArray[np.uint8]:
    """Read a picture file as 8-bit sRGB.

    Converted are: palette, greyscale and black-and-white pictures, CMYK, YCbCr, 16 bits per channel (rounded to the
    nearest byte), an EXIF orientation, an embedded ICC profile (relative colorimetric, to sRGB; one whose curves and
    primaries are those of sRGB changes no byte), and in their place cICP of sRGB or Display P3, gAMA and cHRM of a PNG,
    primaries of a TIFF, and EXIF's mark of Adobe RGB. HEIC is read with the package pillow-heif. A picture that says
    nothing is taken as sRGB. An alpha channel is fine as long as every pixel is opaque.

    Args:
        path: the file.
        minimum_side: pixels that the shorter side must have, the side of a patch.

    Returns:
        Shape (h, w, 3), sRGB.

    Raises:
        InputError: there is no such file, it is a folder, cannot be read, is empty, no picture, truncated or damaged,
            is transparent somewhere, has several frames, a cICP of another kind (HDR, say), pixels in planes of 16
            bits or without a defined range (32-bit integers, floats), a side below ``minimum_side``, or more than 89
            million pixels.

    Warns:
        ClippedColours: colours outside the gamut of sRGB were clipped; see `illusions.decoding`.
    """
    pixels, clipped, jpeg = _read(Path(path))
    height, width = pixels.shape[:2]
    if min(height, width) < minimum_side:
        raise InputError(
            f"{path}: is {width}×{height} pixels; expected at least {minimum_side}×{minimum_side}, the size of a patch"
        )
    report(Notes({str(path): Decoded(jpeg, clipped=float(clipped.mean()))}))
    return pixels


def clipped_pixels(path: str | Path) -> NDArray[np.bool_]:
    """Which pixels of a picture that `read_picture` reads have a colour outside of sRGB that was clipped, (h, w)."""
    return _read(Path(path))[1]


def _read(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.bool_], bool]:
    """Pixels (h, w, 3), which of them were clipped (h, w), and whether the file is compressed as JPEG."""
    if path.is_fifo():  # which Pillow would wait for
        raise InputError(f"{path}: is a pipe; expected a picture file")
    try:
        with _bombs_only(), _open(path) as image:
            converted, clipped = _decode(path, image)
            # A TIFF may hold JPEG, too.
            jpeg = image.format in ("JPEG", "MPO") or image.info.get("compression") in ("jpeg", "tiff_jpeg")
    except InputError:
        raise
    except _UNREADABLE as error:
        raise InputError(f"{path}: {_reason(error, path)}") from None
    return np.asarray(converted), clipped, jpeg


def as_picture(
    given: str | Path | ArrayLike, *, name: str = "the picture", minimum_side: int = 16
) -> NDArray[np.uint8]:
    """A picture that is given as a file or as an array, as 8-bit sRGB.

    Args:
        given: a file, see `read_picture`; or an array of shape (h, w, 3), sRGB, or (h, w), greys: bytes, or floats in
            [0, 1].
        name: what a message calls an array.
        minimum_side: pixels that the shorter side must have.

    Returns:
        Shape (h, w, 3), sRGB.

    Raises:
        InputError: as `read_picture`; or the array has another shape or type, or floats out of range.

    Example:
        >>> as_picture(np.full((32, 48), 0.5))[0, 0]
        array([128, 128, 128], dtype=uint8)
    """
    if isinstance(given, str | Path):
        return read_picture(given, minimum_side=minimum_side)
    array = np.asarray(given)
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] != 3:
        raise InputError(f"{name} has shape {np.shape(given)}; expected (h, w, 3), sRGB, or (h, w), greys")
    if np.issubdtype(array.dtype, np.floating):
        if not ((array >= 0) & (array <= 1)).all():
            raise InputError(f"{name} goes from {array.min():.4g} to {array.max():.4g}; expected floats in 0 to 1")
        array = np.floor(array * 255 + 0.5).astype(np.uint8)
    if array.dtype != np.uint8:
        raise InputError(f"{name} is of the type {array.dtype}; expected bytes (uint8), or floats in 0 to 1")
    height, width = array.shape[:2]
    if min(height, width) < minimum_side:
        raise InputError(
            f"{name} is {width}×{height} pixels; expected at least {minimum_side}×{minimum_side}, the size of a patch"
        )
    return array


def png(picture: NDArray[np.uint8]) -> bytes:
    """A picture as the bytes of a PNG file, which says that it is sRGB.

    Args:
        picture: shape (h, w, 3), sRGB, or (h, w), greyscale.
    """
    written, says = io.BytesIO(), PngInfo()
    says.add(b"sRGB", bytes([ImageCms.Intent.RELATIVE_COLORIMETRIC]))
    Image.fromarray(np.ascontiguousarray(picture)).save(written, format="PNG", pnginfo=says)
    return written.getvalue()


def write_picture(path: str | Path, picture: NDArray[np.uint8]) -> None:
    """Write a PNG file; it appears complete or not at all.

    Args:
        path: the file; one that exists is replaced.
        picture: shape (h, w, 3), sRGB, or (h, w), greyscale.

    Raises:
        InputError: the folder does not exist or cannot be written to.
    """
    try:
        write_whole(Path(path), png(picture))
    except InputError as error:
        raise InputError(f"{error}; expected a folder you may write to") from None


def _reason(error: Exception, path: Path) -> str:
    if isinstance(error, UnidentifiedImageError) and path.stat().st_size == 0:
        return "is empty; expected a picture"
    reasons = (reason for kind, reason in _REASONS.items() if isinstance(error, kind))
    return next(reasons, f"is truncated or damaged ({error})")


@contextmanager
def _bombs_only() -> Iterator[None]:
    """Ignore warnings of a decoder, except for a decompression bomb."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _open(path: Path) -> ImageFile:
    """Open a picture; a HEIC file by its plugin, which Pillow does not find by itself."""
    try:
        return Image.open(path)
    except UnidentifiedImageError:
        if not _is_heic(path):
            raise
    try:
        import pillow_heif
    except ImportError:
        raise InputError(
            f"{path}: is a HEIC picture, which Pillow reads with a plugin only; expected the package pillow-heif "
            "(pip install pillow-heif), or a picture saved as PNG or TIFF"
        ) from None
    pillow_heif.register_heif_opener()
    return Image.open(path)


def _is_heic(path: Path) -> bool:
    """Whether a file begins as those of ISO 23008-12 do: a box 'ftyp' with a brand of HEIF."""
    with path.open("rb") as file:
        start = file.read(12)
    return start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS


def _decode(path: Path, image: ImageFile) -> tuple[Image.Image, NDArray[np.bool_]]:
    """The picture in mode RGB, and which pixels were clipped."""
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":  # a JPEG with its preview, as telephones write it
        raise InputError(f"{path}: holds several frames or pages; expected a single picture")
    stored = raw_mode(path, image)
    image.load()
    encoding = declared(path, image)
    ImageOps.exif_transpose(image, in_place=True)
    opaque = _opaque(path, round_to_bytes(path, image, stored))
    return _to_srgb(path, opaque, encoding, sixteen_bits=image.mode == "I" and image.format == "PNG")


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


def _to_srgb(
    path: Path, image: Image.Image, encoding: Encoding | None, *, sixteen_bits: bool
) -> tuple[Image.Image, NDArray[np.bool_]]:
    """The picture in mode RGB, its encoding or its embedded profile applied, and which pixels were clipped."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I;16") or sixteen_bits:  # some versions of Pillow read 16 bits of a PNG into 32
        image = Image.fromarray(np.rint(np.asarray(image) / 257).astype(np.uint8))
    if image.mode in ("I", "F", "LAB"):
        raise InputError(f"{path}: its pixels (mode {image.mode}) have no defined sRGB value; expected 8 or 16 bits")
    if encoding is not None:
        return apply(path, image, encoding)
    if not profile:
        return _in_rgb(image), _nowhere(image)
    try:
        return _apply_profile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError) as error:
        raise InputError(f"{path}: its colour profile cannot be applied ({error})") from None


def _apply_profile(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> tuple[Image.Image, NDArray[np.bool_]]:
    mode = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(profile.profile.xcolor_space.strip(), image.mode)
    image = image if image.mode == mode else image.convert(mode)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    to_srgb = _transform(profile, srgb, mode, "RGB")
    if mode != "CMYK" and _is_srgb(to_srgb, mode):
        return _in_rgb(image), _nowhere(image)
    converted = to_srgb.apply(image)
    return converted, _clipped(image, converted, profile, srgb)


def _transform(
    profile: ImageCms.ImageCmsProfile, to: ImageCms.ImageCmsProfile, mode: str, to_mode: str
) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        profile,
        to,
        mode,
        to_mode,
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _in_rgb(image: Image.Image) -> Image.Image:
    """The picture in mode RGB; no copy of one that is."""
    return image if image.mode == "RGB" else image.convert("RGB")


def _nowhere(image: Image.Image) -> NDArray[np.bool_]:
    return np.zeros(image.size[::-1], dtype=bool)


def _clipped(
    image: Image.Image, converted: Image.Image, profile: ImageCms.ImageCmsProfile, srgb: ImageCms.ImageCmsProfile
) -> NDArray[np.bool_]:
    """Which pixels have another CIELAB colour by their profile than after the conversion to sRGB, shape (h, w)."""
    pixels = np.asarray(converted)
    clipped: NDArray[np.bool_] = ((pixels == 0) | (pixels == 255)).any(axis=2)
    if not clipped.any():
        return clipped
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    before, after = (
        _lab(np.asarray(shown)[clipped], _transform(of, lab, shown.mode, "LAB"))
        for shown, of in ((image, profile), (converted, srgb))
    )
    clipped[clipped] = np.linalg.norm(before - after, axis=-1) > JUST_NOTICEABLE
    return clipped


def _lab(pixels: NDArray[np.uint8], to_lab: ImageCms.ImageCmsTransform) -> NDArray[np.float64]:
    """CIELAB of n pixels of a mode, shape (n, 3)."""
    found = np.asarray(to_lab.apply(Image.frombytes(to_lab.input_mode, (len(pixels), 1), pixels.tobytes())))[0]
    return np.column_stack([found[:, 0] * (100 / 255), found[:, 1:].view(np.int8)])


def _is_srgb(to_srgb: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a transform leaves every grey, and every mixture of primaries at nine levels each, as it is."""
    greys = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(-1, 3)
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    mixtures = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)
    before = Image.fromarray(np.concatenate([greys, mixtures])[None] if mode == "RGB" else greys[None, :, 0])
    after = np.asarray(to_srgb.apply(before)).astype(int)
    return bool(np.abs(after - np.asarray(before.convert("RGB"))).max() <= _SAME_BYTES)
