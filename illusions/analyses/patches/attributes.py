"""Attributes of patches that can be computed: what latents are moved to change, and what tells whether they did."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from illusions.errors import unknown_name

if TYPE_CHECKING:
    from illusions.arrays import Bytes, Floats

#: Luma of Rec. 709, in units of one 8-bit step.
_LUMA = np.array([0.2126, 0.7152, 0.0722])


def brightness(patches: Bytes) -> Floats:
    """Mean HSV value, in [0, 1]."""
    return np.asarray(patches.max(axis=3).mean(axis=(1, 2)) / 255)


def saturation(patches: Bytes) -> Floats:
    """Mean HSV saturation, in [0, 1]; black pixels have none."""
    high, low = (bound(patches, axis=3).astype(np.float64) for bound in (np.max, np.min))
    return np.asarray(((high - low) / np.maximum(high, 1)).mean(axis=(1, 2)))


def warmth(patches: Bytes) -> Floats:
    """Mean of red minus blue, in [−1, 1]: above 0 warm, below 0 cool."""
    return np.asarray((patches[..., 0].astype(np.float64) - patches[..., 2]).mean(axis=(1, 2)) / 255)


def contrast(patches: Bytes) -> Floats:
    """Standard deviation of luma over the patch (RMS contrast), in [0, 0.5]."""
    return np.asarray((patches @ _LUMA).std(axis=(1, 2)) / 255)


def orientation(patches: Bytes) -> Floats:
    """Whether lines run down or across, in (−1, 1): (Eₓ − E_y) / (Eₓ + E_y + 1), E the mean squared difference of luma.

    Above 0: luma changes along x, so that lines and edges are vertical; below 0: horizontal. The 1, a step of 8 bits
    squared, makes flat patches have no orientation.
    """
    luma = patches @ _LUMA
    across, down = (np.square(np.diff(luma, axis=axis)).mean(axis=(1, 2)) for axis in (2, 1))
    return np.asarray((across - down) / (across + down + 1))


#: Every attribute, by name.
ATTRIBUTES: dict[str, Callable[[Bytes], Floats]] = {
    function.__name__: function for function in (brightness, saturation, warmth, contrast, orientation)
}


def check_attribute(name: str) -> str:
    """The name itself, if there is such an attribute.

    Raises:
        InputError: there is none.
    """
    if name not in ATTRIBUTES:
        raise unknown_name("attribute", name, ATTRIBUTES)
    return name
