"""The published sets: every picture, what people see in it, and what each predictor of the battery said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from illusions.stimuli.settings import Setting, SettingsSet, load_settings, settings_sets
from made.gallery import png_of

#: The sets, in the order of the battery, and where they are from.
SETS = {
    "rhs2007": "Robinson, Hammon & de Sa 2007",
    "murray2020": "Murray 2020",
    "bindman2004": "Bindman & Chubb 2004",
    "betz2015": "Betz, Shapley, Wichmann & Maertens 2015",
    "canham2021": "Canham, Vazquez-Corral, Mathieu & Bertalmío 2021",
    "chromatic": "directions in colour, from six papers",
}
#: Of so many groups of a set of settings the page shows a picture.
_PICTURES = 6
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
    for name in settings_sets():
        found = load_settings(name)
        made[f"published/{name}.md"] = "\n".join(_settings_page(found))
        for k, setting in enumerate(_shown(found), start=1):
            made[f"published/{name}/{k}.png"] = png_of(setting.stimulus)
    return made


def _shown(found: SettingsSet) -> list[Setting]:
    """The first setting of each of the first groups, whose pictures are shown."""
    return list({setting.group: setting for setting in reversed(found.settings)}.values())[::-1][:_PICTURES]


def _settings_page(found: SettingsSet) -> Iterator[str]:
    yield f"# {found.name}: {found.title[0].lower()}{found.title[1:]}"
    yield ""
    yield (
        f"By how much people's mean matches differ from the target, in {found.unit}, with the standard error over "
        f"observers.{' The set is contested, and no score is made from it.' if found.contested else ''}"
    )
    yield ""
    yield found.note
    yield ""
    for k, setting in enumerate(_shown(found), start=1):
        yield f"![{setting.stimulus.title}, {setting.group}.]({found.name}/{k}.png)"
        yield f"*{setting.group}: {' beside '.join(setting.stimulus.conditions)}.*"
        yield ""
    yield f"| setting | left out together | {found.x_label} | shift | standard error | observers |"
    yield "|---|---|---|---|---|---|"
    for each in found.settings:
        people = "" if each.observers is None else each.observers
        yield (
            f"| {each.name} | {each.group} | {each.x:g} | {each.shift:+.4g} | {each.standard_error:.3g} | {people} |"
        )
    yield ""
    yield f"Source: {found.source}"


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
        on = "lighter" if row["axis"] in ("brightness", "lightness") else f"higher on the axis {row['axis']}"
        what = f"People see target {row['lighter']} as {on}."
    else:
        what = "People see both as equal." if row["lighter"] == "none" else "Which target looks lighter is not known."
    yield what + (" This direction is contested." if row["contested"] == "true" else "")
    yield ""
    if row["note"]:
        yield row["note"]
        yield ""
    if row.get("strength"):
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
