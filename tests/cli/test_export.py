from __future__ import annotations

import csv


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
