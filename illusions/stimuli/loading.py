"""Stimuli by their names, whatever their family."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from illusions.content import find, parse_toml, read_kind
from illusions.stimuli.families.base import StimulusFile
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
    file = read_kind(path, "stimulus", _FAMILIES)
    return Written(path.stem, parse_toml(path), file, path).stimulus()
