"""How results show themselves in a notebook: functions that return HTML, registered by class, from above.

A class of results inherits `Shown` and knows nothing of what draws it. `illusions/__init__.py` names the modules that
register a function for it with `html`.
"""

from __future__ import annotations

from functools import singledispatch
from html import escape
from importlib import import_module

#: Modules that register functions with `html`. They are imported when a result is shown for the first time.
RENDERERS: list[str] = []


@singledispatch
def html(result: object) -> str:
    """HTML of a result for a notebook; the text of its ``repr`` if no function is registered for its class."""
    return f"<pre>{escape(repr(result))}</pre>"


class Shown:
    """A result that shows itself in a notebook by the function that is registered for its class."""

    def _repr_html_(self) -> str:
        for name in RENDERERS:
            import_module(name)
        return html(self)
