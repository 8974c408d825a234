"""Building blocks of HTML in notebooks, which take their colours from the page, light or dark."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from illusions.arrays import Bytes
from illusions.pictures import png

#: Sides of a picture in a notebook, pixels of the page: large enough for an illusion to be seen.
_WIDTH = 240
_CELL = "padding:.15em .8em .15em 0;text-align:left;vertical-align:top;border:0;background:none"


def block(title: str, *parts: str, note: str = "") -> str:
    """A title, parts of HTML beneath one another, and a note in smaller type."""
    small = f'<div style="font-size:90%;opacity:.75;max-width:60em">{escape(note)}</div>' if note else ""
    return f'<div style="line-height:1.4"><div><strong>{escape(title)}</strong></div>{"".join(parts)}{small}</div>'


def stack(*parts: str) -> str:
    """Parts of HTML beneath one another."""
    return f"<div>{''.join(parts)}</div>"


def sentence(text: str) -> str:
    """A sentence."""
    return f'<div style="max-width:60em">{escape(text)}</div>'


def pictures(shown: Mapping[str, Bytes]) -> str:
    """Pictures side by side, each with its name below.

    Args:
        shown: shape (h, w, 3), sRGB, by name.
    """
    figures = "".join(_figure(name, picture) for name, picture in shown.items())
    return f'<div style="display:flex;flex-wrap:wrap;gap:.8em;margin:.4em 0">{figures}</div>'


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, with or without a header."""
    head = "".join(f'<th style="{_CELL};opacity:.75;font-weight:normal">{escape(cell)}</th>' for cell in header)
    body = "".join(
        "<tr style='background:none'>" + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    top = f"<thead><tr style='background:none'>{head}</tr></thead>" if header else ""
    return f'<table style="border-collapse:collapse;margin:.3em 0">{top}<tbody>{body}</tbody></table>'


def _figure(name: str, picture: Bytes) -> str:
    source = base64.b64encode(png(picture)).decode("ascii")
    shape = f"width:{_WIDTH}px;max-width:100%;height:auto;margin:0;display:block"
    return (
        f'<figure style="margin:0"><img alt="{escape(name)}" style="{shape}" src="data:image/png;base64,{source}">'
        f"<figcaption>{escape(name)}</figcaption></figure>"
    )
