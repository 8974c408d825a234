"""The target in a picture of one's own: what a mask marks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from illusions.arrays import Bytes
from illusions.errors import InputError
from illusions.pictures import read_picture
from illusions.stimuli.axes import Axis, parse_axis
from illusions.stimuli.colours import Colour
from illusions.stimuli.scenes.pictured import PicturedScene
from illusions.stimuli.stimulus import Stimulus

#: Side of the patch ÷ longer side of the bounding box of the target, as for a target of 6 pixels in a patch of 16.
SCALE = 16 / 6


def masked_picture(image: str | Path, mask: str | Path, axis: str | Axis) -> Stimulus:
    """A stimulus with the single condition ``"image"``: the masked target in any picture.

    The target is taken to be uniform: it gets the median colour of its pixels, and along the sweep its other values.
    So every value is compared on equal terms. Were its texture kept and shifted instead, values near both ends of the
    axis would clip the texture away, and a flow gives flat patches more likelihood than textured ones whatever their
    value. How far the target was from uniform is said in the description. The median is robust against the soft edge
    of a target and a mask drawn by hand.

    Args:
        image: a picture file.
        mask: a picture file of the same size, white (128 or more) on the target and black elsewhere.
        axis: what is varied about the target.

    Raises:
        InputError: a file cannot be read, the sizes differ, the mask is empty or marks everything, the patch around
            the target is larger than the picture, or the target cannot be varied along the axis.
    """
    pixels = read_picture(image)
    target = _read_mask(Path(mask), pixels)
    axis = parse_axis(axis)
    try:
        return masked_pixels(pixels, target, axis, name=Path(image).name)
    except InputError as error:
        raise InputError(f"{image} under {mask}: {error}") from None


def masked_pixels(pixels: Bytes, target: NDArray[np.bool_], axis: str | Axis, *, name: str) -> Stimulus:
    """As `masked_picture`, of a picture that has been read.

    Args:
        pixels: shape (h, w, 3), sRGB.
        target: shape (h, w), true on the target, and somewhere false.
        axis: what is varied about the target.
        name: of the picture's file.

    Raises:
        InputError: the patch around the target is larger than the picture, or the target cannot be varied.
    """
    axis = parse_axis(axis)
    red, green, blue = (float(channel) for channel in np.median(pixels[target], axis=0) / 255)
    stimulus = Stimulus(
        name=Path(name).stem,
        title=f"The target in {name}",
        axis=axis,
        target=Colour("srgb", (red, green, blue)),
        conditions={"image": PicturedScene(pixels, target.astype(np.float32))},
        scale=SCALE,
        description=_description(pixels[target], axis),
    )
    stimulus.patches("image", [stimulus.value])  # so that a target too large for its picture is refused here
    return stimulus


def labelled_picture(
    pixels: Bytes,
    labels: NDArray[np.integer],
    axis: str | Axis,
    *,
    name: str = "picture",
    pixels_per_degree: float | None = None,
) -> Stimulus:
    """A stimulus with a condition for each labelled target of one picture, ``"1"``, ``"2"`` and so on.

    Targets are taken to be uniform and equal: they get the median colour of all their pixels. To each target the others
    are part of its surround.

    Args:
        pixels: shape (h, w, 3), sRGB.
        labels: shape (h, w): 0 on the surround, k on the k-th target.
        axis: what is varied about the targets.
        name: what tables call it.
        pixels_per_degree: of visual angle; None if nobody knows.

    Raises:
        InputError: no pixel has a label, the targets differ in colour, or they cannot be varied along the axis.
    """
    axis = parse_axis(axis)
    if not (labels > 0).any():
        raise InputError(f"{name}: no pixel is labelled; expected 1 on the first target, 2 on the second, and so on")
    present = [int(k) for k in np.unique(labels[labels > 0])]
    colours = np.array([np.median(pixels[labels == k], axis=0) for k in present])
    if np.ptp(colours, axis=0).max() > 1:
        raise InputError(
            f"{name}: the targets have the colours {', '.join(str(tuple(c.astype(int).tolist())) for c in colours)}; "
            "expected the same everywhere, as conditions share one target"
        )
    red, green, blue = (float(channel) for channel in np.median(pixels[labels > 0], axis=0) / 255)
    return Stimulus(
        name=name,
        title=name,
        axis=axis,
        target=Colour("srgb", (red, green, blue)),
        conditions={str(k): PicturedScene(pixels, (labels == k).astype(np.float32)) for k in present},
        scale=SCALE,
        units_per_degree=pixels_per_degree,
    )


def _read_mask(path: Path, pixels: Bytes) -> NDArray[np.bool_]:
    mask = np.asarray(read_picture(path).mean(axis=2) >= 127.5)
    if mask.shape != pixels.shape[:2]:
        (height, width), (h, w) = pixels.shape[:2], mask.shape
        raise InputError(f"{path}: the mask is {w}×{h} pixels; expected {width}×{height}, the size of the picture")
    if not mask.any():
        raise InputError(f"{path}: the mask is black everywhere; expected white on the target")
    if mask.all():
        raise InputError(f"{path}: the mask is white everywhere; expected black around the target")
    return mask


def _description(target: Bytes, axis: Axis) -> str:
    spread = np.std(target / 255, axis=0).max()
    return (
        f"The {len(target)} masked pixels are shown in their median colour; before, they had a standard "
        f"deviation of {spread:.3f} of the range of sRGB (0 for a uniform target). Varied is their {axis.name}."
    )
