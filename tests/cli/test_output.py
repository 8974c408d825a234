from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from illusions.cli.output import RECORD, output_folder
from illusions.columns import TABLES
from illusions.errors import InputError


def everything(folder: Path) -> dict[str, str]:
    """Every file with what it holds, but for the record of what runs wrote."""
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file() and p.name != RECORD}


def write(folder: Path, **options: bool) -> Callable[..., None]:
    """A run that writes these files, each holding its own name and what it is given."""

    def run(*names: str, holding: str = "", command: str = "rank") -> None:
        with click.Context(click.Command(command)), output_folder(folder, **options) as out:
            for name in names:
                (out.staged / name).parent.mkdir(parents=True, exist_ok=True)
                (out.staged / name).write_text(name + holding)

    return run


def test_files_appear_when_all_are_there(tmp_path):
    with output_folder(tmp_path / "new" / "out") as out:
        (out.staged / "sub").mkdir()
        (out.staged / "sub" / "a.txt").write_text("a")
        (out.staged / "b.txt").write_text("b")
        assert not (tmp_path / "new").exists()
    assert out.written == [tmp_path / "new/out/b.txt", tmp_path / "new/out/sub/a.txt"]
    assert everything(tmp_path) == {"new/out/b.txt": "b", "new/out/sub/a.txt": "a"}


def test_files_of_the_same_name_are_replaced_and_others_left_alone(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "mine.txt").write_text("mine")
    with output_folder(tmp_path) as out:
        (out.staged / "a.txt").write_text("new")
    assert everything(tmp_path) == {"a.txt": "new", "mine.txt": "mine"}


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), OSError("38400 requested and 36736 written")]
)
def test_a_disk_that_runs_full_is_named(tmp_path, error):
    message = r"out: cannot be written \(.*\); expected a disk with more room"
    with pytest.raises(InputError, match=message), output_folder(tmp_path / "out") as out:  # noqa: PT012
        (out.staged / "a.txt").write_text("half")
        raise error
    assert not list(tmp_path.iterdir())


def test_messages_name_the_place_that_the_user_gave(tmp_path):
    with pytest.raises(InputError, match=r"out/a\.png: cannot be written"), output_folder(tmp_path / "out") as out:
        raise InputError(f"{out.staged / 'a.png'}: cannot be written")


@pytest.mark.parametrize("error", [KeyboardInterrupt, InputError, lambda: OSError(5, "Input/output error")])
def test_after_a_failure_nothing_is_left(tmp_path, error):
    (tmp_path / "a.txt").write_text("old")
    kind = type(error())
    with pytest.raises(kind), output_folder(tmp_path) as out:  # noqa: PT012
        (out.staged / "a.txt").write_text("half")
        raise error()
    with pytest.raises(kind), output_folder(tmp_path / "new"):
        raise error()
    assert everything(tmp_path) == {"a.txt": "old"}
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "out").write_text("a file")
    for path in (tmp_path / "out", tmp_path / "out" / "deeper"):
        with pytest.raises(InputError, match="out: is a file; expected a folder"), output_folder(path):
            pytest.fail("nothing should be computed")


def test_a_folder_in_place_of_a_file_stops_before_anything_is_moved(tmp_path):
    (tmp_path / "b.txt").mkdir()
    with pytest.raises(InputError, match=r"b.txt: is a folder"), output_folder(tmp_path) as out:  # noqa: PT012
        for name in ("a.txt", "b.txt"):
            (out.staged / name).write_text("x")
    assert everything(tmp_path) == {}


def test_a_file_in_place_of_a_folder_in_the_folder_stops_before_anything_is_moved(tmp_path):
    (tmp_path / "sub").write_text("mine")
    with pytest.raises(InputError, match=r"sub: is a file; a folder of this name"), output_folder(tmp_path) as out:  # noqa: PT012
        (out.staged / "a.txt").write_text("x")
        (out.staged / "sub" / "deeper").mkdir(parents=True)
        (out.staged / "sub" / "deeper" / "b.txt").write_text("x")
    assert everything(tmp_path) == {"sub": "mine"}
    assert [p.name for p in tmp_path.iterdir()] == ["sub"]


def test_a_link_that_leads_nowhere_in_place_of_the_folder(tmp_path):
    (tmp_path / "out").symlink_to(tmp_path / "gone")
    with pytest.raises(InputError, match="out: is a "), output_folder(tmp_path / "out"):
        pytest.fail("nothing should be computed")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written"), output_folder(tmp_path / "out"):
        pytest.fail("nothing should be computed")


