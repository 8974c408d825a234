"""How many floating-point operations a flow takes."""

from __future__ import annotations

import math

from illusions.models.glow import Architecture


def coupling_operations(architecture: Architecture) -> float:
    """Floating-point operations of all couplings' convolutions for one patch, a multiplication and an addition each."""
    total, channels, pixels = 0, architecture.channels, architecture.size**2
    for _ in range(architecture.levels):
        channels, pixels = channels * 4, pixels // 4
        per_pixel = architecture.hidden * (9 * math.ceil(channels / 2) + architecture.hidden + 9 * 2 * (channels // 2))
        total += architecture.steps * pixels * 2 * per_pixel
        channels //= 2
    return float(total)
