"""Stacks of patches under common noise, as sweeps ask for them; several are scored together, on all cores.

What decides by the scores of some patches which others it needs is a generator (`Asking`): it yields stacks and is sent
their log-likelihoods. Several go side by side (`together`), so that their small questions become a large one.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from illusions.arrays import Bytes, Floats

_Result = TypeVar("_Result")


@dataclass(frozen=True, eq=False)
class Stack:
    """Patches, and the draws of noise under which they are scored; each draw has the same noise for every patch.

    Attributes:
        patches: shape (n, size, size, 3), sRGB.
        draws: how many draws of noise.
        seed: of the noise.
        surround: shape (size, size): by which pixels a model that normalises patches does so.
        first: number of the first draw.
    """

    patches: Bytes
    draws: int = 1
    seed: int = 0
    surround: NDArray[np.bool_] | None = None
    first: int = 0


class PatchModel(Protocol):
    """What a rank needs of a model; ``illusions.models.model.Model`` has it, and any density of patches can.

    A model may also have ``log_likelihood_of_stacks``, which takes several `Stack` at once and is then asked instead.
    """

    @property
    def name(self) -> str:
        """What tables and figures call it."""

    @property
    def size(self) -> int:
        """Side of a patch in pixels."""

    @property
    def dimensions(self) -> int:
        """D, the numbers that it sees of one patch: 3·size², or size² of luminance."""

    def log_likelihood_draws(
        self,
        patches: Bytes,
        *,
        draws: int,
        seed: int,
        surround: NDArray[np.bool_] | None = None,
        first: int = 0,
    ) -> Floats:
        """Log-likelihood in nats, (draws, n), of patches (n, size, size, 3), under draws ``first`` and following.

        Draw i has the same noise for every patch, and in every call with the same seed. Where the model normalises
        patches it does so by the pixels of their surround, (size, size), which are the same in all of them.
        """


#: Yields stacks, is sent the log-likelihoods (draws, n) of each, and returns something.
Asking: TypeAlias = "Generator[Sequence[Stack], Sequence[Floats], _Result]"


def answer(model: PatchModel, asking: Asking[_Result]) -> _Result:
    """Score what is asked for until nothing is, and give what is returned."""
    try:
        stacks = next(asking)
        while True:
            stacks = asking.send(score_stacks(model, stacks))
    except StopIteration as end:
        result: _Result = end.value
        return result


def together(several: Sequence[Asking[_Result]]) -> Asking[list[_Result]]:
    """Ask what several ask, at once, until none asks any more; return what each returns."""
    results: dict[int, _Result] = {}
    asked: dict[int, Sequence[Stack]] = {}

    def step(i: int, scores: Sequence[Floats] | None) -> None:
        try:
            asked[i] = next(several[i]) if scores is None else several[i].send(scores)
        except StopIteration as end:
            results[i] = end.value
            asked.pop(i, None)

    for i in range(len(several)):
        step(i, None)
    while asked:
        stacks = dict(asked)
        scores = iter((yield [stack for of_one in stacks.values() for stack in of_one]))
        for i, of_one in stacks.items():
            step(i, [next(scores) for _ in of_one])
    return [results[i] for i in range(len(several))]


def score_stacks(model: PatchModel, stacks: Sequence[Stack]) -> list[Floats]:
    """Log-likelihoods (draws, n) of every stack, in nats: at once where the model can, else one after the other."""
    at_once = getattr(model, "log_likelihood_of_stacks", None)
    if at_once is not None:
        return list(at_once(stacks))
    return [_score(model, stack) for stack in stacks]


def _score(model: PatchModel, stack: Stack) -> Floats:
    later = {"first": stack.first} if stack.first else {}
    return model.log_likelihood_draws(
        stack.patches, draws=stack.draws, seed=stack.seed, surround=stack.surround, **later
    )
