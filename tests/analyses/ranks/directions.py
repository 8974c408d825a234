"""Which way contrast goes on uniform surrounds: 27 pairs of a lower and a higher one, for one axis and colour."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.readings.ranking import rank
from illusions.models.stacks import PatchModel
from illusions.stimuli.families.uniform import uniform_contrast

LOW, HIGH = (0.1, 0.2, 0.3), (0.7, 0.8, 0.9)
SIZES = (4, 6, 8)
#: Axis, and the colour that target and surround share but for their value on it, in HSV.
BASES = [("brightness", (0.0, 0.0, 0.5)), *(("saturation", (hue, 0.5, 0.7)) for hue in (0.0, 0.33, 0.6))]


def curves_on_uniform_surrounds(
    model: PatchModel, axis: str, base: tuple[float, float, float], size: int
) -> dict[float, LikelihoodCurve]:
    """The curve of a target of 0.5 on every surround, by the value of the surround."""
    stimulus = uniform_contrast(
        axis=axis,
        value=0.5,
        surrounds={str(surround): surround for surround in LOW + HIGH},
        base={"hsv": list(base)},
        size=size,
    )
    return {float(surround): curve for surround, curve in rank(stimulus, model, "bits-per-dim", draws=1).items()}


def pairs_in_which_the_lower_surround_ranks_higher(curves: Mapping[float, LikelihoodCurve], temperature: float) -> int:
    """Of the 9 pairs of a low and a high surround, those in which the target ranks higher on the low one."""
    read = {surround: curve.at_temperature(temperature) for surround, curve in curves.items()}
    # compared by log r and log(1 - r): at T = 1 ranks round to 0 and 1
    terms = {surround: curve.log_odds_terms(0.5) for surround, curve in read.items()}
    odds = {surround: below - above for surround, (below, above) in terms.items()}
    return sum(odds[low] > odds[high] for low, high in product(LOW, HIGH))
