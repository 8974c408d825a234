"""``--model``, ``--device`` and ``--seed``: the same wherever they appear, and never without effect."""

from __future__ import annotations

import click
import numpy as np
import pytest
from PIL import Image

from illusions.cli import COMMANDS, group
from illusions.models.recipe import write_recipe
from tests.analyses.tiny import some_picture, tiny_model
from tests.models.pictures_for_training import tiny_recipe, write_pictures

#: A short run of every command that loads a model, and the file with its numbers. ``evaluate`` has no ``--model``.
RUNS = {
    "rank": ("rank brightness-contrast -o out", "out/ranks.csv"),
    "match": ("match brightness-contrast --temperature 1e6 -o out", "out/matches.csv"),
    "figures": ("figures brightness-match -o out", "out/brightness-match.csv"),
    "heatmap": ("heatmap p.png -o out", "out/p-map.npy"),
    "exaggerate": ("exaggerate p.png --mask m.png --stride 8 --axis brightness -o out", "out/p-changes.csv"),
    "sample": ("sample -n 2 -o out", "out/samples.npy"),
    "interpolate": ("interpolate p.png@0,0 p.png@9,9 --steps 3 -o out", "out/interpolation.csv"),
    "edit": ("edit --photos photos --attribute warmth -o out", "out/edit.csv"),
    "outliers": ("outliers p.png --photos photos -o out", "out/outliers.csv"),
    "evaluate": ("evaluate mine --photos photos -o out/e.csv", "out/e.csv"),
}
#: Commands that need files of people or all published pictures, and are tried in tests of their own.
ELSEWHERE = {"battery", "compare", "calibrate", "experiment"}
OPTIONS = "--model", "--temperature", "--device", "--seed"


@pytest.fixture(autouse=True)
def _inputs(tmp_path, monkeypatch):
    pixels, mask = some_picture(40, 44), np.zeros((40, 44), np.uint8)
    mask[16:24, 12:20] = 255
    pixels[mask > 0] = (150, 110, 90)
    Image.fromarray(pixels).save(tmp_path / "p.png")
    Image.fromarray(mask).save(tmp_path / "m.png")
    write_pictures(tmp_path / "photos", 6)
    (tmp_path / "mine").mkdir()
    write_recipe(tmp_path / "mine" / "recipe.toml", tiny_recipe())
    monkeypatch.setattr("illusions.cli.evaluate._TRAINING_PATCHES", 1_000)
    monkeypatch.setattr("illusions.models.evaluation.VALIDATION_PATCHES", 60)
    monkeypatch.setattr("illusions.analyses.drawing.saving.save_figure", lambda *_: None)


@pytest.fixture
def loaded(monkeypatch):
    """The names, devices and precisions of the models that were loaded."""
    calls = []

    def load_model(name, *, device, precision="32"):
        calls.append((name, device, precision))
        model = tiny_model()
        model.name = name
        return model

    monkeypatch.setattr("illusions.models.model.load_model", load_model)
    monkeypatch.setattr("illusions.cli.loading.patch_size", lambda name: tiny_model().size)
    return calls


def declared(command):
    return {option: p for p in group.get_command(click.Context(group), command).params for option in p.opts}


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_is_declared_in_the_same_way_wherever_it_appears(option):
    found = [options[option] for options in map(declared, COMMANDS) if option in options]
    several = [p for p in found if p.multiple]
    if option == "--temperature":  # rank and match read the same curves at any number of them
        assert {name for name in COMMANDS if option in declared(name) and declared(name)[option].multiple} == {
            "rank", "match"
        }  # fmt: skip
        assert all(p.help == f"{found[-1].help} Repeat for several temperatures." for p in several)
        found = [p for p in found if not p.multiple]
    assert len(found) >= 4
    assert len({(p.help, p.required, p.multiple, repr(p.type), p.callback) for p in found}) == 1
    # None: the reading decides, of which there are several
    assert len({p.default for p in found} - {None}) == 1
    of_the_reading = {name for name in COMMANDS if option in declared(name) and declared(name)[option] in found}
    of_the_reading = {name for name in of_the_reading if declared(name)[option].default is None}
    assert of_the_reading == {
        "--model": {"rank", "match", "compare", "calibrate", "experiment"},
        "--temperature": {"compare", "calibrate", "experiment"},
    }.get(option, set())


