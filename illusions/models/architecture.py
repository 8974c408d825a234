"""The shape of a Glow, which recipes state and flows have. It needs no PyTorch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
    """The shape of a Glow.

    Args:
        size: side of a patch, pixels; divisible by 2 to the power of `levels`.
        channels: channels of a patch.
        levels: L, how often the patch is squeezed.
        steps: K, flow steps per level.
        hidden: channels of the hidden layers of every coupling.
    """

    size: int = 16
    channels: int = 3
    levels: int = 1
    steps: int = 32
    hidden: int = 256

    def __post_init__(self) -> None:
        if self.size % 2**self.levels:
            raise ValueError(f"size {self.size} cannot be halved {self.levels} times")

    @property
    def dimensions(self) -> int:
        """D, the number of values of a patch."""
        return self.channels * self.size**2
