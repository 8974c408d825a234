"""What must be known of ranks before they are believed, in every output: sentences that follow from their curves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from illusions.analyses.ranks.curve import LikelihoodCurve
from illusions.stimuli.axes import AXES, FEW

#: A target that covers less of every pixel of the model is thin: most of each pixel is surround, at every value.
THIN = 0.5


def is_thin(curves: Iterable[LikelihoodCurve]) -> bool:
    """Whether in one of the curves no pixel of the model shows more of the target than of its surround."""
    return min(curve.coverage for curve in curves) < THIN


def cautions(curves: Iterable[LikelihoodCurve]) -> tuple[str, ...]:
    """Sentences about what the curves of some conditions rest on; none where nothing is wrong with it."""
    return tuple(_cautions(list(curves)))


def _cautions(curves: list[LikelihoodCurve]) -> Iterator[str]:
    first = curves[0]
    if is_thin(curves):
        yield (
            f"The target covers at most {min(curve.coverage for curve in curves):.2g} of any pixel of the model, so "
            "that its rank is nearly its value, whatever the surround; in a smaller patch it covers more."
        )
    low, high = float(first.values[0]), float(first.values[-1])
    count = round((high - low) / AXES.get(first.axis.name, first.axis).step) + 1
    if count < FEW:
        yield f"The sweep has only {count} values, {low:.4g} to {high:.4g}: ranks among so few say little."
    flat = [curve.condition for curve in curves if curve.flat]
    if flat:
        named = " and ".join(f"“{condition}”" for condition in flat)
        yield (
            f"The surround on {named} has less contrast than the least that {first.model} was trained with, and counts "
            "as that: the target then stands out further than any in a photograph, ranks are 0 or 1 at any T of use, "
            "and a match rests on far tails. The direction can be read off, and nothing else."
        )
