"""Degrees of visual angle: how large something on a screen is to an eye."""

from __future__ import annotations

import math


def pixels_per_degree(distance: float, pixels_per_cm: float) -> float:
    """How many pixels of a screen lie within a degree around the point that is looked at.

    What is s long and d away is 2·atan(s / 2d) wide.

    Args:
        distance: from the eye to the screen, cm.
        pixels_per_cm: of the screen.

    Example:
        >>> round(pixels_per_degree(57.3, 40), 2)
        40.0
    """
    return 2 * distance * math.tan(math.radians(0.5)) * pixels_per_cm
