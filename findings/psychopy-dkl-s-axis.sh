#!/usr/bin/env bash
# PsychoPy 2026.2.5: the third coordinate of its DKL space, which functions call S, has the opposite sign of S-(L+M).
# Expected: more light for the S cones, and so a bluer colour, at positive S. Without a calibrated monitor
# `dklCart2rgb(LUM=0, LM=0, S=1)` has the blue gun at its minimum, and the pure blue of the display has S = -1.81.
# (A comment in the source names the axis L+M-S.) Data or stimuli that are exchanged need the sign turned.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-deps psychopy==2026.2.5
"$folder/venv/bin/pip" install --quiet numpy==2.2.6 scipy==1.15.3 packaging==25.0 six==1.17.0 json_tricks==3.17.3
HOME="$folder" "$folder/venv/bin/python" - <<'PY'
import numpy as np
from psychopy.tools.colorspacetools import dklCart2rgb, rgb2dklCart

zero, one = np.zeros(1), np.ones(1)
rgb = np.ravel(dklCart2rgb(zero, zero, one))
blue = rgb2dklCart(np.array([[[-1.0, -1.0, 1.0]]])).ravel()
print("S = +1 is rgb", rgb.round(3), "(-1 to 1); pure blue has LUM, LM, S", blue.round(3))
assert rgb[2] < -0.99, "PsychoPy has changed"
assert blue[2] < -1.8, "PsychoPy has changed"
PY
