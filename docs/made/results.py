"""Results that pages insert: the table of the battery, and every claim with the figures that test it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from illusions.analyses.claims.analysis import Analysis, Finding
from illusions.analyses.claims.loading import load_analysis
from illusions.analyses.claims.sources import answers, load_sources
from illusions.content import names
from illusions.models.model import load_model
from made.pages import fingerprint

#: The predictors of the table, as people read them.
SHOWN = {
    "cones16, rank": "cones16, our flow, by field",
    "structure16, rank": "structure16, our flow, by field",
    "natural16, rank": "natural16, our flow, by field",
    "natural16, by scale": "natural16, our flow, by scale",
    "FLODOG n=4": "FLODOG n=4 (the authors' window)",
    "FLODOG": "FLODOG (n = 1)",
    "LODOG": "LODOG",
    "ODOG": "ODOG",
    "DoG": "difference of Gaussians",
    "contrast": "contrast with adjacent pixels",
}
SETS = ("rhs2007", "murray2020", "bindman2004", "betz2015")


def substitutions(root: Path, *, run: bool) -> dict[str, str]:
    """What pages name between double braces; ``run``: whether claims are put to the test (minutes)."""
    found = verdicts(root) if run else {}
    return {"battery_table": "\n".join(battery_table(root)), "claims": "\n".join(claims(found))}


def directions(root: Path) -> dict[tuple[str, str], tuple[int, int]]:
    """By predictor and set: how many directions are right, and of how many; cross-validated."""
    scores = pd.read_csv(root / "docs" / "battery" / "scores.csv")
    chosen = scores[scores["left_out"].eq("family") & scores["score"].eq("directions")]
    return {(row["predictor"], row["set"]): (round(row["value"] * row["n"]), row["n"]) for _, row in chosen.iterrows()}


def battery_table(root: Path) -> Iterator[str]:
    """A row per predictor: right directions of all, which a phone shows, and by set."""
    found = directions(root)
    totals = [found[next(iter(SHOWN)), each][1] for each in SETS]
    heads = [f"{name}, of {n}" for name, n in zip(SETS, totals, strict=True)]
    yield f"| predictor | all, of {sum(totals)} | " + " | ".join(heads) + " |"
    yield "|---" * (len(SETS) + 2) + "|"
    for predictor, words in SHOWN.items():
        right = [found[predictor, each][0] for each in SETS]
        yield f"| {words} | {sum(right)} | {' | '.join(map(str, right))} |"
    yield f"| *chance* | *{sum(totals) / 2:g}* | " + " | ".join(f"*{n / 2:g}*" for n in totals) + " |"


def verdicts(root: Path) -> dict[str, str]:
    """The verdict on every claim that figures test, computed now (minutes), or kept since the code last changed.

    Keys are claims (``"paper.2"``), and claims with one of the figures that test them (``"paper.2 white-scale"``).
    """
    kept = root / ".doctrees" / f"verdicts-{fingerprint(root)}.json"
    if kept.is_file():
        return json.loads(kept.read_text(encoding="utf-8"))
    models = cache(load_model)
    analyses = {name: load_analysis(name) for name in names("analyses")}
    tested = {name: analysis for name, analysis in analyses.items() if _claim(analysis)}
    found = verdicts_of({name: analysis.run(models, seed=0) for name, analysis in tested.items()})
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def verdicts_of(findings: Mapping[str, Finding]) -> dict[str, str]:
    """The verdicts of findings by claim, and by claim and figure."""
    sources = load_sources()
    keys = {id(source): key for key, source in sources.items()}
    found: dict[str, str] = {}
    for source, rows in answers(sources, findings):
        for row in rows:
            key = f"{keys[id(source)]}.{row.number}"
            found[key] = row.outcome
            found.update({f"{key} {name}": each.verdict or "" for name, each in row.findings.items()})
    return found


def claims(found: Mapping[str, str]) -> Iterator[str]:
    """Every claim of every source with its verdict, and the figures that put it to the test."""
    analyses = {name: load_analysis(name) for name in names("analyses")}
    for key, source in load_sources().items():
        yield f"**{source.title[0].upper()}{source.title[1:]}**"
        yield ""
        yield "| claim | verdict | figures |"
        yield "|---|---|---|"
        for number, claim in enumerate(source.claims, start=1):
            claimed = f"{key}.{number}"
            testing = [name for name, analysis in analyses.items() if _claim(analysis) == claimed]
            several = len(testing) > 1
            each = {name: f" ({found.get(f'{claimed} {name}')})" if several and found else "" for name in testing}
            shown = [f"`{name}`{of_it}" for name, of_it in each.items()]
            verdict = found[claimed] if found else "not tested in this draft"
            yield f"| {claim.text} | {verdict} | {', '.join(shown) or claim.untested} |"
        yield ""


def _claim(analysis: Analysis) -> str | None:
    """The claim that an analysis puts to the test."""
    return getattr(getattr(analysis, "claim", None), "answers", None)
