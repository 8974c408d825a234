"""What the shipped model must show: likelihood peaks at the surround, and contrast follows in every pair."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.models.model import load_model
from tests.analyses.ranks.directions import (
    BASES,
    SIZES,
    curves_on_uniform_surrounds,
    pairs_in_which_the_lower_surround_ranks_higher,
)


@cache
def curves(axis: str, base: tuple[float, float, float], size: int) -> dict[float, LikelihoodCurve]:
    return curves_on_uniform_surrounds(load_model("natural16", device="cpu"), axis, base, size)


@pytest.mark.parametrize(("axis", "base"), BASES, ids=str)
@pytest.mark.parametrize("temperature", [1, 50, 532])
def test_the_target_ranks_higher_on_the_lower_surround_in_27_of_27_pairs(
    axis: str, base: tuple[float, float, float], temperature: float
) -> None:
    by_size = [curves(axis, base, size) for size in SIZES]
    assert sum(pairs_in_which_the_lower_surround_ranks_higher(read, temperature) for read in by_size) == 27


@pytest.mark.parametrize(("axis", "base"), BASES, ids=str)
@pytest.mark.parametrize("size", SIZES)
def test_the_likelihood_peaks_within_0_05_of_the_surround(
    axis: str, base: tuple[float, float, float], size: int
) -> None:
    peaks = {surround: curve.peak for surround, curve in curves(axis, base, size).items()}
    np.testing.assert_allclose(list(peaks.values()), list(peaks), rtol=0, atol=0.05)
