"""The wheel carries the page of ``illusions experiment`` and its trials, bundled before or now (with Node.js)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_COMMANDS = (["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], ["node", "build.mjs"])


class ExperimentPage(BuildHookInterface[Any]):
    """Puts the files of ``experiment/dist`` where an installed package looks for them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bundle the page if it is missing; without Node.js or its packages the wheel goes without, and says so."""
        if version == "editable":
            return
        folder = Path(self.root) / "experiment"
        if not (folder / "dist" / "timeline.js").is_file() and not _bundle(folder):
            self.app.display_warning("the page of 'illusions experiment' is left out: it could not be bundled")
            return
        build_data["force_include"][str(folder / "dist")] = "illusions/data/experiment"


def _bundle(folder: Path) -> bool:
    if shutil.which("npm") is None or shutil.which("node") is None:
        return False
    return all(subprocess.run(command, cwd=folder, check=False).returncode == 0 for command in _COMMANDS)
