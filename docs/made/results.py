"""Results that pages insert: the table of the battery, and every claim with the figures that test it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from illusions.analyses.claims.loading import load_analysis
from illusions.analyses.claims.sources import load_sources
from illusions.content import names

#: The predictors of the table, as people read them.
SHOWN = {
    "structure16, rank": "structure16, our flow, by field of view",
    "natural16, rank": "natural16, our flow, by field of view",
    "natural16, by scale": "natural16, by scale, as in the paper",
    "FLODOG n=4": "FLODOG n=4 (the authors' window)",
    "FLODOG": "FLODOG (n = 1)",
    "LODOG": "LODOG",
    "ODOG": "ODOG",
    "DoG": "difference of Gaussians",
    "contrast": "contrast with what touches the target",
}
SETS = ("rhs2007", "murray2020", "bindman2004", "betz2015")


def substitutions(root: Path) -> dict[str, str]:
    """What pages name between double braces."""
    return {"battery_table": "\n".join(battery_table(root)), "claims": "\n".join(claims())}


def directions(root: Path) -> dict[tuple[str, str], tuple[int, int]]:
    """By predictor and set: how many directions are right, and of how many; cross-validated."""
    scores = pd.read_csv(root / "docs" / "battery" / "scores.csv")
    chosen = scores[scores["left_out"].eq("family") & scores["score"].eq("directions")]
    return {(row["predictor"], row["set"]): (round(row["value"] * row["n"]), row["n"]) for _, row in chosen.iterrows()}


def battery_table(root: Path) -> Iterator[str]:
    """A row per predictor: right directions by set, and of all."""
    found = directions(root)
    totals = [found[next(iter(SHOWN)), each][1] for each in SETS]
    heads = [f"{name}, of {n}" for name, n in zip(SETS, totals, strict=True)]
    yield "| predictor | " + " | ".join(heads) + f" | all, of {sum(totals)} |"
    yield "|---" * (len(SETS) + 2) + "|"
    for predictor, words in SHOWN.items():
        right = [found[predictor, each][0] for each in SETS]
        yield f"| {words} | {' | '.join(map(str, right))} | {sum(right)} |"
    yield "| *chance* | " + " | ".join(f"*{n / 2:g}*" for n in totals) + f" | *{sum(totals) / 2:g}* |"


def claims() -> Iterator[str]:
    """Every claim of every source, and the figures that put it to the test."""
    analyses = {name: load_analysis(name) for name in names("analyses")}
    for key, source in load_sources().items():
        yield f"**{source.title[0].upper()}{source.title[1:]}**"
        yield ""
        yield "| claim | figures |"
        yield "|---|---|"
        for number, claim in enumerate(source.claims, start=1):
            testing = [
                f"`{name}`"
                for name, analysis in analyses.items()
                if getattr(getattr(analysis, "claim", None), "answers", None) == f"{key}.{number}"
            ]
            yield f"| {claim.text} | {', '.join(testing) or claim.untested} |"
        yield ""
