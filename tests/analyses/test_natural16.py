"""What the shipped model must show: likelihood peaks at the surround, and contrast follows in every pair."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from illusions.analyses.ranking import rank
from illusions.models.model import Model, load_model
from illusions.stimuli.uniform import uniform_contrast

LOW, HIGH = (0.1, 0.2, 0.3), (0.7, 0.8, 0.9)
SIZES = (4, 6, 8)
#: A saturation needs a colour: hue, and the brightness that target and surround share.
BASES = {"brightness": [[0.0, 0.0, 0.5]], "saturation": [[hue, 0.5, 0.7] for hue in (0.0, 0.33, 0.6)]}


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("natural16", device="cpu")


@pytest.mark.parametrize(
    ("axis", "base"), [(axis, tuple(base)) for axis, bases in BASES.items() for base in bases], ids=str
)
class TestUniformSurrounds:
    """Target of 0.5 on surrounds 0.1, 0.2, 0.3 and 0.7, 0.8, 0.9; target sizes 4, 6 and 8."""

    def test_the_target_ranks_higher_on_the_lower_surround_in_every_pair(
        self, model: Model, axis: str, base: tuple[float, ...]
    ) -> None:
        higher = 0
        for size in SIZES:
            ranks = self._ranks(model, axis, base, size)
            higher += sum(ranks[low] > ranks[high] for low, high in product(LOW, HIGH))
        assert higher == len(LOW) * len(HIGH) * len(SIZES)

    @pytest.mark.parametrize("size", SIZES)
    def test_the_likelihood_peaks_within_0_05_of_the_surround(
        self, model: Model, axis: str, base: tuple[float, ...], size: int
    ) -> None:
        curves = self._curves(model, axis, base, size)
        peaks = {surround: curves[str(surround)].peak for surround in LOW + HIGH}
        np.testing.assert_allclose(list(peaks.values()), list(peaks), atol=0.05)

    def _ranks(self, model: Model, axis: str, base: tuple[float, ...], size: int) -> dict[float, float]:
        curves = self._curves(model, axis, base, size)
        return {surround: curves[str(surround)].percentile_rank(0.5) for surround in LOW + HIGH}

    def _curves(self, model, axis, base, size):  # type: ignore[no-untyped-def]
        stimulus = uniform_contrast(
            axis=axis,
            value=0.5,
            surrounds={str(surround): surround for surround in LOW + HIGH},
            base={"hsv": list(base)},
            size=size,
        )
        return rank(stimulus, model, "bits-per-dim", draws=2)
