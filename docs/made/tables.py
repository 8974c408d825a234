"""Every table that commands write, and every column of it, from `illusions.columns`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from illusions.columns import TABLES, Table


def pages(root: Path) -> dict[str, str]:
    """The page of all tables."""
    return {"tables.md": "\n".join(_page())}


def _page() -> Iterator[str]:
    yield "# Tables"
    yield ""
    yield (
        "Every table is a CSV file: UTF-8, a line per row, an empty cell for a number that is not there. "
        "`illusions.read_table` reads it as it was written. Most programs take the name `None` for a missing value."
    )
    before = ""
    for table in TABLES:
        if table.command != before:
            yield from ("", f"## illusions {table.command}", "")
            before = table.command
            if table.kind:
                yield from ("Beside each figure lies the table of what it shows. Its columns depend on the kind.", "")
        yield from ("", f"### {_title(table)}", "", f"A row is {table.rows}.", "", "| column | |", "|---|---|")
        for column in (*table.columns, *(name for name in table.sometimes if name not in table.columns)):
            when = f" ({table.sometimes[column]})" if column in table.sometimes else ""
            yield f"| `{column}` | {table.meaning(column)}{when} |".replace("`|`", "`\\|`")
    yield ""


def _title(table: Table) -> str:
    if table.kind:
        return f"kind = {table.kind}"
    return "the file that -o names" if table.file == "*.csv" else table.file.replace("*", "NAME")
