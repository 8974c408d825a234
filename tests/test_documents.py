"""Numbers in the documents are those of the files that commands wrote."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from illusions.analyses.readings.reading import COLOUR, FIELD
from illusions.models.calibration import load_calibration
from illusions.stimuli.published import load_published

ROOT = Path(__file__).parents[1]
#: What README calls a predictor, and what it is called in the table of scores.
CALLED = {
    "structure16, our flow, by field": "structure16, rank",
    "cones16, our flow, by field": "cones16, rank",
    "natural16, our flow, by field": "natural16, rank",
    "natural16, our flow, by scale": "natural16, by scale",
    "FLODOG n=4 (the authors' window)": "FLODOG n=4",
    "FLODOG (n = 1)": "FLODOG",
    "contrast with adjacent pixels": "contrast",
}
SETS = ["rhs2007", "murray2020", "bindman2004", "betz2015"]


def rows():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    between = readme.split("<!-- battery -->")[1].split("<!-- /battery -->")[0]
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in between.strip().splitlines()[2:]]


@pytest.fixture(scope="module")
def directions():
    scores = pd.read_csv(ROOT / "docs" / "battery" / "scores.csv")
    chosen = scores[scores["left_out"].eq("family") & scores["score"].eq("directions")]
    return {(row["predictor"], row["set"]): (round(row["value"] * row["n"]), row["n"]) for _, row in chosen.iterrows()}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_the_readme_quotes_the_cross_validated_directions(row, directions):
    name, *quoted = row
    counts = [tuple(map(int, re.fullmatch(r"(\d+) of (\d+)", cell).groups())) for cell in quoted]
    found = [directions[CALLED.get(name, name), each] for each in SETS]
    assert counts[1:] == found
    assert counts[0] == tuple(sum(column) for column in zip(*found, strict=True))


def section(document, title):
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def table_lines(document, title):
    return [line for line in section(document, title).splitlines() if line.startswith("|")]


def test_the_battery_page_quotes_the_cross_validated_correlations():
    scores = pd.read_csv(ROOT / "docs" / "battery" / "scores.csv")
    chosen = scores[scores["left_out"].eq("family")]
    correlations = chosen[chosen["score"].isin(["strength_correlation", "share_correlation"])]
    quoted = [line for line in section("battery.md", "Strengths").splitlines() if re.match(r"\| [a-zA-Z].*\d\.", line)]
    assert len(quoted) == 10
    for line in quoted:
        name, *cells = [cell.strip() for cell in line.strip("| ").split("|")]
        for each, cell in zip(["rhs2007", "murray2020"], cells, strict=True):
            (row,) = correlations[(correlations["predictor"] == name) & (correlations["set"] == each)].itertuples()
            found = [float(x) for x in re.findall(r"[+-]\d\.\d\d", cell.replace("−", "-"))]
            assert found == pytest.approx([row.value, row.low, row.high], abs=0.0051), line


def test_the_battery_page_quotes_the_cross_validated_directions(directions):
    table = [
        line for line in section("battery.md", "Directions").split("### ")[0].splitlines() if line.startswith("| ")
    ]
    assert len(table) > 15
    for line in table[1:]:
        name, *cells = [cell.strip() for cell in line.strip("| ").split("|")]
        found = [directions[name, each][0] for each in (*SETS, "chromatic")]
        assert [int(cell.split()[0]) for cell in cells] == found, line


def test_the_battery_page_quotes_the_cross_validated_errors_of_hue():
    scores = pd.read_csv(ROOT / "docs" / "battery" / "scores.csv")
    chosen = scores[scores["set"].eq("klauke2015") & scores["left_out"].eq("surround")]
    found = {(row["predictor"], row["score"]): row for _, row in chosen.iterrows()}
    page = (ROOT / "docs" / "battery.md").read_text(encoding="utf-8")
    table = page.split("<!-- matches -->\n")[1].split("<!-- /matches -->")[0].splitlines()[2:]
    called = {"von Kries, a share": "von Kries", "subtraction of a share": "subtraction"}
    for line in table:
        name, error, difference, *correlations = [
            cell.strip().replace("−", "-") for cell in line.strip("| ").split("|")
        ]
        name = called.get(name, name)
        for score, cell in (("error", error), ("error_minus_best_rival", difference)):
            if (numbers := re.findall(r"[+-]?\d+\.\d\d", cell)) or score == "error":
                row = found[name, score]
                expected = [row["value"], row["low"], row["high"]]
                assert [float(x) for x in numbers] == pytest.approx(expected, abs=0.0051), line
        for score, cell in zip(("correlation", "residual_correlation"), correlations, strict=True):
            assert cell == "–" or float(cell) == pytest.approx(found[name, score]["value"], abs=0.0051), line
    assert len(table) > 10


def test_the_battery_page_quotes_the_calibration():
    sizes = section("battery.md", "Magnitudes")
    quoted = re.search(r"cones16: T = ([\d.]+) nats .*? \(95 %: ([\d.]+) to ([\d.]+)", sizes)
    calibration = load_calibration(ROOT / "models" / "cones16" / "calibration.toml")
    found = [calibration.temperature, calibration.low, calibration.high]
    assert [float(x) for x in quoted.groups()] == pytest.approx(found, abs=0.06)


def test_the_glossary_quotes_every_calibrated_temperature():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    quoted = re.search(r"([\d.]+) for cones16, ([\d.]+) for structure16 and ([\d.]+) for natural16", glossary)
    stored = [
        load_calibration(ROOT / "models" / name / "calibration.toml").temperature
        for name in ("cones16", "structure16", "natural16")
    ]
    assert [float(each) for each in quoted.groups()] == pytest.approx(stored, abs=0.051)
    assert (FIELD.temperature.asked, COLOUR.temperature.asked) == (round(stored[0]), round(stored[2]))


def test_trust_quotes_the_errors_by_the_exponent_of_the_temperature():
    table = pd.read_csv(ROOT / "tests" / "benchmarks" / "temperature-exponent.csv")
    found = table[table["model"].eq("natural16")].set_index(["exponent", "score"])["value"]
    rows = {line.split("|")[1].strip().split(",")[0]: line for line in table_lines("trust.md", "Colour")}
    for exponent in ("0", "0.25", "0.5", "1"):
        hue, _, strengths = (cell.strip() for cell in rows[exponent].split("|")[2:5])
        error, r = re.findall(r"[\d.]+", hue)
        assert float(error) == pytest.approx(found[exponent, "hue, error"], abs=0.051)
        assert float(r) == pytest.approx(found[exponent, "hue, r"], abs=0.0051)
        assert float(strengths.split()[0]) == pytest.approx(found[exponent, "strengths, error (%)"], abs=0.051)


def test_one_flow_quotes_the_scores_of_its_goals():
    table = pd.read_csv(ROOT / "tests" / "benchmarks" / "one-flow.csv")
    chosen = table[table["reading"].eq("rank") & table["setting"].eq("cross-validated")]
    found = chosen.set_index(["model", "score"])["value"]
    rows = {
        line.split("|")[1].strip(): line.split("|")
        for line in section("one-flow.md", "Goals").splitlines()
        if "|" in line
    }
    for column, model in enumerate(("cones16", "structure16", "natural16"), start=3):
        directions = int(rows["directions of rhs2007"][column].split()[0])
        assert directions == round(25 * found[model, "rhs2007: directions"])
        for row, score in (("strengths", "rhs2007: strength"), ("choices", "murray2020: share")):
            quoted = float(rows[f"{row}, rank"][column].split()[0])
            assert quoted == pytest.approx(found[model, f"{score}_correlation"], abs=0.0051)


def test_the_battery_page_quotes_the_error_of_the_mean_of_the_other_strengths():
    sizes = section("battery.md", "Magnitudes")
    (quoted,) = re.findall(r"mean strength of the other illusions has an error of ([\d.]+) %", sizes)
    scored = [each for each in load_published("rhs2007") if not each.contested and each.strength is not None]
    strengths = np.array([each.strength for each in scored])
    others = (strengths.sum() - strengths) / (len(strengths) - 1)
    assert len(strengths) == 15
    assert float(quoted) == pytest.approx(np.sqrt(np.mean((strengths - others) ** 2)), abs=0.051)


def test_no_comment_stands_within_a_table():
    """It ends the table, and the rows below it are shown as text."""
    for page in PAGES:
        assert not re.search(r"^\|.*\n<!--.*-->\n\|", page.read_text(encoding="utf-8"), re.MULTILINE), page


#: Documents that people read on a code host, too, where pages that a build makes do not exist.
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("docs/*/*.md"))]


@pytest.mark.parametrize("page", [p for p in PAGES if "generated" not in p.parts], ids=lambda p: p.name)
def test_links_lead_to_files_of_the_repository(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?![a-z]+:|#)([^)\s#]+)", text)
    assert [target for target in targets if not (page.parent / target).exists()] == []
    assert [words for words in re.findall(r"\[([^\]]*)\]\([^)]*\)", text) if words.strip("`").endswith(".md")] == []


def test_links_to_the_glossary_lead_to_its_terms():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    slugs = {
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", glossary, re.MULTILINE)
    }
    linked = {anchor for page in PAGES for anchor in re.findall(r"glossary\.md#([\w-]+)", page.read_text("utf-8"))}
    assert linked
    assert linked <= slugs


def test_the_page_on_one_flow_quotes_the_table_of_all_scores():
    from tests.benchmarks.one_flow import summary

    page = (ROOT / "docs" / "one-flow.md").read_text(encoding="utf-8")
    quoted = page.split("<!-- one-flow -->\n")[1].split("<!-- /one-flow -->")[0]
    scores = pd.read_csv(ROOT / "tests" / "benchmarks" / "one-flow.csv")
    assert quoted.splitlines()[2:] == summary(scores)


def test_the_table_of_the_second_training_is_that_of_its_scores():
    folder = ROOT / "tests" / "benchmarks" / "cones16-seed2"
    page = (ROOT / "docs" / "one-flow.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| ") and line.count("|") == 4]
    quoted = {cells[1].strip(): cells[3].strip() for cells in rows}
    scores = pd.read_csv(folder / "scores.csv")
    right = scores[(scores["score"] == "directions") & (scores["left_out"] == "family")].set_index(["predictor", "set"])
    sets = ["rhs2007", "murray2020", "bindman2004", "betz2015"]
    for row, name in (("directions of brightness, of colour: rank", "rank"), ("as calibrated", "as calibrated")):
        own = right.loc[f"cones16-seed2, {name}"]
        counts = [(own.loc[each, "value"] * own.loc[each, "n"]).sum().round() for each in (sets, ["chromatic"])]
        assert quoted[row] == f"{counts[0]:.0f} of 42, {counts[1]:.0f} of 23"
    errors = scores[(scores["set"] == "klauke2015") & (scores["score"] == "error")].set_index(["predictor", "left_out"])
    for row, name, left_out in (("by field", "by field", "surround"), ("as calibrated", "as calibrated", "nothing")):
        assert quoted[f"hue error, {row}"] == f"{errors.loc[(f'cones16-seed2, {name}', left_out), 'value']:.2f}°"
    t = load_calibration(folder / "calibration.toml")
    expected = f"{t.temperature:.1f} ({t.low:.1f} to {t.high:.1f})"
    assert quoted["T by strengths, nats per pixel of the target"] == expected
