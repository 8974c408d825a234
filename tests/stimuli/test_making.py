"""Stimuli made in Python, held against those of the files in the same words."""

import inspect

import numpy as np
import pytest
from pydantic import BaseModel

import illusions
from illusions import stimuli
from illusions.content import find, names, parse_toml
from illusions.errors import InputError
from illusions.stimuli.loading import _FAMILIES, load_stimulus

#: What the key of a condition is called where it is given for all of them at once.
_PLURALS = {
    "surround": "surrounds", "place": "places", "ramp": "ramps", "phase": "phases", "distance": "distances",
    "gain": "gains", "side": "sides",
}  # fmt: skip


def made(path, name):
    """A stimulus file, made in Python."""
    words = parse_toml(path)
    make = getattr(stimuli, words.pop("kind"))
    conditions = words.pop("conditions")
    if "conditions" in inspect.signature(make).parameters:
        words["conditions"] = conditions
    else:
        ((key,),) = {tuple(condition) for condition in conditions.values()}
        words[_PLURALS.get(key, key)] = {condition: table[key] for condition, table in conditions.items()}
    if "photograph" in words:
        words["photograph"] = path.parent / words["photograph"]
    return make(**words, name=name)


#: Those of the kind "pictures" are made by `from_pictures`, which has tests of its own.
MADE = [name for name in names("stimuli") if parse_toml(find("stimuli", name))["kind"] != "pictures"]


@pytest.mark.parametrize("name", MADE)
def test_python_says_the_same_as_files(name):
    path = find("stimuli", name)
    from_file, from_python = load_stimulus(name), made(path, name)
    for field in ("name", "title", "axis", "target", "scale", "description", "source", "people_see_higher"):
        assert getattr(from_python, field) == getattr(from_file, field)
    assert from_python.units_per_degree == from_file.units_per_degree
    for condition in from_file.conditions:
        np.testing.assert_array_equal(from_python.picture(condition), from_file.picture(condition))
        np.testing.assert_array_equal(from_python.patches(condition, 0.3), from_file.patches(condition, 0.3))


def test_every_family_is_made_by_a_function():
    schemas = _FAMILIES.json_schema()["discriminator"]["mapping"]
    assert set(schemas) - {"pictures"} == set(stimuli.__all__)
    assert issubclass(_FAMILIES.validate_python(parse_toml(find("stimuli", "white")), context={}).__class__, BaseModel)


def test_what_is_left_out():
    stimulus = stimuli.uniform(target="#808080", surrounds={"dark": "#333333", "light": "#cccccc"})
    assert (stimulus.name, stimulus.title, stimulus.axis.name) == ("uniform", "uniform", "brightness")
    assert stimulus.scale == 16 / 6
    assert stimulus.units_per_degree is None


def test_colours_are_written_in_any_way():
    blue = illusions.load_stimulus("saturation-contrast").target
    stimulus = stimuli.uniform(
        axis="saturation",
        target=blue,
        surrounds={"a": {"lab": [60, 10, np.float32(5)]}, "b": {"hsv": (0.6, np.float64(0.9), 0.6)}},
    )
    assert stimulus.target == blue
    assert stimulus.picture("b")[0, 0].tolist() == [15, 70, 153]


def test_a_photograph_may_be_an_array(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    target = {"colour": "#808080", "extent": 12, "centre": np.array([48, 32])}
    gains = {"dark": np.float64(0.5), "same": 1}
    stimulus = stimuli.photograph(target=target, photograph=noise, gains=gains)
    np.testing.assert_array_equal(stimulus.picture("same")[:20], noise[:20])
    stimulus.save(tmp_path / "mine.toml")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["mine-photograph.png", "mine.toml"]
    np.testing.assert_array_equal(load_stimulus(tmp_path / "mine.toml").pair(), stimulus.pair())
    noise[:] = 0
    assert stimulus.with_scale(3).picture("same")[:20].any()


GREYS = {"dark": "#333333", "light": "#cccccc"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": "#80808"}, "^uniform: key 'target.colour': a colour in sRGB is \"#rrggbb\""),
        ({"target": {"size": 6}}, "^uniform: key 'target.colour' is missing"),
        ({"target": {"colour": "#808080", "size": 16}}, "key 'target.size': a target of 16 pixels is too large"),
        ({"target": {"colour": "#808080", "length": 2}}, "unknown key 'target.length'"),
        ({"target": {"colour": "#808080", "degrees": "3"}}, "key 'target.degrees'.*valid number.*given: '3'"),
        ({"surrounds": {"dark": "#333333"}}, "key 'conditions'.*at least 2"),
        ({"surrounds": {**GREYS, "a/b": "#000000"}}, "made of letters, digits, - and _; not 'a/b'"),
        ({"surrounds": {**GREYS, "x": 0.5}}, "key 'conditions.x.surround': a colour is"),
        ({"axis": "brigtness"}, "key 'axis'.*did you mean 'brightness'"),
        ({"axis": "saturation"}, "key 'target.colour': the target #808080 is grey"),
        ({"people_see_higher": "drak"}, "key 'people_see_higher'.*did you mean 'dark'"),
        ({"name": "a/b"}, "name 'a/b': expected the name of a file, without a folder"),
        ({"name": ""}, "name '': expected"),
        ({"title": ""}, "key 'title'"),
    ],
)
def test_what_is_wrong_is_named(change, message):
    with pytest.raises(InputError, match=message) as caught:
        stimuli.uniform(**{"target": "#808080", "surrounds": GREYS, **change})
    assert len(str(caught.value).splitlines()) == 1


def test_a_photograph_that_is_none():
    target = {"colour": "#808080", "extent": 12, "centre": (48, 32)}
    with pytest.raises(InputError, match=r"the photograph has shape \(64, 96, 4\); expected \(h, w, 3\)"):
        stimuli.photograph(target=target, photograph=np.zeros((64, 96, 4), np.uint8), gains={"a": 1, "b": 2})
    with pytest.raises(InputError, match=r"photograph: key 'photograph': .*nowhere.png: no such file"):
        stimuli.photograph(target=target, photograph="nowhere.png", gains={"a": 1, "b": 2})
    with pytest.raises(InputError, match=r"key 'target.centre': around \[48, 32\] the patch, 64 pixels wide, leaves"):
        stimuli.photograph(target={**target, "extent": 24}, photograph=np.zeros((60, 96)), gains={"a": 1, "b": 2})
