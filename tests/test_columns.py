"""What is written about tables: every column means something, and every kind of figure has its table.

That commands write these tables and no others is checked wherever a test runs one: ``tests/cli/conftest.py``.
"""

from __future__ import annotations

import csv
from typing import get_args

import pytest

from illusions.analyses.claims import loading
from illusions.columns import MEANINGS, TABLES, Table, tables_called
from illusions.content import folder


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.command}-{table.file}-{table.kind}")
def test_every_column_means_something(table):
    for column in (*table.columns, *table.sometimes):
        assert table.meaning(column)
    assert set(table.meanings) <= {*table.columns, *table.sometimes}


def test_no_meaning_is_of_a_column_that_is_nowhere():
    assert set(MEANINGS) <= {column for table in TABLES for column in (*table.columns, *table.sometimes)}


def test_every_kind_of_figure_has_its_table():
    union, *_ = get_args(loading._KINDS._type)
    kinds = {get_args(schema.model_fields["kind"].annotation)[0] for schema in get_args(union)}
    assert {table.kind for table in TABLES} - {""} == kinds


def test_what_may_be_missing_and_what_may_not():
    table = Table("a.csv", "a", "a row", ("x", "y", "z"), {"y": "at times", "w": "at times"})
    for columns in (["x", "y", "z"], ["x", "z"], ["x", "z", "w"], ["x", "y", "z", "w"]):
        assert table.allows(columns), columns
    for columns in (["x", "y"], ["z", "x"], ["x", "w", "z"], ["x", "y", "z", "v"], []):
        assert not table.allows(columns), columns


def test_a_file_is_found_in_its_folder():
    assert [table.command for table in tables_called("sweeps/white.csv") if "red" in table.columns[:2]] == ["export"]
    assert {table.command for table in tables_called("summary.csv")} >= {"rank", "count"}


@pytest.mark.parametrize("model", ["cones16", "natural16", "structure16", "vae16"])
def test_the_logs_that_are_shipped_have_these_columns(model):
    with (folder("models") / model / "log.csv").open(newline="", encoding="utf-8") as file:
        columns = next(csv.reader(file))
    assert any(table.allows(columns) for table in TABLES if table.file == "log.csv")
