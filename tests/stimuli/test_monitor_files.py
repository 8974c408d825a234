"""Monitor files as PsychoPy 2026.2.5 saves them: json_tricks' arrays, NaN, and what a new monitor has."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

from illusions.errors import InputError
from illusions.stimuli.monitor_files import read_monitor_file

BLACK, GUNS, GAMMA = 0.41, (24.3, 71.9, 9.1), (2.15, 2.22, 2.31)
MEASURED = [
    [BLACK, BLACK + sum(GUNS), 2.211, *3 * [np.nan]],
    *([BLACK, BLACK + gun, gamma, *3 * [np.nan]] for gun, gamma in zip(GUNS, GAMMA, strict=True)),
]
#: Of a monitor without measurements.
NEW = [[0.0, 1.0, 1.0]] * 4


def calibration(grid=MEASURED, **other):
    array = {"__ndarray__": grid, "dtype": "float32", "shape": [4, len(grid[0])], "Corder": True}
    known = {"calibDate": 1795978517.0, "gamma": None, "width": 53.1, "distance": 70.0, "notes": "", "gammaGrid": array}
    return {**known, "linearizeMethod": 1, "sizePix": [1920, 1080], **other}


@pytest.fixture
def written(tmp_path):
    def written(calibrations):
        path = tmp_path / "booth.json"
        path.write_text(json.dumps(calibrations), "utf-8")
        return path

    return written


def test_a_display_is_as_it_was_measured(written):
    """Luminance = black + Σ (max − min) · v^gamma, over the guns."""
    monitor = read_monitor_file(written({"2026_11_29 18:55": calibration()}))
    assert (monitor.gamma, monitor.width, monitor.distance, monitor.pixels) == (GAMMA, 53.1, 70, (1920, 1080))
    colours = np.array([[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 128, 0], [200, 100, 50]], np.uint8)
    expected = BLACK + ((colours / 255) ** GAMMA) @ GUNS
    np.testing.assert_allclose(monitor.display().luminances(colours), expected, rtol=1e-6)
    np.testing.assert_allclose(monitor.display().encoded(monitor.display().linear(colours / 255)), colours / 255)


def test_pixels_per_degree_are_those_in_the_middle_of_the_screen(written):
    monitor = read_monitor_file(written({"a": calibration(width=51.0, distance=57.3, sizePix=[1024, 768])}))
    assert monitor.pixels_per_degree == pytest.approx(2 * 57.3 * np.tan(np.pi / 360) / 51 * 1024)
    for missing in ({"width": None}, {"distance": None}, {"sizePix": [0, 0]}, {"sizePix": None}):
        assert read_monitor_file(written({"a": calibration(**missing)})).pixels_per_degree is None


def test_the_alphabetically_last_calibration_is_used_as_in_psychopy(written):
    monitor = read_monitor_file(written({"b": calibration(distance=80), "a": calibration(), "2026": calibration()}))
    assert (monitor.calibration, monitor.calibrations, monitor.distance) == ("b", 3, 80)


def test_a_single_gamma_counts_where_the_guns_have_none(written):
    grid = [[0.5, 100.5, 1.0], *NEW[1:]]
    monitor = read_monitor_file(written({"a": calibration(grid, gamma=2.2)}))
    grey = np.full(3, 51, np.uint8)
    assert monitor.display().luminances(grey) == pytest.approx(0.5 + 100 * 0.2**2.2)
    assert read_monitor_file(written({"a": calibration(gamma=1.8, gammaGrid=MEASURED)})).gamma == GAMMA


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"grid": NEW}, "lacks gamma and luminances, which are as in a new monitor"),
        ({"grid": NEW, "gamma": 2.2}, "lacks luminances, which"),
        ({"linearizeMethod": 4}, "its gamma has formula 4; expected “easy: a\\+kx\\^g”"),
        ({"grid": [[5, 4, 2.2, 0, 0, 0], *MEASURED[1:]]}, "booth.json: black of the display is 5"),
        ({"grid": [MEASURED[0], [0, 1, 9, 0, 0, 0], *MEASURED[2:]]}, "booth.json: gamma of the display is 9"),
    ],
)
def test_what_luminances_need_is_said_where_it_is_missing(other, message, written):
    monitor = read_monitor_file(written({"a": calibration(**other)}))
    with pytest.raises(InputError, match=message):
        monitor.display()


@pytest.mark.parametrize(
    ("calibrations", "message"),
    [
        ([], "is no monitor file of PsychoPy"),
        ({}, "is no monitor file of PsychoPy"),
        ({"a": {"gamma": 2.2}}, "is no monitor file of PsychoPy"),
        ({"a": calibration(width="wide")}, "width is 'wide'; expected a number above 0"),
        ({"a": calibration(distance=-57)}, "distance is -57"),
        ({"a": calibration(gammaGrid=None)}, "has no gammaGrid of four rows"),
        ({"a": calibration(MEASURED[:3])}, "has no gammaGrid of four rows"),
        ({"a": calibration([[np.nan] * 3] * 4)}, "has no gammaGrid of four rows"),
    ],
)
def test_what_is_no_monitor_file_is_refused(calibrations, message, written):
    with pytest.raises(InputError, match=message):
        read_monitor_file(written(calibrations))


def test_a_pickle_is_never_loaded(tmp_path):
    class Bomb:
        def __reduce__(self):
            return pytest.fail, ("was loaded",)

    path = tmp_path / "booth.calib"
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(InputError, match=r"pickles can run code; expected the \.json"):
        read_monitor_file(path)
    path.rename(tmp_path / "booth.json")
    with pytest.raises(InputError, match="is no monitor file of PsychoPy"):
        read_monitor_file(tmp_path / "booth.json")
