"""Pages that work offline: one HTML file with its figures inside it."""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2
import pandas as pd
from markupsafe import Markup
from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def render_page(template: str, **context: Any) -> str:
    """Fill a template of ``illusions/analyses/pages/templates`` (``"report"``, ``"index"``); everything is escaped."""
    return _environment().get_template(f"{template}.html.j2").render(**context)


def render_text(template: str, **context: Any) -> str:
    """Fill a template of a text, in Markdown; nothing is escaped."""
    return _environment().get_template(f"{template}.md.j2").render(**context)


def data_uri(png: bytes) -> str:
    """A PNG file as the source of an ``<img>``, so that the page needs no other file."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def picture_uri(picture: NDArray[np.uint8]) -> str:
    """Pixels, shape (h, w, 3) or (h, w), as the source of an ``<img>``."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG", optimize=True)
    return data_uri(buffer.getvalue())


def reader_scripts(curves: Sequence[dict[str, Any]]) -> Markup:
    """What a page needs so that its reader can move T: the curves, Plotly (1.6 MB, compressed), and our scripts.

    Args:
        curves: of ``explorable``, one per element of the page with ``data-curves``.
    """
    # "<" could end the script
    data = json.dumps(curves, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    folder = files("illusions.analyses.pages") / "scripts"
    ours = "\n".join((folder / name).read_text(encoding="utf-8") for name in ("curves.js", "report.js"))
    ours = ours.replace('"use strict";\n', "")
    return Markup(
        f'<script type="application/json" id="curves">{data}</script>\n'
        f'<script type="text/plain" id="plotly">{_plotly()}</script>\n'
        f'<script>(() => {{\n"use strict";\n{ours}}})();</script>'
    )


@cache
def _plotly() -> str:
    """Plotly.js as the Python package ships it, MIT licence inside; deflated, as base64."""
    from plotly.offline import get_plotlyjs

    return base64.b64encode(gzip.compress(get_plotlyjs().encode("utf-8"), 3, mtime=0)).decode("ascii")


def markdown_table(frame: pd.DataFrame) -> str:
    """A data frame as a table in Markdown, with numbers as in ``html_table``."""
    rows = [[str(name).replace("_", " ") for name in frame], ["---"] * len(frame.columns)]
    rows += [[_show(value).replace("|", "\\|") for value in row] for row in frame.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def html_table(frame: pd.DataFrame, caption: str, *, role: str = "") -> Markup:
    """A data frame as a table that scrolls sideways on a phone; numbers to four digits, what is missing as –.

    Args:
        frame: the rows.
        caption: stands above.
        role: by which a script finds the table.
    """
    columns = [
        {"name": str(name).replace("_", " "), "is_number": pd.api.types.is_float_dtype(column)}
        for name, column in frame.items()
    ]
    rows = [[_show(value) for value in row] for row in frame.itertuples(index=False)]
    return Markup(render_page("table", columns=columns, rows=rows, caption=caption, role=role))


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "–" if pd.isna(value) else f"{value:.4g}"
    return str(value)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("illusions.analyses.pages"),
        autoescape=jinja2.select_autoescape(["html", "html.j2"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = lambda text: text.replace(" ± ", "\u00a0±\u00a0").replace("< 0", "<\u00a00")
    return environment
