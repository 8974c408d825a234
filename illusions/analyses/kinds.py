"""The kinds of analyses that a file can describe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, field_validator

from illusions.analyses.analysis import Analysis
from illusions.analyses.match_analysis import MatchAnalysis
from illusions.analyses.scale_analysis import ScaleAnalysis
from illusions.analyses.sensitivity import SensitivityAnalysis
from illusions.analyses.training_analysis import TrainingAnalysis
from illusions.content import find, read_toml
from illusions.errors import unknown_name

#: By the value of the key ``kind``.
KINDS: dict[str, type[Analysis]] = {
    "match": MatchAnalysis,
    "scale": ScaleAnalysis,
    "sensitivity": SensitivityAnalysis,
    "training": TrainingAnalysis,
}


class _Kind(BaseModel):
    """The one key that says which others there are."""

    kind: str

    @field_validator("kind", mode="plain")
    @classmethod
    def _exists(cls, kind: Any) -> str:
        if not isinstance(kind, str) or kind not in KINDS:
            raise unknown_name("kind of analysis", str(kind), KINDS)
        return kind


def load_analysis(name: str | Path) -> Analysis:
    """Read an analysis by its name, or by the path of a file of one's own.

    Raises:
        InputError: there is none, or its file is not valid.
    """
    path = find("analyses", name)
    return read_toml(path, KINDS[read_toml(path, _Kind).kind])
