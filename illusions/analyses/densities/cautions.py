"""Warnings about ranks, which every output shows: sentences computed from their curves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from illusions.analyses.densities.curve import LikelihoodCurve
from illusions.analyses.predictions import SMALLEST_EFFECT
from illusions.estimates import is_certain
from illusions.stimuli.axes import AXES, FEW

#: A target that covers less of every pixel of the model is thin: most of each pixel is surround, at every value.
THIN = 0.5


def are_nearly_values(curves: Iterable[LikelihoodCurve]) -> bool:
    """Whether ranks are nearly values: the target is thin in one of the curves, or T evens out all of them."""
    read = list(curves)
    return _least_coverage(read) < THIN or _is_even(read)


def cautions(curves: Iterable[LikelihoodCurve]) -> tuple[str, ...]:
    """Warnings about the curves of some conditions; empty if there is nothing to warn of."""
    return tuple(_cautions(list(curves)))


def cut_caution(moved: float, standard_error: float) -> list[str]:
    """A warning if a match moves by more than its standard error where the gamut is cut by a tenth."""
    if not is_certain(moved, standard_error / 2):
        return []
    return [
        f"Where the gamut is cut by a tenth the match moves by {abs(moved):.3g}, more than its standard error "
        f"({standard_error:.2g}): it depends on which colours the display has."
    ]


def _cautions(curves: list[LikelihoodCurve]) -> Iterator[str]:
    first = curves[0]
    if _least_coverage(curves) < THIN:
        yield (
            f"The target covers at most {_least_coverage(curves):.2g} of any pixel of the model. Its rank is therefore "
            "nearly its value, in any surround. In a smaller patch it covers more."
        )
    if _is_even(curves):
        yield (
            f"T = {first.temperature:.4g} is so high that all values are about equally likely. Ranks are then nearly "
            "the values themselves, in any surround, and predict at most a direction."
        )
    if end := first.axis.end(first.values, first.value):
        yield (
            f"The target has the {end} value of its sweep. Ranks are close to {0 if end == 'lowest' else 1} there in "
            "most surrounds, so equal ranks say little."
        )
    low, high = float(first.values[0]), float(first.values[-1])
    count = round((high - low) / AXES.get(first.axis.name, first.axis).step) + 1
    if count < FEW:
        yield f"The sweep has only {count} values, {low:.4g} to {high:.4g}, which is too few for meaningful ranks."
    flat = [curve.condition for curve in curves if curve.flat]
    if flat:
        named = " and ".join(f"“{condition}”" for condition in flat)
        yield (
            f"The surround on {named} has less contrast than the floor in the training of {first.model}, and is "
            "treated as if it had that contrast. The target then deviates more than any in a photograph. Ranks are "
            "0 or 1 at any useful T, and matches depend on the tails of densities. Only the direction is meaningful."
        )


def _least_coverage(curves: Iterable[LikelihoodCurve]) -> float:
    return min(curve.coverage for curve in curves)


def _is_even(curves: Sequence[LikelihoodCurve]) -> bool:
    """Whether all ranks are within the smallest effect of those of a uniform density.

    Of a few values it would be so at any T.
    """
    return len(curves[0].values) >= FEW and all(
        np.abs(curve.percentile_ranks[curve.order] - (np.arange(len(curve.values)) + 0.5) / len(curve.values)).max()
        < SMALLEST_EFFECT
        for curve in curves
    )
