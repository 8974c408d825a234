"""Contact sheets of samples, alone and beside patches of photographs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from illusions.analyses.drawing.contact_sheet import Sheet, contact_sheet
from illusions.analyses.latents.samples import Samples

if TYPE_CHECKING:
    from illusions.arrays import Bytes

#: Patches per row, and rows per kind beside photographs.
COLUMNS, ROWS = 16, 2
#: Largest number of samples on a contact sheet.
_SHOWN = 200


def samples_figure(samples: Samples, *, caption: str = "") -> Figure:
    """A contact sheet of the samples, in the order in which they were drawn."""
    shown = samples.patches[:_SHOWN]
    return contact_sheet([Sheet(f"{len(shown)} samples", shown)], columns=COLUMNS, caption=caption)


def comparison_figure(drawn: Sequence[Samples], photographs: Bytes, *, caption: str = "") -> Figure:
    """Two rows of samples at each temperature of the prior, and of patches of photographs."""
    sheets = [
        Sheet(f"samples, prior temperature {samples.prior_temperature:g}", samples.patches[: COLUMNS * ROWS])
        for samples in drawn
    ]
    return contact_sheet([*sheets, Sheet("photographs", photographs)], columns=COLUMNS, caption=caption)
