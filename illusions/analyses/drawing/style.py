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
INK = "#333333"


@dataclass(frozen=True)
class FigureStyle:
    """How figures are drawn and saved."""

    #: ``"screen"``, with a caption beneath, or ``"paper"``: in the width of a column, with a letter at each panel, and
    #: the caption in a text file.
    name: str = "screen"
    width: float = WIDTH  #: inches.
    formats: tuple[str, ...] = ("png", "pdf")  #: of the files.

    @property
    def is_for_paper(self) -> bool:
        """Whether captions are saved in text files."""
        return self.name == "paper"

    def file(self, name: str) -> str:
        """The file name of a figure in the format that pages can show best."""
        return f"{name}.{next(each for each in ('png', 'svg', 'pdf') if each in self.formats)}"


_SCREEN = FigureStyle()
_STYLE: ContextVar[FigureStyle] = ContextVar("style", default=_SCREEN)


def current_style() -> FigureStyle:
    """The style of figures in this context."""
    return _STYLE.get()


@contextmanager
def figure_style(style: FigureStyle) -> Iterator[None]:
    """Draw figures in another style inside the context."""
    token = _STYLE.set(style)
    try:
        yield
    finally:
        _STYLE.reset(token)
