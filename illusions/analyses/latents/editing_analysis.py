"""Attribute directions as an analysis: whether latents moved along one change the attribute, and little else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from illusions.analyses.claims.analysis import Analysis, Claim, Finding, Models
from illusions.analyses.claims.verdicts import NO, YES, check, verdict
from illusions.analyses.latents.editing import (
    QUARTER,
    STRENGTHS,
    edit_all,
    editing_sentences,
    find_directions,
    measure_edits,
    selectivity,
)
from illusions.analyses.latents.editing_figure import EXAMPLES, editing_figure
from illusions.analyses.patches.attributes import ATTRIBUTES
from illusions.analyses.patches.photographs import EachKey, PhotographsKey, how_few, photograph_crops
from illusions.models.latents import encode

#: Both ends of a direction.
_MEASURED = (-1.0, 1.0)


class EditingAnalysis(Analysis):
    """Each photograph's patches, moved along the directions that the other photographs give, and what that changes.

    The claim is put to the test twice for each attribute: whether the attribute rises along its direction, by more than
    twice the standard error over photographs; and whether it moves further than the others do, in root mean square.
    """

    kind: Literal["editing"]
    photographs: PhotographsKey
    each: EachKey
    model: str = "natural16"
    claim: Claim

    def patches(self) -> int:
        """Every patch on its way in twice and to be scored; every edit on its way out and to be scored; examples.

        Of edits that overflow there is nothing to score.
        """
        edits, shown = len(ATTRIBUTES) * len(_MEASURED), len(ATTRIBUTES) * len(STRENGTHS)
        return self.each * len(self.photographs) * (3 + 2 * edits) + EXAMPLES * (1 + shown)

    def run(self, models: Models, *, seed: int) -> Finding:
        """Find directions without each photograph in turn, and measure on it what they change."""
        model = models(self.model)
        crops = photograph_crops(self.photographs, self.each, size=model.size, seed=seed)
        z = encode(model, crops.patches, seed=seed)
        frames = []
        for name in dict.fromkeys(crops.places["picture"]):
            here = (crops.places["picture"] == name).to_numpy()
            directions = find_directions(crops.patches[~here], z[~here], list(ATTRIBUTES))
            frames.append(measure_edits(crops.take(here), model, directions, strengths=_MEASURED, seed=seed))
        measured = over_photographs(frames)
        shown = crops.patches[here][:: max(1, self.each // EXAMPLES)][:EXAMPLES]
        edits = edit_all(shown, model, directions, seed=seed)
        chosen = selectivity(measured)
        own = measured[(measured["direction"] == measured["measure"]) & (measured["strength"] == max(_MEASURED))]
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=" ".join(sentence[0].upper() + sentence[1:] for sentence in editing_sentences(measured)),
            verdict=verdict(
                [
                    *map(check, own["change"], own["standard_error"]),
                    *(YES if ratio > 1 else NO for ratio in chosen["ratio"]),
                ]
            ),
            caption=(
                "Above: patches of one photograph moved along the direction of each attribute in latent space (the "
                f"mean latent of the other photographs' patches in the upper {100 * QUARTER:.0f} % of it minus that of "
                "those in the lower), from −1 to +1 times its length; the middle one of each five is the patch itself. "
                "Below: how far strength +1 moves each measure, in the standard deviations that it has within a "
                f"photograph, over {self.each} patches of each of {len(self.photographs)} photographs "
                "(bits per dimension: in each the median); on the diagonal the attribute that was meant, beside it "
                "everything else. Errors: "
                f"{how_few(len(self.photographs))}. The claim is taken to hold where every attribute rises along its "
                "direction by more than twice the standard error, and further than the others move. Model "
                f"{model.name}."
            ),
            table=measured,
            draw=lambda text: editing_figure(edits, directions, measured, caption=text),
        )


def over_photographs(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """What was measured on single photographs, together: of `measure_edits` the same rows, each photograph alike.

    The changes are in root mean squares of the photographs' standard deviations, and their standard errors over
    photographs.
    """
    together = frames[0].copy()
    deviations = np.stack([frame["standard_deviation"].to_numpy() for frame in frames])
    changes = np.stack([frame["change"].to_numpy() for frame in frames]) * deviations
    deviation = np.sqrt(np.square(deviations).mean(axis=0))
    changes /= np.maximum(deviation, 1e-12)
    together["change"] = changes.mean(axis=0)
    together["standard_error"] = changes.std(axis=0, ddof=1) / np.sqrt(len(frames))
    together["standard_deviation"] = deviation
    together["overflowed"] = np.mean([frame["overflowed"] for frame in frames], axis=0)
    return together
