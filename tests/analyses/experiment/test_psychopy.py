"""What `illusions export` writes for PsychoPy, and its script: by itself, and in PsychoPy where that is installed."""

from __future__ import annotations

import os
import py_compile
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from illusions.analyses.experiment.psychopy import degrees_per_pixel, write_psychopy
from illusions.stimuli.loading import load_stimulus
from illusions.stimuli.making import uniform

STIMULI = ("bullseye", "hue-contrast")
#: Run in the exported folder: the keys that a person presses, and what the window shows before the last of them.
SESSION = """
import random, sys
import numpy as np
from psychopy import event, visual
import adjust

presses = iter([["return"], ["right"], ["up", "up"], ["left"], ["return"], ["escape"]])
frames, answered = [], []
flip = visual.Window.flip

def keep(window, *args, **named):
    frames.append(np.asarray(window._getFrame(buffer="back")))
    return flip(window, *args, **named)

def press(*args, **named):
    keys = next(presses)
    if "return" in keys:
        answered.append(frames[-1])
    return keys

visual.Window.flip = keep
event.getKeys = press
event.waitKeys = lambda keyList: ["return"]
random.randrange = lambda count: 40
sys.argv = ["adjust.py", "--distance", "57", "--width", "30", "--observer", "ab", "--repetitions", "1",
            "--window", "1200", "800"]
adjust.main()
np.savez("frames.npz", last=answered[-1])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    write_psychopy(map(load_stimulus, STIMULI), folder)
    return folder


@pytest.fixture(scope="module")
def script(folder):
    spec = spec_from_file_location("adjust", folder / "adjust.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_compiles(folder, tmp_path):
    py_compile.compile(str(folder / "adjust.py"), cfile=str(tmp_path / "adjust.pyc"), doraise=True)


def test_every_file_that_is_named_is_there(folder):
    conditions = pd.read_csv(folder / "conditions.csv")
    named = conditions[["reference_picture", "comparison_raster", "sweep"]].to_numpy().ravel()
    assert {str(path.relative_to(folder)) for path in folder.glob("*/*")} == set(named)


def test_a_reference_makes_pairs_and_the_ground_of_the_window(tmp_path):
    surrounds = {"grey": "#909090", "pink": "#c08090", "green": "#80a080"}
    write_psychopy([uniform(target="#8a6f3c", surrounds=surrounds, axis="hue", reference="grey", name="a")], tmp_path)
    conditions = pd.read_csv(tmp_path / "conditions.csv")
    pairs = conditions[["reference_condition", "comparison_condition"]].to_numpy().tolist()
    assert pairs == [["pink", "grey"], ["green", "grey"]]
    assert (conditions[["ground_red", "ground_green", "ground_blue"]] == 144).all(axis=None)


def test_a_target_has_its_degrees_or_else_the_patch_has_twelve():
    stimulus = replace(load_stimulus("hue-contrast"), units_per_degree=None)
    pixels = stimulus.target_mask("red").any(axis=0).sum()
    assert degrees_per_pixel(stimulus) * pixels * stimulus.scale == pytest.approx(12)
    sized = replace(stimulus, units_per_degree=stimulus.conditions["red"].target.extent / 2.5)
    assert degrees_per_pixel(sized) * pixels == pytest.approx(2.5)


def test_sizes_stand_in_the_conditions(folder):
    for row in pd.read_csv(folder / "conditions.csv").itertuples():
        stimulus = load_stimulus(row.stimulus)
        height, width = stimulus.picture(row.comparison_condition).shape[:2]
        assert (row.width_degrees, row.height_degrees) == pytest.approx(
            (width * degrees_per_pixel(stimulus), height * degrees_per_pixel(stimulus))
        )


def test_the_script_paints_the_pictures_of_the_toolkit(folder, script):
    for row in script.read_table("conditions.csv"):
        stimulus = load_stimulus(row["stimulus"])
        painted = script.Picture(row["comparison_raster"])
        for step in (0, 77, 254):
            colours = script.read_table(row["sweep"])[step]
            colour = np.array([float(colours[c]) for c in ("red", "green", "blue")], np.float32)
            expected = stimulus.picture(row["comparison_condition"], float(colours["value"]))
            assert np.array_equal(np.asarray(painted.paint(colour)), expected)
        with Image.open(folder / row["reference_picture"]) as picture:
            assert np.array_equal(np.asarray(picture), stimulus.picture(row["reference_condition"]))


def test_every_pair_comes_once_in_each_repetition_and_sides_are_swapped(script):
    trials = script.all_trials(4)
    pairs = Counter((t["stimulus"], t["reference_condition"], t["comparison_condition"], t["right"]) for t in trials)
    assert set(pairs.values()) == {2}
    assert len(pairs) == 2 * len(script.read_table("conditions.csv"))
    assert [t["repetition"] for t in trials] == sorted(t["repetition"] for t in trials)


@pytest.mark.parametrize(("by", "expected"), [((3, 5), 8), ((3, -5), 0), ((250, 10), 255)])
def test_a_sweep_ends_and_a_circle_does_not(by, expected, script):
    assert script.moved(*by, 256, circular=False) == expected
    assert script.moved(*by, 256, circular=True) == sum(by) % 256


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (40, ""),
        (70, "the pictures of white are 45.1 degrees wide, and the screen 42.6; expected a distance of at most 66 cm"),
        (100, "the pictures of white are 45.1 degrees wide, and the screen 29.8; expected a distance of at most 66 cm"),
    ],
)
def test_pictures_that_do_not_fit_on_the_screen_are_known_before_the_first_trial(distance, words, tmp_path):
    """White's pictures are 22 degrees wide; two of them, with 1.1 degrees between them, 2.05 times that."""
    write_psychopy([load_stimulus("white")], tmp_path)
    spec = spec_from_file_location("adjust", tmp_path / "adjust.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    said = module.too_large(52, distance, [1920, 1080])
    assert said.startswith(words)
    assert bool(said) == bool(words)


def test_pictures_that_are_too_high_are_known_too(folder, script):
    assert "degrees high" in script.too_large(52, 57, [1920, 200])


def test_no_session_is_written_over_another_and_one_without_a_trial_leaves_no_file(folder, script):
    for number in range(3):
        with script.new_table("cd") as append:
            for trial in range(number):
                append({"observer": "cd", "repetition": trial})
                with (folder / "matches-cd.csv").open(encoding="utf-8") as file:  # it is on the disk at once
                    assert len(file.readlines()) == 1 + (trial + 1 if number == 1 else 1)
    assert sorted(path.name for path in folder.glob("matches-cd*")) == ["matches-cd-2.csv", "matches-cd.csv"]
    with pytest.raises(ZeroDivisionError), script.new_table("cd") as append:  # noqa: PT012
        append({"observer": "cd", "repetition": 7})
        raise ZeroDivisionError
    assert pd.read_csv(folder / "matches-cd-3.csv")["repetition"].tolist() == [7]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--observer", "a/b"], "'a/b'; expected letters, digits, - and _"),
        (["--observer", ""], "expected letters, digits, - and _"),
        ([], "the following arguments are required: --observer"),
        (["--observer", "ab", "--repetitions", "0"], "expected 1 or more"),
        (["--observer", "ab", "--distance", "0"], "expected more than 0"),
    ],
)
def test_wrong_arguments_are_said_before_the_window_opens(options, message, folder, script, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "psychopy", None)
    monkeypatch.setattr(sys, "argv", ["adjust.py", "--distance", "57", "--width", "52", *options])
    before = set(folder.iterdir())
    with pytest.raises(SystemExit):
        script.main()
    assert message in capsys.readouterr().err
    assert set(folder.iterdir()) == before


