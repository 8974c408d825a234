"""Stacks of patches under common noise, as sweeps request them; several are scored together, on all cores.

A computation that chooses further patches by the scores of earlier ones is a generator (`ScoreGenerator`). It yields
stacks and is sent their log-likelihoods. `interleave` runs several side by side: small requests form a large one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
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
    """Patches, and the noise samples under which they are scored; a sample is the same noise for every patch."""

    patches: Bytes  #: shape (n, size, size, 3), sRGB.
    draws: int = 1  #: number of noise samples.
    seed: int = 0  #: of the noise.
    #: shape (size, size): by which pixels a model that normalises patches does so.
    surround: NDArray[np.bool_] | None = None
    first: int = 0  #: index of the first noise sample.


class PatchModel(Protocol):
    """The interface of a model for ranks: ``illusions.models.model.Model``, or any density of patches.

    A model may also have ``log_likelihood_of_stacks``, which takes several `Stack` at once and is then asked instead.
    It may have `sees_colour`; without it, D = size² means luminance alone.
    """

    @property
    def name(self) -> str:
        """Name in tables and figures."""

    @property
    def size(self) -> int:
        """Side of a patch in pixels."""

    @property
    def dimensions(self) -> int:
        """D, the numbers that it sees of one patch: channels · size²."""

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


def sees_colour(model: PatchModel) -> bool:
    """Whether a model sees more of a patch than its luminance: by its own `sees_colour`, else by its dimensions."""
    return bool(getattr(model, "sees_colour", model.dimensions != model.size**2))


class WrappedModel(ABC):
    """A model that scores its stacks with another one.

    Args:
        model: the other one, whose name, size, dimensions and `sees_colour` it has.
    """

    def __init__(self, model: PatchModel) -> None:
        self.name, self.size, self.dimensions = model.name, model.size, model.dimensions
        self.sees_colour = sees_colour(model)
        self._model = model

    def log_likelihood_draws(
        self, patches: Bytes, *, draws: int, seed: int, surround: NDArray[np.bool_] | None = None, first: int = 0
    ) -> Floats:
        """As `PatchModel.log_likelihood_draws`."""
        return self.log_likelihood_of_stacks([Stack(patches, draws, seed, surround, first)])[0]

    @abstractmethod
    def log_likelihood_of_stacks(self, stacks: Sequence[Stack]) -> list[Floats]:
        """Log-likelihoods (draws, n) of every stack, in nats."""


#: Yields stacks, is sent the log-likelihoods (draws, n) of each, and returns something.
ScoreGenerator: TypeAlias = "Generator[Sequence[Stack], Sequence[Floats], _Result]"


def run(model: PatchModel, generator: ScoreGenerator[_Result]) -> _Result:
    """Run a generator to completion, scoring the stacks that it yields, and return its result."""
    try:
        stacks = next(generator)
        while True:
            stacks = generator.send(score_stacks(model, stacks))
    except StopIteration as end:
        result: _Result = end.value
        return result


def interleave(generators: Sequence[ScoreGenerator[_Result]]) -> ScoreGenerator[list[_Result]]:
    """Run several generators as one that yields the stacks of all of them at once; return the result of each."""
    results: dict[int, _Result] = {}
    requests: dict[int, Sequence[Stack]] = {}

    def step(i: int, scores: Sequence[Floats] | None) -> None:
        try:
            requests[i] = next(generators[i]) if scores is None else generators[i].send(scores)
        except StopIteration as end:
            results[i] = end.value
            requests.pop(i, None)

    for i in range(len(generators)):
        step(i, None)
    while requests:
        stacks = dict(requests)
        scores = iter((yield [stack for of_one in stacks.values() for stack in of_one]))
        for i, of_one in stacks.items():
            step(i, [next(scores) for _ in of_one])
    return [results[i] for i in range(len(generators))]


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
