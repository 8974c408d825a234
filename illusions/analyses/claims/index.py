"""The page of ``illusions figures``: what became of every claim, and every claim next to its figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from illusions.analyses.claims.analysis import Finding
from illusions.analyses.claims.sources import Answer, Outcome, Source
from illusions.analyses.drawing.saving import png_bytes
from illusions.analyses.pages.rendering import data_uri, render_page

#: How a verdict is set on the page.
_CLASSES: dict[Outcome | None, str] = {"holds": "holds", "does not hold": "fails"}


def index_page(
    topics: Mapping[str, Mapping[str, tuple[Finding, str]]],
    answered: Sequence[tuple[Source, Sequence[Answer]]],
    *,
    command: str,
) -> str:
    """One self-contained HTML page with every finding: the claim, the measurement, the verdict, the figure.

    Args:
        topics: by heading, then by the name of the analysis, which is that of its files beside the page: what was
            found, and the command that finds it again.
        answered: by source, what became of its claims.
        command: the command that made the page.
    """
    sections = [
        {"topic": topic, "findings": [_finding(name, *found) for name, found in findings.items()]}
        for topic, findings in topics.items()
    ]
    sources = [{"title": source.title, "answers": [_answer(answer) for answer in rows]} for source, rows in answered]
    title = "What is claimed, and what was measured"
    return render_page("index", title=title, sections=sections, sources=sources, command=command)


def findings_frame(findings: Mapping[str, Finding]) -> pd.DataFrame:
    """A row per finding: what is claimed, what was measured, and whether the claim holds; empty where there is none."""
    return pd.DataFrame(
        [
            {
                "analysis": name,
                "title": finding.title,
                "claim": finding.claim.text if finding.claim else "",
                "source": finding.claim.source if finding.claim else "",
                "verdict": finding.verdict or "",
                "measured": finding.measured,
            }
            for name, finding in findings.items()
        ]
    )


def _finding(name: str, finding: Finding, again: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": finding.title,
        "claim": finding.claim,
        "verdict": finding.verdict,
        "verdict_class": _class(finding.verdict),
        "measured": finding.measured,
        "caption": finding.caption,
        "figure": data_uri(png_bytes(finding.draw(""))),
        "command": again,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    several = len(answer.findings) > 1
    return {
        "number": answer.number,
        "text": answer.claim.text,
        "note": answer.claim.note or answer.claim.untested,
        "outcome": answer.outcome,
        "outcome_class": _class(answer.outcome),
        "figures": [
            {"name": name, "title": finding.title, "verdict": finding.verdict if several else None}
            for name, finding in answer.findings.items()
        ],
    }


def _class(verdict: Outcome | None) -> str:
    return _CLASSES.get(verdict, "open")
