from __future__ import annotations

import pytest

from illusions.analyses.claims.analysis import Finding
from illusions.columns import TABLES
from tests.analyses.tiny import write_photographs


@pytest.fixture(autouse=True)
def _figures_have_the_tables_that_are_documented(monkeypatch):
    """Whatever analysis a test runs: the table beside its figure has columns that `illusions.columns` explains."""
    make = Finding.__init__

    def checked(self, *arguments, **named):
        make(self, *arguments, **named)
        columns = [str(column) for column in self.table.columns]
        assert not columns or any(table.allows(columns) for table in TABLES if table.kind), (
            f"{self.title}: undocumented: {columns}"
        )

    monkeypatch.setattr(Finding, "__init__", checked)


@pytest.fixture
def photographs(tmp_path):
    """Three pictures that stand for photographs, as paths."""
    return write_photographs(tmp_path)
