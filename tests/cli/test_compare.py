from __future__ import annotations

import csv
import json
import tomllib
from dataclasses import dataclass, replace

import pytest

from illusions.analyses.densities.matching import nearest_match
from illusions.analyses.readings.calibration import Measured, root_mean_square
from illusions.analyses.readings.ranking import rank
from illusions.models.calibration import Calibration
from illusions.stimuli.loading import load_stimulus
from tests.analyses.experiment.observers import every_pair, save, session
from tests.analyses.fakes import FakeModel
from tests.experiment.conftest import chromium

pytestmark = pytest.mark.usefixtures("fake_model")

CONTRAST = load_stimulus("brightness-contrast")
COLOURS = load_stimulus("saturation-contrast")  # is read by field with another model than brightness


def set_by(name, off, stimuli=(CONTRAST,), **changes):
    """Somebody who sets the target off the physical value, higher on the light surround and lower on the dark."""
    matches = [
        each
        for stimulus in stimuli
        for each in every_pair(stimulus, lambda a, b: [_near(off if b == "light" else -off, k) for k in range(3)])
    ]
    return session(name, matches, **changes)


def _near(off, k):
    return 0.5 + off + 0.01 * (k - 1)


@pytest.fixture
def files(tmp_path):
    """Of three observers."""
    observers = {"ab": 0.05, "cd": 0.1, "ef": 0.08}
    return [save(tmp_path / f"matches-{name}.json", set_by(name, off)) for name, off in observers.items()]


@dataclass(frozen=True)
class Calibrated(FakeModel):
    calibrated_temperature: Calibration | None = None


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.usefixtures("drawn")
def test_people_beside_every_reading(run, files, tmp_path):
    status, out, err = run("compare", *files, "-o", "out")
    assert (status, err) == (0, "")
    written = sorted(path.name for path in (tmp_path / "out").glob("[!.]*"))
    assert written == ["columns.json", "comparison.csv", "comparison.png", "matches.csv", "report.html", "report.md"]
    assert [line for line in out.splitlines() if line.startswith("wrote")] == [f"wrote out/{name}" for name in written]
    means = rows(tmp_path / "out" / "matches.csv")
    assert [(row["observer"], row["trials"]) for row in means] == [
        (n, "3") for n in ("ab", "ab", "cd", "cd", "ef", "ef")
    ]
    comparison = [row for row in rows(tmp_path / "out" / "comparison.csv") if row["comparison_condition"] == "light"]
    assert [row["predictor"] for row in comparison] == [
        "veridical",
        "equal contrast",
        "paper, T = 532.3",
        "field, T = 36",
    ]
    assert {row["observers"] for row in comparison} == {"3"}
    assert float(comparison[0]["match"]) == pytest.approx(0.5 + (0.05 + 0.1 + 0.08) / 3)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "http" not in page.replace("http://www.w3.org", "")
    for word in ("field, T = 36", "equal contrast", "illusions compare", "matches-ab.json"):
        assert word in page
    assert "Left out" not in page
    assert len(page.encode()) < 6e6
    text = (tmp_path / "out" / "report.md").read_text("utf-8")
    assert "![For each match what people set, and what is predicted](comparison.png)" in text
    assert "| ab | brightness-contrast | dark | light | 3 | 0.55 (" in text


def test_tables_name_the_scale_of_the_s_axis_where_the_axis_has_one(run, tmp_path):
    hue = load_stimulus("hue-induction")
    of_hue = every_pair(hue, lambda a, b: [hue.value + 5 + k for k in range(3)])
    of_greys = every_pair(CONTRAST, lambda a, b: [0.5, 0.51])
    file = save(tmp_path / "ab.json", session("ab", [*of_hue, *of_greys]))
    assert run("compare", file, "--reading", "paper", "-o", "out")[0] == 0
    for name in ("matches.csv", "comparison.csv"):
        scales = {(row["stimulus"], row["s_scale"]) for row in rows(tmp_path / "out" / name)}
        assert scales == {("hue-induction", "2.6"), ("brightness-contrast", "")}


