"""``rank`` and ``match``: which reading, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import click
import pandas as pd
import pytest

from illusions.analyses.densities.temperature import Temperature
from illusions.analyses.readings.reading import COLOUR, FIELD, PAPER
from illusions.cli.readings import PRECISION, ReadingOptions
from illusions.stimuli.loading import load_stimulus
from tests.analyses.fakes import FakeModel
from tests.cli.test_commands import MATCHES, RANKS, SUMMARY, header


@pytest.fixture
def loaded(monkeypatch):
    """The names of the models that were loaded."""
    names = []

    def load_model(name, *, device, precision):
        names.append(name)
        return FakeModel(name=name)

    monkeypatch.setattr("illusions.models.model.load_model", load_model)
    return names


def test_where_nothing_is_asked_the_stimulus_decides():
    assert ReadingOptions().of(load_stimulus("white")) == FIELD
    for colour in ("saturation-contrast", "munker"):
        assert ReadingOptions().of(load_stimulus(colour)) == COLOUR
    assert ReadingOptions().of(load_stimulus("dungeon")) == PAPER


@pytest.mark.parametrize(
    ("asked", "name", "expected"),
    [
        ({"reading": "paper"}, "paper", {}),
        ({"scales": (2.0, 3.0)}, "paper", {"sides": (2.0, 3.0)}),
        ({"model": "mine"}, "field", {"model": "mine"}),
        ({"temperatures": (Temperature(7.0),)}, "field", {"temperature": Temperature(7.0)}),
        ({"reading": "paper", "temperatures": (Temperature(7.0),)}, "paper", {"temperature": Temperature(7.0)}),
        ({"scales": (2.0,), "model": "mine"}, "paper", {"sides": (2.0,), "model": "mine"}),
        ({"fields": (12.0,)}, "field", {"sides": (12.0,)}),
        ({"placements": 3}, "field", {"draws": 3}),
        ({"reading": "field", "temperatures": (Temperature(7.0),)}, "field", {"temperature": Temperature(7.0)}),
        ({"fields": (9.0,), "model": "mine", "placements": 2}, "field", {"sides": (9.0,), "model": "mine", "draws": 2}),
    ],
)
def test_what_is_asked_wins_and_the_rest_is_the_readings(asked, name, expected):
    reading, base = ReadingOptions(**asked).of(load_stimulus("white")), {"paper": PAPER, "field": FIELD}[name]
    for attribute in ("name", "model", "temperature", "unit", "sides", "draws", "floor"):
        assert getattr(reading, attribute) == expected.get(attribute, getattr(base, attribute))


def test_a_model_or_a_temperature_alone_leaves_the_reading_to_the_stimulus():
    asked = ReadingOptions(model="mine", temperatures=(Temperature(7.0),))
    for name, default in (("white", FIELD), ("munker", COLOUR), ("dungeon", PAPER)):
        assert asked.of(load_stimulus(name)) == replace(default, model="mine", temperature=Temperature(7.0))


@pytest.mark.usefixtures("fake_model")
@pytest.mark.parametrize("options", [(), ("--temperature", 60), ("--model", "structure16")])
def test_a_stimulus_of_unknown_size_is_said_to_be_read_as_in_the_paper(options, run):
    status, _, err = run("rank", "dungeon", *options, "-o", "out")
    assert status == 0
    assert err.startswith("dungeon: read as in the paper (--reading paper), as its size in degrees")
    assert run("rank", "dungeon", *options, "--reading", "paper", "-o", "out")[2] == ""


def test_what_is_scored_is_thrifty_in_rank_and_match_unless_all_is_asked_for():
    white, dungeon = load_stimulus("white"), load_stimulus("dungeon")
    thrifty = ReadingOptions(adaptive=True)
    assert thrifty.of(white) == FIELD
    assert thrifty.of(dungeon) == replace(PAPER, full_sweep=False, effect_precision=PRECISION)
    assert ReadingOptions(adaptive=True, effect_precision=0.01).of(white) == replace(
        PAPER, full_sweep=False, effect_precision=0.01
    )
    everything = ReadingOptions(adaptive=True, full_sweep=True)
    assert everything.of(dungeon) == PAPER
    assert everything.of(white) == replace(FIELD, full_sweep=True)
    assert ReadingOptions(adaptive=True, temperatures=(Temperature(50.0), Temperature(7.0))).of(dungeon) == replace(
        PAPER, temperature=Temperature(50.0)
    )
    with pytest.raises(click.UsageError, match="--precision-of-effect reads by scale and --placements by field"):
        ReadingOptions(effect_precision=0.01, placements=4)


@pytest.mark.parametrize(("options", "all_values"), [((), False), (("--full-sweep",), True)])
def test_ranks_csv_says_which_rows_were_evaluated(options, all_values, run, tmp_path, loaded):
    status, _, err = run("rank", "brightness-contrast", "--reading", "paper", *options, "-o", "out")
    assert (status, err) == (0, "")
    ranks = pd.read_csv(tmp_path / "out" / "ranks.csv")
    assert len(ranks) == 2 * 256
    assert ranks["evaluated"].all() == all_values
    assert ranks["evaluated"].mean() > 0.1
    page = (tmp_path / "out" / "report.html").read_text()
    assert "values scored" in page
    assert ("the others are interpolated" in page) != all_values


def test_rank_by_field(run, tmp_path, loaded):
    status, out, err = run("rank", "brightness-contrast", "white", "-o", "out")
    assert (status, err, loaded) == (0, "", ["cones16"])
    assert header(tmp_path / "out" / "ranks.csv") == f"{RANKS},field"
    assert header(tmp_path / "out" / "summary.csv") == f"{SUMMARY},field"
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert list(summary["field"]) == 2 * ["10.0", "10.0", "12.0", "12.0", "14.0", "14.0", "mean", "mean"]
    assert set(summary["temperature"]) == {36}
    by_field = summary["effect"].to_numpy().reshape(2, 4, 2)
    assert by_field[:, 3] == pytest.approx(by_field[:, :3].mean(axis=1))
    assert "brightness-contrast, mean over the fields of 10°, 12° and 14°: The targets are physically the same" in out
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<dt>temperature</dt><dd>T = 36 nats per pixel of the target</dd>" in page
    assert "<dt>placements</dt><dd>8</dd>" in page
    assert "± 1 standard error over 8 placements" in page
    assert "mean over the fields of 10°, 12° and 14°" in page


@pytest.mark.usefixtures("fake_model")
def test_match_by_one_field(run, tmp_path):
    status, out, err = run("match", "brightness-contrast", "--field", 12, "--placements", 2, "-o", "out")
    assert (status, err) == (0, "")
    assert header(tmp_path / "out" / "matches.csv") == f"{MATCHES},field"
    assert list(pd.read_csv(tmp_path / "out" / "matches.csv")["field"]) == [12, 12]
    assert "brightness-contrast, field of 12°: To look like the one on “dark”" in out


def test_each_stimulus_by_its_own_reading(run, tmp_path, loaded):
    status, _, err = run("rank", "saturation-contrast", "white", "dungeon", "-o", "out")
    assert status == 0
    assert sorted(loaded) == ["cones16", "natural16"]
    assert err.splitlines() == [
        "dungeon: read as in the paper (--reading paper), as its size in degrees of visual angle is not known",
    ]
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert list(dict.fromkeys(summary["stimulus"])) == ["saturation-contrast", "white", "dungeon"]
    assert dict(zip(summary["stimulus"], summary["model"], strict=True)) == {
        "saturation-contrast": "natural16", "white": "cones16", "dungeon": "natural16"
    }  # fmt: skip
    assert "scale" not in summary
    assert summary["field"].notna().sum() == 16
    page = (tmp_path / "out" / "report.html").read_text()
    assert "field (saturation-contrast); field (white); paper (dungeon)" in page
    assert "T = 154 nats per pixel of the target; T = 36 nats per pixel of the target; bits-per-dim" in page


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("white --scale 2 --field 12", "--scale reads by scale and --field by field of view; expected one of them"),
        ("white --scale 2 --placements 4", "--scale reads by scale and --placements by field of view"),
        ("white --scale 2 --reading field", "--scale reads by scale and --reading field by field of view"),
        ("white --reading paper --field 12", "--reading paper reads by scale and --field by field of view"),
        ("white --reading paper --placements 2", "--reading paper reads by scale and --placements by field of view"),
        ("white --field 0", "field 0: expected the side of the patch in degrees of visual angle, 0 to 180"),
        ("white --field nan", "field nan: expected"),
        ("white --field 12 --field 12.0", "field '12' is given 2 times"),
        ("white --looks 0", "0 is not in the range x>=1"),
        ("white --reading mine", "'mine' is not one of 'field', 'paper'"),
        ("white dungeon --field 12", "dungeon: has no size in degrees of visual angle"),
        ("dungeon --placements 4", "expected the key 'degrees' in the table [target] of its file"),
    ],
)
def test_what_has_no_meaning_is_refused_before_anything_is_loaded(line, message, run, tmp_path, loaded):
    for command in ("rank", "match"):
        status, out, err = run(command, *line.split(), "-o", "out")
        assert (status, out) == (2, "")
        assert message in err
    assert not loaded
    assert not list(tmp_path.iterdir())


def test_a_colour_is_not_asked_of_a_model_that_sees_none(run, monkeypatch, tmp_path):
    blind = FakeModel(name="structure16", dimensions=256)
    monkeypatch.setattr("illusions.models.model.load_model", lambda name, **options: blind)
    for options in (("--reading", "field"), ("--reading", "paper")):
        line = ("rank", "hue-contrast", *options, "--model", "structure16", "-o", "out")
        status, out, err = run(*line)
        assert (status, out) == (2, "")
        assert "hue-contrast: structure16 sees luminance and no hue; expected a model of colours" in err
    assert not list(tmp_path.iterdir())


def test_a_plane_of_colours_is_read_by_field_at_one_temperature(run):
    for options, message in (
        (("--scale", 2), "--plane reads by field of view"),
        (("--reading", "paper"), "--plane reads by field of view"),
        (("--temperature", 40, "--temperature", 60), "--plane reads at one temperature"),
    ):
        status, out, err = run("match", "hue-contrast", "--plane", "dkl", *options, "-o", "out")
        assert (status, out) == (2, "")
        assert message in err


def test_a_match_in_the_plane(run, tmp_path, loaded):
    line = ("match", "saturation-contrast", "--plane", "dkl", "--placements", 2, "--temperature", 3000, "-o", "out")
    status, out, err = run(*line)
    assert (status, err, loaded) == (0, "", ["natural16"])
    colours = pd.read_csv(tmp_path / "out" / "colours.csv")
    assert len(colours) == 2 * 18
    assert colours["is_target"].sum() == 2
    assert (tmp_path / "out" / "saturation-contrast-colours.png").is_file()
    assert "saturation-contrast: the target #" in out


def test_a_colour_by_field_with_a_model_that_sees_it(run, loaded):
    status, _, err = run("match", "hue-contrast", "--field", 12, "--placements", 2, "--model", "natural16", "-o", "out")
    assert (status, err, loaded) == (0, "", ["natural16"])


@pytest.mark.usefixtures("fake_model")
@pytest.mark.parametrize("reading", ["paper", "field"])
@pytest.mark.parametrize(("command", "picture"), [("rank", "white-T40-rank.png"), ("match", "white-T40-before.png")])
def test_several_temperatures_are_rows_of_what_each_gives_alone(command, picture, reading, run, tmp_path):
    line = (command, "white", "--reading", reading, "--full-sweep", "--temperature")
    for t in ("2000", "40"):
        assert run(*line, t, "-o", t)[0] == 0
    status, out, err = run(*line, "2000", "--temperature", "40", "-o", "both")
    assert (status, err) == (0, "")
    for table in (tmp_path / "both").glob("*.csv"):
        both = pd.read_csv(table)
        for t in (2000, 40):
            at_it, alone = both[both["temperature"] == t], pd.read_csv(tmp_path / str(t) / table.name)
            pd.testing.assert_frame_equal(at_it.reset_index(drop=True), alone, check_dtype=False)
    assert out.count("T = 2000: ") == out.count("T = 40: ") == (2 if command == "match" else 1)
    assert (tmp_path / "both" / picture).is_file()


def test_several_temperatures_score_once(run, tmp_path, loaded, monkeypatch):
    scored = []
    score = FakeModel.log_likelihood_draws
    monkeypatch.setattr(FakeModel, "log_likelihood_draws", lambda *a, **k: scored.append(1) or score(*a, **k))
    times = []
    for options in ((), ("--temperature", 9, "--temperature", "bits-per-dim", "--temperature", "exact")):
        scored.clear()
        assert run("rank", "white", "--reading", "paper", "--full-sweep", *options, "-o", "out")[0] == 0
        times.append(len(scored))
    assert times[0] == times[1] == 2
    page = (tmp_path / "out" / "report.html").read_text()
    assert "T = 9 nats; bits-per-dim (T = 532.337 nats); exact (T = 1 nats)" in page


@pytest.mark.usefixtures("fake_model")
def test_the_same_temperature_by_two_names(run, tmp_path):
    status, _, err = run("rank", "white", "--temperature", "exact", "--temperature", "1.0", "-o", "out")
    assert status == 2
    assert err.startswith("temperature '1' is given 2 times; expected different ones")
    assert not (tmp_path / "out").exists()
