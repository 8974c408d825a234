"""Shapes of networks, which recipes state and networks have. They need no PyTorch."""

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


@dataclass(frozen=True)
class VaeArchitecture:
    """The shape of a variational autoencoder.

    Args:
        size: side of a patch, pixels; divisible by 4.
        channels: channels of a patch.
        latents: number of latents of a patch.
        hidden: channels of the hidden layers at half the size of a patch.
    """

    size: int = 16
    channels: int = 3
    latents: int = 256
    hidden: int = 64

    def __post_init__(self) -> None:
        if self.size % 4:
            raise ValueError(f"size {self.size} is no multiple of 4")

    @property
    def dimensions(self) -> int:
        """D, the number of values of a patch."""
        return self.channels * self.size**2
