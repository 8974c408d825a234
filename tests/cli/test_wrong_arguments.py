"""Wrong arguments are said before anything heavy is imported, and nothing is written."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

#: What takes seconds to import on a slow machine.
HEAVY = "torch", "lightning_fabric", "matplotlib"
#: What is typed, and what the message says. ``p.png`` is a picture with its mask ``m.png``, ``t.txt`` a text.
LINES = {
    "rank brightnes-contrast -o out": "did you mean 'brightness-contrast'?",
    "rank p.png -o out": "p.png: a picture is no stimulus; expected a name",
    "rank brightnes-contrast --threads 2 -o out": "did you mean 'brightness-contrast'?",
    "rank white -o t.txt": "t.txt: is a file; expected a folder to write into",
    "rank white --model natrual16 -o out": "no model is called 'natrual16'; did you mean 'natural16'?",
    "rank white --temperature exat -o out": "did you mean 'exact'?",
    "rank white --temperature 40 --temperature 40.0 -o out": "temperature '40.0' is given 2 times",
    "rank white --field 0 -o out": "field 0: expected the side of the patch",
    "rank white --scale 0.5 -o out": "scale 0.5: a patch is more than 1",
    "rank white --scale 2 --field 12 -o out": "expected one of them",
    "rank --image none.png --mask m.png --axis hue -o out": "none.png: no such file",
    "rank --image p.png --mask none.png --axis hue -o out": "none.png: no such file",
    "rank --image p.png --mask m.png --axis bright -o out": "did you mean 'brightness'?",
    "match brightnes-contrast -o out": "did you mean 'brightness-contrast'?",
    "match --image p.png --mask m.png --axis brightness -o out": "has a single target",
    "render brightnes-contrast -o out": "did you mean 'brightness-contrast'?",
    "export brightnes-contrast --for psychopy -o out": "did you mean 'brightness-contrast'?",
    "experiment white -o page.txt": "a page is a file that ends in .html",
    "count brightnes-contrast --photos . -o out": "did you mean 'brightness-contrast'?",
    "count white --photos none -o out": "none: no such folder",
    "heatmap none.png -o out": "none.png: no such file; expected a picture, or a folder of them",
    "heatmap p.png none.png -o out": "none.png: no such file; expected a picture, or a folder of them",
    "heatmap none -o out": "none: no such file",
    "heatmap t.txt -o out": "t.txt: is no picture",
    "heatmap p.png --model natrual16 -o out": "did you mean 'natural16'?",
    "exaggerate none.png --mask m.png -o out": "none.png: no such file",
    "exaggerate p.png --mask none.png -o out": "none.png: no such file",
    "exaggerate p.png --mask m.png --axis bright -o out": "did you mean 'brightness'?",
    "exaggerate p.png --mask m.png --axis hue --hue 0.3 -o out": "--hue is for a target whose saturation",
    "exaggerate p.png --mask m.png --hue 0.3 -o out": "#966e5a, has one of its own",
    "exaggerate p.png --mask m.png --stride 17 -o out": "--stride 17: expected 1 to 16",
    "sample --model natrual16 -o out": "did you mean 'natural16'?",
    "interpolate none.png p.png -o out": "none.png: no such file",
    "interpolate p.png p.png@99,0 -o out": "does not lie within the picture",
    "edit --photos none -o out": "none: no such folder",
    "edit none.png --photos . -o out": "none.png: no such file",
    "edit --photos . --attribute warmt -o out": "did you mean 'warmth'?",
    "outliers none.png --photos . -o out": "none.png: no such file",
    "outliers p.png --photos none -o out": "none: no such folder",
    "outliers p.png --photos . -o out": "expected at least 4",
    "evaluate natrual16 --photos .": "did you mean 'natural16'?",
    "evaluate natural16 --photos none": "none: no such folder",
    "figures nothing -o out": "no analysis is called 'nothing'",
    "figures hue-match hue-match -o out": "is given 2 times",
    "battery --set nothing -o out": "no published set is called 'nothing'",
    "battery --flow natrual16 -o out": "did you mean 'natural16'?",
    "battery --predictor nothing:x -o out": "the module 'nothing' cannot be imported",
    "battery --photos none -o out": "none: no such folder",
    "compare none.json -o out": "none.json: cannot be read",
    "compare t.txt -o out": "no file can be used",
    "calibrate none.json -o my.toml": "none.json: cannot be read",
    "calibrate none.json -o my.txt": "a calibration is a file that ends in .toml",
    "calibrate --published nothing -o my.toml": "no set of published stimuli is called 'nothing'",
    "train nothing --photos . -o out": "no model is called 'nothing'",
    "train natural16 --photos none -o out": "none: no such folder",
    "train natural16 --photos . --from natrual16 -o out": "did you mean 'natural16'?",
    "train natural16 --photos . --from structure16 -o out": "expected one as in the recipe",
}
#: Runs every line, and says of each its status, what it said, and what heavy it was the first to import.
_PROGRAM = """
import contextlib, io, json, sys
from illusions.cli import main
lines, heavy = json.loads(sys.argv[1]), set(json.loads(sys.argv[2]))
found = {}
for line in lines:
    before, said, status = set(sys.modules), io.StringIO(), 0
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            main(line.split())
    except SystemExit as left:
        status = left.code
    found[line] = status, said.getvalue(), sorted(heavy & (set(sys.modules) - before))
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("here")
    pixels, mask = np.full((40, 40, 3), 60, np.uint8), np.zeros((40, 40), np.uint8)
    mask[16:24, 16:24], pixels[16:24, 16:24] = 255, (150, 110, 90)
    Image.fromarray(pixels).save(folder / "p.png")
    Image.fromarray(mask).save(folder / "m.png")
    (folder / "t.txt").write_text("no picture")
    command = [sys.executable, "-c", _PROGRAM, json.dumps(list(LINES)), json.dumps(HEAVY)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert {path.name for path in folder.iterdir()} == {"p.png", "m.png", "t.txt"}
    return json.loads(done.stdout)


@pytest.mark.parametrize("line", LINES)
def test_a_wrong_argument_is_said_before_anything_heavy_is_imported(line, found):
    status, said, heavy = found[line]
    assert (status, heavy) == (2, []), said
    assert LINES[line] in said
    assert len(said.splitlines()) <= 2
