"""The area, the edges and the size of every shape that a target can have."""

import numpy as np
import pytest

from illusions.errors import InputError
from illusions.pictures import write_picture
from illusions.stimuli.families.base import parse_shape
from illusions.stimuli.families.gradient import GradientFile
from illusions.stimuli.families.photograph import target_coverage
from illusions.stimuli.families.texture import TextureFile
from illusions.stimuli.families.uniform import UniformFile, uniform_contrast
from illusions.stimuli.loading import load_stimulus
from illusions.stimuli.scenes.shapes import inside, sides
from tests.stimuli.families.drawing import BLACK, GREY, WHITE, scenes

TARGET = np.array([[200, 0, 0]], dtype=np.uint8)
N = 1000
X = 4 * (np.arange(N) + 0.5) / N - 2
ARROW = {"polygon": [[0, -1], [1, 1], [0, 0.5], [-1, 1]]}  # not convex


def area(written):
    """Of a shape of extent 2, in the square from −2 to 2."""
    return 16 * inside(parse_shape(written), X[None, :], X[:, None], 2.0).mean()


@pytest.mark.parametrize(
    ("written", "expected", "size"),
    [
        ("square", 4, (2, 2)),
        ("disc", np.pi, (2, 2)),
        ({"ring": 0.5}, 0.75 * np.pi, (2, 2)),
        ({"polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}, 4, (2, 2)),
        ({"polygon": [[10, 5], [14, 5], [10, 7]]}, 1, (2, 1)),
        (ARROW, 1.5, (2, 2)),
        ({"polygon": [[-1, -1], [1, 1], [1, -1], [-1, 1]]}, 2, (2, 2)),  # crosses itself: even and odd
    ],
)
def test_area_and_size(written, expected, size):
    assert area(written) == pytest.approx(expected, abs=0.02)
    assert sides(parse_shape(written), 2.0) == pytest.approx(size)


def test_a_polygon_points_where_its_corners_do():
    arrow = parse_shape(ARROW)
    x, y = np.array([[0.0, 0.0, 0.8, 0.8]]), np.array([[-0.8, 0.8, 0.8, -0.8]])
    np.testing.assert_array_equal(inside(arrow, x, y, 2.0), [[True, False, True, False]])


def test_the_shape_of_a_mask(tmp_path):
    mask = np.zeros((40, 40), dtype=np.uint8)
    mask[10:30, 4:14], mask[20:30, 14:24] = 255, 255  # an L, 20 by 20
    write_picture(tmp_path / "l.png", mask)
    shape = parse_shape({"mask": "l.png"}, tmp_path)
    assert sides(shape, 10.0) == (10.0, 10.0)
    points = np.array([-2.5, 2.5])
    np.testing.assert_array_equal(inside(shape, points[None], points[:, None], 10.0), [[True, False], [True, True]])
    assert not inside(shape, np.array([[5.1, -5.1, 0]]), np.array([[3, 3, 5.1]]), 10.0).any()
    (tmp_path / "mine.toml").write_text(
        'kind = "uniform"\ntitle = "L"\ndescription = ""\naxis = "brightness"\n'
        '[target]\ncolour = "#808080"\nsize = 10\n'
        'shape = { mask = "l.png" }\n[conditions.a]\nsurround = "#000000"\n[conditions.b]\nsurround = "#ffffff"\n'
    )
    patch = load_stimulus(tmp_path / "mine.toml").patches("a", [128 / 255])[0, ..., 0]
    assert (patch[3:13, 3:13] == 128).sum() == 75
    assert (patch == 128).sum() == 75  # seen from the file, and drawn with exact edges


def test_on_a_uniform_ground_and_in_a_photograph():
    conditions = {"dark": {"surround": BLACK}, "light": {"surround": WHITE}}
    scene = scenes(UniformFile, conditions, target={"size": 8, "shape": {"ring": 0.5}})["dark"]
    patch = scene.patch(2, 16).paint(TARGET)[0, ..., 0]
    assert patch.sum() / 200 == pytest.approx(0.75 * np.pi * 16, rel=0.01)
    assert patch[7, 7] == 0
    assert patch[7, 5] == 200
    wide = parse_shape({"polygon": [[0, 0], [4, 0], [4, 1], [0, 1]]})
    stimulus = uniform_contrast(
        axis="brightness", value=0.5, surrounds={"a": 0.2, "b": 0.8}, base={"hsv": [0, 0, 0.5]}, size=8, shape=wide
    )
    assert stimulus.conditions["a"].target.height == 2
    assert target_coverage((40, 50), (20, 20), 8, wide).sum() == pytest.approx(16)


def test_halves_of_a_ring_across_an_edge():
    ground = {"first": BLACK, "second": WHITE, "length": 0, "gap": 2, "width": 20}
    both = scenes(
        GradientFile,
        {"dark": {"half": "first"}, "light": {"half": "second"}},
        gradient=ground,
        target={"size": 10, "shape": {"ring": 0.6}},
    )
    dark, light = (both[name].picture() for name in ("dark", "light"))
    np.testing.assert_array_equal(dark.target, light.target[:, ::-1])
    physical = np.array([[128] * 3], dtype=np.uint8)
    np.testing.assert_array_equal(dark.paint(physical), light.paint(physical))
    picture = dark.paint(TARGET)[0, ..., 0]
    row, density = picture[len(picture) // 2], both["dark"].density
    middle = len(row) // 2
    assert (row[: middle - 5 * density] == 0).all()
    assert (row[middle - 5 * density + 1 : middle - 3 * density - 1] == 200).all()
    assert (row[middle - 3 * density + 1 : middle] == 0).all()
    assert (row[middle + 3 * density + 1 : middle + 5 * density - 1] == 128).all()  # the other half, in its colour
    column = picture[:, middle + density // 2]
    assert (column == 255).all()  # the gap
    box = both["dark"].target
    assert (box.left, box.right) == (-5, -1)
    assert (box.top, box.bottom) == pytest.approx((-np.sqrt(24), np.sqrt(24)), abs=0.02)


def test_positions_on_a_gradient():
    ground = {"first": BLACK, "second": WHITE, "length": 16, "width": 16}
    conditions = {"dark": {"position": 0.25}, "light": {"position": 0.75}}
    both = scenes(GradientFile, conditions, gradient=ground, target={"size": 4})
    for name, x in (("dark", -4), ("light", 4)):
        box = both[name].target
        assert (box.left, box.right) == (x - 2, x + 2)
        patch = both[name].patch(4, 16).paint(TARGET)[0, ..., 0].astype(int)
        assert (patch[6:10, 6:10] == 200).all()
        columns = np.clip((x - 8 + np.arange(16) + 0.5) / 16 + 0.5, 0, 1)
        np.testing.assert_allclose(patch[0], 255 * columns, atol=1.5)


def test_every_colour_of_a_texture_is_as_often_as_the_others():
    colours = ["#000000", "#404040", "#a0a0a0", "#ffffff"]
    texture = {"check_size": 2, "width": 16}
    conditions = {"one": {"colours": [GREY]}, "four": {"colours": colours}, "turned": {"colours": colours[::-1]}}
    of = scenes(TextureFile, conditions, texture=texture, target={"size": 4, "shape": "disc"})
    patches = {name: scene.patch(4, 16).paint(TARGET)[0, ..., 0].astype(int) for name, scene in of.items()}
    assert set(patches["one"][:4].flat) == {128}
    checks = patches["four"][::2, ::2]
    assert (patches["four"] == np.kron(checks, np.ones((2, 2), int)))[:6].all()  # exact edges, away from the disc
    for row in (0, 1, 6, 7):
        for run in (slice(0, 4), slice(4, 8)):
            assert set(checks[row, run]) == {0, 64, 160, 255}
    other = dict(zip([0, 64, 160, 255], [255, 160, 64, 0], strict=True))
    np.testing.assert_array_equal([other[level] for level in checks[0]], patches["turned"][0, ::2])
    again = scenes(TextureFile, conditions, texture=texture | {"seed": 1}, target={"size": 4})["four"]
    assert (again.patch(4, 16).paint(TARGET)[0, ..., 0][::2, ::2] != checks).any()


def test_the_variegated_surround_has_the_mean_of_the_uniform_one():
    stimulus = load_stimulus("variegated-surround")
    light = {name: ((stimulus.picture(name) / 255 + 0.055) / 1.055) ** 2.4 for name in stimulus.conditions}
    means = [light[name][~stimulus.target_mask(name)].mean(axis=0) for name in ("uniform", "variegated")]
    np.testing.assert_allclose(means[0], means[1], atol=0.02)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("star", "a shape is 'square' or 'disc', { ring"),
        ({"ring": 1}, "a hole of 0 to 1 times its diameter, both excluded; not 1"),
        ({"ring": "a"}, "a hole of 0 to 1"),
        ({"polygon": [[0, 0], [1, 1]]}, r"3 to 999 corners \[x, y\]"),
        ({"polygon": [[0, 0], [1, 1], [0, "1"]]}, "3 to 999 corners"),
        ({"polygon": [[0, 0], [1, 1], [2, 2]]}, "lie on a line"),
        ({"polygon": [[0, 0], [0, 1], [0, 2]]}, "lie on a line"),
        ({"mask": "none.png"}, "none.png: no such file"),
        ({"ring": 0.5, "polygon": []}, "a shape is 'square'"),
    ],
)
def test_what_is_no_shape(written, message):
    with pytest.raises(InputError, match=message):
        parse_shape(written)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gradient": {"gap": 8}}, "gap is 8; expected less than the target, 8"),
        ({"conditions": {"a": {"position": 0.0}}}, "conditions.a: the target lies beyond the 24 that a person sees"),
        ({"gradient": {"length": -1}}, "greater than or equal to 0"),
    ],
)
def test_what_is_wrong_with_a_gradient(change, message):
    ground = {"first": BLACK, "second": WHITE, "length": 20} | change.get("gradient", {})
    conditions = {"a": {}, "b": {}} | change.get("conditions", {})
    with pytest.raises(ValueError, match=message):
        scenes(GradientFile, conditions, gradient=ground, target={"size": 8})
