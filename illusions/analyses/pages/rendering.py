"""Pages that work offline: one HTML file with its figures inside it."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup


def render_page(template: str, **context: Any) -> str:
    """Fill a template of ``illusions/analyses/pages/templates`` (``"report"``, ``"index"``); everything is escaped."""
    return _environment().get_template(f"{template}.html.j2").render(**context)


def data_uri(png: bytes) -> str:
    """A PNG file as the source of an ``<img>``, so that the page needs no other file."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def html_table(frame: pd.DataFrame, caption: str) -> Markup:
    """A data frame as a table that scrolls sideways on a phone; numbers to four digits, what is missing as –."""
    columns = [
        {"name": str(name).replace("_", " "), "is_number": pd.api.types.is_float_dtype(column)}
        for name, column in frame.items()
    ]
    rows = [[_show(value) for value in row] for row in frame.itertuples(index=False)]
    return Markup(render_page("table", columns=columns, rows=rows, caption=caption))


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
