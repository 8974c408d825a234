"""Masks: which pixels of a picture belong to which target."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageOps

from illusions.arrays import Bytes
from illusions.decoding import noted
from illusions.errors import InputError
from illusions.pictures import read_picture

#: Modes of Pillow in which a pixel is one number.
_NUMBERS = ("1", "L", "P", "I;16", "I;16L", "I;16B", "I")
#: A mask with no value above this holds labels, not black and white.
_LARGEST_LABEL = 127
#: What is nearer to the darkest or the lightest value than this share of their distance is that value, with the noise
#: of a JPEG.
_NOISE = 1 / 8
#: Of more colours than this a mask is a picture.
_MOST_LABELS = 64
#: In a JPEG values that are nearer to each other, in levels, are lost in its noise.
_APART_IN_JPEG = 32
#: Two areas whose values are no further apart, in levels, were meant to be told apart, and cannot be by the eye.
_ALMOST = 2
_EXPECTED = "expected two values, the lighter on the target, or labels: 0 on the surround, 1, 2 … on the targets"


def read_mask(path: Path, height: int, width: int) -> Bytes:
    """The labels of a mask: 0 on the surround, k on a target.

    Two values, whichever, mark one target: it is where the lighter one is. Between them edges may be soft, and either
    may be noisy, as in a JPEG. Greys up to 127 are labels as they stand, as are the numbers of a palette; of more
    greys or colours, without soft edges, the first is black, on the surround, and the others are labels from 1, from
    dark to light.

    Args:
        path: a picture file.
        height: of the picture, pixels.
        width: of the picture, pixels.

    Returns:
        Shape (height, width).

    Raises:
        InputError: the file cannot be read, has another size, one value everywhere, values that are neither, or in a
            JPEG values that are too near to each other.
    """
    with noted():  # whether colours of a mask were clipped says nothing
        colours = read_picture(path)
    if colours.shape[:2] != (height, width):
        h, w = colours.shape[:2]
        turned = "" if (w, h) != (height, width) else ", which is shown upright if its EXIF orientation says how"
        raise InputError(
            f"{path}: the mask is {w}×{h} pixels; expected {width}×{height}, the size of the picture{turned}"
        )
    numbers = _numbers(path, colours)
    if _is_jpeg(path):
        if 0 < (spread := int(np.ptp(colours))) < _APART_IN_JPEG:
            raise InputError(
                f"{path}: the values of the mask lie within {spread} levels, and a JPEG changes them by several; "
                "expected black and white, or labels in a PNG"
            )
        numbers = None
    different = np.unique(_packed(colours) if numbers is None else numbers)
    if len(different) == 1:
        raise InputError(f"{path}: the mask is {_named(colours[0, 0])} everywhere; {_EXPECTED}")
    if len(different) > 2 and numbers is not None and numbers.max() <= _LARGEST_LABEL:
        return numbers.astype(np.uint8)
    try:
        return _two_values(colours, numbers) if len(different) == 2 else _many_values(colours)
    except InputError as error:
        raise InputError(f"{path}: {error}; {_EXPECTED}") from None


def whole_labels(labels: ArrayLike) -> NDArray[np.integer]:
    """Labels of any type, also ``bool`` and ``float``, as whole numbers.

    Args:
        labels: shape (h, w): 0 on the surround, k on the k-th target.

    Raises:
        InputError: one of them is not whole, is negative, or no number; the message begins with a verb.
    """
    given = np.asarray(labels)
    if given.dtype.kind in "bu" or (given.dtype.kind == "i" and given.size and given.min() >= 0):
        return given.view(np.uint8) if given.dtype.kind == "b" else given
    given = given.astype(np.float64, copy=False)
    whole = np.where(np.isfinite(given), given, -1).astype(np.intp)
    if (whole != given).any() or (whole < 0).any():
        raise InputError(
            f"goes from {given.min():.4g} to {given.max():.4g}; expected whole numbers: 0 on the surround, 1 on the "
            "first target, 2 on the second, and so on"
        )
    return whole


def _is_jpeg(path: Path) -> bool:
    with Image.open(path) as image:
        return image.format in ("JPEG", "MPO")


def _numbers(path: Path, colours: Bytes) -> NDArray[np.integer] | None:
    """The numbers that stand in the file, before any profile; None where a pixel has several, or is a shade of grey."""
    with Image.open(path) as image:
        if image.mode not in _NUMBERS or (image.mode == "P" and _is_grey(colours)):
            return None
        numbers = np.asarray(ImageOps.exif_transpose(image))
        return numbers.astype(np.uint8) if numbers.dtype == np.bool_ else numbers


def _two_values(colours: Bytes, numbers: NDArray[np.integer] | None) -> Bytes:
    light: NDArray[np.integer] = colours.sum(axis=2, dtype=np.uint16)
    if light.min() == light.max() and numbers is not None:  # 0 and 1 of 16 bits
        light = numbers
    if light.min() == light.max():
        names = " and ".join(_named(colour) for colour in _unpacked(np.unique(_packed(colours))))
        raise InputError(f"the mask has the colours {names}, which are equally light")
    return np.asarray(light == light.max(), dtype=np.uint8)


def _many_values(colours: Bytes) -> Bytes:
    """Two values with soft edges or noise, or labels without."""
    value = colours.max(axis=2)
    packed = _packed(colours)
    plain = scipy.ndimage.minimum_filter(packed, 3) == scipy.ndimage.maximum_filter(packed, 3)
    low, high = int(value.min()), int(value.max())
    inside = value[plain]
    _check_apart(packed, value, plain)
    between = (inside > low + _NOISE * (high - low)) & (inside < high - _NOISE * (high - low))
    of_one_hue = _is_grey(colours) or len(np.unique(packed[plain & (value > (low + high) / 2)])) <= 1
    if low < high and of_one_hue and not between.any():
        return np.asarray(value >= (low + high) / 2, dtype=np.uint8)
    different = np.unique(packed)
    if len(different) > _MOST_LABELS or len(np.unique(packed[plain])) < len(different):
        raise InputError(f"the mask has {len(different)} colours, from {_named(colours[value == low][0])} on")
    if different[0] != 0:
        names = ", ".join(_named(colour) for colour in _unpacked(different))
        raise InputError(f"the mask has the colours {names}, none of which is black")
    order = np.argsort(np.argsort(_unpacked(different).sum(axis=1), kind="stable")).astype(np.uint8)
    return np.asarray(order[np.searchsorted(different, packed)])


def _check_apart(packed: NDArray[np.uint32], value: NDArray[np.uint8], plain: NDArray[np.bool_]) -> None:
    """Refuse areas of almost equal values, which are two targets that look like one, in a mask without soft edges."""
    levels = np.unique(value[plain])
    if len(np.unique(packed)) != len(levels) or not 2 < len(levels) <= _MOST_LABELS:
        return
    close = np.flatnonzero(np.diff(levels.astype(int)) <= _ALMOST)
    if not len(close):
        return
    pair = " and ".join(map(str, levels[close[-1] : close[-1] + 2]))
    wrapped = levels[0] == 0 and levels[-1] == 255 and (np.diff(levels[1:].astype(int)) == 1).all()
    why = ": probably the labels 1, 2, … that were multiplied by 255 in 8 bits, as by the default export of stimupy"
    raise InputError(f"the mask has areas of the almost equal values {pair}{why if wrapped else ''}")


def _packed(colours: Bytes) -> NDArray[np.uint32]:
    """Every colour as one number, shape (h, w): sorting these takes little memory, and sorting rows much."""
    red, green, blue = (colours[..., channel].astype(np.uint32) for channel in range(3))
    red <<= 16
    green <<= 8
    red |= green
    red |= blue
    return red


def _unpacked(packed: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Shape (n, 3)."""
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1).astype(np.intp)


def _is_grey(colours: Bytes) -> bool:
    return bool((np.ptp(colours, axis=2) == 0).all())


def _named(colour: NDArray[np.integer]) -> str:
    red, green, blue = (int(channel) for channel in colour)
    return {(0, 0, 0): "black", (255, 255, 255): "white"}.get((red, green, blue), f"#{red:02x}{green:02x}{blue:02x}")
