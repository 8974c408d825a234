#!/usr/bin/env bash
# PsychoPy 2026.2.5: `Monitor("booth", gamma=1.8)` does not override the gamma of a saved monitor whose guns were measured, and neither
# does `setGamma(1.8)`: `getGamma()`, and so the correction of a window, still has the measured ones. With a new monitor the same line
# sets the gamma. Expected: it overrides in both cases, as width and distance do ("Many settings from the stored monitor can easily be
# overridden ... by adding them as arguments"). There is no message. `gamma` and `gammaGrid` are two entries of the file, and the
# grid has precedence unless the gammas in it are all 1.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-deps psychopy==2026.2.5
"$folder/venv/bin/pip" install --quiet numpy==2.2.6 scipy==1.15.3 packaging==25.0 six==1.17.0 json_tricks==3.17.3
HOME="$folder" "$folder/venv/bin/python" - <<'PY'
import numpy as np
from psychopy.monitors import Monitor

booth = Monitor("booth", width=53, distance=70)
booth.setGammaGrid(np.array([[0.4, 105.7, 2.2], [0.4, 24.7, 2.15], [0.4, 72.3, 2.22], [0.4, 9.5, 2.31]]))
booth.save()
saved, new = Monitor("booth", distance=57, gamma=1.8), Monitor("new", gamma=1.8)
print("saved monitor, distance=57, gamma=1.8:", saved.getDistance(), np.round(saved.getGamma(), 2))
print("new monitor, gamma=1.8:", new.getGamma())
assert saved.getDistance() == 57 and np.allclose(saved.getGamma(), [2.15, 2.22, 2.31]), "PsychoPy has changed"
assert new.getGamma() == 1.8, "PsychoPy has changed"
PY
