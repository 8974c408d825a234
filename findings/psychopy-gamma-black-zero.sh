#!/usr/bin/env bash
# PsychoPy 2026.2.5: `monitors.GammaCalculator(..., eq=4)` cannot fit luminances that a perfect power law made, if the black
# level was measured as 0 cd/m2 (an OLED, or a photometer below its threshold): SciPy is given a starting value on the wrong side
# of a bound and raises ValueError. Expected: gamma = 2.2 with an offset of 0, as with 0.5 cd/m2 of black, and as eq=1 gives.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-deps psychopy==2026.2.5
"$folder/venv/bin/pip" install --quiet numpy==2.2.6 scipy==1.15.3 packaging==25.0 six==1.17.0 json_tricks==3.17.3
HOME="$folder" "$folder/venv/bin/python" - <<'PY'
import numpy as np
from psychopy.monitors import GammaCalculator

levels = np.linspace(0, 255, 9)
found = {}
for black in (0.5, 0.0):
    luminances = black + 100 * (levels / 255) ** 2.2
    for eq in (1, 4):
        try:
            found[black, eq] = round(float(GammaCalculator(inputs=levels, lums=luminances, eq=eq).gamma), 2)
        except ValueError as error:
            found[black, eq] = f"ValueError: {error}"
for (black, eq), result in found.items():
    print(f"black {black} cd/m2, eq={eq}: {result}")
assert found[0.0, 1] == 2.2 and isinstance(found[0.5, 4], float), "PsychoPy has changed"
assert str(found[0.0, 4]).startswith("ValueError"), "PsychoPy has changed"
PY
