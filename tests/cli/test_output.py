from __future__ import annotations

import os
from pathlib import Path

import pytest

from illusions.cli.output import output_folder
from illusions.errors import InputError


def everything(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


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
