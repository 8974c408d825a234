"""Stimuli from the ``stimupy`` package: any dictionary with a picture and a mask of its targets.

Schmittwilken, L., Maertens, M. & Vincent, J. (2023). stimupy: A Python package for creating stimuli in vision science.
Journal of Open Source Software, 8(86), 5321.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from illusions.arrays import Bytes, Floats
from illusions.errors import InputError
from illusions.stimuli.axes import Axis, parse_axis
from illusions.stimuli.colours import Colour, parse_colour
from illusions.stimuli.families.base import parse_condition
from illusions.stimuli.families.masked import SCALE
from illusions.stimuli.masks import whole_labels
from illusions.stimuli.scenes.pictured import PicturedScene, scale_in_words, scale_within
from illusions.stimuli.stimulus import Stimulus

#: Half a level of 8 bits: so far intensities may lie outside of 0 to 1, and twice that may targets differ.
_TOLERANCE = 0.5 / 255
#: Pixels whose colours are computed at once.
_PIXELS_AT_ONCE = 2**16


def from_stimupy(
    dictionary: Mapping[str, Any],
    *,
    name: str = "stimupy",
    axis: str | Axis = "brightness",
    base: str | Mapping[str, Any] | Colour = "#808080",
    values: tuple[float, float] | None = None,
    targets: Mapping[str, int] | None = None,
    scale: float | None = None,
    people_see_higher: str | None = None,
    pixels_per_degree: float | None = None,
) -> Stimulus:
    """A stimulus with a condition for each target of a dictionary; the other targets are part of its surround.

    Intensities become values on the axis, so that one dictionary gives the illusion in brightness, saturation or hue.
    ``stimupy`` itself is not needed here; ``pip install illusions[stimupy]`` brings it.

    Args:
        dictionary: ``img``, shape (h, w), in [0, 1] up to half a level of 8 bits, and ``target_mask``, shape (h, w):
            0 for the surround, k for the k-th target, of any type. Other keys are ignored.
        name: what tables and files call the stimulus.
        axis: what is varied about the targets.
        base: a colour that every pixel shares, but for its value on the axis.
        values: on the axis, of the intensities 0 and 1. If left out, from the lowest to the highest that the base
            colour can take: 0 and 1 of brightness and saturation, 0 and 100 of the lightness of a grey; of hue half a
            turn, 0 and 0.5, as 0 and 1 are the same.
        targets: which targets are used, and what their conditions are called; if left out, all of them, as ``"1"``,
            ``"2"`` and so on.
        scale: side of the patch ÷ longer side of the bounding box of a target: more than 1, at most 16. If left out,
            16/6, or the largest at which the patch lies within the picture; the description says so.
        people_see_higher: the condition whose target people see as higher on the axis; see `Stimulus`.
        pixels_per_degree: of visual angle; by default the dictionary's ``ppd``.

    Raises:
        InputError: a key is missing or not as above, there is no such target, the targets differ in intensity, the
            axis does not exist, the values or the scale are out of range, or a colour is outside the sRGB gamut.

    Example:
        >>> img, mask = np.zeros((64, 64)), np.zeros((64, 64), dtype=int)
        >>> img[:, 32:], mask[28:36, 12:20], mask[28:36, 44:52] = 1.0, 1, 2
        >>> img[mask > 0] = 0.5
        >>> stimulus = from_stimupy({"img": img, "target_mask": mask}, targets={"dark": 1, "light": 2})
        >>> stimulus.patches("dark", [0.5]).shape
        (1, 16, 16, 3)
    """
    axis, base = parse_axis(axis), parse_colour(base)
    intensities, mask = _read(dictionary)
    chosen = {str(k): int(k) for k in np.unique(mask[mask > 0])} if targets is None else dict(targets)
    intensity = _common_intensity(intensities, mask, chosen)
    low, high = axis.ends(base) if values is None else _two_numbers(values)
    if axis.circular and low != high and (high - low) % axis.high == 0:
        raise InputError(f"values: {axis.name} {low:g} and {high:g} are the same; expected less than a full turn")
    pixels = _coloured(intensities, axis, base, low, high)
    conditions = {
        parse_condition(condition): PicturedScene(pixels, (mask == k).astype(np.float32))
        for condition, k in chosen.items()
    }
    fitting = scale_within(conditions.values(), SCALE)
    return Stimulus(
        name=name,
        title=name,
        axis=axis,
        target=axis.colour(base, low + (high - low) * intensity),
        conditions=conditions,
        scale=fitting if scale is None else scale,
        description=scale_in_words(fitting, SCALE) if scale is None else "",
        people_see_higher=people_see_higher,
        units_per_degree=_pixels_per_degree(dictionary, pixels_per_degree),
    )


def _coloured(intensities: Floats, axis: Axis, base: Colour, low: float, high: float) -> Bytes:
    """The picture (h, w, 3) of intensities (h, w), some rows at a time: a colour in floats takes much memory."""
    pixels = np.empty((*intensities.shape, 3), dtype=np.uint8)
    rows_at_once = max(1, _PIXELS_AT_ONCE // intensities.shape[1])
    for top in range(0, len(pixels), rows_at_once):
        rows = np.s_[top : top + rows_at_once]
        pixels[rows] = axis.at(base, low + (high - low) * np.clip(intensities[rows], 0, 1))
    return pixels


def _two_numbers(values: Any) -> tuple[float, float]:
    try:
        low, high = (float(value) for value in values)
    except (TypeError, ValueError):
        raise InputError(f"values: {values!r}; expected two numbers, on the axis, of the intensities 0 and 1") from None
    return low, high


def _pixels_per_degree(dictionary: Mapping[str, Any], given: float | None) -> float | None:
    """What is given, or what the dictionary says: its ``ppd``, a number or one for each direction."""
    said = dictionary.get("ppd") if given is None else given
    if said is None:
        return None
    try:
        resolutions = np.unique(np.asarray(said, dtype=np.float64))
    except (TypeError, ValueError):
        resolutions = np.empty(0)
    if len(resolutions) != 1 or not (np.isfinite(resolutions[0]) and resolutions[0] > 0):
        raise InputError(f"'ppd' is {said}; expected pixels per degree: a positive number, the same across and down")
    return float(resolutions[0])


def _read(dictionary: Mapping[str, Any]) -> tuple[Floats, NDArray[np.integer]]:
    for key in ("img", "target_mask"):
        if key not in dictionary:
            raise InputError(f"a stimulus of stimupy has no key '{key}'; expected its picture and its target_mask")
    intensities: Floats = _numbers("img", dictionary["img"]).astype(np.float64, copy=False)
    mask = _numbers("target_mask", dictionary["target_mask"])
    if not intensities.size or intensities.ndim != 2 or mask.shape != intensities.shape:
        raise InputError(
            f"'img' has shape {intensities.shape} and 'target_mask' {mask.shape}; expected (h, w) for both"
        )
    if not ((intensities > -_TOLERANCE) & (intensities < 1 + _TOLERANCE)).all():
        raise InputError(
            f"'img' goes from {intensities.min():.4g} to {intensities.max():.4g}; expected intensities in 0 to 1"
        )
    try:
        return intensities, whole_labels(mask)
    except InputError as error:
        raise InputError(f"'target_mask' {error}") from None


def _numbers(key: str, written: Any) -> NDArray[Any]:
    try:
        numbers = np.asarray(written)
        return numbers if numbers.dtype.kind in "buif" else numbers.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(f"'{key}' holds no numbers; expected an array of shape (h, w)") from None


def _common_intensity(intensities: Floats, mask: NDArray[np.integer], targets: Mapping[str, int]) -> float:
    """The intensity that all targets have.

    Raises:
        InputError: there is none of them, one of them is missing, or they differ.
    """
    if not targets:
        raise InputError("'target_mask' is 0 everywhere; expected 1 on the first target, 2 on the second, and so on")
    for name, k in targets.items():
        if list(targets.values()).count(k) > 1:
            raise InputError(f"the condition '{name}' and another one are both target {k}; expected different targets")
        if k < 1 or not (mask == k).any():
            there = ", ".join(str(other) for other in np.unique(mask[mask > 0])) or "none"
            raise InputError(f"'target_mask' has no target {k} for the condition '{name}'; there is: {there}")
    found = np.clip(np.concatenate([intensities[mask == k] for k in targets.values()]), 0, 1)
    if np.ptp(found) > 2 * _TOLERANCE:
        raise InputError(
            f"the targets have intensities from {found.min():.4g} to {found.max():.4g}; expected the same everywhere: "
            "conditions share one target"
        )
    return float(np.median(found))
