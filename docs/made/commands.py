"""Every command, from what `--help` shows: a page for all of them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from illusions.cli import COMMANDS, GROUPS, group

#: What ends a paragraph that click leaves as it is.
_AS_IT_IS = "\b"


def pages(root: Path) -> dict[str, str]:
    """The page of all commands."""
    return {"commands.md": "\n".join(_page())}


def _page() -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield "Every command has `--help`. This page is made from the same text."
    yield ""
    yield (
        "Exit status: 0 means success. 2 means bad input, with a message that says what, where, and what was expected. "
        "130 means that the command was interrupted and nothing was written."
    )
    yield ""
    for title, commands in GROUPS.items():
        yield from (f"**{title}**", "", "| command | |", "|---|---|")
        yield from (f"| [`{name}`](#illusions-{name}) | {what} |" for name, (_, what) in commands.items())
        yield ""
    with click.Context(group, info_name="illusions") as overall:
        for name in COMMANDS:
            command = group.get_command(overall, name)
            if command is None:
                raise ValueError(f"illusions.cli: no command {name}; expected one for every name in COMMANDS")
            with click.Context(command, info_name=name, parent=overall) as context:
                yield from _command(command, context)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield from ("", f"(illusions-{context.info_name})=", f"## illusions {context.info_name}", "")
    usage = command.get_usage(context).removeprefix("Usage: ")
    yield from ("```text", " ".join(usage.split()), "```", "")
    yield from _paragraphs(command.help or "")
    yield from ("| option | |", "|---|---|")
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and "--help" not in parameter.opts:
            yield f"| `{record[0]}` | {_escaped(' '.join(record[1].split()))} |".replace("`|`", "`\\|`")
    yield ""
    yield from _paragraphs(command.epilog or "")


def _paragraphs(text: str) -> Iterator[str]:
    """Paragraphs, and as code what click leaves as it is."""
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        if paragraph.startswith(_AS_IT_IS):
            first, *lines = paragraph.removeprefix(_AS_IT_IS).strip("\n").splitlines()
            yield from (_escaped(first), "", "```text", *(line.strip() for line in lines), "```", "")
        elif paragraph:
            yield from (_escaped(" ".join(paragraph.split())), "")


def _escaped(text: str) -> str:
    return re.sub(r"([*<\[|$_`\\])", r"\\\1", text)
