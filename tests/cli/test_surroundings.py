"""The same numbers, words and figures whatever a notebook, a code page or a ``matplotlibrc`` asks of other programs."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import matplotlib as mpl
import pytest

from illusions.cli import main
from illusions.cli.surroundings import settle


@pytest.fixture
def said(monkeypatch, tmp_path):
    """What a command writes to standard output and standard error in an encoding: its status and the bytes of each."""
    monkeypatch.chdir(tmp_path)

    def run(encoding, *arguments):
        streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2)]
        for name, stream in zip(("stdout", "stderr"), streams, strict=True):
            monkeypatch.setattr(sys, name, stream)
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        return left.value.code, *(stream.detach().getvalue() for stream in streams)

    return run


@pytest.mark.usefixtures("fake_model")
def test_what_a_code_page_lacks_is_said_in_ascii(said):
    _, usual, _ = said("utf-8", "match", "brightness-contrast", "-o", "usual")
    assert "−" in usual.decode()
    for encoding in ("cp1252", "latin-1", "cp437"):
        status, out, err = said(encoding, "match", "brightness-contrast", "-o", "usual")
        assert (status, err) == (0, b"")
        numbers = usual.decode().replace("−", "-").replace("“", '"').replace("”", '"')
        assert out.decode(encoding).replace("“", '"').replace("”", '"') == numbers


@pytest.mark.usefixtures("fake_model")
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_json_is_json_in_every_encoding(encoding, said):
    status, out, _ = said(encoding, "match", "brightness-contrast", "-o", "out", "--json")
    assert status == 0
    assert any("−" in sentence for sentence in json.loads(out.decode(encoding))["sentences"])


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "cp850", "ascii"])
@pytest.mark.parametrize("line", ["list", "rank --help", "compare --help", "nonsense", "rank ½η−.toml -o out"])
def test_nothing_that_is_said_ends_in_a_traceback(line, encoding, said):
    status, out, err = said(encoding, *line.split())
    assert status in (0, 2)
    assert b"Traceback" not in err
    assert out or err


def test_signs_and_letters_in_ascii(monkeypatch):
    for stream in ("stdout", "stderr"):
        monkeypatch.setattr(sys, stream, io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    settle()
    print("−2.4 ± 1 %, 3×5 → η²ₒ, é, “a”, 漢", end="")
    sys.stdout.flush()
    assert sys.stdout.detach().getvalue() == b'-2.4 +/- 1 %, 3x5 -> eta2o, e, "a", ?'


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_file_whose_name_is_no_unicode_is_named(options, said):
    status, _, err = said("utf-8", "render", os.fsdecode(b"caf\xe9.toml"), "-o", "out", *options)
    assert status == 2
    assert b"caf?.toml" in err


def test_figures_need_no_backend_of_the_surroundings(monkeypatch):
    for backend in ("module://matplotlib_inline.backend_inline", "nonsense", "tkagg"):
        monkeypatch.setenv("MPLBACKEND", backend)
        settle()
        assert os.environ["MPLBACKEND"] == "agg"


@pytest.mark.usefixtures("fake_model", "drawn")
def test_figures_do_not_look_as_the_machine_says_nor_need_its_latex(said, tmp_path):
    def figure(name):
        assert said("utf-8", "rank", "brightness-contrast", "-o", name)[0] == 0
        return (tmp_path / name / "brightness-contrast-rank.png").read_bytes()

    usual = figure("usual")
    own = {
        "text.usetex": True,
        "font.family": "serif",
        "axes.grid": True,
        "lines.linewidth": 5,
        "font.size": 5,
    }
    with mpl.rc_context(own):
        assert figure("own") == usual


def test_products_are_not_rounded_by_a_variable_of_the_surroundings(monkeypatch):
    names = "ONEDNN_DEFAULT_FPMATH_MODE", "DNNL_DEFAULT_FPMATH_MODE", "NVIDIA_TF32_OVERRIDE"
    for name in names:
        monkeypatch.setenv(name, "BF16")
    settle()
    assert not set(names) & set(os.environ)


def test_the_package_can_be_called():
    done = subprocess.run([sys.executable, "-m", "illusions", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("illusions ")
