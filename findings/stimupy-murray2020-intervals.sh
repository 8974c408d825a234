#!/usr/bin/env bash
# stimupy 1.2.0: in `papers.murray2020` the entry `CI95_proportion_expected` is not a confidence interval of the
# proportion but the pair (-h, +h) of half-widths around it. Expected: two proportions, one on each side of the mean.
# Where all observers agree (simcon_articulated) it is (-0, 0): an interval of no width from a finite number of trials.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet stimupy==1.2.0 numpy==2.2.6
"$folder/venv/bin/python" - <<'PY'
import warnings

warnings.simplefilter("ignore")
from stimupy.papers import murray2020

found = {name: getattr(murray2020, name)()["experimental_data"] for name in ("argyle", "snake", "simcon_articulated")}
for name, data in found.items():
    print(name, data)
    mean, (low, high) = data["mean_proportion_expected"], data["CI95_proportion_expected"]
    assert low == -high and not low <= mean <= high, "stimupy has changed: the interval holds the mean"
assert found["simcon_articulated"]["CI95_proportion_expected"] == (0, 0), "stimupy has changed"
PY
