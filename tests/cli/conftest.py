from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from illusions.cli import output
from illusions.columns import tables_called
from illusions.pictures import png
from tests.analyses.fakes import FakeModel


@pytest.fixture(autouse=True)
def _tables_are_as_documented(monkeypatch, request):
    """Whatever command a test runs: every table that it writes has columns that `illusions.columns` explains."""
    move = output._move

    def checked(staged: Path, *arguments, **named):
        for path in staged.rglob("*.csv"):
            name = path.relative_to(staged).as_posix()
            with path.open(newline="", encoding="utf-8") as file:
                columns = next(csv.reader(file), [])
            assert any(table.allows(columns) for table in tables_called(name)), f"{name}: undocumented: {columns}"
        return move(staged, *arguments, **named)

    if request.path.name != "test_output.py":  # whose tables are none
        monkeypatch.setattr(output, "_move", checked)


#: A figure of nothing, by format.
_EMPTY = {"png": png(np.zeros((1, 1), np.uint8)), "svg": b"<svg></svg>", "pdf": b"%PDF-1.4"}


@pytest.fixture
def drawn():
    """Figures are drawn, as by a user."""


@pytest.fixture(autouse=True)
def _other_figures_are_empty(request, monkeypatch):
    """Drawing takes half of the time of most commands; what is drawn is tested where the figures are."""
    if "drawn" in request.fixturenames:
        return

    def save(_figure, to, *, format=None, **_):
        empty = _EMPTY[format or to.suffix[1:]]
        if isinstance(to, Path):
            to.write_bytes(empty)
        else:
            to.write(empty.decode() if isinstance(to, io.StringIO) else empty)

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", save)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the command line in an empty folder: the exit status, standard output, standard error."""
    from illusions.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        return left.value.code, shown.out, shown.err

    return run


@pytest.fixture
def fake_model(monkeypatch):
    """In place of every trained model, one that likes targets that equal their surround."""
    import illusions.models.model

    monkeypatch.setattr(illusions.models.model, "load_model", lambda name, *, device, precision="32": FakeModel())
