from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from illusions.analyses.ranks.outlined import outline, thinned


def test_a_large_picture_is_drawn_from_every_fifth_pixel_and_its_target_stays():
    picture = np.zeros((3000, 5000, 3), dtype=np.uint8)
    picture[1201, 2501] = 255
    target = picture[..., 0] > 0
    axes = Figure().add_subplot()
    outline(axes, thinned("dot", picture, target, picture[:16, :16]))
    assert axes.images[0].get_array().shape == (600, 1000, 3)
    lines = np.concatenate([path.vertices for contour in axes.collections for path in contour.get_paths()])
    np.testing.assert_allclose(lines.mean(axis=0), [2501 // 5, 1201 // 5], atol=1)


def test_a_small_picture_is_drawn_pixel_for_pixel():
    picture = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    target = np.zeros((40, 60), dtype=bool)
    target[10:20, 30:40] = True
    axes = Figure().add_subplot()
    outline(axes, thinned("noise", picture, target, picture[:16, :16]))
    np.testing.assert_array_equal(axes.images[0].get_array(), picture)
