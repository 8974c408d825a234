import shutil

import pytest

from illusions.content import find, folder
from illusions.errors import InputError
from illusions.stimuli.loading import load_stimulus


def changed(tmp_path, name, old, new):
    """A copy of a shipped stimulus with one thing changed."""
    text = find("stimuli", name).read_text(encoding="utf-8")
    assert old in text
    shutil.copytree(folder("stimuli") / "photographs", tmp_path / "photographs", dirs_exist_ok=True)
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_a_file_of_ones_own(tmp_path):
    path = changed(tmp_path, "brightness-contrast", "size = 6", "size = 8")
    stimulus = load_stimulus(path)
    assert stimulus.name == "mine"
    assert stimulus.scale == 2
    assert load_stimulus(str(path)).title == stimulus.title


@pytest.mark.parametrize("colour", ['"#804020"', "{ hsv = [0.0556, 0.75, 0.5] }", "{ lab = [34.5, 24.8, 31.3] }"])
@pytest.mark.parametrize("axis", ["brightness", "saturation", "hue", "lightness", "chroma"])
def test_every_axis_with_every_way_to_write_a_colour(tmp_path, colour, axis):
    path = changed(tmp_path, "brightness-contrast", "{ hsv = [0, 0, 0.5] }", colour)
    path.write_text(path.read_text(encoding="utf-8").replace('"brightness"', f'"{axis}"'), encoding="utf-8")
    stimulus = load_stimulus(path)
    assert stimulus.axis.name == axis
    assert abs(stimulus.colour(stimulus.value).astype(int) - (128, 64, 32)).max() <= 1


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("brightness-contrast", "size = 6", "size = 16", "key 'target.size': a target of 16 pixels is too large"),
        ("brightness-contrast", "size = 6", "size = 20", "key 'target.size': a target of 20 pixels is too large"),
        ("brightness-contrast", "size = 6", 'size = "6"', "key 'target.size'"),
        ("brightness-contrast", "size = 6", "size = true", "key 'target.size': a size is a number"),
        ("brightness-contrast", "[0, 0, 0.2]", "[0, 0, true]", "key 'conditions.dark.surround': hsv takes three num"),
        ("brightness-contrast", "[0, 0, 0.2]", '[0, 0, "0.2"]', "key 'conditions.dark.surround': hsv takes three num"),
        ("brightness-contrast-photograph", "extent = 48", 'extent = "48"', "'target.extent'.*valid.*given: '48'"),
        ("brightness-contrast-photograph", "[152, 72]", '["152", 72]', "'target.centre.0'.*valid.*given: '152'"),
        ("brightness-contrast-photograph", "[152, 72]", "[152.0, 72]", "'target.centre.0'.*integer.*given: 152.0"),
        (
            "brightness-contrast-photograph",
            "gain = 0.5",
            'gain = "0.5"',
            "'conditions.dark.gain'.*number.*given: '0.5'",
        ),
        ("white", "bars = 11", 'bars = "11"', "key 'grating.bars'.*given: '11'"),
        ("brightness-contrast", "size = 6", "sise = 6", "key 'target.size' is missing|unknown key 'target.sise'"),
        ("brightness-contrast", "size = 6", "size = 6\nsoze = 1", "unknown key 'target.soze'"),
        ("brightness-contrast", "[0, 0, 0.5]", "[0, 0, 1.5]", "key 'target.colour': v of hsv is 1.5; expected 0 to 1"),
        ("brightness-contrast", "[0, 0, 0.2]", "[0, 0]", "key 'conditions.dark.surround': hsv takes three numbers"),
        ("brightness-contrast", "{ hsv = [0, 0, 0.2] }", '"#12"', "key 'conditions.dark.surround': a colour in sRGB"),
        ("brightness-contrast", 'axis = "brightness"', 'axis = "brigtness"', "key 'axis'.*did you mean 'brightness'"),
        ("brightness-contrast", 'kind = "uniform"', 'kind = "unifrm"', "key 'kind'.*did you mean 'uniform'"),
        ("brightness-contrast", 'kind = "uniform"', "", "key 'kind' is missing"),
        ("brightness-contrast", 'kind = "uniform"', "kind = [1]", "key 'kind'"),
        ("brightness-contrast", 'shape = "square"', 'shape = "star"', "key 'target.shape'.*'square' or 'disc'"),
        ("brightness-contrast", "[conditions.light]", '[conditions."../light"]', "made of letters, digits, - and _"),
        ("brightness-contrast", "[conditions.light]", "[conditions.dark]", "not a valid TOML file"),
        ("brightness-contrast", "title = ", "titel = ", "titel|title"),
        (
            "saturation-contrast",
            "{ hsv = [0.6, 0.5, 0.6] }",
            '"#808080"',
            "key 'target.colour': the target #808080 is grey",
        ),
        ("hue-contrast", "{ hsv = [0.0833, 0.6, 0.75] }", '"#808080"', "key 'target.colour'.*same colour at every hue"),
        (
            "brightness-contrast-photograph",
            "cat.png",
            "dog.png",
            "mine.toml: key 'photograph': .*dog.png: no such file",
        ),
        ("brightness-contrast-photograph", "[152, 72]", "[52, 72]", "key 'target.centre'.*at least 64 away"),
        ("brightness-contrast-photograph", "[152, 72]", "[5200, 72]", "key 'target.centre'.*at least 64 away"),
        ("brightness-contrast-photograph", "extent = 48", "extent = 200", "key 'target.centre'"),
        ("brightness-contrast-photograph", "gain = 0.5", "gain = -1", "key 'conditions.dark.gain'"),
        ("brightness-contrast-photograph", "gain = 0.5", "gain = nan", "key 'conditions.dark.gain'"),
        ("brightness-contrast-photograph", 'axis = "brightness"', 'axis = "hue"', "a gain in hue means nothing"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, old, new, message):
    path = changed(tmp_path, name, old, new)
    with pytest.raises(InputError, match=message) as caught:
        load_stimulus(path)
    assert "mine.toml" in str(caught.value) or "photographs" in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 2


def test_a_single_condition_is_no_stimulus(tmp_path):
    text = find("stimuli", "brightness-contrast").read_text(encoding="utf-8").split("[conditions.light]")[0]
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="key 'conditions'"):
        load_stimulus(tmp_path / "mine.toml")


def test_a_target_that_fills_no_pixel(tmp_path):
    stimulus = load_stimulus(changed(tmp_path, "brightness-contrast-photograph", "extent = 48", "extent = 1"))
    with pytest.raises(InputError, match="mine: the target on “dark” fills no pixel of the picture; expected a larger"):
        stimulus.proof()
