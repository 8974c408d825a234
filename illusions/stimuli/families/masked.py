"""The target in a picture of one's own: what a mask marks."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from illusions.arrays import Bytes
from illusions.errors import InputError
from illusions.pictures import read_picture
from illusions.stimuli.axes import Axis, parse_axis
from illusions.stimuli.colours import Colour
from illusions.stimuli.masks import read_mask, whole_labels
from illusions.stimuli.scenes.pictured import PicturedScene, scale_in_words, scale_within
from illusions.stimuli.stimulus import Stimulus

#: Side of the patch ÷ longer side of the bounding box of the target, as for a target of 6 pixels in a patch of 16.
#: Where the picture ends before, it is the largest that fits.
SCALE = 16 / 6


def masked_picture(
    image: str | Path, mask: str | Path, axis: str | Axis, *, target: int | None = None, hue: float | None = None
) -> Stimulus:
    """A stimulus with the single condition ``"image"``: the masked target in any picture.

    The target is taken to be uniform: it gets the median colour of its pixels, and along the sweep its other values.
    So every value is compared on equal terms. Were its texture kept and shifted instead, values near both ends of the
    axis would clip the texture away, and a flow gives flat patches more likelihood than textured ones whatever their
    value. How far the target was from uniform is said in the description. The median is robust against the soft edge
    of a target and a mask drawn by hand.

    Of a mask with labels all targets become conditions of one stimulus, see `labelled_picture`, unless one is chosen.

    Args:
        image: a picture file.
        mask: a picture file of the same size, with two values, the lighter on the target, or with labels; see
            `read_mask`.
        axis: what is varied about the target.
        target: the label of the one that is meant.
        hue: of a grey target whose saturation or chroma is varied: of HSV or CIELAB, in turns, [0, 1].

    Raises:
        InputError: a file cannot be read, the sizes differ, the mask is empty or marks everything, has no such target,
            a target is as wide as the picture, several targets differ, or the target cannot be varied along the axis.
    """
    pixels = read_picture(image)
    labels = read_mask(Path(mask), *pixels.shape[:2])
    axis = parse_axis(axis)
    name = Path(image).name
    present = [int(k) for k in np.unique(labels[labels > 0])]
    if target is not None and target not in present:
        raise InputError(f"{mask}: has no target {target}; there is: {', '.join(map(str, present))}")
    try:
        if target is None and len(present) > 1:
            return labelled_picture(pixels, labels, axis, name=Path(name).stem, hue=hue)
        return masked_pixels(pixels, labels == (target or present[0]), axis, name=name, hue=hue)
    except InputError as error:
        raise InputError(f"{image} under {mask}: {error}") from None


def masked_pixels(
    pixels: Bytes, target: NDArray[np.bool_], axis: str | Axis, *, name: str, hue: float | None = None
) -> Stimulus:
    """As `masked_picture`, of a picture that has been read.

    Args:
        pixels: shape (h, w, 3), sRGB.
        target: shape (h, w), true on the target, and somewhere false.
        axis: what is varied about the target.
        name: of the picture's file.
        hue: as for `masked_picture`.

    Raises:
        InputError: the target is as wide as the picture, or cannot be varied.
    """
    axis = parse_axis(axis)
    scene = PicturedScene(pixels, target.astype(np.float32))
    scale = scale_within([scene], SCALE)
    stimulus = Stimulus(
        name=Path(name).stem,
        title=f"The target in {name}",
        axis=axis,
        target=median_colour(pixels[target], axis, hue),
        conditions={"image": scene},
        scale=scale,
        description=" ".join([_description(pixels[target], axis), *filter(None, [scale_in_words(scale, SCALE)])]),
    )
    stimulus.patches("image", [stimulus.value])  # so that a target too large for its picture is refused here
    return stimulus


def labelled_picture(
    pixels: Bytes,
    labels: ArrayLike,
    axis: str | Axis,
    *,
    name: str = "picture",
    pixels_per_degree: float | None = None,
    hue: float | None = None,
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
        hue: as for `masked_picture`.

    Raises:
        InputError: no pixel has a label, a label is no whole number, the targets differ in colour, or they cannot be
            varied along the axis.
    """
    axis = parse_axis(axis)
    try:
        labels = whole_labels(labels)
    except InputError as error:
        raise InputError(f"{name}: the mask {error}") from None
    if not (labels > 0).any():
        raise InputError(f"{name}: no pixel is labelled; expected 1 on the first target, 2 on the second, and so on")
    present = [int(k) for k in np.unique(labels[labels > 0])]
    colours = np.array([np.median(pixels[labels == k], axis=0) for k in present])
    if np.ptp(colours, axis=0).max() > 1:
        raise InputError(
            f"{name}: the targets have the colours {', '.join(str(tuple(c.astype(int).tolist())) for c in colours)}; "
            "expected the same everywhere, as conditions share one target, or one target by its label"
        )
    conditions = {str(k): PicturedScene(pixels, (labels == k).astype(np.float32)) for k in present}
    scale = scale_within(conditions.values(), SCALE)
    return Stimulus(
        name=name,
        title=name,
        axis=axis,
        target=median_colour(pixels[labels > 0], axis, hue),
        conditions=conditions,
        scale=scale,
        description=scale_in_words(scale, SCALE),
        units_per_degree=pixels_per_degree,
    )


def median_colour(pixels: Bytes, axis: Axis, hue: float | None = None) -> Colour:
    """The colour that stands for pixels: their median, channel by channel.

    Within a level of grey it has no hue, see `Colour.has_hue`: what there seems to be comes of rounding, or of a JPEG.
    Along brightness such a colour stays grey (HSV keeps the ratio of the channels, and a black of (1, 0, 0) would
    become red); along saturation and chroma it needs a hue.

    Args:
        pixels: shape (n, 3), sRGB.
        axis: along which it will be varied.
        hue: of the space of the axis, in turns, [0, 1].

    Raises:
        InputError: a hue is given where the axis needs none, or the colour has its own; or it is out of range.
    """
    red, green, blue = (float(channel) for channel in np.median(pixels, axis=0) / 255)
    colour = Colour("srgb", (red, green, blue))
    grey = not colour.has_hue("hsv")
    if hue is None:
        return Colour("hsv", (0.0, 0.0, max(red, green, blue))) if grey and axis.name == "brightness" else colour
    if axis.name not in ("saturation", "chroma"):
        raise InputError(f"a hue is given, and {axis.name} is varied; expected saturation or chroma, or no hue")
    if not grey:
        raise InputError(f"a hue is given, and the target, {colour.hex}, has one of its own; expected none for it")
    if not 0 <= hue <= 1:
        raise InputError(f"a hue of {hue:g} turns is out of range; expected 0 to 1")
    if axis.space == "hsv":
        return Colour("hsv", (hue % 1, 0.0, max(red, green, blue)))
    lightness = float(colour.coordinates("lch")[0])
    return Colour("lch", (lightness, 0.0, 2 * math.pi * (hue or 1.0)))


def _description(target: Bytes, axis: Axis) -> str:
    spread = np.std(target / 255, axis=0).max()
    return (
        f"The {len(target)} masked pixels are shown in their median colour; before, they had a standard "
        f"deviation of {spread:.3f} of the range of sRGB (0 for a uniform target). Varied is their {axis.name}."
    )
