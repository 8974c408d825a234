from __future__ import annotations

import errno
import subprocess
import sys
import time

import click
import pytest

from illusions.cli import COMMANDS, GROUPS, group

HEAVY = "torch", "matplotlib", "pandas", "scipy", "numpy", "pydantic"


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_help_imports_nothing_heavy_and_is_fast():
    code = (
        "import sys, time\nstart = time.process_time()\nfrom illusions.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as left:\n    assert left.code == 0\n"
        "print(time.process_time() - start, *sys.modules, file=sys.stderr)"
    )
    seconds, *modules = min((python(code).stderr.split() for _ in range(3)), key=lambda words: float(words[0]))
    assert not set(HEAVY) & set(modules)
    assert float(seconds) < 0.5


def test_import_illusions_imports_nothing_heavy_and_is_fast():
    code = (
        "import sys, time\nstart = time.process_time()\nimport illusions\n"
        "print(time.process_time() - start, *sys.modules, file=sys.stderr)"
    )
    seconds, *modules = python(code).stderr.split()
    assert not set(HEAVY) & set(modules)
    assert float(seconds) < 0.5


def test_stimuli_and_readings_import_no_large_part_of_scipy():
    code = "import sys, illusions.stimuli.loading, illusions.analyses.readings.reading; print(*sys.modules)"
    modules = python(code).stdout.split()
    assert "illusions.analyses.readings.fields" in modules
    assert not [name for name in modules if name.startswith(("scipy.linalg", "scipy.interpolate", "scipy.special"))]


def test_help_shows_every_command(run):
    status, out, _ = run("--help")
    assert status == 0
    for name, (_, what) in COMMANDS.items():
        assert f"  {name} " in out
        assert what in out
    for title in GROUPS:
        assert f"\n{title}:\n" in out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_begins_as_the_overview_says_and_ends_with_an_example(name, run):
    command = group.get_command(click.Context(group), name)
    assert " ".join(command.help.split()).startswith(COMMANDS[name][1])
    status, out, _ = run(name, "--help")
    assert status == 0
    assert f"illusions {name}" in out.split("Example")[-1]


def test_without_arguments_the_help_is_shown(run):
    status, _, err = run()
    assert status == 2
    assert "First steps:" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rnak"], "no command is called 'rnak'; did you mean 'rank'?"),
        (["list", "--modle"], "No such option '--modle'"),
        (["rank", "--modle", "x"], "'--model'"),
        (["render", "brightness-contrast"], "Missing option '-o'"),
        (["match", "-o", "x"], "nothing to look at; expected STIMULUS, or --image with --mask and --axis"),
        (["match", "x", "-o", "x", "--device", "tpu"], "'tpu' is not one of 'auto', 'cpu', 'cuda', 'mps'"),
        (["match", "x", "-o", "x", "--seed", "-1"], "-1 is not in the range x>=0"),
        (["match", "x", "-o", "x", "--temperature", "exakt"], "did you mean 'exact'?"),
        (["match", "x", "-o", "x", "--temperature", "-3"], "expected a positive number"),
        (["rank", "-o", "x"], "nothing to look at"),
        (["rank", "nothing", "-o", "x"], "no stimulus is called 'nothing'; see 'illusions list'"),
        (["rank", "", "-o", "x"], "the name of a stimulus is empty"),
        (["rank", "brightness-contrast", "-o", ""], "the path is empty; expected '.' for the folder"),
        (["evaluate", "--photos", "x", "-o", ""], "the path is empty; expected '.' for the folder"),
        (["sample", "-o", "x", "-n", "100000000"], "100000000 is not in the range 1<=x<=100000"),
        (["sample", "-o", "x", "--prior-temperature", "inf"], "inf is not a finite number"),
        (["exaggerate", "i.png", "--mask", "m.png", "-o", "x", "--eta", "nan"], "nan is not a finite number"),
        (["rank", "-o", "x", "--mask", "m.png"], "expected --image"),
        (["rank", "-o", "x", "--image", "i.png"], "--image expects --mask and --axis"),
    ],
)
def test_wrong_usage_is_one_short_message(arguments, message, run, tmp_path):
    status, out, err = run(*arguments)
    assert status == 2
    assert message in err
    assert len(err.splitlines()) <= 2
    assert not out
    assert not list(tmp_path.iterdir())


class Raises(click.Command):
    def __init__(self, error):
        super().__init__("raises")
        self.error = error

    def invoke(self, ctx):
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted; nothing was written\n"),
        (OSError(errno.ENOSPC, "No space left on device", "out/x.png"), 2, "out/x.png: No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "out"), 2, "out: Permission denied"),
        (MemoryError(), 2, "there is not enough memory for this; expected smaller"),
        (RuntimeError("x DefaultCPUAllocator: can't allocate memory: you tried"), 2, "there is not enough memory"),
    ],
)
def test_what_goes_wrong_outside_is_one_line(error, status, message, run, monkeypatch):
    monkeypatch.setattr(group, "get_command", lambda ctx, name: Raises(error))
    found, out, err = run("list")
    assert found == status
    assert err.strip().startswith(message.strip())
    assert len(err.strip().splitlines()) == 1
    assert not out


def test_an_error_of_our_own_is_not_hidden(monkeypatch):
    from illusions.cli import main

    monkeypatch.setattr(group, "get_command", lambda ctx, name: Raises(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        main(["list"])


def test_a_reader_that_goes_away_is_no_error():
    code = "from illusions.cli import main; main(['list'])"
    command = f'"{sys.executable}" -c "{code}" | true'
    start = time.perf_counter()
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert time.perf_counter() - start < 10
    assert done.stderr == ""


def test_a_standard_output_that_is_closed_is_no_error():
    code = "from illusions.cli import main; main(['list'])"
    done = subprocess.run(f'"{sys.executable}" -c "{code}" >&-', shell=True, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
