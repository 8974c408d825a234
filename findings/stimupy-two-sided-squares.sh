#!/usr/bin/env bash
# stimupy 1.2.0: simultaneous contrast as two squares or two discs side by side, `stimuli.sbcs.square_two_sided` and `circular_two_sided`,
# raises KeyError: 'intensity_surround' for sizes that the one-sided `square` and `circular` draw. Expected: the picture, as from
# `basic_two_sided`, which takes the same display as `target_size`.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet stimupy==1.2.0 numpy==2.2.6
"$folder/venv/bin/python" -W ignore - <<'PY'
from stimupy.stimuli import sbcs

radii = {"target_radius": 2, "surround_radius": 3}
seen = {}
for name in ("square", "circular"):
    seen[name] = getattr(sbcs, name)(visual_size=(8, 8), ppd=8, **radii)["img"].shape
    try:
        seen[f"{name}_two_sided"] = getattr(sbcs, f"{name}_two_sided")(visual_size=(8, 16), ppd=8, **radii)["img"].shape
    except KeyError as error:
        seen[f"{name}_two_sided"] = f"KeyError: {error}"
seen["basic_two_sided"] = sbcs.basic_two_sided(visual_size=(8, 16), ppd=8, target_size=2)["img"].shape
print(seen)
assert seen["square"] == seen["circular"] == (64, 64) and seen["basic_two_sided"] == (64, 128), "stimupy has changed"
for name in ("square_two_sided", "circular_two_sided"):
    assert seen[name] == "KeyError: 'intensity_surround'", "stimupy has changed"
PY