def test_a_place_where_no_folder_can_be_made(monkeypatch, tmp_path):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with pytest.raises(InputError, match=r"out: cannot be written \(Permission denied\)"):
        output_folder(tmp_path / "out").__enter__()


def test_a_second_run_leaves_no_mix_of_both(tmp_path, capsys):
    run = write(tmp_path)
    run("table.csv", "a.png", "a/1.png", "a/2.png")
    run("table.csv", "b.png", holding=" of b")
    assert everything(tmp_path) == {"table.csv": "table.csv of b", "b.png": "b.png of b"}
    assert not (tmp_path / "a").exists()
    assert "removed 3 other files of an earlier run" in capsys.readouterr().err
    run("table.csv", "b.png")  # the same files again: nothing to remove, nothing to say
    assert capsys.readouterr().err == ""


def test_runs_that_share_no_file_stand_beside_each_other(tmp_path, capsys):
    run = write(tmp_path)
    for name in "abc":
        run(f"{name}-map.png", f"{name}-map.npy")
    run("b-map.png")  # of the run of b alone, not of a and c
    assert sorted(everything(tmp_path)) == ["a-map.npy", "a-map.png", "b-map.png", "c-map.npy", "c-map.png"]
    assert "removed another file of an earlier run" in capsys.readouterr().err


