"""A smoke test of an installed package, for any versions of its dependencies: `python tests/smoke.py`.

It loads all content, ranks a stimulus with both models on a few values of its sweep, and draws the figure.
`make matrix` runs it with the lowest and the newest versions.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import illusions
from illusions.analyses.claims.loading import load_analysis
from illusions.analyses.drawing.saving import save_figure
from illusions.analyses.ranks.figure import ranking_figure
from illusions.analyses.readings.ranking import thinned
from illusions.analyses.readings.reading import READINGS
from illusions.content import names


def main() -> None:
    """Run every step; an exception ends it."""
    packages = ("click", "matplotlib", "numpy", "pandas", "pillow", "pydantic", "scikit-image", "scipy", "torch")
    print(sys.version.split()[0], *(f"{name} {version(name)}" for name in packages))
    stimuli = [illusions.load_stimulus(name) for name in names("stimuli")]
    analyses = [load_analysis(name) for name in names("analyses")]
    print(f"{len(stimuli)} stimuli, {len(analyses)} analyses")
    stimulus = thinned(illusions.load_stimulus("brightness-contrast"), 32)
    for reading in READINGS.values():
        quick = replace(reading, draws=2, sides=reading.sides[:1], full_sweep=True)
        ranking = quick.rank(stimulus, illusions.load_model(quick.model, device="cpu"))
        ranks = [rank.value for rank in ranking.prediction.ranks[ranking.prediction.whole].values()]
        assert all(0 < rank < 1 for rank in ranks), ranks
        assert all(math.isfinite(match.pse) or match.reason for match in ranking.matches)
        print(reading.name, quick.model, *(f"{rank:.3f}" for rank in ranks))
    with tempfile.TemporaryDirectory() as folder:
        save_figure(ranking_figure(ranking), Path(folder), "figure")
        assert (Path(folder) / "figure.png").stat().st_size > 1000
    listed = subprocess.run([sys.executable, "-m", "illusions", "list"], capture_output=True, text=True, check=True)
    assert "brightness-contrast" in listed.stdout


if __name__ == "__main__":
    main()
