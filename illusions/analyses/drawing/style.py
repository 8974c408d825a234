"""How figures look: size, type, ink, and colours that are told apart with every kind of colour vision."""

from __future__ import annotations

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
    "savefig.dpi": 200,
    "legend.frameon": False,
}
INK = "#333333"
