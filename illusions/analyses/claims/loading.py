"""The kinds of analyses that a file can describe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from illusions.analyses.claims.analysis import Analysis
from illusions.analyses.effects.scale_analysis import ScaleAnalysis
from illusions.analyses.effects.sensitivity_analysis import SensitivityAnalysis
from illusions.analyses.exaggeration.analysis import ExaggerationAnalysis
from illusions.analyses.foundations.bounds import BoundsAnalysis
from illusions.analyses.foundations.cut_outs import CutOutAnalysis
from illusions.analyses.foundations.inverse import InverseAnalysis
from illusions.analyses.foundations.training import TrainingAnalysis
from illusions.analyses.latents.editing_analysis import EditingAnalysis
from illusions.analyses.latents.interpolation_analysis import InterpolationAnalysis
from illusions.analyses.latents.samples_analysis import SamplesAnalysis
from illusions.analyses.maps.extremes_analysis import ExtremesAnalysis
from illusions.analyses.maps.grid_analysis import GridMapAnalysis
from illusions.analyses.maps.map_analysis import MapAnalysis
from illusions.analyses.outliers.analysis import DetectionAnalysis
from illusions.analyses.ranks.match_analysis import MatchAnalysis
from illusions.content import find, read_kind

#: Every kind of analysis, by the value of its key ``kind``.
_KINDS: TypeAdapter[Analysis] = TypeAdapter(
    Annotated[
        BoundsAnalysis
        | CutOutAnalysis
        | DetectionAnalysis
        | EditingAnalysis
        | ExaggerationAnalysis
        | ExtremesAnalysis
        | GridMapAnalysis
        | InterpolationAnalysis
        | InverseAnalysis
        | MapAnalysis
        | MatchAnalysis
        | SamplesAnalysis
        | ScaleAnalysis
        | SensitivityAnalysis
        | TrainingAnalysis,
        Field(discriminator="kind"),
    ]
)


def load_analysis(name: str | Path) -> Analysis:
    """Read an analysis by its name, or by the path of a file of one's own.

    Raises:
        InputError: there is none, or its file is not valid.
    """
    return read_kind(find("analyses", name), "analysis", _KINDS)
