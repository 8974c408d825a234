"""Todorović's illusion: a target that four covers leave only a cross of.

People see the grey behind black covers, on white, as darker than the one behind white covers, on black, although most
of its border is with the covers: it contrasts with the background, to which it seems to belong.

Todorović, D. (1997). Lightness and junctions. Perception, 26, 379–395.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from illusions.arrays import Bytes, Floats
from illusions.stimuli.families.base import ColourKey, DrawnFile, Table
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box
from illusions.stimuli.scenes.shapes import in_cross

Length = Annotated[float, Field(gt=0, le=99)]


class CoversTable(Table):
    """The table ``[covers]``. Any unit will do.

    Attributes:
        cross_size: from the end of an arm to the end of the opposite one. If less than the extent of the covers, the
            target seems to lie behind them.
        cross_thickness: of an arm: the gap between the covers.
        covers_size: side of a cover.
    """

    cross_size: Length
    cross_thickness: Length
    covers_size: Length

    @model_validator(mode="after")
    def _is_a_cross(self) -> CoversTable:
        if not self.cross_size > self.cross_thickness:
            raise ValueError(f"cross_size is {self.cross_size:g}; expected more than cross_thickness")
        return self


class TodorovicCondition(Table):
    """A table ``[conditions.NAME]``: the colours of the background and of the covers."""

    background: ColourKey
    covers: ColourKey


class TodorovicFile(DrawnFile[TodorovicCondition]):
    """A stimulus file of the kind ``"todorovic"``: a cross between four square covers."""

    kind: Literal["todorovic"]
    covers: CoversTable

    def scene(self, condition: TodorovicCondition) -> LabelledScene:
        """The covers and what they leave of the target, in the colours of the condition."""
        size, thickness = self.covers.cross_size, self.covers.cross_thickness
        extent = thickness + 2 * max(self.covers.covers_size, (size - thickness) / 2)
        return LabelledScene(
            labels=partial(_labels, self.covers),
            surrounds=np.stack([condition.background.bytes, condition.covers.bytes]),
            target=Box.centred(size),
            frame=Box.centred(2 * 0.8 * extent),
        )


def _labels(covers: CoversTable, x: Floats, y: Floats) -> Bytes:
    gap = covers.cross_thickness / 2
    covered = [(np.abs(z) > gap) & (np.abs(z) < gap + covers.covers_size) for z in (x, y)]
    around = np.where(covered[0] & covered[1], 2, 1)
    return np.where(in_cross(x, y, covers.cross_size, covers.cross_thickness), 0, around).astype(np.uint8)
