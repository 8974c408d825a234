#!/usr/bin/env bash
# ColorAide 8.13.1 and scikit-image 0.26.0: "lab" of the same sRGB red differs by 3 CIELAB units, as ColorAide's is relative to D50 (CSS Color 4)
# and scikit-image's to D65. Expected: one CIELAB for sRGB. Two tables of L*a*b* from both look alike and are off by more than the
# just noticeable difference; ColorAide's "lab-d65" agrees to 0.02.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet coloraide==8.13.1 scikit-image==0.26.0 numpy==2.2.6
"$folder/venv/bin/python" - <<'PY'
import numpy as np
from coloraide import Color
from skimage.color import rgb2lab

red = np.array([1.0, 0.0, 0.0])
skimage = rgb2lab(red)
distance = {name: float(np.linalg.norm(Color("srgb", red).convert(name)[:3] - skimage)) for name in ("lab", "lab-d65")}
print("scikit-image", skimage.round(2), "distance of ColorAide:", {k: round(v, 3) for k, v in distance.items()})
assert 2.5 < distance["lab"] < 3.5 and distance["lab-d65"] < 0.02, "one of them has changed"
PY
