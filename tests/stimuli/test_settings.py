"""Sets of settings, and the messages about invalid ones."""

import numpy as np
import pytest

from illusions.errors import InputError
from illusions.stimuli.published import published_sets
from illusions.stimuli.rows import published_folder
from illusions.stimuli.settings import LOG, LUMINANCE, load_settings, settings_sets


def test_every_shipped_set_is_read():
    assert "klauke2015" in settings_sets()
    assert not set(settings_sets()) & set(published_sets())
    for name in settings_sets():
        found = load_settings(name)
        assert found.name == name
        assert len({setting.name for setting in found.settings}) == len(found.settings)
        for group in {setting.group for setting in found.settings}:
            first, *others = [setting for setting in found.settings if setting.group == group]
            for other in others:
                assert other.stimulus.conditions is first.stimulus.conditions
        for setting in found.settings:
            assert setting.stimulus.target_degrees > 0
            assert {setting.reference, setting.test} <= set(setting.stimulus.conditions)
            assert setting.standard_error >= 0
            assert setting.value == pytest.approx(setting.stimulus.value)


def test_the_hue_shifts_of_klauke_and_wachtler():
    found = load_settings("klauke2015")
    assert found.unit == "degrees of azimuth"
    assert len(found.settings) == 128
    assert found.axis.cones.s_scale == 2.6
    shifts = np.array([setting.shift for setting in found.settings])
    assert np.sqrt(np.mean(shifts**2)) == pytest.approx(8.1, abs=0.05)  # the error of predicting none
    by_name = {setting.name: setting for setting in found.settings}
    one = by_name["45+22.5"]
    assert one.value == pytest.approx(67.5)
    assert one.x == 22.5
    assert one.group == "45°"
    assert one.stimulus.target_degrees == pytest.approx(2)
    np.testing.assert_allclose(
        one.stimulus.axis.cones.display.luminances(one.stimulus.picture("grey")[0, 0]), 40, rtol=0.01
    )
    away = [setting.shift * np.sign(setting.x) for setting in found.settings if 0 < abs(setting.x) < 90]
    assert np.mean(np.array(away) > 0) > 0.9  # from the hue of the surround


def test_shifts_of_azimuth_go_the_shorter_way():
    found = load_settings("klauke2015")
    np.testing.assert_allclose(found.shifts([350, 10, 90], [5, 355, 80]), [15, -15, -10])


def test_matches_in_luminance():
    """No illusion is off by 2.12 cd/m² over the six comparisons on another background."""
    for name, share in (("singh2026", 1), ("singh2026-dimmed", 0.61)):
        found = load_settings(name)
        assert found.study == "singh2026"
        differ = [setting for setting in found.settings if setting.x]
        assert np.sqrt(np.mean([setting.shift**2 for setting in differ])) == pytest.approx(2.13, abs=0.02)
        for setting in found.settings:
            luminance = found.display.luminances(setting.stimulus.picture("standard")[0, 0])
            assert luminance == pytest.approx(
                share * found.display.white * found.display.linear(setting.value), rel=0.02
            )
            np.testing.assert_allclose(found.shifts(setting.value, setting.value), 0)


def test_matches_jump_at_the_luminance_of_a_uniform_surround():
    found = load_settings("aguilar2020")
    plain = [setting for setting in found.settings if setting.group == "uniform-plain"]
    below, above = (
        np.mean([setting.shift for setting in plain if side(setting.x)])
        for side in (lambda x: x < 173, lambda x: x > 173)
    )
    assert below < -0.05 < 0.05 < above
    assert len(found.settings) == 60
    for setting in found.settings[10:20]:  # variegated, plain: the checks are the same in both
        pictures = [setting.stimulus.picture(condition) for condition in ("surround", "checks")]
        np.testing.assert_array_equal(*pictures)


def test_contested_settings_are_marked():
    found = load_settings("minato2024")
    assert found.contested
    assert found.settings[0].stimulus.target_degrees == pytest.approx(0.25)
    np.testing.assert_allclose(found.shifts([1 / 3, 0.99], [0.4, 0.01]), [24, 7.2])
    assert not load_settings("klauke2015").contested


SET = """
title = "Brightness on dark and light"
source = "Ours"
unit = "{unit}"
x_label = "luminance of the target (cd/m²)"
reference = "dark"
test = "light"

[stimuli.square]
kind = "uniform"
title = "A square"
description = "On dark and light."
axis = {{ name = "brightness", display = {{ gamma = 2, white = 100, black = 4 }} }}
[stimuli.square.target]
colour = "#808080"
size = 4
degrees = 2
[stimuli.square.conditions.dark]
surround = {{ xyY = [0.3127, 0.3290, 10] }}
[stimuli.square.conditions.light]
surround = "#ffffff"
"""
HEADER = "setting,group,conditions.light.surround,target,shift,standard_error,observers\n"


