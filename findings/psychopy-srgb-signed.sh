#!/usr/bin/env bash
# PsychoPy 2026.2.5: black in its colour space "srgb" is drawn as mid-grey, level 118 of 255.
# Expected: black. Its values go from −1 (black) to 1, and its function for the sRGB curve is defined for 0 to 1; Color
# gives it the values as they are. Negative values, the darker half, fall on the linear part and are divided by 12.92. From
# rgb to srgb they are multiplied: a colour in range gets values down to −12.92. Right: convert 0 to 1 with a colour
# package, and give the result as "rgb1".
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-deps psychopy==2026.2.5
"$folder/venv/bin/pip" install --quiet numpy==2.2.6 scipy==1.15.3 packaging==25.0 six==1.17.0 json_tricks==3.17.3
HOME="$folder" "$folder/venv/bin/python" - <<'PY'
import numpy as np
from psychopy.colors import Color

levels = {value: int(Color((value,) * 3, "srgb").rgb255[0]) for value in (-1.0, -0.5, 0.0, 0.5, 1.0)}
back = {value: round(float(Color((value,) * 3, "rgb").srgb[0]), 2) for value in levels}
print("srgb, −1 to 1 → level drawn, 0 to 255:", levels)
print("rgb, −1 to 1 → srgb:", back)
assert levels[-1.0] == 118 and levels[-0.5] == 123 and levels[1.0] == 255, "PsychoPy has changed"
assert np.isclose(back[-1.0], -12.92) and back[1.0] == 1, "PsychoPy has changed"
PY
