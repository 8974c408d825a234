"""How figures look: size, type, ink, and colours that are told apart with every kind of colour vision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

WIDTH = 6.4  # inches
#: Okabe & Ito's colours that are told apart with every kind of colour vision, and a dash for each.
STYLES: list[tuple[str, Any]] = [
    ("#0072B2", "-"), ("#D55E00", (0, (5, 1.5))), ("#009E73", (0, (1, 1))), ("#CC79A7", "-."), ("#56B4E9", "--"),
]  # fmt: skip
RC: dict[Any, Any] = {
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "illusions",
    "savefig.dpi": 200,
    "legend.frameon": False,
}
INK = "#333333"


@dataclass(frozen=True)
class Look:
    """What figures are made for.

    Attributes:
        name: ``"screen"``, with a caption beneath, or ``"paper"``: in the width of a column, with a letter at each
            panel, and the caption in a text file.
        width: inches.
        formats: of the files.
    """

    name: str = "screen"
    width: float = WIDTH
    formats: tuple[str, ...] = ("png", "pdf")

    @property
    def is_for_paper(self) -> bool:
        """Whether captions stand elsewhere."""
        return self.name == "paper"

    def file(self, name: str) -> str:
        """The file of a figure that a text or a page shows best."""
        return f"{name}.{next(each for each in ('png', 'svg', 'pdf') if each in self.formats)}"


_SCREEN = Look()
_LOOK: ContextVar[Look] = ContextVar("look", default=_SCREEN)


def current_look() -> Look:
    """What figures are made for, here."""
    return _LOOK.get()


@contextmanager
def looking(look: Look) -> Iterator[None]:
    """Make figures for something else, as long as it lasts."""
    token = _LOOK.set(look)
    try:
        yield
    finally:
        _LOOK.reset(token)
