"""The page of ``illusions figures``: every claim next to its figure."""

from __future__ import annotations

from collections.abc import Mapping

from illusions.analyses.analysis import Finding, Verdict
from illusions.analyses.figures import png_bytes
from illusions.analyses.pages import data_uri, render_page

#: How a verdict is set on the page.
_CLASSES: dict[Verdict | None, str] = {"holds": "holds", "does not hold": "fails"}


def index_page(findings: Mapping[str, tuple[Finding, str]], *, command: str) -> str:
    """One self-contained HTML page with every finding: the claim, the measurement, the verdict, the figure.

    Args:
        findings: by the name of the analysis, which is that of its files beside the page: what was found, and the
            command that finds it again.
        command: the command that made the page.
    """
    sections = [
        {
            "name": name,
            "title": finding.title,
            "claim": finding.claim,
            "verdict": finding.verdict,
            "verdict_class": _CLASSES.get(finding.verdict, "open"),
            "measured": finding.measured,
            "caption": finding.caption,
            "figure": data_uri(png_bytes(finding.draw(""))),
            "command": again,
        }
        for name, (finding, again) in findings.items()
    ]
    return render_page("index", title="What is claimed, and what was measured", findings=sections, command=command)
