"""The published geometry of each family, in the patch that a model sees and in the picture that a person sees."""

import numpy as np
import pytest

from illusions.errors import InputError
from illusions.stimuli.families.benary import BenaryFile
from illusions.stimuli.families.checkerboard import CheckerboardFile
from illusions.stimuli.families.cornsweet import CornsweetFile
from illusions.stimuli.families.dungeon import DungeonFile
from illusions.stimuli.families.hermann import HermannFile
from illusions.stimuli.families.induction import InductionFile
from illusions.stimuli.families.mach import MachFile
from illusions.stimuli.families.rings import RingsFile
from illusions.stimuli.families.staircase import StaircaseFile
from illusions.stimuli.families.todorovic import TodorovicFile
from illusions.stimuli.loading import load_stimulus
from tests.stimuli.families.drawing import BLACK, GREY, WHITE, either, scenes
from tests.stimuli.test_loading import changed

PHYSICAL = np.array([[128] * 3], dtype=np.uint8)
TARGET = np.array([[200, 0, 0]], dtype=np.uint8)  # red 200 is found nowhere else


def drawn(raster):
    """The red channel, (h, w), with the target at 200."""
    return raster.paint(TARGET)[0, ..., 0].astype(int)


def neighbours(patch):
    """The levels that touch the target left, right, above and below, with how often they do."""
    inner, found = patch == 200, []
    for axis, step in ((1, 1), (1, -1), (0, 1), (0, -1)):
        found.extend(patch[np.roll(inner, step, axis) & ~inner].tolist())
    return {level: found.count(level) for level in sorted(set(found))}


def test_checkerboard():
    board = {"first": BLACK, "second": WHITE, "checks": 9}
    scene = scenes(CheckerboardFile, either("replaces"), board=board)["first"]
    patch = drawn(scene.patch(4, 16))
    assert neighbours(patch) == {255: 16}  # it replaces a black check, and touches white ones only
    assert patch[5, 5] == patch[10, 10] == 0
    assert (patch == 200).sum() == 16
    picture = drawn(scene.picture())
    assert set(np.unique(picture)) == {0, 200, 255}
    assert (np.diff(picture[10]) != 0).sum() == 8


@pytest.mark.parametrize(("radius", "cells"), [(0, 1), (1, 5), (2, 13)])
def test_dungeon(radius, cells):
    colours = {"light": {"background": WHITE, "cells": BLACK}, "dark": {"background": BLACK, "cells": WHITE}}
    scene = scenes(DungeonFile, colours, cells={"n_cells": 5, "target_radius": radius})["light"]
    patch = drawn(scene.patch(20 / (2 * scene.target.extent), 20))  # 2 pixels for a cell
    picture = drawn(scene.picture())
    assert (patch == 200).sum() == 4 * cells
    assert neighbours(patch) == {255: 8 * cells}  # every cell of the target lies on the background
    side = round(len(picture) / 11)
    assert (picture == 200).sum() == cells * side**2
    assert (picture == 0).sum() == (25 - cells) * side**2
    assert set(np.unique(picture)) == {0, 200, 255}


def test_both_of_benarys_targets_have_the_same_borders():
    cross = {"colour": BLACK, "background": WHITE, "cross_size": 8, "cross_thickness": 2}
    both = scenes(BenaryFile, either("place", "arm", "corner"), cross=cross)
    patches = {place: drawn(scene.patch(4, 16)) for place, scene in both.items()}
    for patch in patches.values():
        assert neighbours(patch) == {0: 8, 255: 8}
        np.testing.assert_array_equal(patch == 200, patches["arm"] == 200)
    assert (patches["arm"] == 0).sum() < (patches["corner"] == 0).sum()
    picture = drawn(both["corner"].picture())
    assert (picture == 0).sum() == 28 * 40**2  # two bars of 8 by 2, less their overlap


def todorovic(cross_size):
    """Black covers of 4 around a cross 2 thick, on white."""
    colours = {"light": {"background": WHITE, "covers": BLACK}, "dark": {"background": BLACK, "covers": WHITE}}
    covers = {"cross_size": cross_size, "cross_thickness": 2, "covers_size": 4}
    return scenes(TodorovicFile, colours, covers=covers)["light"]


def test_todorovics_cross_touches_its_covers_most():
    scene = todorovic(6)
    assert neighbours(drawn(scene.patch(16 / 6, 16))) == {0: 16, 255: 8}
    picture = drawn(scene.picture())
    assert (picture == 200).sum() == 20 * 25**2
    assert (picture == 0).sum() == 4 * 16 * 25**2


