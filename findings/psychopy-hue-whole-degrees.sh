#!/usr/bin/env bash
# PsychoPy 2026.2.5: `rgb2hsv` rounds hue to whole degrees, while saturation and value keep all their digits; its
# inverse `hsv2rgb` rounds nothing. Expected: the hue of the colour, as saturation and value are, and as Python's
# colorsys has it. A hue match that is stored this way is off by up to half a degree, and what is just below red has the
# hue 360 beside another red at 0.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-deps psychopy==2026.2.5
"$folder/venv/bin/pip" install --quiet numpy==2.2.6 scipy==1.15.3 packaging==25.0 six==1.17.0 json_tricks==3.17.3
"$folder/venv/bin/python" -W ignore - <<'PY'
import colorsys

import numpy as np
from psychopy.tools.colorspacetools import hsv2rgb, rgb2hsv

asked = np.array([[20.4, 0.5, 0.7], [20.5, 0.5, 0.7], [20.6, 0.5, 0.7], [359.7, 0.5, 0.7]])
rgb = hsv2rgb(asked)
exact = [360 * colorsys.rgb_to_hsv(*(each + 1) / 2)[0] for each in rgb]
found = rgb2hsv(rgb)
print("hue of the colours by colorsys:", np.round(exact, 3).tolist())
print("hue of the colours by PsychoPy:", found[:, 0].tolist())
assert np.allclose(exact, asked[:, 0]) and np.allclose(found[:, 1:], asked[:, 1:]), "PsychoPy has changed"
assert np.array_equal(found[:, 0], np.round(found[:, 0])) and found[3, 0] == 360, "PsychoPy has changed"
PY
