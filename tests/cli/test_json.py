"""``--json``: one document on standard output and nothing else there, of every command."""

from __future__ import annotations

import json

import click
import pytest

from illusions.cli import COMMANDS, group
from tests.cli.test_shared_options import RUNS, _inputs, loaded  # noqa: F401 (fixtures)

#: Commands with results in words, and the table of numbers behind them.
TABLES = {
    "rank": "summary", "match": "matches", "figures": "findings", "exaggerate": "changes", "sample": "samples",
    "interpolate": "interpolation", "edit": "edit", "outliers": "outliers", "evaluate": "evaluation",
}  # fmt: skip


def no_constants(name):
    raise AssertionError(f"{name} is not JSON")


def document(out):
    return json.loads(out, parse_constant=no_constants)


def test_every_command_has_it():
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert [p.name for p in command.params].count("json") == 1


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("name", RUNS)
def test_standard_output_is_one_document(name, run, tmp_path):
    line, file = RUNS[name]
    status, out, err = run(*line.split(), "--json")
    assert (status, err) == (0, "")
    found = document(out)
    assert found["command"] == f"illusions {line} --json"
    assert file in found["files"]
    assert all((tmp_path / path).is_file() for path in found["files"])
    assert "wrote" not in out
    assert set(found["tables"]) >= ({TABLES[name]} if name in TABLES else set())
    if name in TABLES:
        assert found["tables"][TABLES[name]]
    if name not in ("figures", "heatmap", "evaluate"):
        assert found["sentences"]


@pytest.mark.usefixtures("loaded")
def test_numbers_are_those_of_the_table(run, tmp_path):
    import pandas as pd

    _, out, _ = run("rank", "brightness-contrast", "--reading", "paper", "-o", "out", "--json")
    rows = document(out)["tables"]["summary"]
    table = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert [row["percentile_rank"] for row in rows] == pytest.approx(table["percentile_rank"].tolist())
    assert [row["condition"] for row in rows] == ["dark", "light"]


def test_what_is_not_finite_is_null(run, fake_model):
    _, out, _ = run(
        "match", "brightness-contrast", "-o", "out", "--reading", "paper", "--temperature", "exact", "--json"
    )
    assert {row["pse"] for row in document(out)["tables"]["matches"]} == {None}


def test_the_list_and_files_alone(run):
    _, out, _ = run("list", "--json")
    assert {"kind": "stimulus", "name": "white"}.items() <= next(
        row for row in document(out)["tables"]["entries"] if row["name"] == "white"
    ).items()
    _, out, _ = run("render", "brightness-contrast", "-o", "out", "--json")
    assert "out/manifest.csv" in document(out)["files"]


def test_a_message_about_bad_input_goes_to_standard_error(run):
    status, out, err = run("rank", "no-such-stimulus", "-o", "out", "--json")
    assert (status, out) == (2, "")
    assert "no-such-stimulus" in err