def session(script, monkeypatch, *keys, begin="return"):
    """Run the script without PsychoPy: what a person presses, trial after trial, and at the instructions."""
    presses = iter(keys)
    window = SimpleNamespace(size=(4000, 3000), flip=lambda: None, close=lambda: None, color=None)
    nothing = SimpleNamespace(
        draw=lambda: None, setImage=lambda image: None, getWheelRel=lambda: (0, 0), getTime=lambda: 1
    )
    anything = {name: lambda *_, **__: nothing for name in ("TextStim", "ImageStim", "Mouse", "Clock")}
    event = SimpleNamespace(
        **anything, clearEvents=lambda: None, getKeys=lambda _: [next(presses)], waitKeys=lambda keyList: [begin]
    )
    monitor = SimpleNamespace(setSizePix=lambda size: None)
    package = SimpleNamespace(
        visual=SimpleNamespace(**anything, Window=lambda **_: window), event=event, core=SimpleNamespace(**anything),
        monitors=SimpleNamespace(Monitor=lambda *_, **__: monitor),
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "psychopy", package)
    monkeypatch.setattr(sys, "argv", ["adjust.py", "--distance", "30", "--width", "90", "--observer", "xy"])
    script.main()


def test_the_same_observer_on_two_days_loses_nothing(folder, script, monkeypatch):
    session(script, monkeypatch, *3 * ["right", "return"], "escape")
    monday = (folder / "matches-xy.csv").read_bytes()
    assert len(monday.splitlines()) == 4
    session(script, monkeypatch, begin="escape")
    assert not (folder / "matches-xy-2.csv").exists()
    session(script, monkeypatch, "up", "return", "escape")
    assert (folder / "matches-xy.csv").read_bytes() == monday
    assert pd.read_csv(folder / "matches-xy-2.csv")["observer"].tolist() == ["xy"]


def centre(half):
    """The colour in the middle of the picture that stands in half of the window."""
    rows, columns = np.nonzero((half != 232).any(axis=2))
    return half[(rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2].tolist()


def test_a_session_in_psychopy_on_a_virtual_screen(folder):
    if find_spec("psychopy") is None or shutil.which("xvfb-run") is None:
        pytest.skip("PsychoPy and a virtual screen (xvfb-run) are not installed")
    (folder / "session.py").write_text(SESSION, "utf-8")
    virtual = ["xvfb-run", "--auto-servernum", "--server-args=-screen 0 1600x1000x24", sys.executable, "session.py"]
    subprocess.run(virtual, cwd=folder, check=True, env=os.environ | {"LIBGL_ALWAYS_SOFTWARE": "1"})
    (row,) = pd.read_csv(folder / "matches-ab.csv").to_dict("records")
    stimulus = load_stimulus(row["stimulus"])
    assert (row["start"], row["match"]) == pytest.approx((stimulus.values()[40], stimulus.values()[60]))
    assert row["adjustments"] == 3
    assert row["comparison_place"] in ("left", "right")
    with np.load(folder / "frames.npz") as frames:
        left, right = np.hsplit(frames["last"][..., :3], 2)
    changed, stays = (left, right) if row["comparison_place"] == "left" else (right, left)
    assert centre(changed) == stimulus.colour(row["match"]).tolist()
    assert centre(stays) == stimulus.colour(stimulus.value).tolist()
    width = 2 * 57 * np.tan(np.radians(row["picture_degrees"] / 2)) * 1200 / 30
    assert (changed != 232).any(axis=2).any(axis=0).sum() == pytest.approx(width, rel=0.03)
