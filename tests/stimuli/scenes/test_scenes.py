import numpy as np
import pytest

from illusions.errors import InputError
from illusions.stimuli.families.uniform import uniform_scene
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.pictured import PicturedScene
from illusions.stimuli.scenes.scene import Box, Raster, patch_box

DARK = np.array([10, 20, 30], dtype=np.uint8)
WHITE = np.array([[255, 255, 255]], dtype=np.uint8)


@pytest.mark.parametrize(("size", "patch"), [*((n, 16) for n in range(1, 16)), (5, 32), (6, 32), (4, 12), (6, 8)])
def test_squares_of_whole_pixels_have_exact_edges(size, patch):
    raster = uniform_scene(DARK, size, "square").patch(16 / size, patch)
    assert set(np.unique(raster.coverage)) <= {0, 1}
    assert raster.target.sum() == (size * patch / 16) ** 2
    rows, columns = np.nonzero(raster.target)
    assert abs((rows.min() + rows.max() + 1) / 2 - patch / 2) <= 0.5
    np.testing.assert_array_equal(rows.min(), columns.min())
    np.testing.assert_array_equal(raster.surround[~raster.target], np.broadcast_to(DARK, (patch**2 - len(rows), 3)))


@pytest.mark.parametrize("size", [2.5, 6.4, 7.1])
def test_the_coverage_of_any_square_is_its_area(size):
    raster = uniform_scene(DARK, size, "square").patch(16 / size, 16)
    assert raster.coverage.sum() == pytest.approx(size**2, rel=0.02)


@pytest.mark.parametrize("size", [3, 6, 7, 12])
def test_the_coverage_of_a_disc_is_its_area(size):
    raster = uniform_scene(DARK, size, "disc").patch(16 / size, 16)
    assert raster.coverage.sum() == pytest.approx(np.pi * size**2 / 4, rel=0.005)
    np.testing.assert_array_equal(raster.coverage, raster.coverage.T)


def test_edges_are_mixed_in_srgb():
    """A target that covers half a pixel gives the mean of both colours."""
    scene = LabelledScene(
        labels=lambda x, y: np.where((abs(x) < 1.25) & (abs(y) < 1), 0, 1),
        surrounds=np.zeros((1, 3), dtype=np.uint8),
        target=Box(-1.25, -1, 1.25, 1),
        frame=Box(-5, -5, 5, 5),
    )
    row = scene.patch(4, 10).paint(WHITE)[0, 5, :, 0]  # pixels of 1 unit; the target from x = 4 to 6.5
    np.testing.assert_array_equal(row, [0, 0, 0, 0, 255, 255, 128, 0, 0, 0])


def test_a_third_region_has_its_colour():
    scene = LabelledScene(
        labels=lambda x, y: np.where((abs(x) < 1) & (abs(y) < 1), 0, np.where(x < 0, 1, 2)),
        surrounds=np.array([[255, 0, 0], [0, 0, 255]], dtype=np.uint8),
        target=Box(-1, -1, 1, 1),
        frame=Box(-4, -2, 4, 2),
    )
    patch = scene.patch(4, 8).paint(WHITE)[0]
    np.testing.assert_array_equal(patch[0, 0], [255, 0, 0])
    np.testing.assert_array_equal(patch[0, -1], [0, 0, 255])
    np.testing.assert_array_equal(patch[4, 4], [255, 255, 255])
    assert scene.picture().coverage.shape == (200, 400)


def test_a_patch_is_a_square_around_the_middle_of_the_target():
    box = patch_box(Box(10, 20, 16, 24), 2, 12)
    assert (box.width, box.height) == (12, 12)
    assert (box.left, box.top) == (7, 16)


