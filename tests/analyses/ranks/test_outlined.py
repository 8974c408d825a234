from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from illusions.analyses.ranks.outlined import Outlined, outline


def test_a_large_picture_is_drawn_from_every_second_or_third_pixel_and_its_target_stays():
    picture = np.zeros((3000, 5000, 3), dtype=np.uint8)
    picture[1201, 2501] = 255
    target = picture[..., 0] > 0
    axes = Figure().add_subplot()
    outline(axes, Outlined("dot", picture, target, picture[:16, :16]))
    assert axes.images[0].get_array().shape == (1000, 1667, 3)
    lines = np.concatenate([path.vertices for contour in axes.collections for path in contour.get_paths()])
    np.testing.assert_allclose(lines.mean(axis=0), [2501 // 3, 1201 // 3], atol=1)


def test_a_small_picture_is_drawn_pixel_for_pixel():
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    target = np.zeros((40, 60), dtype=bool)
    target[10:20, 30:40] = True
    axes = Figure().add_subplot()
    outline(axes, Outlined("noise", picture, target, picture[:16, :16]))
    np.testing.assert_array_equal(axes.images[0].get_array(), picture)