def test_what_the_command_did_not_write_or_somebody_changed_is_never_removed(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    run = write(tmp_path)
    run("table.csv", "a.png", "sub/a.png", "linked.png")
    (tmp_path / "a.png").write_text("retouched")
    (tmp_path / "sub" / "mine.txt").write_text("mine")
    (tmp_path / "linked.png").rename(tmp_path / "kept")
    (tmp_path / "linked.png").symlink_to(tmp_path / "kept")
    run("table.csv")
    assert everything(tmp_path) == {
        "mine.txt": "mine", "table.csv": "table.csv", "a.png": "retouched", "sub/mine.txt": "mine",
        "kept": "linked.png", "linked.png": "linked.png",
    }  # fmt: skip
    assert "removed another file of an earlier run" in capsys.readouterr().err


def test_of_names_that_differ_in_case_alone_none_is_removed(tmp_path):
    run = write(tmp_path)
    run("table.csv", "Disc.png")
    run("table.csv", "disc.png", holding="")
    assert "Disc.png" in everything(tmp_path)  # where files are told apart by case: it may be the other's name


@pytest.mark.parametrize(
    "record",
    ["", "{", "[]", '{"runs": [1]}', '{"runs": [[]]}', '{"runs": [{"a.png": "0"}]}', b"\xff\xfe"],
)
def test_a_record_that_cannot_be_read_removes_nothing(tmp_path, record):
    run = write(tmp_path)
    run("table.csv", "a.png")
    (tmp_path / RECORD).write_bytes(record if isinstance(record, bytes) else record.encode())
    run("table.csv", "b.png")
    assert sorted(everything(tmp_path)) == ["a.png", "b.png", "table.csv"]


@pytest.mark.parametrize("elsewhere", ["../outside.png", "{}/outside.png", "link/outside.png"])
def test_a_record_cannot_name_what_lies_elsewhere(tmp_path, elsewhere):
    outside, folder = tmp_path / "outside.png", tmp_path / "out"
    run = write(folder)
    run("table.csv", "a.png")
    outside.write_text("a.png")
    (folder / "link").symlink_to(tmp_path)
    record = (folder / RECORD).read_text()
    (folder / RECORD).write_text(record.replace("a.png", elsewhere.format(tmp_path)))
    run("table.csv")
    assert outside.read_text() == "a.png"


def test_a_single_file_keeps_no_record(tmp_path):
    write(tmp_path, recorded=False)("page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_commands_that_share_a_folder_keep_all_their_files(tmp_path, capsys):
    run = write(tmp_path)
    run("ranks.csv", "report.html", "figures/a.png", command="rank")
    run("matches.csv", "report.html", "figures/a.png", command="match")
    assert everything(tmp_path) == {
        "ranks.csv": "ranks.csv", "report.html": "report.html", "figures/a.png": "figures/a.png",
        "matches.csv": "matches.csv", "match-report.html": "report.html", "figures/match-a.png": "figures/a.png",
    }  # fmt: skip
    assert "report.html: is of 'illusions rank' and stays; wrote match-report.html" in capsys.readouterr().err
    run("matches.csv", "report.html", holding=" again", command="match")
    assert everything(tmp_path) == {
        "ranks.csv": "ranks.csv", "report.html": "report.html", "figures/a.png": "figures/a.png",
        "matches.csv": "matches.csv again", "match-report.html": "report.html again",
    }  # fmt: skip
    run("ranks.csv", command="rank")
    assert set(everything(tmp_path)) == {"ranks.csv", "matches.csv", "match-report.html"}


def test_a_name_that_is_free_again_is_taken(tmp_path):
    run = write(tmp_path)
    run("report.html", command="rank")
    (tmp_path / "report.html").unlink()
    run("report.html", command="match")
    assert set(everything(tmp_path)) == {"report.html"}


def test_what_was_changed_by_hand_is_kept_under_another_name(tmp_path, capsys):
    run = write(tmp_path)
    for number in range(3):
        run("table.csv", "a.png", holding=f" {number}")
        (tmp_path / "table.csv").write_text(f"retouched {number}")
    run("table.csv", "a.png", holding=" last")
    assert everything(tmp_path) == {
        "table.csv": "table.csv last", "a.png": "a.png last",
        "table-2.csv": "retouched 0", "table-3.csv": "retouched 1", "table-4.csv": "retouched 2",
    }  # fmt: skip
    assert "table.csv: was changed by hand; the changed file is kept as table-4.csv" in capsys.readouterr().err


def _many_times(folder: Path, command: str, names: list[str]) -> None:
    for number in range(20):
        write(folder)(*names, holding=f" {command} {number}", command=command)


def test_four_at_once_lose_nothing(tmp_path):
    files = {command: [f"{command}.csv", f"{command}/a.png", "shared.html"] for command in ("rank", "match", "count")}
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=_many_times, args=(tmp_path, command, names))
        for command, names in [*files.items(), ("rank", files["rank"])]
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    found = everything(tmp_path)
    whose = {name: text.split()[1] for name, text in found.items()}
    for command in files:  # each its own two, and one of the shared name, all of its last run
        own = {name: text for name, text in found.items() if whose[name] == command}
        assert {f"{command}.csv", f"{command}/a.png"} < set(own)
        assert len({text.split()[2] for text in own.values()}) == 1
    assert sorted(whose.values()) == sorted(3 * list(files))
    assert not list(tmp_path.glob(".illusions-*"))


@pytest.mark.skipif(os.name == "nt", reason="Windows sends none of these")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_command_that_is_stopped_leaves_no_folder(name, tmp_path):
    code = (
        "import time, click, illusions.cli as cli\nfrom illusions.cli.output import output_folder\n"
        "from pathlib import Path\n"
        "@click.command()\ndef slow():\n    with output_folder(Path('out')):\n"
        "        print('begun', flush=True)\n        time.sleep(60)\n"
        "cli.group.main = lambda *_, **__: slow.main([], standalone_mode=False)\ncli.main([])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    assert list(tmp_path.glob(".illusions-*"))
    process.send_signal(getattr(signal, name))
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err.strip()) == (130, "interrupted; nothing was written")
    assert not list(tmp_path.iterdir())


def test_a_data_dictionary_explains_the_tables_of_all_commands_in_a_folder(tmp_path):
    def table(command, file, columns):
        with click.Context(click.Command(command)), output_folder(tmp_path) as out:
            (out.staged / file).parent.mkdir(exist_ok=True)
            (out.staged / file).write_text(",".join(columns) + "\n")
            (out.staged / f"{file}.txt").write_text("no table")
        return out.written, json.loads((tmp_path / "columns.json").read_text("utf-8"))

    sweep = ["value", "red", "green", "blue"]
    written, known = table("export", "sweeps/white.csv", sweep)
    assert tmp_path / "columns.json" in written
    assert list(known) == ["sweeps/white.csv"]
    assert list(known["sweeps/white.csv"]) == sweep
    assert "8-bit sRGB" in known["sweeps/white.csv"]["red"]["Description"]
    places = next(each for each in TABLES if each.file == "places.csv").columns
    _, known = table("count", "places.csv", places)
    assert list(known) == ["sweeps/white.csv", "places.csv"]
    assert known["places.csv"]["left"]["Units"] == "px"
    assert known["places.csv"]["axis"]["Levels"]["s-lm"] == "S−(L+M) (DKL, difference of contrasts)"
    (tmp_path / "sweeps/white.csv").unlink()
    (tmp_path / "columns.json").write_text(json.dumps({**known, "places.csv": {}}), "utf-8")
    assert list(table("export", "sweeps/hue.csv", sweep)[1]) == ["places.csv", "sweeps/hue.csv"]
    (tmp_path / "columns.json").write_text("my own", "utf-8")
    with pytest.raises(json.JSONDecodeError):
        table("export", "sweeps/hue.csv", sweep)
    assert (tmp_path / "columns.json").read_text("utf-8") == "my own"