def noise(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def with_target(height, width, rows, columns):
    coverage = np.zeros((height, width), dtype=np.float32)
    coverage[rows, columns] = 1
    return PicturedScene(noise(height, width), coverage)


def test_at_its_own_resolution_a_patch_is_a_crop():
    scene = with_target(40, 50, slice(17, 23), slice(22, 28))
    patch = scene.patch(16 / 6, 16).paint(WHITE)[0]
    expected = scene.pixels[12:28, 17:33].copy()
    expected[5:11, 5:11] = 255
    np.testing.assert_array_equal(patch, expected)


def test_a_smaller_patch_is_the_mean_over_areas():
    scene = with_target(64, 64, slice(26, 38), slice(26, 38))
    patch = scene.patch(32 / 12, 16)
    expected = scene.pixels[16:48, 16:48].reshape(16, 2, 16, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(patch.surround[~patch.target], expected[~patch.target], rtol=1e-5)
    assert patch.target.sum() == 36


def test_a_patch_of_fractions_keeps_the_mean():
    scene = with_target(60, 60, slice(25, 35), slice(25, 35))
    patch = scene.patch(2.5, 16)  # 25 pixels to 16
    assert patch.coverage.sum() * (25 / 16) ** 2 == pytest.approx(100)
    np.testing.assert_allclose(patch.paint(WHITE * 0).mean(), patch.surround.mean(), atol=0.6)


@pytest.mark.parametrize("corner", [(0, 0), (0, 34), (54, 0), (54, 34)])
def test_near_a_border_the_patch_stays_in_the_picture(corner):
    top, left = corner
    scene = with_target(60, 40, slice(top, top + 6), slice(left, left + 6))
    patch = scene.patch(16 / 6, 16).paint(WHITE)[0]
    y, x = min(max(top - 5, 0), 44), min(max(left - 5, 0), 24)
    expected = scene.pixels[y : y + 16, x : x + 16].copy()
    expected[top - y : top - y + 6, left - x : left - x + 6] = 255
    np.testing.assert_array_equal(patch, expected)


def test_a_patch_larger_than_the_picture():
    scene = with_target(60, 40, slice(10, 30), slice(10, 30))
    assert scene.patch(2, 16).target.any()
    with pytest.raises(
        InputError, match="60 pixels, and the picture only 40×60; expected a target of at most 13 pixels"
    ):
        scene.patch(3, 16)


def test_painting_many_colours():
    raster = Raster(np.float32([[1, 0.5, 0]]), np.float32([[[0] * 3, [50] * 3, [100] * 3]]))
    painted = raster.paint(np.array([[0, 0, 0], [200, 100, 50]], dtype=np.uint8))
    np.testing.assert_array_equal(painted[0, 0], [[0, 0, 0], [50, 50, 50], [100, 100, 100]])
    np.testing.assert_array_equal(painted[1, 0], [[200, 100, 50], [150, 100, 75], [100, 100, 100]])


def test_a_square_of_a_picture_is_the_mean_over_areas():
    """Pixels of one and a half: the first has all of pixel 2 and half of pixel 3, the second the rest."""
    scene = with_target(20, 20, slice(0, 1), slice(0, 1))
    square = scene.square(Box(2, 5, 5, 8), 2)
    cut = scene.pixels[5:8, 2:5].astype(float)
    weights = np.array([[1, 0.5, 0], [0, 0.5, 1]]) / 1.5
    np.testing.assert_allclose(square.surround, np.einsum("ir,rcd,jc->ijd", weights, cut, weights), rtol=1e-5)
    assert not square.coverage.any()


def test_a_target_that_lies_in_part_in_a_square_covers_that_part():
    scene = with_target(20, 20, slice(8, 12), slice(8, 12))
    square = scene.square(Box(9, 1, 17, 9), 4)  # pixels of 2 by 2; 3 by 1 of the target in the last row
    np.testing.assert_allclose(square.coverage[3], [0.5, 0.25, 0, 0])
    assert not square.coverage[:3].any()


def test_beyond_a_picture_its_border_goes_on():
    scene = with_target(20, 30, slice(0, 2), slice(0, 3))
    square = scene.square(Box(-4, -6, 12, 10), 16)
    expected = np.pad(scene.pixels, ((6, 0), (4, 0), (0, 0)), mode="edge")[:16, :16]
    coverage = np.pad(scene.coverage, ((6, 0), (4, 0)), mode="edge")[:16, :16]
    np.testing.assert_array_equal(square.coverage, coverage)
    np.testing.assert_array_equal(square.paint(WHITE)[0], np.where(coverage[..., None] > 0, 255, expected))
    right = scene.square(Box(25, 15, 41, 31), 16)
    expected = np.pad(scene.pixels, ((0, 11), (0, 11), (0, 0)), mode="edge")[15:31, 25:41]
    np.testing.assert_array_equal(right.paint(WHITE)[0], expected)


def test_a_square_all_beyond_a_picture_has_its_border():
    scene = with_target(20, 30, slice(8, 12), slice(8, 12))
    square = scene.square(Box(40, 5, 44, 9), 4)
    np.testing.assert_allclose(square.surround, np.repeat(scene.pixels[5:9, -1:], 4, axis=1), rtol=1e-6)


def test_a_square_of_a_drawn_scene():
    """A target of 2 by 2 in its corner; 4 of 64 units of area."""
    scene = uniform_scene(DARK, 2, "square")
    square = scene.square(Box(-1, -1, 7, 7), 8)
    assert (square.coverage[:2, :2] == 1).all()
    assert square.coverage.sum() == 4
    np.testing.assert_array_equal(square.surround[4, 4], DARK)


@pytest.mark.parametrize("density", [3, 12.5, 40])
def test_a_picture_has_the_pixels_per_unit_that_are_asked_for(density):
    scene = uniform_scene(DARK, 6, "square")  # its frame has 16 units
    picture = scene.picture(density)
    assert picture.coverage.shape == (round(16 * density), round(16 * density))
    assert picture.coverage.sum() == pytest.approx((6 * density) ** 2, rel=0.03)
    assert picture.target[np.nonzero(picture.coverage)][0]  # its upper left corner is a corner of a pixel


def test_without_a_density_a_picture_has_its_own():
    scene = uniform_scene(DARK, 6, "square")
    np.testing.assert_array_equal(scene.picture().coverage, scene.picture(scene.density).coverage)
    assert scene.density == 25


def test_a_picture_in_bands_is_the_picture(monkeypatch):
    scene = uniform_scene(DARK, 6, "disc")
    whole = scene.picture()
    monkeypatch.setattr("illusions.stimuli.scenes.drawn._POINTS", 400 * 16 * 7)
    in_bands = scene.picture()
    np.testing.assert_array_equal(whole.coverage, in_bands.coverage)
    np.testing.assert_allclose(whole.surround, in_bands.surround, rtol=1e-6)


def test_a_picture_from_a_file_is_enlarged_by_whole_factors():
    scene = with_target(20, 30, slice(8, 12), slice(8, 12))
    enlarged = scene.picture(3.0).paint(WHITE)[0]
    np.testing.assert_array_equal(enlarged, scene.picture().paint(WHITE)[0].repeat(3, axis=0).repeat(3, axis=1))
    for density in (1.5, 0.5, 0.2):
        with pytest.raises(InputError, match=f"whole factors only, and not by {density}; expected 1, 2, 3"):
            scene.picture(density)


def test_a_picture_that_is_too_large():
    for scene in (uniform_scene(DARK, 6, "square"), with_target(16, 16, slice(8, 12), slice(8, 12))):
        with pytest.raises(InputError, match="would have 4800×4800 pixels; expected at most 4096"):
            scene.picture(300)
