from __future__ import annotations

import shutil

import pytest

from illusions.models import compiled

needs_compiler = pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "seven.c"
    path.write_text("int seven(void) { return 7; }")
    return path


@needs_compiler
def test_a_file_is_compiled_once_and_kept(source, monkeypatch):
    library = compiled.compiled(source, ())
    assert library.parent == source.parent / "cache" / "illusions"
    assert [path.name for path in library.parent.iterdir()] == [library.name]
    monkeypatch.setattr(compiled.subprocess, "run", None)
    assert compiled.compiled(source, ()) == library
    assert compiled.load_library(source, ()).seven() == 7


@needs_compiler
def test_another_text_is_another_file(source):
    first = compiled.compiled(source, ())
    source.write_text("int seven(void) { return 3 + 4; }")
    assert compiled.compiled(source, ()) != first


def no_compiler(monkeypatch, source):
    monkeypatch.setenv("CC", "no-such-compiler -O1")
    return "there is no C compiler (no-such-compiler)"


def broken_compiler(monkeypatch, source):
    monkeypatch.setenv("CC", "false")
    return "false cannot compile it (no message)"


def damaged_library(monkeypatch, source):
    library = source.with_name("seven.so")
    library.write_bytes(b"")
    monkeypatch.setattr(compiled, "compiled", lambda *_: library)
    return f"seven.so in {library.parent} cannot be loaded"


def unwritable_cache(monkeypatch, source):
    (source.parent / "cache").write_text("a file where the folder should be")
    return f"{source.parent / 'cache' / 'illusions'} cannot be written (Not a directory)"


@needs_compiler
@pytest.mark.parametrize("missing", [no_compiler, broken_compiler, damaged_library, unwritable_cache])
def test_what_is_missing_is_said(missing, source, monkeypatch):
    why = missing(monkeypatch, source)
    with pytest.raises(compiled.KernelMissing) as raised:
        compiled.load_library(source, ())
    assert str(raised.value) == why
