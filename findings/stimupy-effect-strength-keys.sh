#!/usr/bin/env bash
# stimupy 1.2.0: the published effect strengths of `papers.RHS2007` stand under two different keys. 16 stimuli have
# stimulus["experimental_data"]["effect_strength"]; the two parts of Todorovic's Benary have stimulus["effect_strength"].
# Expected: one key. A loop over the documented one silently drops two measured stimuli of eighteen.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet stimupy==1.2.0 numpy==2.2.6
"$folder/venv/bin/python" - <<'PY'
import warnings

warnings.simplefilter("ignore")
from stimupy.papers import RHS2007

nested, flat = [], {}
for name in RHS2007.__all__:
    if name == "gen_all":
        continue
    stimulus = getattr(RHS2007, name)()
    if "experimental_data" in stimulus:
        nested.append(name)
    if "effect_strength" in stimulus:
        flat[name] = stimulus["effect_strength"]
print(len(nested), "under experimental_data;", flat, "at the top")
assert len(nested) == 16, "stimupy has changed"
assert flat == {"todorovic_benary1_2": 11.96, "todorovic_benary3_4": 9.55}, "stimupy has changed"
PY
