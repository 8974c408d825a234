"""Two predictions of a match that need no model: the physical value, and equal contrast to the surround."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from skimage import color

from illusions.arrays import Bytes, Floats

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

#: Axes along which contrast is a ratio of luminances.
_OF_LIGHT = ("brightness", "lightness")


def veridical(stimulus: Stimulus, reference: str, comparison: str) -> float:
    """No illusion: in every surround the target is set to its physical value."""
    return stimulus.value


def equal_contrast(stimulus: Stimulus, reference: str, comparison: str) -> float:
    """The value at which the target has the same contrast to the comparison's surround as it has to the reference's.

    The surround is the mean of the patch at the stimulus' scale without the target. Along brightness and lightness
    contrast is the ratio of luminances (Wallach 1948, *Brightness constancy and the nature of achromatic colors*,
    J. Exp. Psychol. 38), in linear light. Along the other axes, whose zero is no black, it is the difference on the
    axis between the target and the mean colour of the surround.

    Returns:
        A value of the sweep's range: where equal contrast lies beyond, the end of it. On a circular axis it is within
        half a turn of the physical value.
    """
    values = stimulus.values()
    around = {name: _surround(stimulus, name) for name in (reference, comparison)}
    axis = stimulus.axis
    if axis.name in _OF_LIGHT:
        light = _luminance(axis.at(stimulus.target, values))
        own = float(np.interp(stimulus.value, values, light))
        before, after = (float(_luminance(around[name]).mean()) for name in (reference, comparison))
        wanted = own * after / before if before else np.inf
        return float(np.interp(wanted, light, values))
    before, after = (float(axis.get(around[name].mean(axis=0) / 255)) for name in (reference, comparison))
    difference = after - before
    if axis.circular:
        return float(stimulus.value + (difference + axis.high / 2) % axis.high - axis.high / 2)
    return float(np.clip(stimulus.value + difference, values[0], values[-1]))


def _surround(stimulus: Stimulus, condition: str) -> Bytes:
    """Shape (n, 3): the pixels of the patch on which the target has no part."""
    patch = stimulus.patches(condition, [stimulus.value])[0]
    return np.asarray(patch[stimulus.view(condition).untouched])


def _luminance(colours: Bytes) -> Floats:
    """Shape (n,): Y of CIE XYZ, of sRGB colours (n, 3)."""
    return np.asarray(color.rgb2xyz(colours / 255)[..., 1])
