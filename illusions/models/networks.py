"""Kinds of networks that give patches a likelihood, or a bound of it."""

from __future__ import annotations

from typing import TypeAlias

from illusions.models.architecture import Architecture, VaeArchitecture
from illusions.models.glow import Glow, Memory
from illusions.models.vae import Vae

Network: TypeAlias = Glow | Vae


def build(architecture: Architecture | VaeArchitecture, *, memory: Memory = "ordinary") -> Network:
    """Make a network of a shape, with random weights.

    Args:
        architecture: its shape.
        memory: of a flow in training, see `Glow`.
    """
    if isinstance(architecture, VaeArchitecture):
        return Vae(architecture)
    return Glow(architecture, memory=memory)
