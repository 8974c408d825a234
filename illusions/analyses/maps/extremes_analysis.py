"""The most and the least likely patches of some photographs, as an analysis."""

from __future__ import annotations

from typing import Annotated, Literal

import pandas as pd
from pydantic import Field
from scipy.stats import spearmanr

from illusions.analyses.claims.analysis import Analysis, Finding, Models
from illusions.analyses.maps.extremes import extremes
from illusions.analyses.maps.figure import extremes_figure
from illusions.analyses.maps.wording import extremes_caption
from illusions.analyses.patches.attributes import contrast
from illusions.analyses.patches.photographs import EachKey, PhotographsKey, photograph_crops
from illusions.analyses.patches.scores import score
from illusions.analyses.wording import and_list


class ExtremesAnalysis(Analysis):
    """The n most and the n least likely of random patches of photographs, no two of them overlapping.

    No source claims anything about it, so there is no verdict.
    """

    kind: Literal["extremes"]
    photographs: PhotographsKey
    each: EachKey
    shown: Annotated[int, Field(ge=1, le=100)]
    model: str = "natural16"

    def run(self, models: Models, *, seed: int) -> Finding:
        """Score random patches, and compare the extremes."""
        model = models(self.model)
        crops = photograph_crops(self.photographs, self.each, size=model.size, seed=seed)
        scores = score(crops, model, seed=seed).assign(contrast=contrast(crops.patches))
        most, least = extremes(scores, self.shown, model.size)
        return Finding(
            title=self.title,
            claim=None,
            measured=(
                f"The {len(most)} most likely have a contrast (standard deviation of luma) of "
                f"{scores['contrast'].iloc[most].mean():.3f} on average and come from {_origin(scores.iloc[most])}; "
                f"the {len(least)} least likely have {scores['contrast'].iloc[least].mean():.3f} and come from "
                f"{_origin(scores.iloc[least])}. Over all patches the rank correlation of bits per dimension and "
                f"contrast is {_correlation(scores)}."
            ),
            verdict=None,
            caption=extremes_caption(scores, model),
            table=scores.sort_values("bits_per_dimension").assign(model=model.name),
            draw=lambda text: extremes_figure(crops, scores, self.shown, caption=text),
        )


def _origin(rows: pd.DataFrame) -> str:
    """``"rocket (18) and coffee (2)"``."""
    return and_list([f"{name} ({count})" for name, count in rows["picture"].value_counts().items()])


def _correlation(scores: pd.DataFrame) -> str:
    return f"{spearmanr(scores['bits_per_dimension'], scores['contrast']).statistic:.2f}".replace("-", "−")