def test_the_page_says_how_far_off_a_prediction_is_at_any_temperature(run, tmp_path):
    stimuli = (CONTRAST, COLOURS)
    files = [save(tmp_path / f"{name}.json", set_by(name, off, stimuli)) for name, off in (("ab", 0.05), ("cd", 0.12))]
    assert run("compare", *files, "--reading", "paper", "-o", "out")[0] == 0
    with chromium(tmp_path) as browser:
        browser.get(f"file://{tmp_path / 'out' / 'report.html'}")
        waiting = pytest.importorskip("selenium.webdriver.support.ui").WebDriverWait(browser, 10)
        waiting.until(lambda b: b.execute_script("return window.explorers?.[0].together?.length"))
        said = {
            temperature: browser.execute_script(
                "const [first] = window.explorers; first.near = true; first.set(arguments[0]);"
                "return first.part('sentence').textContent",
                temperature,
            )
            for temperature in (30.0, 532.0, 5000.0)
        }
        assert [e for e in browser.get_log("browser") if e["level"] in ("SEVERE", "WARNING")] == []
    people = [row for row in rows(tmp_path / "out" / "comparison.csv") if row["predictor"] == "veridical"]
    measured = [
        Measured(r["stimulus"], r["reference_condition"], r["comparison_condition"], float(r["match"]), 0.0)
        for r in people
    ]
    for temperature, sentence in said.items():
        curves = {s.name: rank(s, FakeModel(), temperature) for s in stimuli}
        predicted = [
            nearest_match(curves[m.stimulus][m.reference_condition], curves[m.stimulus][m.comparison_condition])
            for m in measured
        ]
        error = 100 * root_mean_square(predicted, measured, stimuli)
        assert f"Over all 2 stimuli of this reading it is off by {error:.1f} % of the range" in sentence


