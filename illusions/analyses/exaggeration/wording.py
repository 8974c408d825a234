"""Sentences about an exaggerated picture."""

from __future__ import annotations

from collections.abc import Iterator

from illusions.analyses.claims.verdicts import SMALLEST_BITS, UNDECIDED, YES, check
from illusions.analyses.exaggeration.comparison import ORIGINAL, ExaggeratedPicture, condition_name, measures
from illusions.analyses.predictions import conclusion
from illusions.analyses.readings.ranking import effect
from illusions.analyses.wording import looks, with_error
from illusions.models.evaluation import Estimate


def sentences(done: ExaggeratedPicture) -> Iterator[str]:
    """Sentences about the measures: the surround, the target, and patches that did not decode."""
    for name, exaggeration in done.exaggerations.items():
        for measure, before, after, change in measures(done, name):
            if measure == "log-likelihood":
                continue
            shift = f"{before.mean:.3f} to {after.mean:.3f}, a change of {_signed(change)}"
            if measure == "bits per dimension":
                yield f"{name}: bits per dimension of the surround from {shift}: {_likely(change)}."
            else:
                axis = measure.removesuffix(" rank")
                yield f"{name}: {axis} rank of the target from {shift}: {_look(axis, change)}."
        if exaggeration.halfway or exaggeration.unmoved:
            yield (
                f"{name}: of {exaggeration.patches} patches {exaggeration.halfway} overflowed and were moved by half "
                f"of η, {exaggeration.unmoved} overflowed even so, or do not come back even unmoved, and stayed as "
                "they were."
            )
    yield proof_sentence(done)


def between(done: ExaggeratedPicture, etas: tuple[float, float]) -> Iterator[str]:
    """How the target ranks at η < 0 against η > 0, along every axis, and where it should look higher.

    Args:
        done: what was measured at both.
        etas: η > 0, then η < 0.
    """
    up, down = map(condition_name, etas)
    for axis, curves in done.curves.items():
        difference, error = effect(curves[down], curves[up])
        says = {
            "different": f"so that the same target should look {looks(axis)} at {down if difference > 0 else up}",
            "alike": "so that it should look the same in both",
            "open": f"which says neither where the target should look {looks(axis)}, nor that it should look the same",
        }[conclusion(difference, error)]
        number = with_error(difference, error)
        yield f"The {axis} rank of the target at {down} minus that at {up} is {number}, {says}."


def proof_sentence(done: ExaggeratedPicture) -> str:
    """A sentence that the target is the same in all pictures, with its size."""
    return f"The {int(done.target.sum())} pixels of the target are the same in all {len(done.pictures)} pictures."


def exaggeration_caption(done: ExaggeratedPicture, stride: int) -> str:
    """Caption of the figure, with model and temperature."""
    curve = next(iter(done.curves.values()))[ORIGINAL]
    moved = ", ".join(done.exaggerations)
    return (
        f"Above: the picture as it is, and with the latents of all its patches moved by {moved} (z ← z − η z "
        f"exp(−z²/2), {_every(stride)}); the target was put back. Middle: the targets alone; they are the same "
        "pixels. Below: the percentile rank of every value of the target, in one colour, in each surround (dots: its "
        "median colour), "
        f"and the bits per dimension of the surround's patches, mean ± 1 standard error over patches. Model "
        f"{curve.model}, "
        f"T = {curve.temperature:.4g} nats."
    )


def _likely(change: Estimate) -> str:
    """Whether the surround is likelier than before, where that can be said."""
    said = check(-change.mean, change.standard_error, least=SMALLEST_BITS)
    if said != UNDECIDED:
        return f"it is {'more' if said == YES else 'less'} likely than before"
    if abs(change.mean) + 2 * change.standard_error < SMALLEST_BITS:
        return "it is as likely as before"
    return "too little, or too uncertain, to say whether it is likelier than before"


def _every(stride: int) -> str:
    return "a patch at every pixel" if stride == 1 else f"a patch every {stride} pixels"


def _signed(change: Estimate) -> str:
    text = with_error(change.mean, change.standard_error)
    return text.replace("-", "−") if change.mean < 0 else f"+{text}"


def _look(axis: str, change: Estimate) -> str:
    concluded = conclusion(change.mean, change.standard_error)
    if concluded != "different":
        return "it should look as before" if concluded == "alike" else "too little, or too uncertain, to say more"
    return f"it should look {looks(axis)} {'now' if change.mean > 0 else 'in the picture as it is'}"
