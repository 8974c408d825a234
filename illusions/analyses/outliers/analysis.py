"""Outliers as an analysis: whether other pictures are less likely than photographs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pandas as pd

from illusions.analyses.claims.analysis import Analysis, Claim, Finding, Models
from illusions.analyses.claims.verdicts import check_each, verdict
from illusions.analyses.outliers.detection import Detection, control_crops, detect
from illusions.analyses.outliers.figure import detection_figure
from illusions.analyses.outliers.wording import detection_caption
from illusions.analyses.patches.photographs import EachKey, PhotographsKey, how_few
from illusions.analyses.wording import and_list

#: An area under the ROC curve that is nearer to one half is not worth mentioning, however certain.
SMALLEST_AREA = 0.05


class DetectionAnalysis(Analysis):
    """Patches of photographs, told from noise, phase-scrambled photographs, drawings and inverted photographs.

    The claim is put to the test once for each of these kinds: whether its patches are less likely than those of
    photographs, so that the area under the ROC curve of going by the likelihood alone exceeds one half by
    `SMALLEST_AREA` or more, and by more than twice its standard error over photographs.
    """

    kind: Literal["detection"]
    photographs: PhotographsKey
    each: EachKey
    model: str = "natural16"
    claim: Claim

    def run(self, models: Models, *, seed: int) -> Finding:
        """Score patches of every kind, and draw the ROC curves."""
        model = models(self.model)
        found = detect(
            control_crops(self.photographs, model.size, self.each, seed=seed), model, None, "patch", seed=seed
        )
        unlikely = found.areas[found.areas["detector"] == "unlikely"]
        typical, errors = "patches of the other photographs", how_few(len(self.photographs))
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=" ".join(_sentences(found)),
            verdict=verdict(_checks(unlikely)),
            caption=(
                f"{detection_caption(found, 'patch', typical=typical, errors=errors)} The claim is "
                "taken to hold for a kind whose area, going by the likelihood alone, exceeds one half by "
                f"{SMALLEST_AREA:g} or more and by more than twice its standard error."
            ),
            table=found.areas,
            draw=lambda text: detection_figure(found, caption=text),
        )


def _checks(areas: pd.DataFrame) -> list[str]:
    """For every kind, whether it is less likely than photographs."""
    return check_each(areas["area"] - 0.5, areas["standard_error"], least=SMALLEST_AREA)


def _sentences(found: Detection) -> Iterator[str]:
    for detector, how in (("unlikely", "by how unlikely they are"), ("untypical", "by how untypical they are")):
        rows = found.areas[found.areas["detector"] == detector]
        shown = [
            f"{kind} {area:.3f} ± {error:.3f}"
            for kind, area, error in zip(rows["kind"], rows["area"], rows["standard_error"], strict=True)
        ]
        yield f"Told from photographs {how}, the area under the ROC curve is: {and_list(shown)}."
    unlikely = found.areas[found.areas["detector"] == "unlikely"]
    tested = list(zip(unlikely["kind"], _checks(unlikely), strict=True))
    for said, words in (
        ("no", "are likelier than photographs, against the claim"),
        (
            "undecided",
            "are too near to photographs in their likelihood, or too uncertain, to say which is likelier",
        ),
    ):
        kinds = [f"“{kind}”" for kind, result in tested if result == said]
        if kinds:
            yield f"So {and_list(kinds)} {words}."
