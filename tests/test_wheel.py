"""The wheel carries the content, and works from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from illusions import content

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel is installed, alone."""
    wheels, target = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(ROOT)], check=True
    )
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(target), str(wheel)], check=True)
    return target


def run(code: str, installed: Path, folder: Path) -> str:
    """What Python code prints when the installed package comes first on the path."""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout


def test_content_is_found_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = (
        "from illusions import content\n"
        "print(content.__file__, *map(content.names, ('stimuli', 'models', 'analyses')), sep='\\n')"
    )
    origin, *names = run(code, installed, tmp_path).splitlines()
    assert Path(origin).is_relative_to(installed)
    assert names == [str(content.names(kind)) for kind in ("stimuli", "models", "analyses")]
    assert "brightness-contrast" in names[0]
    assert "natural16" in names[1]


def test_list_works_from_any_folder(installed: Path, tmp_path: Path) -> None:
    code = "import sys; from illusions.cli import main; sys.argv = ['illusions', 'list']; main()"
    output = run(code, installed, tmp_path)
    assert "brightness-contrast" in output
    assert "natural16" in output


def test_a_stimulus_of_the_wheel_is_ranked_by_its_model(installed: Path, tmp_path: Path) -> None:
    code = (
        "import illusions\n"
        "curves = illusions.rank(illusions.load_stimulus('brightness-contrast'), illusions.load_model('natural16'))\n"
        "print(curves['dark'].percentile_rank(0.5) > curves['light'].percentile_rank(0.5))"
    )
    assert run(code, installed, tmp_path).strip() == "True"


def test_the_page_of_the_experiment_is_found_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    bundles = [ROOT / "experiment" / "dist" / name for name in ("page.html", "timeline.js", "adjustment.css")]
    if not all(bundle.is_file() for bundle in bundles):
        pytest.skip("the page has not been bundled: make experiment")
    names = [bundle.name for bundle in bundles]
    code = f"from illusions.analyses.experiment.page import read_bundle; print(*(len(read_bundle(n)) for n in {names}))"
    assert [int(n) for n in run(code, installed, tmp_path).split()] == [len(b.read_text("utf-8")) for b in bundles]
