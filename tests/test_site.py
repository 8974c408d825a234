"""What the site is made from: that nothing is left out, and that a broken link is found. `make docs` builds it."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

import illusions
from illusions.analyses.claims.analysis import Finding
from illusions.analyses.claims.loading import load_analysis
from illusions.analyses.claims.sources import load_sources
from illusions.cli import COMMANDS
from illusions.content import names

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def made():
    """A module of `docs/made`, by its name."""
    sys.path.insert(0, str(ROOT / "docs"))
    yield lambda name: importlib.import_module(f"made.{name}")
    sys.path.remove(str(ROOT / "docs"))


def test_every_key_of_every_content_file_is_explained(made):
    keys = made("content_keys").every_key(ROOT)
    assert {kind for room, kind in keys if room == "stimuli"} >= {"uniform", "grating", "photograph"}
    silent = [(room, kind, key.name) for (room, kind), found in keys.items() for key in found if not key.means]
    assert silent == []


def test_a_key_says_what_it_takes_and_what_holds_without_it(made):
    found = {key.name: key for key in made("content_keys").every_key(ROOT)["stimuli", "uniform"]}
    assert found["target.degrees"].takes == "number, > 0, ≤ 180"
    assert found["target.degrees"].default == "nothing"
    shapes = ["`square`, `disc`", "`{ ring = 0.5 }`", "`{ polygon = [[x, y], …] }`", '`{ mask = "file.png" }`']
    assert found["target.shape"].takes == " or ".join(shapes)
    assert found["target.shape"].default == "`square`"
    assert found["conditions.NAME.surround"].default == "required"


def test_every_stimulus_is_in_the_gallery_with_what_the_models_say_now(made):
    predictions = made("predictions")
    for reading, file in predictions.KEPT.items():
        table = pd.read_csv(ROOT / "docs" / "gallery" / file)
        assert set(table["stimulus"]) == set(predictions.ranked_by(reading)), "run: make gallery"
        for name, rows in table.groupby("stimulus"):
            stimulus = illusions.load_stimulus(str(name))
            assert set(rows["condition"]) == set(stimulus.conditions), name
            assert set(rows["value"]) == {stimulus.value}, name


def test_the_gallery_quotes_the_tables(made):
    pages = made("gallery").pages(ROOT)
    assert {f"gallery/{name}.md" for name in names("stimuli")} <= set(pages)
    table = pd.read_csv(ROOT / "docs" / "gallery" / "field.csv", dtype={"field": str})
    row = table[(table["stimulus"] == "white") & (table["field"] == "mean")].iloc[0]
    assert f"{row['effect']:+.3f} ± {row['effect_standard_error']:.3f}" in pages["gallery/white.md"]


def test_every_published_picture_has_its_page(made):
    pages = made("published").pages(ROOT)
    for name in made("published").SETS:
        for stimulus in pd.read_csv(ROOT / "stimuli" / "published" / f"{name}.csv")["stimulus"]:
            assert f"\n## {stimulus}\n" in pages[f"published/{name}.md"]
            assert f"published/{name}/{stimulus}.png" in pages


def test_every_command_is_in_the_reference(made):
    page = made("commands").pages(ROOT)["commands.md"]
    assert re.findall(r"^## illusions (.*)$", page, re.MULTILINE) == list(COMMANDS)
    assert "illusions rank [OPTIONS] [STIMULUS…]" in page
    assert "| `--seed INTEGER RANGE` | Seed of the random numbers." in page


def test_the_table_of_results_is_that_of_the_readme(made):
    readme = (ROOT / "README.md").read_text(encoding="utf-8").split("<!-- battery -->")[1].split("<!-- /battery -->")[0]
    quoted = {cells[0]: cells[1:] for cells in map(_cells, readme.strip().splitlines()[2:])}
    rows = {cells[0]: cells[1:] for cells in map(_cells, list(made("results").battery_table(ROOT))[2:])}
    for predictor, cells in quoted.items():
        assert rows[predictor] == [cell.split(" of ")[0] for cell in cells], predictor


def test_every_claim_stands_with_its_verdict(made):
    """Those of figures come from their runs; a claim that no figure can test says so."""
    results = made("results")
    analyses = {name: load_analysis(name) for name in names("analyses")}
    claimed = {name: each.claim for name, each in analyses.items() if getattr(each, "claim", None)}
    verdict = {name: ("holds" if "white" in name else "does not hold") for name in claimed}
    findings = {
        name: Finding("", claim, "", verdict[name], "", pd.DataFrame(), Figure) for name, claim in claimed.items()
    }
    found = results.verdicts_of(findings)
    rows = [_cells(line) for line in results.claims(found) if line.startswith("|") and "---" not in line]
    shown = {cells[0]: cells[1:] for cells in rows}
    for key, source in load_sources().items():
        for number, claim in enumerate(source.claims, start=1):
            assert shown[claim.text][0] == found[f"{key}.{number}"]
    white = next(cells for text, cells in shown.items() if text.startswith("White's illusion"))
    assert white[0] == "holds"
    assert "`white-scale` (holds)" in white[1]
    assert "cannot be tested here" in found.values()


def _cells(line):
    return [cell.strip() for cell in line.strip("| ").split("|")]


def test_links_of_carried_documents_lead_to_their_pages(made):
    pages = made("carried").pages(ROOT)
    assert "](natural16.md)" in pages["models/structure16.md"]
    assert "](../../battery.md)" in pages["models/structure16.md"]
    assert "](../../../models/structure16/recipe.toml)" in pages["models/structure16.md"]


def test_a_link_that_leads_nowhere_is_found(made, tmp_path):
    (tmp_path / "a.html").write_text(
        '<p id="here"></p><a href="#here"></a><a href="#gone"></a><a href="b.html#there"></a><img src="c.png">'
        '<a href="https://elsewhere.example/x"></a><a href="b.html#gone"></a><a href="/b.html"></a>'
    )
    (tmp_path / "b.html").write_text('<a name="there" href="a.html"></a>')
    links = made("links")
    assert [link for _, link in links.broken_links(tmp_path)] == ["#gone", "c.png", "b.html#gone", "/b.html"]
    assert links.main(tmp_path) == 1
    (tmp_path / "a.html").write_text('<a href="b.html#there"></a>')
    assert links.main(tmp_path) == 0
