from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from illusions import from_pictures
from illusions.analyses.ranks.explorer import shares_of_targets


def test_the_share_of_a_target_is_white_where_it_is_and_black_elsewhere():
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    target = np.zeros((48, 64), dtype=bool)
    target[20:28, 30:40] = True
    pixels[target] = 120, 110, 90
    (uri,) = shares_of_targets(from_pictures(pixels, target)).values()
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))
    np.testing.assert_array_equal(shown, np.where(target, 255, 0))
