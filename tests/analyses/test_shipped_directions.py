"""What the shipped model must show: likelihood peaks at the surround, and contrast follows in every pair."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest

from illusions.analyses.curve import LikelihoodCurve
from illusions.analyses.ranking import rank
from illusions.models.model import load_model
from illusions.stimuli.uniform import uniform_contrast

LOW, HIGH = (0.1, 0.2, 0.3), (0.7, 0.8, 0.9)
SIZES = (4, 6, 8)
#: Axis, and the colour that target and surround share but for their value on it, in HSV.
BASES = [("brightness", (0.0, 0.0, 0.5)), *(("saturation", (hue, 0.5, 0.7)) for hue in (0.0, 0.33, 0.6))]


@cache
def curves(axis: str, base: tuple[float, float, float], size: int) -> dict[float, LikelihoodCurve]:
    """The curve of a target of 0.5 on every surround, by the value of the surround."""
    stimulus = uniform_contrast(
        axis=axis,
        value=0.5,
        surrounds={str(surround): surround for surround in LOW + HIGH},
        base={"hsv": list(base)},
        size=size,
    )
    ranked = rank(stimulus, load_model("natural16", device="cpu"), "bits-per-dim", draws=1)
    return {float(surround): curve for surround, curve in ranked.items()}


@pytest.mark.parametrize(("axis", "base"), BASES, ids=str)
@pytest.mark.parametrize("temperature", [1, 50, 532])
def test_the_target_ranks_higher_on_the_lower_surround_in_27_of_27_pairs(
    axis: str, base: tuple[float, float, float], temperature: float
) -> None:
    higher = 0
    for size in SIZES:
        read = {surround: curve.at_temperature(temperature) for surround, curve in curves(axis, base, size).items()}
        # compared by log r and log(1 - r): at T = 1 ranks round to 0 and 1
        terms = {surround: curve.log_odds_terms(0.5) for surround, curve in read.items()}
        odds = {surround: below - above for surround, (below, above) in terms.items()}
        higher += sum(odds[low] > odds[high] for low, high in product(LOW, HIGH))
    assert higher == 27


@pytest.mark.parametrize(("axis", "base"), BASES, ids=str)
@pytest.mark.parametrize("size", SIZES)
def test_the_likelihood_peaks_within_0_05_of_the_surround(
    axis: str, base: tuple[float, float, float], size: int
) -> None:
    peaks = {surround: curve.peak for surround, curve in curves(axis, base, size).items()}
    np.testing.assert_allclose(list(peaks.values()), list(peaks), rtol=0, atol=0.05)
