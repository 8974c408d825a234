"""Are the targets of a stimulus the same? Cut out and laid together, anybody can see that they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pydantic import Field

from illusions.analyses.claims.analysis import Analysis, Claim, Finding, Models
from illusions.analyses.claims.verdicts import NO, YES, verdict
from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.rc import RC
from illusions.analyses.wording import and_list

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

#: Stimuli in a row of the figure.
_COLUMNS = 3


class CutOutAnalysis(Analysis):
    """The pictures that a person looks at, and beneath them their targets, cut out and laid together.

    The claim is put to the test once for each stimulus: do all pixels of all its targets have one colour?
    """

    kind: Literal["cut-outs"]
    stimuli: Annotated[tuple[str, ...], Field(min_length=1, max_length=24)]
    claim: Claim

    def run(self, models: Models, *, seed: int) -> Finding:
        """Draw the stimuli, and compare the pixels of their targets."""
        from illusions.stimuli.loading import load_stimulus

        stimuli = [load_stimulus(name) for name in self.stimuli]
        table = pd.DataFrame([row for stimulus in stimuli for row in _rows(stimulus)])
        alike = table.groupby("stimulus", sort=False)["largest_difference"].max() == 0
        differing = [f"“{name}”" for name, same in alike.items() if not same]
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=(
                f"In {alike.sum()} of {len(alike)} stimuli every pixel of every target has the same colour, "
                f"{table['pixels'].sum():,} pixels in all"
                + (f"; in {and_list(differing)} they differ." if differing else ".")
            ),
            verdict=verdict(YES if same else NO for same in alike),
            caption=(
                "Each stimulus as a person sees it, and beneath it pieces cut out of its targets and laid together: if "
                "they are the same, there is no seam between them. Compared are all pixels that show nothing but the "
                "target, in 8-bit sRGB; no model is asked. The stimuli are drawn so that this holds: what is "
                "checked is the drawing."
            ),
            table=table,
            draw=lambda text: _figure(stimuli, text),
        )


def _rows(stimulus: Stimulus) -> list[dict[str, object]]:
    """By condition: how many pixels show the target, their colour, and how far any is from the first one's."""
    found = {name: stimulus.picture(name)[stimulus.target_mask(name)].astype(int) for name in stimulus.conditions}
    first = next(iter(found.values()))[0]
    return [
        {
            "stimulus": stimulus.name,
            "condition": name,
            "pixels": len(pixels),
            "red": pixels[0][0],
            "green": pixels[0][1],
            "blue": pixels[0][2],
            "largest_difference": int(np.abs(pixels - first).max()),
        }
        for name, pixels in found.items()
    ]


def _figure(stimuli: Sequence[Stimulus], caption: str) -> Figure:
    rows = math.ceil(len(stimuli) / _COLUMNS)
    with mpl.rc_context(RC):
        figure, places = canvas([1.8] * rows, caption)
        for i, place in enumerate(places):
            panels = place.subgridspec(1, _COLUMNS)
            for j, stimulus in enumerate(stimuli[i * _COLUMNS : (i + 1) * _COLUMNS]):
                axes = bare(figure.add_subplot(panels[j]))
                axes.imshow(stimulus.proof(), interpolation="nearest")
                axes.set_title(stimulus.name, fontsize=9)
    return figure
