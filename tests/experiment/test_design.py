"""Orders, starts and places, as the page's own JavaScript makes them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "experiment" / "src"


def javascript(code):
    """What code that imports the page's modules prints, as JSON."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    command = [node, "--input-type=module", "--eval", code]
    return json.loads(subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=True).stdout)


def trials(*, repetitions, times=1):
    """The sessions of an experiment with two stimuli, of two and of three conditions."""
    return javascript(
        f"""
        import {{ trialsOf }} from "{SOURCES.as_uri()}/design.js";
        const shuffle = (list) => list.map((x) => [Math.random(), x]).sort(([a], [b]) => a - b).map(([, x]) => x);
        const stimulus = (name, conditions) => ({{
          name, nearest: 128, values: Array.from({{ length: 256 }}, (_, i) => i / 255),
          conditions: Object.fromEntries(conditions.map((c) => [c, {{}}])), catches: conditions,
          pairs: conditions.flatMap((a) => conditions.filter((b) => b !== a).map((b) => [a, b])),
        }});
        const configuration = {{ stimuli: [stimulus("x", ["a", "b"]), stimulus("y", ["a", "b", "c"])],
          repetitions: {repetitions} }};
        const all = Array.from({{ length: {times} }}, () => trialsOf(configuration, Math.random, shuffle)
          .map((trial) => ({{ ...trial, stimulus: trial.stimulus.name }})));
        console.log(JSON.stringify(all));
        """
    )


def test_every_pair_comes_once_in_each_repetition_and_sides_are_swapped():
    (session,) = trials(repetitions=4)
    asked = [t for t in session if t["part"] == "trial"]
    pairs = Counter((t["stimulus"], t["reference"], t["comparison"], t["repetition"]) for t in asked)
    assert len(pairs) == (2 + 6) * 4
    assert set(pairs.values()) == {1}
    sides = Counter((t["stimulus"], t["reference"], t["comparison"], t["referenceFirst"]) for t in asked)
    assert set(sides.values()) == {2}
    assert [t["repetition"] for t in session] == sorted(t["repetition"] for t in session)


def test_there_is_a_catch_trial_for_every_condition():
    (session,) = trials(repetitions=2)
    caught = [t for t in session if t["part"] == "catch"]
    assert all(t["reference"] == t["comparison"] for t in caught)
    assert sorted((t["stimulus"], t["reference"]) for t in caught) == [
        *(("x", name) for name in "ab"),
        *(("y", name) for name in "abc"),
    ]


def test_starts_are_spread_over_the_sweep_but_never_at_the_answer():
    starts = [trial["start"] for session in trials(repetitions=4, times=100) for trial in session]
    assert len(starts) == 100 * (8 * 4 + 5)
    assert (min(starts), max(starts)) == (0, 255)
    assert 128 not in starts
    assert abs(sum(starts) / len(starts) - 127.5) < 6  # five standard errors
    assert len(set(starts)) == 255


def test_the_order_differs_from_session_to_session():
    orders = trials(repetitions=1, times=20)
    assert len({tuple((t["stimulus"], t["reference"], t["comparison"]) for t in order) for order in orders}) > 15


@pytest.mark.parametrize(
    ("window", "ratio", "magnification", "stacked"),
    [
        ((1280, 600), 1, 1, False),
        ((1280, 600), 2, 2, False),
        ((1280, 600), 1.5, 1, False),
        ((366, 590), 3, 2, True),
        ((820, 200), 3, 1, False),
        ((300, 300), 1, 300 / 820, False),
    ],
)
def test_pictures_are_placed_on_pixels_of_the_screen(window, ratio, magnification, stacked):
    width, height = window
    placed = javascript(
        f"""
        import {{ place }} from "{SOURCES.as_uri()}/layout.js";
        const picture = {{ width: 400, height: 400 }};
        const room = {{ left: 3.3, top: 40.7, width: {width}, height: {height} }};
        console.log(JSON.stringify(place([picture, picture], room, {ratio})));
        """
    )
    assert placed["magnification"] == pytest.approx(magnification)
    assert placed["stacked"] is stacked
    for corner in placed["places"]:
        for offset, name in ((3.3, "left"), (40.7, "top")):
            on_screen = (offset + corner[name]) * ratio
            assert on_screen == pytest.approx(round(on_screen), abs=1e-6)
            assert -0.5 <= corner[name] <= dict(left=width, top=height)[name] - 400 * magnification / ratio + 0.5
