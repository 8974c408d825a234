from __future__ import annotations

import csv
import json

import pytest

from tests.stimuli.test_monitor_files import BLACK, GAMMA, GUNS, NEW, calibration


def test_what_was_read_of_a_monitor_file_and_luminances_by_it(run, tmp_path):
    (tmp_path / "booth.json").write_text(json.dumps({"2025": calibration(), "2026": calibration()}), "utf-8")
    status, out, err = run("display", "booth.json")
    assert (status, err) == (0, "")
    said = {what: value for what, value, _ in (line.split("\t") for line in out.splitlines())}
    assert said["calibration"] == "2026, the last of 2"
    assert (said["gamma of green"], said["white"], said["blue above black"]) == ("2.22", "105.7", "9.1")
    assert (said["width"], said["distance"], said["pixels"], said["pixels per degree"]) == (
        *("53.1", "70", "1920 × 1080", "44.18"),
    )
    assert run("render", "brightness-contrast", "--display", "booth.json", "-o", "out")[0] == 0
    with (tmp_path / "out" / "manifest.csv").open(encoding="utf-8", newline="") as table:
        (target,) = {row["target_cd_m2"] for row in csv.DictReader(table) if row["kind"] == "picture"}
    grey = 128 / 255
    assert float(target) == pytest.approx(
        BLACK + sum(gun * grey**gamma for gun, gamma in zip(GUNS, GAMMA, strict=True)), abs=1e-3
    )


def test_what_a_new_monitor_lacks_is_said(run, tmp_path):
    (tmp_path / "new.json").write_text(json.dumps({"a": calibration(NEW)}), "utf-8")
    status, out, err = run("display", "new.json")
    assert status == 0
    assert "white\tunknown" in out
    assert "--display cannot use this file: new.json: lacks gamma and luminances" in " ".join(err.split())
    status, _, err = run("render", "white", "--display", "new.json", "-o", "out")
    assert status == 2
    assert "lacks gamma and luminances" in err
    for name in ("none.json", "old.calib"):
        assert run("display", name)[0] == 2
