"""What goes out: one version, a changelog that knows it, a citation that is valid, and archives that build."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import illusions

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: Not in the archive of the source: what is made, and what a machine keeps.
_MADE = {"build", "dist", "site"}


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The source as an archive, and the wheel that is built from that archive."""
    pytest.importorskip("build", reason="the package 'build' is not installed: pip install '.[dev]'")
    out = tmp_path_factory.mktemp("release")
    # Without isolation: what builds is installed, and a test needs no network.
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (source,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return source, wheel


def test_the_version_is_written_once():
    assert "version" in PROJECT["dynamic"]
    assert "version" not in PROJECT
    written = (ROOT / "illusions" / "__init__.py").read_text(encoding="utf-8")
    assert re.findall(r'^__version__ = "(.*)"$', written, re.MULTILINE) == [illusions.__version__]


def test_the_version_is_a_version_and_the_changelog_has_it():
    assert re.fullmatch(r"\d+\.\d+\.\d+", illusions.__version__)
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == illusions.__version__
    assert headings == sorted(headings, key=lambda name: [int(part) for part in name.split(".")], reverse=True)


def test_the_archives_carry_the_version(archives):
    source, wheel = archives
    assert source.name == f"illusions-{illusions.__version__}.tar.gz"
    assert wheel.name == f"illusions-{illusions.__version__}-py3-none-any.whl"


def test_the_archive_of_the_source_has_all_that_is_tracked_and_nothing_that_is_made(archives):
    with tarfile.open(archives[0]) as archive:
        files = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "LICENSE", "CITATION.cff", "docs/conf.py", "docs/start.md", "Makefile"} <= files
    assert {"models/natural16/weights.safetensors", "stimuli/white.toml", "tests/test_release.py"} <= files
    assert not [file for file in files if file.split("/")[0] in _MADE or file.startswith("docs/generated/")]
    assert not [file for file in files if "__pycache__" in file or ".venv" in file]


def test_the_wheel_that_is_built_from_it_has_the_code_and_the_content_and_no_tests(archives):
    with zipfile.ZipFile(archives[1]) as wheel:
        files = set(wheel.namelist())
    assert {"illusions/py.typed", "illusions/data/models/natural16/weights.safetensors"} <= files
    assert {name.split("/")[0] for name in files} == {"illusions", f"illusions-{illusions.__version__}.dist-info"}


def test_twine_finds_nothing_to_complain_of(archives):
    pytest.importorskip("twine", reason="the package 'twine' is not installed: pip install '.[dev]'")
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, archives)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_citation_is_valid():
    """By the schema of the format, where cffconvert is installed."""
    cffconvert = pytest.importorskip("cffconvert", reason="'cffconvert' is not installed: pip install '.[dev]'")
    citation = cffconvert.Citation((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    citation.validate()


def test_the_citation_is_of_this_version():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.*)$", text, re.MULTILINE) == [illusions.__version__]


def test_the_classifiers_exist_and_agree_with_the_range_of_python():
    trove = pytest.importorskip("trove_classifiers", reason="'trove-classifiers' is not installed")
    assert set(PROJECT["classifiers"]) <= trove.classifiers
    lowest = int(re.fullmatch(r">=3\.(\d+)", PROJECT["requires-python"]).group(1))
    named = [int(minor) for name in PROJECT["classifiers"] for minor in re.findall(r"Python :: 3\.(\d+)$", name)]
    assert min(named) == lowest


def test_the_lowest_versions_are_those_of_the_ranges():
    lowest = dict(
        line.split("==") for line in (ROOT / "constraints-lowest.txt").read_text().splitlines() if line[:1].isalpha()
    )
    ranges = dict(requirement.split(">=") for requirement in PROJECT["dependencies"])
    for name, version in ranges.items():
        assert lowest[name].split(".")[: len(version.split("."))] == version.split("."), name


def test_what_is_installed_knows_its_version():
    try:
        installed = importlib.metadata.version("illusions")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("illusions is not installed, but run from its folder")
    assert installed == illusions.__version__
