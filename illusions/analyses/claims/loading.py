"""The kinds of analyses that a file can describe."""

from __future__ import annotations

from pathlib import Path

from illusions.analyses.analysis import Analysis
from illusions.analyses.cut_out_analysis import CutOutAnalysis
from illusions.analyses.detection_analysis import DetectionAnalysis
from illusions.analyses.editing_analysis import EditingAnalysis
from illusions.analyses.exaggeration_analysis import ExaggerationAnalysis
from illusions.analyses.extremes_analysis import ExtremesAnalysis
from illusions.analyses.grid_map_analysis import GridMapAnalysis
from illusions.analyses.interpolation_analysis import InterpolationAnalysis
from illusions.analyses.inverse_analysis import InverseAnalysis
from illusions.analyses.map_analysis import MapAnalysis
from illusions.analyses.match_analysis import MatchAnalysis
from illusions.analyses.samples_analysis import SamplesAnalysis
from illusions.analyses.scale_analysis import ScaleAnalysis
from illusions.analyses.sensitivity import SensitivityAnalysis
from illusions.analyses.training_analysis import TrainingAnalysis
from illusions.content import find, read_kind

#: By the value of the key ``kind``.
KINDS: dict[str, type[Analysis]] = {
    "cut-outs": CutOutAnalysis,
    "detection": DetectionAnalysis,
    "editing": EditingAnalysis,
    "exaggeration": ExaggerationAnalysis,
    "extremes": ExtremesAnalysis,
    "grid-map": GridMapAnalysis,
    "interpolation": InterpolationAnalysis,
    "inverse": InverseAnalysis,
    "map": MapAnalysis,
    "match": MatchAnalysis,
    "samples": SamplesAnalysis,
    "scale": ScaleAnalysis,
    "sensitivity": SensitivityAnalysis,
    "training": TrainingAnalysis,
}


def load_analysis(name: str | Path) -> Analysis:
    """Read an analysis by its name, or by the path of a file of one's own.

    Raises:
        InputError: there is none, or its file is not valid.
    """
    return read_kind(find("analyses", name), "analysis", KINDS)
