"""Stimuli by their names, whatever their family."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from illusions.content import check_kind, find, parse_toml
from illusions.stimuli.families.base import StimulusFile, colour_context
from illusions.stimuli.families.benary import BenaryFile
from illusions.stimuli.families.checkerboard import CheckerboardFile
from illusions.stimuli.families.cornsweet import CornsweetFile
from illusions.stimuli.families.dungeon import DungeonFile
from illusions.stimuli.families.gradient import GradientFile
from illusions.stimuli.families.grating import GratingFile
from illusions.stimuli.families.hermann import HermannFile
from illusions.stimuli.families.induction import InductionFile
from illusions.stimuli.families.mach import MachFile
from illusions.stimuli.families.photograph import PhotographFile
from illusions.stimuli.families.pictures import PicturesFile
from illusions.stimuli.families.rings import RingsFile
from illusions.stimuli.families.staircase import StaircaseFile
from illusions.stimuli.families.texture import TextureFile
from illusions.stimuli.families.todorovic import TodorovicFile
from illusions.stimuli.families.uniform import UniformFile
from illusions.stimuli.stimulus import Stimulus
from illusions.stimuli.written import Written

#: Every family, by the value of its key ``kind``.
_FAMILIES: TypeAdapter[StimulusFile] = TypeAdapter(
    Annotated[
        BenaryFile
        | CheckerboardFile
        | CornsweetFile
        | DungeonFile
        | GradientFile
        | GratingFile
        | HermannFile
        | InductionFile
        | MachFile
        | PhotographFile
        | PicturesFile
        | RingsFile
        | StaircaseFile
        | TextureFile
        | TodorovicFile
        | UniformFile,
        Field(discriminator="kind"),
    ]
)


def load_stimulus(name: str | Path) -> Stimulus:
    """Read a stimulus.

    Args:
        name: a name in ``stimuli/``, or a path to a ``.toml`` file of one's own.

    Raises:
        InputError: it does not exist, or something in it is not as expected; the message names file and key.
    """
    path = find("stimuli", name)
    return stimulus_of(parse_toml(path), path.stem, path)


def stimulus_of(tables: Mapping[str, Any], name: str, place: Path) -> Stimulus:
    """A stimulus from the tables of its file.

    Args:
        tables: see `parse_toml`.
        name: of the stimulus.
        place: the file, or what messages name in its place; from its folder other files are seen.

    Raises:
        InputError: as `load_stimulus`.
    """
    file = check_kind(tables, place, "stimulus", _FAMILIES, colour_context(tables))
    return Written(name, tables, file, place).stimulus()
