#!/usr/bin/env bash
# stimupy 1.2.0: `papers.RHS2007.WE_zigzag(ppd=16, pad=False)` ignores `ppd` and draws at 32 pixels per degree, without a
# warning. Expected: 256x272 pixels for its 16x17 degrees, as the other stimuli of the paper follow `ppd`. A model that is
# given 16 pixels per degree then sees bars twice as wide as intended.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet stimupy==1.2.0 numpy==2.2.6
"$folder/venv/bin/python" - <<'PY'
import warnings

warnings.simplefilter("ignore")
from stimupy.papers import RHS2007

shapes = {
    name: {ppd: getattr(RHS2007, name)(ppd=ppd, pad=False)["img"].shape for ppd in (16, 32)}
    for name in ("WE_zigzag", "WE_thick")
}
print(shapes)
assert shapes["WE_zigzag"] == {16: (512, 544), 32: (512, 544)}, "stimupy has changed"
assert shapes["WE_thick"][32] == tuple(2 * side for side in shapes["WE_thick"][16]), "stimupy has changed"
PY
