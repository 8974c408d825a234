"""What the models say about every shipped stimulus: `make gallery` writes it beside the page that shows it.

The commands are those that anybody can run; a table of each reading is kept.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import illusions
from illusions.analyses.readings.reading import why_not_by_field
from illusions.content import names

#: By reading, the table that is kept of it.
KEPT = {"field": "field.csv", "paper": "paper.csv"}


def ranked_by(reading: str) -> list[str]:
    """The shipped stimuli that a reading is asked about."""
    if reading == "paper":
        return names("stimuli")
    return [name for name in names("stimuli") if not why_not_by_field(illusions.load_stimulus(name))]


def main(folder: Path) -> None:
    """Ask, and keep ``summary.csv`` of each reading."""
    folder.mkdir(parents=True, exist_ok=True)
    for reading, file in KEPT.items():
        with tempfile.TemporaryDirectory() as out:
            command = [sys.executable, "-c", "from illusions.cli import main; main()"]
            subprocess.run([*command, "rank", *ranked_by(reading), "--reading", reading, "-o", out], check=True)
            shutil.copyfile(Path(out) / "summary.csv", folder / file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
