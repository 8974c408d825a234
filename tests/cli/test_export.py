from __future__ import annotations

import csv
import json

from illusions.analyses.experiment import page


def test_stimuli_are_exported_for_psychopy(run, tmp_path):
    status, out, err = run("export", "white", "--for", "psychopy", "-o", "lab")
    assert (status, err) == (0, "")
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("[!.]*") if path.is_file()}
    assert files == set(out.split()[1::2])
    assert {"lab/adjust.py", "lab/conditions.csv", "lab/pictures/white-black.png"} < files
    with (tmp_path / "lab" / "conditions.csv").open(encoding="utf-8", newline="") as table:
        pairs = [(row["reference_condition"], row["comparison_condition"]) for row in csv.DictReader(table)]
    assert pairs == [("black", "white"), ("white", "black")]


def test_a_toolbox_that_nobody_knows_is_refused(run, tmp_path):
    status, _, err = run("export", "white", "--for", "matlab", "-o", "lab")
    assert status == 2
    assert "psychopy" in err
    assert not list(tmp_path.iterdir())


def test_what_was_changed_by_hand_stays_or_is_refused(run, tmp_path):
    assert run("export", "white", "--for", "psychopy", "-o", "lab")[0] == 0
    lab = tmp_path / "lab"
    (lab / "instructions.txt").write_text("Sie sehen zwei Bilder.", "utf-8")
    for stimulus in ("bullseye", "white"):
        status, _, err = run("export", stimulus, "--for", "psychopy", "-o", "lab")
        assert (status, (lab / "instructions.txt").read_text("utf-8")) == (0, "Sie sehen zwei Bilder."), err
    script = (lab / "adjust.py").read_text("utf-8")
    (lab / "adjust.py").write_text(script.replace("COARSE = 10", "COARSE = 5"), "utf-8")
    before = {path: path.read_bytes() for path in lab.rglob("*") if path.is_file()}
    status, _, err = run("export", "bullseye", "--for", "psychopy", "-o", "lab")
    assert status == 2
    assert "lab/adjust.py: was changed since it was written; expected another folder" in err
    assert {path: path.read_bytes() for path in lab.rglob("*") if path.is_file()} == before


def test_stimuli_are_exported_for_jspsych(run, tmp_path, monkeypatch):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "timeline.js").write_text('const STIMULI = "{{stimuli}}";', "utf-8")
    (tmp_path / "bundle" / "adjustment.css").write_text(".adjustment {}", "utf-8")
    monkeypatch.setattr(page, "_BUNDLES", (tmp_path / "bundle",))
    status, _, err = run("export", "white", "--for", "jspsych", "-o", "web")
    assert (status, err) == (0, "")
    files = {str(path.relative_to(tmp_path / "web")) for path in (tmp_path / "web").rglob("[!.]*") if path.is_file()}
    assert files == {"timeline.js", "adjustment.css", "pictures/white-black.png", "pictures/white-white.png"}
    script = (tmp_path / "web" / "timeline.js").read_text("utf-8")
    (stimulus,) = json.loads(script.partition("const STIMULI = ")[2].removesuffix(";"))
    assert (stimulus["name"], stimulus["pairs"]) == ("white", [["black", "white"], ["white", "black"]])
