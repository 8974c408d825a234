"""The kinds of stimuli that a file can describe."""

from __future__ import annotations

from pathlib import Path

from illusions.content import find, read_kind
from illusions.stimuli.families.base import StimulusFile
from illusions.stimuli.families.benary import BenaryFile
from illusions.stimuli.families.checkerboard import CheckerboardFile
from illusions.stimuli.families.cornsweet import CornsweetFile
from illusions.stimuli.families.dungeon import DungeonFile
from illusions.stimuli.families.grating import GratingFile
from illusions.stimuli.families.hermann import HermannFile
from illusions.stimuli.families.induction import InductionFile
from illusions.stimuli.families.mach import MachFile
from illusions.stimuli.families.photograph import PhotographFile
from illusions.stimuli.families.rings import RingsFile
from illusions.stimuli.families.staircase import StaircaseFile
from illusions.stimuli.families.todorovic import TodorovicFile
from illusions.stimuli.families.uniform import UniformFile
from illusions.stimuli.stimulus import Stimulus

#: By the value of the key ``kind``.
KINDS: dict[str, type[StimulusFile]] = {
    "benary": BenaryFile,
    "checkerboard": CheckerboardFile,
    "cornsweet": CornsweetFile,
    "dungeon": DungeonFile,
    "grating": GratingFile,
    "hermann": HermannFile,
    "induction": InductionFile,
    "mach": MachFile,
    "photograph": PhotographFile,
    "rings": RingsFile,
    "staircase": StaircaseFile,
    "todorovic": TodorovicFile,
    "uniform": UniformFile,
}


def read_stimulus(name: str | Path) -> Stimulus:
    """Read a stimulus; see `illusions.stimuli.stimulus.load_stimulus`."""
    path = find("stimuli", name)
    return read_kind(path, "stimulus", KINDS).stimulus(path)
