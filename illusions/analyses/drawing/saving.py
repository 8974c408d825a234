"""Figures as files: PNG and PDF, the same bytes for the same figure."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from illusions.analyses.drawing.style import RC


def save_figure(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write ``name.png`` and ``name.pdf`` (vector) into a folder; the same figure gives the same bytes."""
    paths = [folder / f"{name}.png", folder / f"{name}.pdf"]
    with mpl.rc_context(RC):
        figure.savefig(paths[0], metadata={"Software": None})
        figure.set_layout_engine("none")  # the places that were found for the PNG are those of the PDF: half the time
        figure.savefig(paths[1], metadata={"CreationDate": None, "Producer": None})
    return paths


def png_bytes(figure: Figure) -> bytes:
    """The figure as a PNG file, to be embedded in a page."""
    buffer = io.BytesIO()
    with mpl.rc_context(RC):
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