def test_what_cannot_be_used_is_named_and_left_out(run, files, tmp_path):
    good = files[0].read_text("utf-8")
    bad = {
        "cut.json": good[: len(good) // 2],
        "edited.json": good.replace("0.55", "0.56", 1),
        "other.json": json.dumps(set_by("gh", 0.1, form=2, version="9.9")),
        "careless.json": json.dumps(set_by("ij", 0.1, caught=0.4)),
        "retitled.json": json.dumps(set_by("kl", 0.1, stimuli=[replace(CONTRAST, title="x")])),
        "changed.json": json.dumps(set_by("mn", 0.1, stimuli=[_repainted()])),
        "empty.csv": "",
    }
    for name, text in bad.items():
        (tmp_path / name).write_text(text, "utf-8")
    status, _, err = run("compare", *files, *bad, "-o", "out")
    assert status == 0
    reasons = dict(line.split(": left out: it ") for line in err.splitlines())
    assert reasons == {
        "cut.json": "is cut off: its JSON is not complete",
        "edited.json": "was edited, or saved anew by a table program: its seal does not fit; expected it as saved",
        "other.json": "is of another version: format 2, written by illusions 9.9; expected format 1",
        "careless.json": "failed the catch trials: both targets were 40% of the range apart (median); expected at most "
        "10%",
        "changed.json": "is of another version: “brightness-contrast” has changed since the page was made",
        "empty.csv": "is empty",
    }
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "careless.json: left out: it failed the catch trials" in page
    assert {row["observers"] for row in rows(tmp_path / "out" / "comparison.csv")} == {
        "4"
    }  # three, and kl, who saw the same


def _repainted():
    light = CONTRAST.conditions["light"]
    return replace(CONTRAST, conditions={"light": light, "dark": light})


def test_where_nothing_can_be_used_nothing_is_written(run, tmp_path):
    (tmp_path / "a.json").write_text("[")
    for arguments in (("compare", "a.json", "-o", "out"), ("calibrate", "a.json", "-o", "my.toml")):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert "no file can be used: a.json is cut off" in err.replace("\n", " ")
        assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_file_that_is_not_there(run, files, tmp_path):
    status, _, err = run("compare", *files, "nowhere.json", "-o", "out")
    assert status == 2
    assert "nowhere.json: cannot be read" in err
    assert not (tmp_path / "out").exists()


def test_a_stimulus_of_ones_own_is_asked_for_and_given(run, tmp_path):
    from illusions import content

    text = content.find("stimuli", "brightness-contrast").read_text("utf-8")
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    save(tmp_path / "m.json", set_by("ab", 0.1, [load_stimulus(tmp_path / "mine.toml")]))
    status, _, err = run("compare", "m.json", "-o", "out")
    assert status == 2
    assert "m.json: its stimulus “mine” does not come with illusions; expected --stimulus FILE" in err
    status, out, _ = run("compare", "m.json", "--stimulus", "mine.toml", "-o", "out")
    assert status == 0
    assert "mine: to look as on “dark”" in out


def test_a_reading_that_is_asked_for_stands_beside_the_others(run, files, tmp_path):
    status, *_ = run("compare", *files, "--reading", "paper", "--temperature", 100, "-o", "out")
    assert status == 0
    predictors = {row["predictor"] for row in rows(tmp_path / "out" / "comparison.csv")}
    assert predictors == {"veridical", "equal contrast", "paper, T = 532.3", "field, T = 36", "paper, T = 100"}


def test_a_model_that_comes_with_a_calibrated_temperature_is_read_at_it_too(run, files, tmp_path, monkeypatch):
    import illusions.models.model

    known = {"temperature": 900.0, "unit": "nats", "reading": "paper", "data": "d", "command": ""}
    model = Calibrated(calibrated_temperature=Calibration(**known))
    monkeypatch.setattr(illusions.models.model, "load_model", lambda name, *, device, precision="32": model)
    assert run("compare", *files, "-o", "out")[0] == 0
    predictors = {row["predictor"]: row for row in rows(tmp_path / "out" / "comparison.csv")}
    assert list(predictors)[2:] == ["paper, T = 532.3", "paper, T = 900, calibrated", "field, T = 36"]
    assert predictors["paper, T = 900, calibrated"]["temperature"] == "900.0"


def simulated(tmp_path, temperature, stimuli, observers=3):
    """Files of people who set what the fake model predicts at a temperature, read as in the paper."""
    from illusions.analyses.readings.reading import PAPER

    paths = []
    for number in range(observers):
        matches = []
        for stimulus in stimuli:
            for found in PAPER.rank(stimulus, FakeModel()).at_temperature(temperature).matches:
                set_to = [found.pse + 0.004 * (number - 1)] * 2
                matches.append((stimulus, found.reference_condition, found.comparison_condition, set_to))
        paths.append(save(tmp_path / f"m{number}.json", session(f"p{number}", matches)))
    return paths


def test_the_temperature_of_simulated_people_comes_out_and_can_be_used(run, tmp_path):
    paths = simulated(tmp_path, 1500.0, [CONTRAST, load_stimulus("benary")])
    arguments = ("calibrate", *paths, "--reading", "paper", "-o", "my.toml")
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    found = tomllib.loads((tmp_path / "my.toml").read_text("utf-8"))
    assert found["temperature"] == pytest.approx(1500, rel=0.03)
    assert found["low"] <= found["temperature"] <= found["high"]
    assert found["unit"] == "nats"
    assert found["reading"] == "paper: natural16, the scale of the stimulus"
    assert found["data"] == "matches of 3 observers at brightness-contrast, benary; 3 sessions"
    assert found["command"] == f"illusions {' '.join(map(str, arguments))}"
    assert "Each stimulus predicted with the T of all others: off by" in out
    assert "For predictions with it: --reading paper --temperature my.toml" in out
    status, _, err = run("match", "brightness-contrast", "--reading", "paper", "--temperature", "my.toml", "-o", "out")
    assert (status, err) == (0, "")
    (row, _) = rows(tmp_path / "out" / "matches.csv")
    assert float(row["temperature"]) == found["temperature"]
    status, _, err = run("match", "white", "--reading", "field", "--temperature", "my.toml", "-o", "other")
    assert status == 2
    assert "my.toml: is in nats, for the reading “paper: natural16, the scale of the stimulus”" in err


def test_the_field_is_fitted_where_asked(run, files, tmp_path):
    status, out, _ = run("calibrate", *files, "--fit-field", "--field", 8, "--field", 12, "-o", "my.toml")
    assert status == 0
    found = tomllib.loads((tmp_path / "my.toml").read_text("utf-8"))
    assert found["unit"] == "nats per pixel of the target"
    assert found["reading"] in ("field: cones16, field of 8°", "field: cones16, field of 12°")
    field = found["reading"].split()[-1].removesuffix("°")
    assert f"--reading field --field {field} --temperature my.toml" in out


def test_where_stimuli_are_read_in_two_ways_all_are_read_as_in_the_paper(run, tmp_path):
    path = save(tmp_path / "m.json", set_by("ab", 0.02, [CONTRAST, COLOURS]))
    status, out, err = run("calibrate", path, "-o", "my.toml")
    assert status == 0
    assert "all stimuli are read in one way, here as in the paper" in err
    assert "its uncertainty is unknown with a single observer" in out
    assert "low" not in tomllib.loads((tmp_path / "my.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "my.json"], "expected, say, my.json/my.toml"),
        (["-o", "my.toml", "--temperature", "3"], "--temperature is what is fitted"),
        (["-o", "my.toml", "--fit-field", "--reading", "paper"], "expected no --scale and no --reading paper"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_computed(arguments, message, run, files, tmp_path):
    before = sorted(tmp_path.iterdir())
    status, out, err = run("calibrate", *files, *arguments)
    assert (status, out) == (2, "")
    assert message in err.replace("\n", " ")
    assert sorted(tmp_path.iterdir()) == before


def own_table(path, **changes):
    columns = {
        **{"observer": "zz", "stimulus": "brightness-contrast", "axis": "brightness"},
        **{"reference_condition": "dark", "comparison_condition": "light", "reference_value": 0.5, "match": 0.6},
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerow(columns | changes)
    return path


def test_a_table_of_ones_own_stands_beside_files_of_the_page(run, files, tmp_path):
    own = own_table(tmp_path / "lab.csv")
    status, _, err = run("compare", *files, own, "-o", "out")
    assert status == 0
    assert err.splitlines() == [
        f"{own}: a table of your own; nothing shows whether it was edited and whether people looked",
        "brightness-contrast: the size that zz saw is not known; by field of view it is read at the size in its file",
    ]
    assert {row["observer"] for row in rows(tmp_path / "out" / "matches.csv")} == {"ab", "cd", "ef", "zz"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"axis": "hue"}, "“brightness-contrast” varies in hue; expected brightness"),
        (
            {"comparison_condition": "bright"},
            "no condition of “brightness-contrast” is called 'bright'; did you mean 'light'?",
        ),
        ({"reference_value": 0.4}, "the reference value of “brightness-contrast” is 0.4; expected 0.5"),
        ({"match": 1.5}, "a match of “brightness-contrast” is 1.5; expected 0 to 1"),
    ],
)
def test_a_table_that_does_not_fit_its_stimulus_is_refused(run, change, why, tmp_path):
    status, _, err = run("compare", own_table(tmp_path / "lab.csv", **change), "-o", "out")
    assert status == 2
    assert why in err
    assert not (tmp_path / "out").exists()


def test_each_observer_is_read_at_the_size_that_they_saw(run, tmp_path):
    paths = [
        save(tmp_path / f"{name}.json", set_by(name, 0.05, larger=larger))
        for name, larger in (("ab", 1), ("cd", 1.02), ("ef", 2.5))
    ]
    status, _, err = run("compare", *paths, "-o", "out")
    assert status == 0
    (said,) = err.splitlines()
    assert said.startswith("brightness-contrast: ef saw it 2.5 times as large as its file says, the target 7.6°")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert page.count("target 3° long (2 observers: ab, cd)") >= 1
    assert "target 7.6° long (1 observer: ef)" in page
    assert said in (tmp_path / "out" / "report.md").read_text("utf-8")
    table = rows(tmp_path / "out" / "comparison.csv")
    assert [row["predictor"] for row in table if row["comparison_condition"] == "dark"] == [
        "veridical", "equal contrast", "paper, T = 532.3", "field, T = 36",
    ]  # fmt: skip
    assert run("calibrate", *paths, "--reading", "field", "-o", "my.toml")[2].startswith(
        "brightness-contrast: observers saw it 1 to 2.5 times as large as its file says; by field of view it is read"
    )


def test_a_prediction_that_cannot_be_read_at_the_size_that_people_saw_is_left_out(run, tmp_path, monkeypatch):
    from illusions.analyses.readings.reading import Reading
    from illusions.errors import InputError

    rank_as_before = Reading.rank

    def rank(reading, stimulus, model, *, seed=0):
        if reading.unit == "field" and stimulus.target_degrees > 10:
            raise InputError(f"{stimulus.name}: no pixel shows the surround alone")
        return rank_as_before(reading, stimulus, model, seed=seed)

    monkeypatch.setattr(Reading, "rank", rank)
    path = save(tmp_path / "ab.json", set_by("ab", 0.05, larger=6))
    status, _, err = run("compare", path, "-o", "out")
    assert status == 0
    assert "the prediction of brightness-contrast by field of view is left out" in err
    assert "times as large as its file says" in err
    assert not any(row["predictor"].startswith("field") for row in rows(tmp_path / "out" / "comparison.csv"))


def test_a_table_with_other_names_is_mapped_and_hue_in_degrees_is_asked_for(run, tmp_path):
    own = own_table(
        tmp_path / "hue.csv",
        **{"stimulus": "hue-contrast", "axis": "hue", "reference_condition": "r", "comparison_condition": "yellow"},
        **{"reference_value": 0.0833, "match": 36.0},
    )
    own.write_text(own.read_text("utf-8").replace("observer", "participant"), "utf-8")
    names = ("--columns", "observer=participant", "--conditions", "red=r")
    status, _, err = run("compare", own, *names, "-o", "out")
    assert status == 2
    assert "a match of “hue-contrast” is 36; expected 0 to 1, the values of its axis, in turns" in err.replace(
        "\n", " "
    )
    assert "--hue-unit degrees" in err
    status, out, err = run("compare", own, *names, "--hue-unit", "degrees", "-o", "out")
    assert status == 0
    assert "was set to hue 0.1, 1 observer" in out
    said = "observer is “participant”, condition red is “r”"
    assert f"hue.csv: read as: {said}" in err
    assert said in (tmp_path / "out" / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--columns", "participant"], "“participant” is no pair of names; expected OURS=YOURS"),
        (["--columns", "obsever=participant"], "did you mean 'observer'?"),
        (["--columns", "observer=a,match=a"], "“a” is given twice"),
        (["--conditions", "dark=a", "--conditions", "dark=b"], "“dark” is given twice"),
        (["--conditions", "dark=black"], "no table has a condition “black”"),
        (["--hue-unit", "radians"], "'radians' is not one of"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(options, why, run, tmp_path):
    status, _, err = run("compare", own_table(tmp_path / "lab.csv"), *options, "-o", "out")
    assert status == 2
    assert why in err.replace("\n", " ")
    assert not (tmp_path / "out").exists()
