from __future__ import annotations

import pytest
from PIL import Image

from tests.analyses.tiny import some_picture


@pytest.fixture
def photographs(tmp_path):
    """Three pictures that stand for photographs, as paths."""
    paths = [tmp_path / f"photo-{i}.png" for i in range(3)]
    for i, path in enumerate(paths):
        Image.fromarray(some_picture(60 + i, 70, seed=i)).save(path)
    return [str(path) for path in paths]
