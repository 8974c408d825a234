from __future__ import annotations

import numpy as np

from illusions.analyses.drawing.contact_sheet import Sheet, beside, contact_sheet, tile


def test_tiles_lie_row_by_row_with_white_between():
    patches = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)
    page = tile(patches, 3, gap=1)
    assert page.shape == (9, 14, 3)
    assert page[0, 0, 0] == 0
    assert page[0, 5, 0] == 1
    assert page[5, 5, 0] == 4
    assert (page[4] == 255).all()
    assert (page[5:, 10:] == 255).all()
    assert tile(patches[:2], 10, gap=2).shape == (4, 10, 3)


def test_pictures_side_by_side():
    page = beside([np.zeros((3, 4, 3), np.uint8), np.ones((3, 5, 3), np.uint8)], gap=2)
    assert page.shape == (3, 11, 3)
    assert (page[:, 4:6] == 255).all()
    assert (page[:, 6:] == 1).all()


def test_a_sheet_shows_every_patch_and_its_label():
    patches = np.zeros((12, 8, 8, 3), np.uint8)
    figure = contact_sheet([Sheet("a", patches, [str(i) for i in range(12)]), Sheet("b", patches[:3])], caption="c")
    first, second = figure.axes[1:]
    assert (len(first.images), len(first.texts), len(second.images), len(second.texts)) == (12, 12, 3, 0)
    assert first.get_title(loc="left") == "a"
