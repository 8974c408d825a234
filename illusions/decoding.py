"""Notes on pictures that were read: JPEG compression, clipped colours, files of a folder that were passed over.

`illusions.pictures` notes them of every file that it reads. A command collects the notes. In Python, clipped colours
are a `ClippedColours` warning.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

#: A colour counts as clipped if the conversion to sRGB moves it by more than this distance, ΔE*ab of CIE 1976: a just
#: noticeable difference. Mahy, M., Van Eycken, L. & Oosterlinck, A. (1994). Evaluation of uniform color spaces
#: developed after the adoption of CIELAB and CIELUV. Color Research & Application, 19, 105–121.
JUST_NOTICEABLE = 2.3
#: Of more pictures with clipped colours only a summary is given.
_MOST_PICTURES = 3


class ClippedColours(UserWarning):
    """A picture has colours outside the gamut of sRGB, which were clipped to it."""


@dataclass(frozen=True)
class Decoded:
    """What is known of a picture beyond its pixels."""

    #: Whether the file is compressed as JPEG, in blocks of 8×8 pixels.
    jpeg: bool
    #: Share of the pixels whose colour clipping to the gamut of sRGB changes by more than a just noticeable difference.
    clipped: float = 0.0
    #: The same share of each target that a mask marks in the picture, by condition.
    targets: Mapping[str, float] = field(default_factory=dict)


#: What is known of nearly all pictures, by whether the file is JPEG: one object for all pictures of a large folder.
_COMMON = {jpeg: Decoded(jpeg) for jpeg in (False, True)}


@dataclass
class Notes:
    """What was noted while pictures were read."""

    #: What is known of each picture, by file.
    pictures: dict[str, Decoded] = field(default_factory=dict)
    #: Of each folder that was searched, the number of files that are no pictures by their name, by suffix.
    passed_over: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, notes: Notes) -> None:
        """Take over other notes; of a picture that was read again, those with targets stay."""
        for file, decoded in notes.pictures.items():
            if decoded.targets or file not in self.pictures:
                common = _COMMON[decoded.jpeg]
                self.pictures[file] = common if decoded == common else decoded
        self.passed_over.update(notes.passed_over)


_collector: ContextVar[Notes | None] = ContextVar("collector", default=None)


@contextmanager
def noted() -> Iterator[Notes]:
    """Collect the notes on all pictures that are read inside the context, in place of warnings."""
    notes = Notes()
    token = _collector.set(notes)
    try:
        yield notes
    finally:
        _collector.reset(token)


@contextmanager
def one_warning() -> Iterator[None]:
    """Warn once of all clipped pictures that are read inside the context; also a decorator of functions."""
    with noted() as notes:
        yield
    report(notes)


def report(notes: Notes) -> None:
    """Hand notes to the context that collects them; without one, warn of clipped colours.

    Warns:
        ClippedColours: a picture has some.
    """
    collected = _collector.get()
    if collected is not None:
        collected.add(notes)
    elif said := clipped_in_words(notes.pictures):
        warnings.warn("\n".join(said), ClippedColours, stacklevel=2)


def clipped_in_words(decoded: Mapping[str, Decoded]) -> list[str]:
    """A sentence for each picture with clipped colours, or one for all of many; nothing if there is none."""
    clipped = {file: each for file, each in decoded.items() if each.clipped}
    if len(clipped) <= _MOST_PICTURES:
        return [
            f"{file}: {' and '.join(_shares(each))} have colours outside the gamut of sRGB, which were clipped to it"
            for file, each in clipped.items()
        ]
    worst = max(clipped, key=lambda file: clipped[file].clipped)
    mean = sum(each.clipped for each in clipped.values()) / len(clipped)
    return [
        f"{len(clipped)} of {len(decoded)} pictures have colours outside the gamut of sRGB, which were clipped to it: "
        f"{_percent(mean)} of their pixels on average, at most {_percent(clipped[worst].clipped)} ({worst})"
    ]


def _shares(picture: Decoded) -> Iterator[str]:
    yield f"{_percent(picture.clipped)} of the pixels"
    for name, share in picture.targets.items():
        yield f"{_percent(share)} of the target" + (f" '{name}'" if len(picture.targets) > 1 else "")


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"
