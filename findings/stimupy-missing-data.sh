#!/usr/bin/env bash
# stimupy 1.2.0: `stimupy.papers.__all__` lists betz2015 and schmittwilken2024, but the wheel lacks the tables that these modules
# read when they are imported, so `import stimupy.papers.betz2015` raises FileNotFoundError. Expected: an import that works, as
# for the other papers of that list. The observers' data have to be taken from the repository.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet stimupy==1.2.0 numpy==2.2.6
"$folder/venv/bin/python" - <<'PY'
import importlib
from pathlib import Path

import stimupy.papers

failed = {}
for name in stimupy.papers.__all__:
    try:
        importlib.import_module(f"stimupy.papers.{name}")
    except FileNotFoundError as error:
        failed[name] = Path(error.filename).name
print("listed:", stimupy.papers.__all__)
print("cannot be imported:", failed)
expected = {name: f"{name}_data.csv" for name in ("betz2015", "schmittwilken2024")}
assert failed == expected, "stimupy has changed"
PY
