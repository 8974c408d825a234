#!/usr/bin/env bash
# scikit-image 0.26.0: `data.immunohistochemistry()` is a PNG file, and has the 8×8 blocks of JPEG, off its corner.
# Expected: no blocks in a lossless file. The luminance steps at every eighth column and row more than elsewhere. The
# first border is not at 8: the picture was cut out of a JPEG file. So a list of files by format does not say which
# photographs were compressed, and a patch cut at multiples of 8 is not aligned with the blocks. `data.astronaut()`, also
# a PNG file, has none.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet scikit-image==0.26.0 numpy==2.2.6
cd "$folder"
venv/bin/python - <<'PY'
import numpy as np
from skimage import data


def excess(luminance):
    """By position modulo 8: step across a border between columns minus the mean of the two steps beside it, grey levels."""
    step = np.abs(np.diff(luminance, axis=1))
    own = (step[:, 1:-1] - (step[:, :-2] + step[:, 2:]) / 2).mean(axis=0)  # of the border before column 2, 3, …
    border = np.arange(2, 2 + own.size) % 8
    return np.array([own[border == k].mean() for k in range(8)])


largest = {}
for name in ("immunohistochemistry", "astronaut"):
    luminance = getattr(data, name)()[..., :3] @ np.array([0.299, 0.587, 0.114])
    for side, own in (("columns", excess(luminance)), ("rows", excess(luminance.T))):
        print(f"{name}, {side}: excess by border modulo 8: {np.round(own, 2).tolist()}")
        largest[name, side] = int(np.argmax(own)), float(np.max(own)), float(np.sort(own)[-2])
for side, offset in (("columns", 5), ("rows", 3)):
    at, most, second = largest["immunohistochemistry", side]
    assert at == offset and most > 1 and most > 2 * second, "scikit-image has changed"
    assert largest["astronaut", side][1] < 0.3, "scikit-image has changed"
PY
