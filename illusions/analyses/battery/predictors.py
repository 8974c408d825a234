"""Who competes: from a picture, its targets and its degrees to a value per target, higher where it looks lighter.

A `Predictor` is a function, and anyone's own can compete. An `Entry` is what stands in the tables: a name, where it
comes from, and its answer at one setting or at several, among which the battery chooses.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from illusions.arrays import Bytes, Floats
from illusions.errors import InputError, unknown_name

if TYPE_CHECKING:
    from illusions.stimuli.axes import Axis
    from illusions.stimuli.published import PublishedStimulus

Labels: TypeAlias = NDArray[np.integer]
#: What an entry without settings calls the only one it has.
NO_SETTING = ""
#: On which what is higher looks lighter.
LIGHTNESS_AXES = frozenset({"brightness", "lightness"})


class Predictor(Protocol):
    """What competes."""

    def __call__(self, picture: Bytes, targets: Labels, pixels_per_degree: float) -> Sequence[float]:
        """One value per target, target 1 first: higher where it looks lighter; NaN where it says nothing.

        In place of values it may give the colour that each target looks like, shape (n, 3), sRGB from 0 to 255. Where
        people set matches it is asked about pictures with a single target.

        Values have any unit. Differences between two targets that are smaller than
        `illusions.analyses.battery.scores.TIE` are taken for none.

        Args:
            picture: shape (h, w, 3), sRGB.
            targets: shape (h, w): 0 on the surround, k on the k-th target.
            pixels_per_degree: of visual angle.
        """


@dataclass(frozen=True)
class Answer:
    """What a predictor says of a stimulus."""

    values: tuple[float, ...]  #: one per target, target 1 first; empty where it says nothing.
    reason: str = ""  #: why it says nothing; empty where it does.

    @property
    def difference(self) -> float:
        """Target 1 minus target 2: above 0 where target 1 looks lighter; NaN where it says nothing."""
        return self.values[0] - self.values[1] if self.values else float("nan")


#: By setting: values as of a `Predictor`; or why there are none, in words.
Table: TypeAlias = Mapping[str, Sequence[float] | str]


@dataclass(frozen=True, eq=False)
class Entry:
    """A competitor, with one setting or several."""

    name: str  #: its name in tables and figures.
    description: str  #: what it does, and its source, in a sentence or two.
    #: from a picture, its targets and its pixels per degree, as of a `Predictor`, to values by setting. All settings at
    #: once, so that what they share is computed once.
    answer: Callable[[Bytes, Labels, float], Table]
    #: every setting, the simplest first: where several do equally well, the first of them is taken.
    settings: tuple[str, ...] = (NO_SETTING,)
    axes: frozenset[str] = LIGHTNESS_AXES  #: names of the axes along which it compares targets; empty for any.
    #: as ``answer``, with the axis as last argument: of stimuli along all other axes. None if it says nothing about
    #: these.
    answer_in_colour: Callable[[Bytes, Labels, float, Axis], Table] | None = None


def fingerprint(picture: Bytes | Floats, targets: Labels, pixels_per_degree: float, axis: str = "") -> bytes:
    """Of what a predictor is asked: the same for the same question, and for no other."""
    asked = (picture.tobytes(), np.asarray(targets, np.int64).tobytes(), f"{pixels_per_degree} {axis}".encode())
    return hashlib.sha256(b"".join(asked)).digest()


def single(name: str, description: str, predictor: Predictor, *, axes: frozenset[str] = LIGHTNESS_AXES) -> Entry:
    """An entry without settings."""

    def answer(picture: Bytes, targets: Labels, pixels_per_degree: float) -> Table:
        return {NO_SETTING: predictor(picture, targets, pixels_per_degree)}

    return Entry(name, description, answer, axes=axes)


def own_predictor(reference: str) -> tuple[Predictor, str]:
    """One's own predictor, ``module:function``, and what it does; modules in the working folder are found too.

    Raises:
        InputError: it is not written so, the module cannot be imported, or has no such function.
    """
    module_name, colon, attribute = reference.partition(":")
    if not (module_name and colon and attribute):
        raise InputError(f"predictor '{reference}': expected module:function, as in my_models:brightness")
    predictor: Any = _import(reference, module_name)
    for part in attribute.split("."):
        if not hasattr(predictor, part):
            functions = [name for name, value in vars(predictor).items() if callable(value) and name[0] != "_"]
            raise InputError(f"predictor '{reference}': {unknown_name('function', part, functions)}")
        predictor = getattr(predictor, part)
    if not callable(predictor):
        raise InputError(f"predictor '{reference}': is a {type(predictor).__name__}; expected a function")
    words = " ".join((getattr(predictor, "__doc__", None) or "").strip().partition("\n\n")[0].split())
    return predictor, words or "One's own."


def own_entry(reference: str) -> Entry:
    """One's own predictor as an entry; see `own_predictor`."""
    predictor, words = own_predictor(reference)
    return single(reference, words, predictor, axes=frozenset())


def ask(entry: Entry, stimulus: PublishedStimulus) -> dict[str, Answer]:
    """What an entry says of a stimulus, by setting; whatever goes wrong in it is a reason, and nothing else stops."""
    in_colour = bool(entry.axes) and stimulus.axis.name not in entry.axes
    if in_colour and entry.answer_in_colour is None:
        return _none(entry, f"says nothing about {stimulus.axis.name}")
    picture, targets = stimulus.picture.copy(), stimulus.targets.astype(np.int64)  # whatever is written into them
    try:
        if in_colour and entry.answer_in_colour is not None:
            table = entry.answer_in_colour(picture, targets, stimulus.pixels_per_degree, stimulus.axis)
        else:
            table = entry.answer(picture, targets, stimulus.pixels_per_degree)
        count = int(stimulus.targets.max())
        return {
            setting: _checked(table.get(setting, "nothing was said at this setting"), count, stimulus.axis)
            for setting in entry.settings
        }
    except (Exception, SystemExit) as error:
        return _none(entry, failure_in_words(error))


def chosen_names(names: Sequence[str], only: Sequence[str]) -> set[str]:
    """The competitors that are wanted; all of them where ``only`` is empty.

    Raises:
        InputError: no predictor has such a name.
    """
    for name in only:
        if name not in names:
            raise unknown_name("predictor", name, dict.fromkeys(names))
    return set(only or names)


def failure_in_words(error: BaseException) -> str:
    """What went wrong in a predictor, in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")


def _none(entry: Entry, reason: str) -> dict[str, Answer]:
    return dict.fromkeys(entry.settings, Answer((), reason))


def _checked(values: Sequence[float] | str, count: int, axis: Axis) -> Answer:
    """The values, or those of colours on the axis, or what is wrong with them."""
    if isinstance(values, str):
        return Answer((), values)
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape == (count, 3):
        numbers = axis.get(numbers / 255)
    if numbers.shape != (count,):
        return Answer((), f"values of shape {numbers.shape}; expected ({count},), one per target, or ({count}, 3)")
    for number, value in enumerate(numbers[:2], start=1):
        if not np.isfinite(value):
            return Answer((), f"the value of target {number} is {value:g}")
    return Answer(tuple(float(value) for value in numbers))


def _import(reference: str, module: str) -> object:
    here = os.getcwd()  # noqa: PTH109  # the command line was typed here
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(module)
    except (Exception, SystemExit) as error:
        raise InputError(
            f"predictor '{reference}': the module '{module}' cannot be imported ({type(error).__name__}: {error}); "
            "expected one that is installed, or that lies in the working folder"
        ) from None