def test_todorovics_cross_may_end_beyond_its_covers():
    picture = drawn(todorovic(12).picture())
    assert picture[0, 0] == picture[len(picture) // 2, 0] == 255
    assert neighbours(picture)[255] > 0


def rings(**table):
    """White rings beside the target, then black ones, on grey."""
    table |= {"first": WHITE, "second": BLACK, "background": GREY}
    return scenes(RingsFile, either("touches"), rings=table)["first"]


def test_bullseye():
    patch = drawn(rings(shape="square", centre_size=5, n_rings=4, target_index=0).patch(3.2, 16))
    row = patch[int(np.nonzero(patch == 200)[0].mean())]
    np.testing.assert_array_equal(row[:13], [128, 0, 255, 0, 255, 200, 200, 200, 200, 200, 255, 0, 255])
    assert neighbours(patch) == {255: 20}


def test_a_ring_as_target():
    scene = rings(shape="disc", centre_size=2, n_rings=7, target_index=2)
    patch = drawn(scene.patch(16 / 12, 16))
    np.testing.assert_allclose(patch[8, 9::2], [0, 255, 200, 255], atol=25)  # outwards, 2 pixels a ring
    assert scene.picture().coverage.sum() == pytest.approx(np.pi * (9 - 4) * 20**2, rel=0.01)


def test_the_hermann_grid_has_targets_that_are_part_of_it():
    grid = {"blocks": BLACK, "block_size": 4, "crossings": 5}
    both = scenes(HermannFile, either("place", "crossing", "street"), grid=grid)
    for place, touching in (("crossing", {128: 16}), ("street", {0: 8, 128: 8})):
        scene = both[place]
        assert neighbours(drawn(scene.patch(4, 16))) == touching
        picture = scene.picture().paint(PHYSICAL)[0, ..., 0]
        assert (np.diff((picture == 128).all(axis=0).astype(int)) == 1).sum() == 5
        assert set(np.unique(picture)) == {0, 128}


def test_the_staircase_is_even_and_its_target_at_the_edge_of_the_middle_step():
    table = {"first": "#1c1c1c", "second": "#e4e4e4", "n_steps": 5, "target_size": 0.5}
    both = scenes(StaircaseFile, either("side"), staircase=table)
    for side, beside in (("first", 78), ("second", 178)):
        patch = drawn(both[side].patch(4, 16))
        assert neighbours(patch) == {beside: 4, 128: 12}
    picture = both["first"].picture().paint(PHYSICAL)[0, ..., 0]
    assert np.unique(picture).tolist() == [28, 78, 128, 178, 228]
    assert (np.diff(picture[0].astype(int)) == 50).sum() == 4


def test_the_induction_grating_is_a_sine_and_its_target_lies_at_an_extreme():
    grating = {"first": BLACK, "second": WHITE, "n_bars": 8, "target_width": 0.5}
    both = scenes(InductionFile, either("phase"), grating=grating)
    for phase, between in (("first", 0), ("second", 255)):
        scene = both[phase]
        patch = drawn(scene.patch(4, 16))
        columns = np.flatnonzero((patch == 200).any(axis=0))
        assert (patch == 200).sum() == 4 * 2
        assert abs(patch[0, columns].mean() - between) < 60
        assert (patch[(patch == 200).any(axis=1)] != 200).sum() == 2 * 12  # the rest of the strip,
        assert set(patch[(patch == 200).any(axis=1)].flat) == {128, 200}  # in the colour of the target
    row = drawn(scene.picture())[0] / 255
    x = 8 * (np.arange(len(row)) + 0.5) / len(row) - 4
    np.testing.assert_allclose(row, (1 + np.sin(np.pi * x)) / 2, atol=0.01)


def test_the_cornsweet_edge_has_two_equal_plateaus_and_opposite_ramps():
    edge = {"first": WHITE, "second": BLACK, "background": GREY, "plateau_size": 2, "exponent": 2}
    both = scenes(CornsweetFile, either("ramp"), colour="#646464", edge=edge)
    scene = both["first"]
    picture = drawn(scene.picture())
    row = picture[len(picture) // 2]
    edge = len(row) // 2
    density = round(400 / scene.frame.width)
    assert scene.picture().target.sum() == (2 * density) ** 2
    assert (row == 100).sum() >= 2 * density
    assert (np.diff(row[edge - density : edge]) >= 0).all()
    assert row[edge - 1] > 240 > 20 > row[edge]
    distance = (np.arange(density) + 0.5) / density
    np.testing.assert_allclose(row[edge : edge + density], 100 - 100 * (1 - distance) ** 2, atol=1)
    other = both["second"].picture()
    np.testing.assert_array_equal(other.target, np.roll(scene.picture().target, 4 * density, axis=1))


def test_the_mach_ramp_is_linear_and_ends_at_the_target():
    ramp = {"to": BLACK, "ramp_width": 2, "plateau_width": 5}
    both = scenes(MachFile, {"near": {"distance": 0}, "far": {"distance": 3}}, colour=WHITE, ramp=ramp)
    patch = drawn(both["near"].patch(4, 16))
    assert (patch == 200).sum() == 16
    assert (patch[:, :10][patch[:, :10] != 200] == 255).all()
    np.testing.assert_allclose(patch[0, 10:], 255 - 255 / 8 * (np.arange(6) + 0.5), atol=1)
    assert (both["far"].patch(4, 16).paint(np.full((1, 3), 255, np.uint8)) == 255).all()


@pytest.mark.parametrize("name", ["chevreul", "cornsweet", "grating-induction", "hermann-grid", "mach-bands"])
@pytest.mark.parametrize("suffix", ["", "-saturation"])
def test_one_display_with_two_targets(name, suffix):
    """At its physical value the target cannot be told from the region that it is part of."""
    stimulus = load_stimulus(name + suffix)
    first, second = (stimulus.picture(condition) for condition in stimulus.conditions)
    np.testing.assert_array_equal(first, second)
    masks = [stimulus.target_mask(condition) for condition in stimulus.conditions]
    assert not (masks[0] & masks[1]).any()


@pytest.mark.parametrize(
    "name", ["benary", "bullseye", "checkerboard", "cornsweet", "dungeon", "hermann-grid", "todorovic", "white"]
)
def test_patches_have_exact_edges(name):
    """At its own scale a pixel of a patch shows one colour: no mixtures but those of a gradient."""
    stimulus = load_stimulus(name)
    ramps = 12 if name == "cornsweet" else 0
    for condition in stimulus.conditions:
        patch = stimulus.patches(condition, stimulus.value)[0]
        assert len(np.unique(patch.reshape(-1, 3), axis=0)) <= 4 + ramps


def test_the_colours_of_a_scene_do_not_move_its_target():
    """Recoloured, a family is the same family: its target covers the same share of every pixel."""
    for name in ("benary", "chevreul", "cornsweet", "dungeon", "grating-induction", "hermann-grid", "todorovic"):
        grey, colour = load_stimulus(name), load_stimulus(f"{name}-saturation")
        for one, other in zip(grey.conditions.values(), colour.conditions.values(), strict=True):
            np.testing.assert_array_equal(one.patch(4, 16).coverage, other.patch(4, 16).coverage)


def test_files_of_no_published_effect_say_so():
    for name in ("benary-saturation", "chevreul-saturation", "dungeon-saturation", "todorovic-saturation"):
        stimulus = load_stimulus(name)
        assert stimulus.people_see_higher is None
        assert "not measured, as far as we know" in stimulus.source


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("benary", "cross_thickness = 2", "cross_thickness = 7", "arms 0.5 long are shorter than the target"),
        (
            "bullseye",
            "target_index = 0",
            "target_index = 5",
            "key 'rings': target_index is 5; expected at most n_rings = 4",
        ),
        ("bullseye", 'touches = "second"', 'touches = "third"', "key 'conditions.white.touches'.*'first' or 'second'"),
        ("checkerboard", "checks = 9", "checks = 1", "key 'board.checks'"),
        ("chevreul", "n_steps = 5", "n_steps = 4", "key 'staircase': n_steps is 4; expected an odd number"),
        ("chevreul", "target_size = 0.5", "target_size = 1.5", "key 'staircase.target_size'"),
        ("cornsweet", "exponent = 2.75", "exponent = 0", "key 'edge.exponent'"),
        ("dungeon", "n_cells = 5", "n_cells = 6", "key 'cells': n_cells is 6; expected an odd number"),
        ("dungeon", "target_radius = 1", "target_radius = 3", "key 'cells': target_radius is 3; expected at most 2"),
        ("grating-induction", "n_bars = 8", "n_bars = 7", "key 'grating.n_bars'"),
        ("hermann-grid", 'place = "street"', 'place = "lane"', "key 'conditions.street.place'.*'crossing' or 'street'"),
        ("mach-bands", "distance = 3", "distance = 5", "conditions.plateau.distance is 5, beyond .* at most .* 4"),
        ("todorovic", "cross_size = 6", "cross_size = 1", "key 'covers': cross_size is 1; expected more than"),
        (
            "white",
            'people_see_higher = "black"',
            'people_see_higher = "blak"',
            "'people_see_higher'.*did you mean 'black'",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, old, new, message):
    path = changed(tmp_path, name, old, new)
    with pytest.raises(InputError, match=message) as caught:
        load_stimulus(path)
    assert "mine.toml" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
