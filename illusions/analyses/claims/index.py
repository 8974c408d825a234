"""The page of ``illusions figures``: the verdict on every claim, and every figure with its claim."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pandas as pd

from illusions.analyses.claims.analysis import Finding, Verdict
from illusions.analyses.claims.sources import UNTESTED, Answer, Outcome, Source
from illusions.analyses.drawing.saving import png_bytes
from illusions.analyses.drawing.style import current_style
from illusions.analyses.pages.rendering import data_uri, html_table, render_page

#: With more numbers in them, sentences are folded.
_MOST_NUMBERS = 9
#: The order in which outcomes are counted up.
_BEST_FIRST: list[Outcome] = [*get_args(Verdict), UNTESTED]
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
    sources = [
        {"title": source.title, "outcomes": _outcomes(rows), "answers": [_answer(answer) for answer in rows]}
        for source, rows in answered
    ]
    return render_page(
        "index",
        title="What is claimed, and what was measured",
        main=sections[0]["findings"][0],
        sections=sections,
        sources=sources,
        command=command,
    )


def findings_frame(findings: Mapping[str, Finding]) -> pd.DataFrame:
    """A row per finding: claim, measurement and verdict."""
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


def _outcomes(rows: Sequence[Answer]) -> str:
    """``"7 claims: 3 hold, 2 hold in part, …"``, what holds first."""
    counts = Counter(answer.outcome for answer in rows)
    best_first = sorted(counts.items(), key=lambda item: _BEST_FIRST.index(item[0]))
    shown = [f"{count} {_plural(outcome) if count > 1 else outcome}" for outcome, count in best_first]
    return f"{len(rows)} {'claim' if len(rows) == 1 else 'claims'}: {', '.join(shown)}"


def _plural(outcome: Outcome) -> str:
    return {"holds": "hold", "holds in part": "hold in part", "does not hold": "do not hold"}.get(
        outcome, outcome.replace("holds", "hold")
    )


def _finding(name: str, finding: Finding, again: str) -> dict[str, Any]:
    first, rest = _parted(finding.measured)
    return {
        "name": name,
        "title": finding.title,
        "claim": finding.claim,
        "verdict": finding.verdict,
        "verdict_class": _class(finding.verdict),
        "measured": first,
        "more": rest,
        "overview": "" if finding.overview is None else html_table(finding.overview, ""),
        "caption": finding.caption,
        "file": current_style().file(name),
        "formats": current_style().formats,
        "figure": data_uri(png_bytes(finding.draw(""))),
        "command": again,
    }


def _parted(measured: str) -> tuple[str, list[str]]:
    """The first sentence, or all of them where there are few numbers; and the others."""
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z“])", measured)
    if len(re.findall(r"\d+(?:\.\d+)?", measured)) <= _MOST_NUMBERS:
        return measured, []
    return sentences[0], sentences[1:]


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
