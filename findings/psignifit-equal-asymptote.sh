#!/usr/bin/env bash
# psignifit 4.3: with experiment_type="equal asymptote", the one for "which of the two looks brighter?", `result.threshold(0.5)` (the
# point of subjective equality with its interval) raises KeyError: 'gamma'. Expected: as with "yes/no", a value and intervals. The
# fit itself is fine: `threshold(0.5, return_ci=False)` gives it, without an interval.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet psignifit==4.3 numpy==2.2.6 scipy==1.15.3
"$folder/venv/bin/python" - <<'PY'
import numpy as np
import psignifit

luminance = np.linspace(20, 40, 9)
chosen = np.round(40 * (0.05 + 0.9 / (1 + np.exp(-(luminance - 30) / 2))))
data = np.c_[luminance, chosen, np.full(9, 40)]
results = {kind: psignifit.psignifit(data, experiment_type=kind) for kind in ("yes/no", "equal asymptote")}
value, intervals = results["yes/no"].threshold(0.5)
print(f"yes/no: {value:.2f}, 95 % {np.round(intervals['0.95'], 2)}")
alone = results["equal asymptote"].threshold(0.5, return_ci=False)
try:
    with_interval = results["equal asymptote"].threshold(0.5)
except KeyError as error:
    with_interval = f"KeyError: {error}"
print(f"equal asymptote: {alone:.2f} without an interval; with one: {with_interval}")
assert abs(alone - 30) < 0.1 and with_interval == "KeyError: 'gamma'", "psignifit has changed"
PY
