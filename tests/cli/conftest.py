from __future__ import annotations

import pytest

from tests.analyses.fakes import FakeModel


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
