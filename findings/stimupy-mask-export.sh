#!/usr/bin/env bash
# stimupy 1.2.0: exporting a target mask as a picture with the default options writes 0, 255, 254 for the labels 0, 1, 2.
# Expected: 0, 1, 2, or an error. `array_to_image` multiplies by 255 (`norm=True`) and casts to 8 bits, where 510 becomes
# 254. Two targets then differ by one grey level, and a program that thresholds the mask takes them for one target.
# Right: `array_to_image(mask, path, norm=False)`.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet stimupy==1.2.0 numpy==2.2.6 pillow==11.3.0
cd "$folder"
venv/bin/python - <<'PY'
import numpy as np
from PIL import Image
from stimupy.papers.RHS2007 import sbc_large
from stimupy.utils.export import array_to_image

mask = sbc_large(ppd=8)["target_mask"]
array_to_image(mask, "default.png")
array_to_image(mask, "raw.png", norm=False)
levels = {name: np.unique(np.asarray(Image.open(f"{name}.png"))).tolist() for name in ("default", "raw")}
print("labels", np.unique(mask).tolist(), "written as", levels)
assert levels == {"default": [0, 254, 255], "raw": [0, 1, 2]}, "stimupy has changed"
PY