def test_every_command_with_such_an_option_is_tried_here():
    for option in ("--model", "--seed"):
        assert {name for name in COMMANDS if option in declared(name)} <= {*RUNS, *ELSEWHERE}
    assert {name for name in COMMANDS if "--device" in declared(name)} == {*RUNS, *ELSEWHERE, "train"}
    assert {name for name in COMMANDS if "--threads" in declared(name)} == {*RUNS, *ELSEWHERE}


SINGLE = [
    (name, option)
    for name in COMMANDS
    for option in group.get_command(click.Context(group), name).params
    if isinstance(option, click.Option) and not (option.multiple or option.is_eager)
]


@pytest.mark.parametrize(("name", "option"), SINGLE, ids=[f"{name} {option.opts[-1]}" for name, option in SINGLE])
def test_an_option_with_one_value_is_given_once(name, option, run, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    values = [] if option.is_flag else ["1"]
    status, out, err = run(name, *option.opts[-1:], *values, option.opts[0], *values)
    assert (status, out) == (2, "")
    assert f"{max(option.opts, key=len)} is given 2 times; expected it once" in err
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}


@pytest.mark.parametrize("name", RUNS)
def test_model_and_device_reach_what_loads_it(name, run, loaded):
    line, _ = RUNS[name]
    model = [] if name == "evaluate" else ["--model", "mine"]
    status, _, err = run(*line.split(), *model, "--device", "mps")
    assert (status, err) == (0, "")
    assert {call[:2] for call in loaded} == {("mine", "mps")}


@pytest.mark.parametrize("name", [name for name in RUNS if "--precision" in declared(name)])
def test_precision_reaches_what_loads_it(name, run, loaded):
    line, _ = RUNS[name]
    for options, expected in (((), "32"), (("--precision", "bf16"), "bf16")):
        loaded.clear()
        warm = ("--temperature", 200) if name == "rank" else ()
        assert run(*line.split(), *warm, *options)[0] == 0
        assert {call[2] for call in loaded} == {expected}


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("name", ["rank", "match"])
def test_bfloat16_is_refused_where_it_would_change_ranks(name, run, tmp_path):
    status, _, err = run(*RUNS[name][0].split(), "--precision", "bf16", "--temperature", "exact")
    assert status == 2
    assert err == (
        "--precision bf16 may change percentile ranks by more than 0.005 at T = 1; "
        "expected a temperature of at least 150 nats, or --precision 32\n"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("name", RUNS)
def test_the_number_of_threads_reaches_what_scores(name, run, monkeypatch):
    """It is kept until something is scored: a wrong argument is said before PyTorch is imported."""
    calls = []
    monkeypatch.setattr("illusions.models.threads.set_threads", calls.append)
    assert run(*RUNS[name][0].split(), "--threads", 3)[0] == 0
    assert set(calls) == {3}


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("name", RUNS)
def test_the_seed_changes_the_numbers_and_is_0_where_none_is_given(name, run, tmp_path):
    line, file = RUNS[name]
    numbers = {}
    for key, options in {"none": (), "0": ("--seed", 0), "1": ("--seed", 1)}.items():
        assert run(*line.split(), *options)[0] == 0
        numbers[key] = (tmp_path / file).read_bytes()
    assert numbers["none"] == numbers["0"]
    assert numbers["0"] != numbers["1"]


@pytest.mark.usefixtures("loaded")
def test_the_model_is_named_in_the_tables(run, tmp_path):
    run("rank", "brightness-contrast", "-o", "out", "--model", "mine")
    for file in ("ranks.csv", "summary.csv", "report.html"):
        assert "mine" in (tmp_path / "out" / file).read_text()


@pytest.mark.parametrize("name", [*RUNS, "train"])
def test_a_device_that_is_not_there_is_one_message(name, run, tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    write_recipe(tmp_path / "tiny.toml", tiny_recipe())
    line = {"train": "train tiny.toml --photos photos -o out", "evaluate": "evaluate natural16 --photos photos"}
    status, out, err = run(*line.get(name, RUNS.get(name, ("",))[0]).split(), "--device", "cuda")
    assert (status, out) == (2, "")
    assert err == "this machine has no cuda device that PyTorch can use; expected cpu or auto\n"
    assert not (tmp_path / "out").exists()
