"""The kinds of stimuli that a file can describe."""

from __future__ import annotations

from pathlib import Path

from illusions.content import find, read_kind
from illusions.stimuli.benary import BenaryFile
from illusions.stimuli.checkerboard import CheckerboardFile
from illusions.stimuli.cornsweet import CornsweetFile
from illusions.stimuli.dungeon import DungeonFile
from illusions.stimuli.file import StimulusFile
from illusions.stimuli.grating import GratingFile
from illusions.stimuli.hermann import HermannFile
from illusions.stimuli.induction import InductionFile
from illusions.stimuli.mach import MachFile
from illusions.stimuli.photograph import PhotographFile
from illusions.stimuli.rings import RingsFile
from illusions.stimuli.staircase import StaircaseFile
from illusions.stimuli.stimulus import Stimulus
from illusions.stimuli.todorovic import TodorovicFile
from illusions.stimuli.uniform import UniformFile

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
