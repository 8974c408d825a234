"""The pictures in stimuli/published are what make.py draws, pixel by pixel, where stimupy is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

FOLDER = Path(__file__).parents[2] / "stimuli" / "published"
HAS_STIMUPY = importlib.util.find_spec("stimupy") is not None
SETS = [
    "betz2015",
    "canham2021",
    "chromatic",
    *(
        pytest.param(name, marks=pytest.mark.skipif(not HAS_STIMUPY, reason="stimupy is not installed"))
        for name in ("bindman2004", "murray2020", "rhs2007")
    ),
]


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_published", FOLDER / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("set_name", SETS)
def test_the_pictures_are_what_is_drawn(set_name: str, make: ModuleType) -> None:
    for stimulus in make.stimuli(set_name):
        for path, drawn in zip(make.files(set_name, stimulus), make.draw(set_name, stimulus), strict=True):
            with Image.open(path) as image:
                assert image.mode == ("L" if drawn.ndim == 2 else "RGB"), path
                np.testing.assert_array_equal(np.asarray(image), drawn, err_msg=str(path))


@pytest.mark.parametrize("set_name", ["betz2015", "bindman2004", "canham2021", "chromatic", "murray2020", "rhs2007"])
def test_no_picture_is_without_its_row(set_name: str, make: ModuleType) -> None:
    expected = {path for stimulus in make.stimuli(set_name) for path in make.files(set_name, stimulus)}
    assert set((FOLDER / set_name).iterdir()) == expected
