"""Targets in pictures of one's own, marked by masks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from illusions.arrays import Bytes, Floats
from illusions.errors import InputError
from illusions.stimuli.axes import Axis, parse_axis
from illusions.stimuli.colours import Colour
from illusions.stimuli.masks import whole_labels
from illusions.stimuli.scenes.pictured import PicturedScene, scale_in_words, scale_within
from illusions.stimuli.stimulus import Stimulus

#: Side of the patch ÷ longer side of the bounding box of the target, as for a target of 6 pixels in a patch of 16.
#: Where the picture ends before, it is the largest that fits.
SCALE = 16 / 6


@dataclass(frozen=True, eq=False)
class MaskedTarget:
    """A target in a picture: one condition of a stimulus."""

    condition: str  #: its name.
    pixels: Bytes  #: shape (h, w, 3), sRGB.
    mask: NDArray[np.bool_]  #: shape (h, w), true on the target, and somewhere false.


def masked_targets(
    targets: Sequence[MaskedTarget],
    axis: str | Axis,
    *,
    name: str,
    colour: Colour | None = None,
    hue: float | None = None,
    scale: float | None = None,
    pixels_per_degree: float | None = None,
) -> Stimulus:
    """A stimulus with a condition for each of several targets in one picture or in several.

    Targets are taken to be uniform and equal: they get the median colour of all their pixels, and along the sweep its
    other values. So every value is compared on equal terms. Were their texture kept and shifted instead, values near
    both ends of the axis would clip the texture away, and a flow gives flat patches more likelihood than textured ones
    whatever their value. How far they were from uniform is said in the description. The median is robust against the
    soft edge of a target and a mask drawn by hand. To each target the others are part of its surround.

    Args:
        targets: one or more, of different names.
        axis: what is varied about them.
        name: what tables and files call the stimulus.
        colour: what all of them get in place of the median; they may then differ.
        hue: of a grey target whose saturation or chroma is varied: of HSV or CIELAB, in turns, [0, 1].
        scale: side of the patch ÷ longer side of the bounding box of a target; by default 16/6, or where a picture ends
            before, the largest that fits.
        pixels_per_degree: of visual angle; None if unknown.

    Raises:
        InputError: the targets differ in colour, one of them is as wide as its picture, or they cannot be varied along
            the axis.
    """
    axis = parse_axis(axis)
    pixels = [target.pixels[target.mask] for target in targets]
    if colour is None:
        _check_equal([np.median(of_one, axis=0) for of_one in pixels])
        colour = median_colour(np.concatenate(pixels), axis, hue)
    several = len(targets) > 1
    scenes = {target.condition: PicturedScene(target.pixels, target.mask.astype(np.float32)) for target in targets}
    used = scale_within(scenes.values(), SCALE) if scale is None else scale
    said = "" if scale is not None else scale_in_words(used, SCALE)
    stimulus = Stimulus(
        name=name,
        title=f"The target{'s' if several else ''} in {name}",
        axis=axis,
        target=colour,
        conditions=scenes,
        scale=used,
        description=f"{_description(np.concatenate(pixels), axis, colour)} {said}".strip(),
        units_per_degree=pixels_per_degree,
        outlined=True,
    )
    for condition in stimulus.conditions:
        _check_size(stimulus, condition)
    return stimulus


def _check_size(stimulus: Stimulus, condition: str) -> None:
    try:
        stimulus.patches(condition, [stimulus.value])
    except InputError as error:
        raise InputError(f"{condition}: {error}" if len(stimulus.conditions) > 1 else str(error)) from None


def masked_pixels(pixels: Bytes, target: NDArray[np.bool_], axis: str | Axis, *, name: str) -> Stimulus:
    """A stimulus with the single condition ``"image"``; see `masked_targets`.

    Args:
        pixels: shape (h, w, 3), sRGB.
        target: shape (h, w), true on the target, and somewhere false.
        axis: the quantity of the target that is varied.
        name: of the picture's file.

    Raises:
        InputError: the target is as wide as the picture, or cannot be varied.
    """
    return masked_targets([MaskedTarget("image", pixels, target)], axis, name=Path(name).stem)


def labelled_picture(
    pixels: Bytes,
    labels: ArrayLike,
    axis: str | Axis,
    *,
    name: str = "picture",
    pixels_per_degree: float | None = None,
) -> Stimulus:
    """A stimulus with a condition for each labelled target of one picture, ``"1"``, ``"2"`` and so on.

    Targets are taken to be uniform and equal: they get the median colour of all their pixels. To each target the others
    are part of its surround. How large they are is not asked: a field of view may be larger than the picture.

    Args:
        pixels: shape (h, w, 3), sRGB.
        labels: shape (h, w): 0 on the surround, k on the k-th target.
        axis: what is varied about the targets.
        name: what tables call it.
        pixels_per_degree: of visual angle; None if unknown.

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
    try:
        _check_equal([np.median(pixels[labels == k], axis=0) for k in present])
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    conditions = {str(k): PicturedScene(pixels, (labels == k).astype(np.float32)) for k in present}
    scale = scale_within(conditions.values(), SCALE)
    return Stimulus(
        name=name,
        title=name,
        axis=axis,
        target=median_colour(pixels[labels > 0], axis),
        conditions=conditions,
        scale=scale,
        description=scale_in_words(scale, SCALE),
        units_per_degree=pixels_per_degree,
    )


def _check_equal(medians: Sequence[Floats]) -> None:
    if np.ptp(medians, axis=0).max() > 1:
        shown = ", ".join(str(tuple(median.astype(int).tolist())) for median in medians)
        raise InputError(
            f"the targets have the colours {shown}; expected equal colours, as conditions share one target, or "
            "one target by its label (--target), or one colour for all of them (--colour, colour= in Python, the key "
            "'target.colour' of a file of the kind 'pictures')"
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


def _description(target: Bytes, axis: Axis, colour: Colour) -> str:
    spread = np.std(target / 255, axis=0).max()
    return (
        f"The {len(target)} masked pixels are shown in {colour.hex}, uniformly; before, they had a standard "
        f"deviation of {spread:.3f} of the range of sRGB (0 for a uniform target). Varied is their {axis.name}."
    )
