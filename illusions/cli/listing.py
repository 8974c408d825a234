"""``illusions list``: the content."""

from __future__ import annotations

from collections.abc import Iterator

import click
from pydantic import BaseModel

from illusions.cli.options import examples
from illusions.content import Kind, find, names, read_toml

#: The kinds of content, what one of each is called, and the file inside a model's folder.
_KINDS: dict[Kind, tuple[str, str]] = {
    "stimuli": ("stimulus", ""), "models": ("model", "recipe.toml"), "analyses": ("analysis", ""),
}  # fmt: skip


class _Titled(BaseModel):
    """The keys that every content file has."""

    title: str
    description: str = ""


@click.command(epilog=examples("illusions list", "illusions list | grep saturation"))
def command() -> None:
    """List stimuli, models and analyses.

    The command prints one line for each item, with its kind, name and title. In a pipe the columns are separated by
    tabs.
    """
    from illusions.cli.console import show_table

    show_table(("kind", "name", "what it is"), list(_entries()), name="entries")


def _entries() -> Iterator[tuple[str, str, str]]:
    for kind, (singular, file) in _KINDS.items():
        for name in names(kind):
            yield singular, name, _sentence(read_toml(find(kind, name) / file, _Titled))


def _sentence(entry: _Titled) -> str:
    first = " ".join(entry.description.split()).split(". ")[0]
    return first or entry.title
