"""The published sets: every picture, what people see in it, and what each predictor of the battery said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

#: The sets, in the order of the battery, and where they are from.
SETS = {
    "rhs2007": "Robinson, Hammon & de Sa 2007",
    "murray2020": "Murray 2020",
    "bindman2004": "Bindman & Chubb 2004",
    "betz2015": "Betz, Shapley, Wichmann & Maertens 2015",
}
_ANSWERS = {"true": "right", "false": "wrong", "": "none"}


def pages(root: Path) -> dict[str, str | bytes]:
    """By the name in `docs/generated/`: a page per set, and its pictures."""
    battery = pd.read_csv(root / "docs" / "battery" / "battery.csv", dtype=str, keep_default_na=False)
    made: dict[str, str | bytes] = {}
    for name, source in SETS.items():
        folder = root / "stimuli" / "published"
        table = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        made[f"published/{name}.md"] = "\n".join(_page(name, source, table, battery[battery["set"] == name]))
        for stimulus in table["stimulus"]:
            made[f"published/{name}/{stimulus}.png"] = (folder / name / f"{stimulus}.png").read_bytes()
    return made


def _page(name: str, source: str, table: pd.DataFrame, battery: pd.DataFrame) -> Iterator[str]:
    yield f"# {name}: {source}"
    yield ""
    yield (
        "Two targets in each picture have the same colour. Which one looks lighter? A model's direction is the one "
        "that it has with settings chosen without this family of illusions (`illusions battery -o out`)."
    )
    yield ""
    for row in table.to_dict("records"):
        said = battery[battery["stimulus"] == row["stimulus"]]
        yield f"## {row['stimulus']}"
        yield ""
        yield "::::{grid} 1 2 2 2"
        yield ":gutter: 3"
        yield ""
        yield ":::{grid-item}"
        yield f"![The picture {row['stimulus']}.]({name}/{row['stimulus']}.png)"
        yield ":::"
        yield ":::{grid-item}"
        yield from _people(row)
        yield ":::"
        yield "::::"
        yield ""
        yield from _models(row, said)


def _people(row: dict[str, str]) -> Iterator[str]:
    if row["lighter"] in ("1", "2"):
        what = f"People see target {row['lighter']} as lighter."
    else:
        what = "People see both as equal." if row["lighter"] == "none" else "Which target looks lighter is not known."
    yield what + (" This direction is contested." if row["contested"] == "true" else "")
    yield ""
    if row["note"]:
        yield row["note"]
        yield ""
    if row["strength"]:
        yield f"Strength: {float(row['strength']):.4g} ({row['strength_unit']})."
        yield ""
    yield f"Family: {row['family']}. {row['pixels_per_degree']} pixels per degree."
    yield ""
    yield f"Source: {row['source']}."


def _models(row: dict[str, str], said: pd.DataFrame) -> Iterator[str]:
    yield ":::{dropdown} What each predictor says"
    yield "| predictor | target that should look lighter | as people see it |"
    yield "|---|---|---|"
    for answer in said.to_dict("records"):
        difference, reason = answer["cross_validated_difference"], answer["cross_validated_reason"]
        if not difference:
            yield f"| {answer['predictor']} | no prediction: {reason or 'not said'} | |"
            continue
        value = float(difference)
        lighter = "equal" if value == 0 else "1" if value > 0 else "2"
        yield f"| {answer['predictor']} | {lighter} | {_ANSWERS.get(answer['cross_validated_right'], '')} |"
    yield ":::"
    yield ""
