"""Stimuli from files, from pictures, or from functions with the keys of the files.

::

    import illusions

    contrast = illusions.stimuli.uniform(target="#808080", surrounds={"dark": "#333333", "light": "#cccccc"})
    contrast.save("mine.toml")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from illusions.stimuli.making import (
        benary,
        checkerboard,
        cornsweet,
        dungeon,
        gradient,
        grating,
        hermann,
        induction,
        mach,
        photograph,
        rings,
        staircase,
        texture,
        todorovic,
        uniform,
    )

__all__ = [
    "benary",
    "checkerboard",
    "cornsweet",
    "dungeon",
    "gradient",
    "grating",
    "hermann",
    "induction",
    "mach",
    "photograph",
    "rings",
    "staircase",
    "texture",
    "todorovic",
    "uniform",
]


def __getattr__(name: str) -> Any:
    if name in __all__:  # on first use, so that the modules in here can be imported one by one
        return getattr(import_module("illusions.stimuli.making"), name)
    raise AttributeError(f"module 'illusions.stimuli' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