@pytest.fixture
def write(tmp_path):
    def write(rows, *, unit=LUMINANCE, header=HEADER, text=SET):
        (tmp_path / "mine.toml").write_text(text.format(unit=unit))
        (tmp_path / "mine.csv").write_text(header + rows)
        return tmp_path / "mine.csv"

    return write


def test_a_set_in_luminance(write):
    (one,) = load_settings(write("a,80,80,28,-2.5,0.5,\n")).settings
    assert one.value == pytest.approx(0.5)  # 4 + 96 · 0.25
    assert one.x == 28
    assert one.observers is None
    assert one.stimulus.picture("light")[0, 0].tolist() == [round(255 * np.sqrt(76 / 96))] * 3
    assert one.stimulus.picture("dark")[0, 0, 0] == round(255 * np.sqrt(6 / 96))


def test_shifts_are_in_the_unit_of_the_set(write):
    for unit, expected in ((LUMINANCE, 72), (LOG, np.log10(100 / 28))):
        found = load_settings(write("a,80,80,28,-0.1,0.5,8\n", unit=unit))
        np.testing.assert_allclose(found.shifts([0.5], [1.0]), [expected])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,80,80,28,-2.5,,\n", r"mine\.csv, line 2: 'standard_error' is empty; expected a value"),
        ("a,80,80,28,-2.5,-0.5,\n", r"line 2: 'standard_error': .*greater than or equal to 0 \(given: '-0.5'\)"),
        ("a,80,80,28,1,1,\na,80,80,28,1,1,\n", "line 3: setting 'a' is on line 2 already"),
        (
            "a,80,80,228,1,1,\n",
            "line 2: a luminance of 228 cd/m² lies outside the gamut of the display; expected 4 to 100",
        ),
        ("a,80,1,28,1,1,\n", "line 2: a luminance of 1 cd/m² lies outside the gamut"),
        ("a,80,80,28,1,1,0\n", "line 2: 'observers'"),
        ("", "has no rows"),
    ],
)
def test_rows_that_are_none(write, rows, message):
    with pytest.raises(InputError, match=message):
        load_settings(write(rows))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('unit = "cd/m2"\n', "", r"mine\.toml: key 'unit' is missing"),
        ("cd/m2", "cd/m", "no unit of settings is called 'cd/m'; did you mean 'cd/m2'"),
        ("cd/m2", "degrees of azimuth", "its axis is brightness; expected dkl-hue"),
        ("degrees = 2\n", "", "stimuli.square: key 'target.degrees' is missing"),
        (", display = { gamma = 2, white = 100, black = 4 }", "", "the luminance of the display's white is unknown"),
        ('test = "light"', 'test = "lite"', "no condition is called 'lite'; did you mean 'light'"),
        ('"#808080"', '"#80808"', "stimuli.square: key 'target.colour': a colour in sRGB"),
    ],
)
def test_sets_that_are_none(write, old, new, message):
    path = write("a,80,80,28,1,1,\n")
    toml = path.with_suffix(".toml")
    assert old in toml.read_text()
    toml.write_text(toml.read_text().replace(old, new))
    with pytest.raises(InputError, match=message):
        load_settings(path)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("target", "-10", "line 2: an azimuth is -10; expected degrees of a turn, from 0 to less than 360"),
        ("target", "360", "line 2: an azimuth is 360"),
        ("conditions.coloured.surround", "400", "line 2: an azimuth is 400"),
        ("shift", "200", "line 2: a shift of azimuth is 200; expected degrees, from -180 to 180"),
        ("stimulus", "round", "line 2: no stimulus of the set is called 'round'"),
        ("target.degres", "3", "line 2: no key in 'target' .*did you mean 'degrees'"),
    ],
)
def test_azimuths_that_are_none(tmp_path, column, cell, message):
    (tmp_path / "mine.toml").write_text((published_folder() / "klauke2015.toml").read_text())
    row = {
        "setting": "a", "group": "b", "conditions.coloured.surround": "45", "target": "45", "shift": "1",
        "standard_error": "1", column: cell,
    }  # fmt: skip
    (tmp_path / "mine.csv").write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    with pytest.raises(InputError, match=message):
        load_settings(tmp_path / "mine.toml")


def test_a_radius_that_the_gamut_does_not_reach(tmp_path):
    text = (published_folder() / "klauke2015.toml").read_text()
    (tmp_path / "mine.toml").write_text(text.replace("dkl-polar = [0, 0.2, 0]", "dkl-polar = [0, 0.22, 90]"))
    (tmp_path / "mine.csv").write_text("setting,group,target,shift,standard_error\na,b,45,1,1\n")
    with pytest.raises(InputError, match=r"mine\.toml, stimuli\.square: .*the largest that fits at every azimuth"):
        load_settings(tmp_path / "mine.csv")


def test_a_set_that_does_not_exist():
    with pytest.raises(InputError, match="did you mean 'klauke2015'"):
        load_settings("klauke2016")
    with pytest.raises(InputError, match="no table of settings is there"):
        load_settings("nowhere/klauke2015.csv")
