"""The Hermann grid as a likelihood map: whether its crossings, where people see spots, are the unlikely places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from illusions.analyses.claims.analysis import Analysis, Claim, Finding, Models
from illusions.analyses.claims.verdicts import NO, SMALLEST_BITS, YES, check_each, verdict
from illusions.analyses.maps.figure import grid_map_figure
from illusions.analyses.maps.grid import CROSSING, STREET, offsets, places
from illusions.analyses.patches.crops import windows
from illusions.analyses.wording import and_list, with_error
from illusions.models.evaluation import bits_per_dimension
from illusions.stimuli.families.base import ColourKey
from illusions.stimuli.scenes.scene import PATCH

if TYPE_CHECKING:
    from typing import Self

    from illusions.arrays import Bytes, Floats
    from illusions.models.model import Model

#: Draws of the noise, which are what the standard errors are over.
_DRAWS = 4
#: Crossings in a row that the figure shows.
_SHOWN = 3


class GridMapAnalysis(Analysis):
    """Bits per dimension of the patches of a grid, by what they are centred on, for several widths of its bars.

    The claim holds if at every width the patches centred on crossings are less likely than those centred on streets, by
    more than twice the standard error and by `SMALLEST_BITS` or more; it does not hold if they nowhere are.
    """

    kind: Literal["grid-map"]
    bars: ColourKey
    blocks: ColourKey
    #: Side of a block, in widths of a bar.
    block_size: Annotated[int, Field(ge=2, le=16)]
    #: Of a bar, pixels; one pixel of room within it at least.
    widths: Annotated[tuple[Annotated[int, Field(ge=2, le=PATCH)], ...], Field(min_length=1, max_length=5)]
    model: str = "natural16"
    claim: Claim

    @model_validator(mode="after")
    def _bars_have_a_middle(self) -> Self:
        """A bar lies in the middle of a period of the same parity, or it would lose a pixel."""
        odd = [width for width in self.widths if width % 2 and self.block_size % 2]
        if odd:
            raise ValueError(f"a width of {odd[0]} with a block_size of {self.block_size}: expected one of them even")
        return self

    def run(self, models: Models, *, seed: int) -> Finding:
        """Map the grids, and average over what patches are centred on."""
        model = models(self.model)
        maps = {width: self._map(width, model, seed) for width in self.widths}
        table = pd.DataFrame([row for width, bits in maps.items() for row in _rows(width, bits, model.name)])
        grids = {width: np.tile(self._period_of(width), (_SHOWN, _SHOWN, 1)) for width in self.widths}
        shown = {width: np.tile(bits.mean(axis=0), (_SHOWN, _SHOWN)) for width, bits in maps.items()}
        return Finding(
            title=self.title,
            claim=self.claim,
            measured=" ".join(_sentences(table)),
            verdict=verdict(_checks(table)),
            caption=_caption(model.name),
            table=table,
            draw=lambda text: grid_map_figure(grids, shown, table, size=model.size, caption=text),
        )

    def _period(self, width: int) -> int:
        return width * (1 + self.block_size)

    def _period_of(self, width: int) -> Bytes:
        """One crossing with half a block on each side of it, shape (period, period, 3)."""
        period = self._period(width)
        along = np.abs(offsets(period)) < width / 2
        on_bar = along[:, None] | along[None, :]
        return np.where(on_bar[..., None], self.bars.bytes, self.blocks.bytes).astype(np.uint8)

    def _map(self, width: int, model: Model, seed: int) -> Floats:
        """Bits per dimension, shape (draws, period, period): of the patch whose middle is each corner of a pixel.

        The corners are those at the upper left of the pixels of `_period_of`, on an endless grid.
        """
        period, size = self._period(width), model.size
        endless = np.pad(self._period_of(width), ((size // 2, size), (size // 2, size), (0, 0)), mode="wrap")
        patches = windows(endless, size)[:period, :period].reshape(-1, size, size, 3)
        nats = model.log_likelihood_draws(patches, draws=_DRAWS, seed=seed)
        return bits_per_dimension(nats, model.dimensions).reshape(_DRAWS, period, period)


def _rows(width: int, bits: Floats, model: str) -> Iterator[dict[str, object]]:
    means = {place: bits[:, where].mean(axis=1) for place, where in places(width, bits.shape[1]).items()}
    means[f"{CROSSING} − {STREET}"] = means[CROSSING] - means[STREET]
    for place, values in means.items():
        yield {
            "width": width,
            "place": place,
            "bits_per_dimension": float(values.mean()),
            "standard_error": float(values.std(ddof=1) / np.sqrt(len(values))),
            "model": model,
        }


def _sentences(table: pd.DataFrame) -> Iterator[str]:
    for width, rows in table.groupby("width", sort=False):
        *means, difference = (
            with_error(row["bits_per_dimension"], row["standard_error"]) for _, row in rows.iterrows()
        )
        shown = [f"{mean} on a {place}" for mean, place in zip(means, rows["place"], strict=False)]
        yield (
            f"With bars of {width} pixels a patch has {and_list(shown)} in bits per dimension; crossings minus "
            f"streets: {difference}."
        )
    said = _checks(table)
    for answer, words in ((YES, "less likely than streets"), (NO, "likelier than streets, the opposite of the claim,")):
        widths = [str(width) for width, found in zip(table["width"].unique(), said, strict=True) if found == answer]
        if widths:
            yield f"So crossings are {words} with bars of {and_list(widths)} pixels."


def _checks(table: pd.DataFrame) -> list[str]:
    """For every width, whether crossings are less likely than streets."""
    rows = table[table["place"] == f"{CROSSING} − {STREET}"]
    return check_each(rows["bits_per_dimension"], rows["standard_error"], least=SMALLEST_BITS)


def _caption(model: str) -> str:
    return (
        "Above: grids of several sizes, three crossings in a row; the orange square is the patch that the model sees "
        "around the middle crossing, where people see a dark spot out of the corner of the eye. Middle: the bits per "
        "dimension, −log₂ p / D, of the patch around every pixel, on one scale of colours. Below: their mean over the "
        "patches centred on a crossing, on a street between two, and on a block, ± 1 standard error over "
        f"{_DRAWS} draws of the dequantisation noise. That a place is unlikely does not say that it looks darker; for "
        "that see the Hermann grid among the illusions of brightness. The claim is taken to hold where crossings are "
        f"less likely than streets by {SMALLEST_BITS:g} bits per dimension or more, and by more than twice the "
        f"standard error. Model {model}."
    )
