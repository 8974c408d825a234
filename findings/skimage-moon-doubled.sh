#!/usr/bin/env bash
# scikit-image 0.26.0: `data.moon()` is a picture of 256×256 pixels in which every pixel stands four times.
# Expected: 512×512 pixels of a photograph, as of `data.camera()`. Every second column equals the one before, and so does
# every second row. What is learnt or measured of neighbouring pixels (correlations, spectra, a flow's likelihoods) is that
# of the enlargement. Right: take every second pixel, `data.moon()[::2, ::2]`.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet scikit-image==0.26.0 numpy==2.2.6
cd "$folder"
venv/bin/python - <<'PY'
import numpy as np
from skimage import data


def steps(picture):
    """Share of pixels that differ from their neighbour: across columns 0|1, 2|3, … and across 1|2, 3|4, …; so for rows."""
    different = [np.diff(picture.astype(int), axis=axis) != 0 for axis in (1, 0)]
    return [round(float(np.take(each, range(first, 510, 2), axis=axis).mean()), 3)
            for each, axis in zip(different, (1, 0)) for first in (0, 1)]


found = {name: steps(getattr(data, name)()) for name in ("moon", "camera", "brick")}
for name, shares in found.items():
    print(f"{name}: neighbours differ in columns {shares[:2]}, in rows {shares[2:]}")
moon = data.moon()
assert np.array_equal(moon, np.repeat(np.repeat(moon[::2, ::2], 2, axis=0), 2, axis=1)), "scikit-image has changed"
assert min(found["camera"] + found["brick"]) > 0.5, "scikit-image has changed"
PY
