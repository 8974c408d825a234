"""Targets in pictures of one's own: a picture and a mask for each condition, or several masks in one picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from illusions.errors import InputError
from illusions.stimuli.families.base import PICTURE, ColourKey, ConditionKey, SizeKey, StimulusFile, Table
from illusions.stimuli.from_pictures import from_pictures
from illusions.stimuli.scenes.scene import PATCH
from illusions.stimuli.stimulus import Stimulus

#: The name of a picture or of a mask, seen from the folder of the file.
_File = Annotated[Annotated[str, Field(min_length=1)] | None, PICTURE]


class PicturesTarget(Table):
    """The table ``[target]``, which may be left out.

    Attributes:
        colour: what all targets get; left out, their median colour, which is then the same.
        size: the longer side of each, in pixels of the patch of 16×16 that a model sees; left out, 6, or where a
            picture ends before, more.
    """

    colour: ColourKey | None = None
    size: SizeKey | None = None


class PicturesCondition(Table):
    """A table ``[conditions.NAME]``.

    Attributes:
        picture: in place of the one of the whole file.
        mask: in place of the one of the whole file.
        target: the label of the target, in a mask that has several.
    """

    picture: _File = None
    mask: _File = None
    target: Annotated[int, Field(ge=1)] | None = None


class PicturesFile(StimulusFile):
    """A stimulus file of the kind ``"pictures"``; files that it names are looked for beside it.

    Attributes:
        picture: of the conditions that name none.
        mask: of the conditions that name none.
        pixels_per_degree: of visual angle, the same in all pictures.
    """

    kind: Literal["pictures"]
    picture: _File = None
    mask: _File = None
    pixels_per_degree: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    target: PicturesTarget = PicturesTarget()
    conditions: dict[ConditionKey, PicturesCondition] = Field(min_length=2)

    @model_validator(mode="after")
    def _every_condition_has_both(self) -> PicturesFile:
        for name, condition in self.conditions.items():
            for key in ("picture", "mask"):
                if getattr(condition, key) is None and getattr(self, key) is None:
                    raise ValueError(f"conditions.{name} has no {key}; expected one, or one for the whole file")
        return self

    def stimulus(self, path: Path) -> Stimulus:
        """The stimulus that the file describes; see `StimulusFile`."""
        self.check_conditions(path, self.conditions)
        try:
            stimulus = from_pictures(
                [path.parent / (condition.picture or self.picture or "") for condition in self.conditions.values()],
                [path.parent / (condition.mask or self.mask or "") for condition in self.conditions.values()],
                self.axis,
                target=[condition.target for condition in self.conditions.values()],
                conditions=list(self.conditions),
                name=path.stem,
                colour=self.target.colour,
                scale=None if self.target.size is None else PATCH / self.target.size,
                people_see_higher=self.people_see_higher,
                pixels_per_degree=self.pixels_per_degree,
            )
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
        return replace(
            stimulus,
            title=self.title,
            description=f"{self.description} {stimulus.description}".strip(),
            source=self.source,
            reference=self.reference,
        )
