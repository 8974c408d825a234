"""Pictures with 16 bits per channel, rounded to 8. Pillow by itself keeps the upper byte, half a step too dark.

It has decoders for both orders of bytes, though, and each of them keeps one of the two: with the decoder of the other
order it reads the lower bytes.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile

from illusions.errors import InputError

#: By the letter for the order of bytes in a raw mode, the one under which the other byte is kept.
_OTHER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
#: Raw modes of several channels of 16 bits.
_RAW_MODE = re.compile(r"(?P<channels>RGB[AXa]?|CMYK);16(?P<order>[BLN])")
#: Of a TIFF: the bits of each channel; how the channels follow each other, and the value for a plane each.
_BITS_PER_SAMPLE, _PLANAR_CONFIGURATION, _PLANES = 258, 284, 2


def raw_mode(path: Path, image: ImageFile) -> str:
    """How the pixels of an opened picture, not yet loaded, lie in its file: ``"RGB;16B"``; empty if that is not known.

    Raises:
        InputError: a TIFF has its channels of 16 bits in a plane each, of which Pillow would read half the bytes.
    """
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(_BITS_PER_SAMPLE, ())
    if tags.get(_PLANAR_CONFIGURATION) == _PLANES and len(bits) > 1 and 16 in bits:
        raise InputError(f"{path}: has its channels of 16 bits in a plane each; expected them pixel by pixel")
    return str(_first(image.tile[0].args)) if image.tile else ""


def round_to_bytes(path: Path, upright: Image.Image, raw_mode: str) -> Image.Image:
    """A picture in which every channel of 16 bits is rounded to the nearest byte; others as they are.

    Args:
        path: its file, which is read again.
        upright: what Pillow makes of it: the upper bytes, its EXIF orientation undone.
        raw_mode: how its pixels lie in the file.

    Returns:
        A picture of the same size. Where a colour of 16 bits stands for transparency it has an alpha channel.
    """
    if raw_mode == "LA;16B":
        bytes_of_both = np.asarray(_reread(path, "RGBA", mode="RGBA"))  # grey and alpha, two bytes each
        upper, lower = bytes_of_both[..., ::2], bytes_of_both[..., 1::2]
    elif match := _RAW_MODE.fullmatch(raw_mode):
        upper = np.asarray(upright)
        lower = np.asarray(_reread(path, f"{match['channels']};16{_OTHER[match['order']]}"))
    else:
        return upright
    values = upper.astype(np.float32) * 256 + lower
    pixels = np.rint(values / 257).astype(np.uint8)
    info = dict(upright.info)
    clear = info.pop("transparency", None)
    if isinstance(clear, tuple):
        pixels = np.dstack([pixels, np.where((values == clear).all(axis=-1), 0, 255).astype(np.uint8)])
    rounded = Image.fromarray(pixels) if upright.mode != "CMYK" else _cmyk(pixels)
    rounded.info = info
    return rounded


def _reread(path: Path, raw_mode: str, mode: str | None = None) -> Image.Image:
    """A picture as it is in its file, read under another raw mode, with its EXIF orientation undone."""
    with Image.open(path) as image:
        image.tile = [tile._replace(args=_with_first(tile.args, raw_mode)) for tile in image.tile]
        if mode:
            image._mode = mode
        image.load()
        return ImageOps.exif_transpose(image)


def _cmyk(pixels: Any) -> Image.Image:
    height, width = pixels.shape[:2]
    return Image.frombytes("CMYK", (width, height), pixels.tobytes())


def _first(args: Any) -> Any:
    return args[0] if isinstance(args, tuple) else args


def _with_first(args: Any, first: str) -> Any:
    return (first, *args[1:]) if isinstance(args, tuple) else first
