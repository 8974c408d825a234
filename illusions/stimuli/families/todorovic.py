"""Todorović's illusion: a target that four covers leave only a cross of.

People see the grey behind black covers, on white, as darker than the one behind white covers, on black, although most
of its border is with the covers: it contrasts with the background, to which it seems to belong.

Todorović, D. (1997). Lightness and junctions. Perception, 26, 379–395.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ColourKey, ConditionKey, StimulusFile, Table
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box, Scene
from illusions.stimuli.scenes.shapes import in_cross

Length = Annotated[float, Field(gt=0, le=99)]


class CoversTable(Table):
    """The table ``[covers]``."""

    cross_size: Length
    cross_thickness: Length
    covers_size: Length

    @model_validator(mode="after")
    def _is_a_cross(self) -> CoversTable:
        if not self.cross_size > self.cross_thickness:
            raise ValueError(f"cross_size is {self.cross_size:g}; expected more than cross_thickness")
        return self


class TodorovicCondition(Table):
    """A table ``[conditions.NAME]``."""

    background: ColourKey
    covers: ColourKey


class TodorovicFile(StimulusFile):
    """A stimulus file of the kind ``"todorovic"``."""

    kind: Literal["todorovic"]
    covers: CoversTable
    conditions: dict[ConditionKey, TodorovicCondition] = Field(min_length=2)

    def scenes(self, path: Path) -> dict[str, Scene]:
        """The covers and what they leave of the target, in the colours of each condition."""
        covers = self.covers
        return {
            name: todorovic_scene(
                condition.background.bytes,
                condition.covers.bytes,
                covers.cross_size,
                covers.cross_thickness,
                covers.covers_size,
            )
            for name, condition in self.conditions.items()
        }


def todorovic_scene(
    background: Bytes, covers: Bytes, cross_size: float, cross_thickness: float, covers_size: float
) -> LabelledScene:
    """A cross between four square covers. Any unit will do.

    Args:
        background: shape (3,), sRGB.
        covers: shape (3,), sRGB.
        cross_size: from the end of an arm to the end of the opposite one. If less than the extent of the covers, the
            target seems to lie behind them.
        cross_thickness: of an arm: the gap between the covers.
        covers_size: side of a cover.
    """
    half = 0.8 * (cross_thickness + 2 * max(covers_size, (cross_size - cross_thickness) / 2))
    return LabelledScene(
        labels=partial(_labels, cross_size, cross_thickness, covers_size),
        surrounds=np.stack([background, covers]),
        target=Box(-cross_size / 2, -cross_size / 2, cross_size / 2, cross_size / 2),
        frame=Box(-half, -half, half, half),
    )


def _labels(size: float, thickness: float, covers: float, x: Floats, y: Floats) -> Bytes:
    covered = [(np.abs(z) > thickness / 2) & (np.abs(z) < thickness / 2 + covers) for z in (x, y)]
    return np.where(in_cross(x, y, size, thickness), 0, np.where(covered[0] & covered[1], 2, 1)).astype(np.uint8)
