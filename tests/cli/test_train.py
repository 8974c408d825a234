from __future__ import annotations

import csv
import io
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from illusions.interruptions import SIGNALS
from tests.models.pictures_for_training import tiny_recipe, write_pictures

ILLUSIONS = str(Path(sys.executable).with_name("illusions"))
FILES = {"recipe.toml", "weights.safetensors", "log.csv", "checkpoint.safetensors"}


@pytest.fixture
def prepare(tmp_path):
    """A folder ``photos`` of photographs, and ``tiny.toml``, a recipe with these settings."""
    from illusions.models.recipe import write_recipe

    def prepare(**training):
        write_pictures(tmp_path / "photos", 12)
        write_recipe(tmp_path / "tiny.toml", tiny_recipe(**training))

    return prepare


def numbers(folder, *columns):
    with (folder / "log.csv").open(newline="") as file:
        return [[float(row[column]) for column in columns] for row in csv.DictReader(file)]


def losses(folder):
    return numbers(folder, "update", "train_bits_per_dimension", "gradient_norm", "validation_bits_per_dimension")


def assert_same_weights(first, second):
    from illusions.models.weights import read_tensors

    one, two = (read_tensors(folder / "weights.safetensors")[0] for folder in (first, second))
    assert one.keys() == two.keys()
    assert all((one[name] == two[name]).all() for name in one)


def test_a_model_is_trained_and_can_be_used(run, prepare, tmp_path):
    from illusions.models.model import load_model

    prepare()
    status, out, err = run("train", "tiny.toml", "--photos", "photos", "-o", "new/model", "--device", "cpu")
    assert status == 0
    assert {path.name for path in (tmp_path / "new" / "model").iterdir()} == FILES
    assert out.split()[1::2] == [f"new/model/{name}" for name in ("recipe.toml", "weights.safetensors", "log.csv")] + [
        "new/model/checkpoint.safetensors"
    ]
    lines = err.splitlines()
    assert lines.pop() == "validation: 2 of 2 photographs used, 0 % of them JPEG files"
    assert lines.pop() == "training: 10 of 10 photographs used, 0 % of them JPEG files"
    assert [line.split()[1] for line in lines] == ["3", "6", "8"]
    assert "of 8: " in lines[0]
    assert " bits per dimension, validation " in lines[0]
    assert " patches/s, " in lines[0]
    assert lines[-1].endswith("0 min left")
    assert load_model(tmp_path / "new" / "model", device="cpu").size == 8


def test_what_cannot_be_used_is_counted_and_named_at_the_end(run, prepare, tmp_path):
    prepare()
    for number in range(1, 5):
        (tmp_path / "photos" / f"bad{number}.jpg").write_text("no picture")
    (tmp_path / "photos" / "raw.CR2").touch()
    status, _, err = run("train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu")
    assert status == 0
    lines = err.splitlines()[-8:]
    assert lines[0] == "training: 10 of 14 photographs used, 0 % of them JPEG files"
    assert lines[1] == "4 of 14 files could not be used as photographs:"
    assert sum("is no picture" in line for line in lines) == 3
    assert lines[-3:] == [
        "  and 1 more",
        "validation: 2 of 2 photographs used, 0 % of them JPEG files",
        "files of other kinds were passed over: 1 .cr2",
    ]


def test_grey_photographs_are_counted_for_models_that_see_colour(run, prepare, tmp_path):
    prepare()
    for path in sorted((tmp_path / "photos").iterdir())[1:4]:
        Image.open(path).convert("L").save(path)
    status, _, err = run("train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu")
    assert status == 0
    assert err.splitlines()[-3].startswith("3 of 10 photographs are grey: ")


def test_a_model_of_cones_needs_photographs_in_colour(run, prepare, tmp_path):
    from illusions.models.recipe import PhotographsTable, write_recipe

    prepare()
    write_recipe(tmp_path / "cones.toml", tiny_recipe(PhotographsTable(channels="cones", noise=0.3)))
    for path in (tmp_path / "photos").iterdir():
        Image.open(path).convert("L").save(path)
    status, out, err = run("train", "cones.toml", "--photos", "photos", "-o", "out", "--device", "cpu")
    assert (status, out) == (2, "")
    assert "photos: all 10 photographs to train on are grey, so that the channels RG and BY are constant" in err
    assert not (tmp_path / "out").exists()
    light = PhotographsTable(channels="cones", opponent=("A",), noise=0.3)
    write_recipe(tmp_path / "light.toml", tiny_recipe(light))
    assert run("train", "light.toml", "--photos", "photos", "-o", "out", "--device", "cpu")[0] == 0


def test_a_model_is_not_overwritten_but_resumed(run, prepare, tmp_path):
    prepare()
    arguments = "train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu"
    assert run(*arguments)[0] == 0
    before = (tmp_path / "out" / "weights.safetensors").read_bytes()
    status, _, err = run(*arguments)
    assert status == 2
    assert "out: holds a model already" in err
    assert run(*arguments, "--resume")[0] == 0
    assert (tmp_path / "out" / "weights.safetensors").read_bytes() == before


def test_precision_overrides_the_recipe_and_must_match_on_resume(run, prepare, tmp_path):
    prepare(precision="32")
    arguments = "train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu"
    assert run(*arguments, "--precision", "bf16")[0] == 0
    assert 'precision = "bf16"' in (tmp_path / "out" / "recipe.toml").read_text()
    status, _, err = run(*arguments, "--resume")
    assert status == 2
    assert "recipe.toml: is another recipe than this run's" in err
    assert run(*arguments, "--resume", "--precision", "bf16")[0] == 0


def test_a_model_is_a_recipe(run, prepare, tmp_path):
    prepare()
    arguments = "--photos", "photos", "--device", "cpu", "-o"
    run("train", "tiny.toml", *arguments, "first")
    assert run("train", "first", *arguments, "second")[0] == 0
    assert (tmp_path / "first" / "recipe.toml").read_bytes() == (tmp_path / "second" / "recipe.toml").read_bytes()
    assert_same_weights(tmp_path / "first", tmp_path / "second")


def test_a_model_to_begin_with(run, prepare, tmp_path):
    prepare()
    arguments = "train", "tiny.toml", "--photos", "photos", "--device", "cpu", "-o"
    assert run(*arguments, "first")[0] == 0
    assert run(*arguments, "second", "--from", "first")[0] == 0
    first, second = (numbers(Path(name), "train_bits_per_dimension")[0] for name in ("first", "second"))
    assert second < first
    (tmp_path / "other.toml").write_text((tmp_path / "tiny.toml").read_text().replace("hidden = 8", "hidden = 4"))
    status, _, err = run("train", "other.toml", *arguments[2:], "third", "--from", "first")
    assert status == 2
    assert "first: is a flow of size 8" in err
    assert "steps 2, hidden 8; expected one as in the recipe" in err
    assert not (tmp_path / "third").exists()
    status, _, err = run(*arguments, "second", "--from", "first", "--resume")
    assert status == 2
    assert "expected no --from beside it" in err


def test_what_does_not_fit_in_memory_is_streamed(run, prepare, tmp_path, monkeypatch):
    prepare()
    (tmp_path / "photos" / "bad.jpg").write_text("no picture")
    monkeypatch.setattr("illusions.models.streaming.LARGEST_BANK", 1000)
    status, _, err = run("train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu")
    assert status == 0
    assert "of 11 files could not be used" in err
    assert len(losses(tmp_path / "out")) == 3


@pytest.mark.parametrize("what", ["weights", "truncated"])
def test_what_is_no_checkpoint_is_not_resumed(what, run, prepare, tmp_path):
    prepare()
    arguments = "train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu"
    run(*arguments)
    data = (tmp_path / "out" / ("weights.safetensors" if what == "weights" else "checkpoint.safetensors")).read_bytes()
    (tmp_path / "out" / "checkpoint.safetensors").write_bytes(data if what == "weights" else data[:-9])
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    status, out, err = run(*arguments, "--resume")
    assert (status, out) == (2, "")
    assert "out/checkpoint.safetensors: is no c" in err
    assert len(err.splitlines()) == 1
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recipe": "missing.toml"}, "missing.toml: cannot be read"),
        ({"recipe": "natrual16"}, "no model is called 'natrual16'"),
        ({"photos": "missing"}, "missing: no such folder; expected a folder of photographs"),
        ({"photos": "empty"}, "empty: holds no photographs"),
        ({"photos": "broken"}, "none of 3 files can be used as a photograph; the first: broken/2.png"),
        ({"output": "tiny.toml/out"}, "tiny.toml: is a file; expected a folder"),
        ({"output": "/proc/illusions"}, "/proc/illusions: cannot be written"),
        ({"more": ["--resume"]}, "checkpoint.safetensors: no such file"),
        ({"more": ["--devices", "0"]}, "0 is not in the range x>=1"),
        ({"more": ["--precision", "64"]}, "'64' is not one of '32', 'bf16'"),
    ],
)
def test_bad_input_is_one_message_and_nothing_is_written(changes, message, run, prepare, tmp_path):
    prepare()
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    for number in range(1, 5):
        (tmp_path / "broken" / f"{number}.png").write_bytes(b"no picture")
    before = sorted(tmp_path.rglob("*"))
    settings = {"recipe": "tiny.toml", "photos": "photos", "output": "out", "more": []} | changes
    status, out, err = run(
        "train", settings["recipe"], "--photos", settings["photos"], "-o", settings["output"], *settings["more"],
        "--device", "cpu",
    )  # fmt: skip
    assert (status, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) <= 2
    assert sorted(tmp_path.rglob("*")) == before


def test_nan_is_one_message(run, prepare, tmp_path):
    prepare(learning_rate=1.0, clip_norm=1e30, warm_up=0, updates=300, validate_every=20)
    status, out, err = run("train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu")
    assert (status, out) == (2, "")
    assert "the loss is not a number at update" in err.splitlines()[-1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of 60 updates on a stream, which nothing interrupts: its folder."""
    from illusions.cli import main
    from illusions.models.recipe import write_recipe

    folder = tmp_path_factory.mktemp("whole")
    write_pictures(folder / "photos", 12)
    write_recipe(folder / "tiny.toml", tiny_recipe(updates=60, validate_every=20))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("illusions.models.streaming.LARGEST_BANK", 0)
        with pytest.raises(SystemExit) as left:
            main(["train", "tiny.toml", "--photos", "photos", "--device", "cpu", "-o", "out"])
    assert left.value.code == 0
    return folder / "out"


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_saves_a_run_that_goes_on_to_the_same_numbers(number, run, prepare, tmp_path, monkeypatch, whole):
    """As in a terminal or under a scheduler, where it reaches the workers that read photographs, too."""
    prepare(updates=60, validate_every=20)
    arguments = ["train", "tiny.toml", "--photos", "photos", "--device", "cpu", "-o"]
    code = "import illusions.models.streaming as s, illusions.cli as c; s.LARGEST_BANK = 0; c.main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments, "parts"],
        stderr=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True,
    )  # fmt: skip
    assert process.stderr.readline().startswith("update 10 of 60")
    assert process.stderr.readline().startswith("update 20 of 60")
    os.killpg(process.pid, number)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130, err
    assert "which is saved; --resume goes on from there" in err.splitlines()[-1]
    assert {path.name for path in (tmp_path / "parts").iterdir()} == FILES
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)  # no worker is left
    monkeypatch.setattr("illusions.models.streaming.LARGEST_BANK", 0)
    assert run(*arguments, "parts", "--resume")[0] == 0
    assert losses(tmp_path / "parts") == losses(whole)
    assert_same_weights(tmp_path / "parts", whole)


def test_a_second_ctrl_c_does_not_say_that_nothing_was_written(run, prepare, tmp_path, monkeypatch):
    from illusions.models import training

    prepare()
    arguments = "train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu"

    def at_once(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("illusions.models.training._Run._make_update", at_once)
        status, _, err = run(*arguments)
        assert (status, err.lstrip()) == (130, "interrupted; nothing was written\n")  # click ends the line of ^C
    update = training._Run._make_update
    monkeypatch.setattr(
        "illusions.models.training._Run._make_update", lambda run: at_once() if run.update == 5 else update(run)
    )
    status, _, err = run(*arguments)
    assert status == 130
    assert err.splitlines()[-1].startswith("interrupted at once; out/checkpoint.safetensors is as it was saved last")


@pytest.mark.parametrize("precision", ["32", "bf16"])
def test_two_processes_train_as_one_does_with_the_batch_of_both(precision, run, prepare, tmp_path):
    """With the backward pass that frees activations, whose gradients must reach the other process, too."""
    prepare(memory="constant", updates=20, validate_every=5, precision=precision)
    arguments = ["train", "tiny.toml", "--photos", "photos", "--device", "cpu", "-o"]
    done = subprocess.run(
        [ILLUSIONS, *arguments, "two", "--devices", "2"], capture_output=True, text=True, cwd=tmp_path, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert sum(line.startswith("update ") for line in done.stderr.splitlines()) == 4  # only one of them speaks
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 4
    assert run(*arguments, "one")[0] == 0
    one, two = losses(tmp_path / "one"), losses(tmp_path / "two")
    assert len(one) == 4
    for row, other in zip(one, two, strict=True):
        assert row == pytest.approx(other, rel=1e-4 if precision == "32" else 1e-2)


def start_nodes(folder, script, *arguments, devices=1):
    """Two nodes on one machine, as torchrun starts them: their processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "node.py").write_text(script)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nnodes=2", f"--nproc-per-node={devices}"]
    return [
        subprocess.Popen(
            [*torchrun, f"--node-rank={rank}", "--master-addr=127.0.0.1", f"--master-port={port}",
             "node.py", *arguments, "--nodes", "2", "--devices", str(devices)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
        )
        for rank in range(2)
    ]  # fmt: skip


MAIN = "import illusions.cli as c\nc.main()\n"


def test_two_nodes_train_as_one_machine_does(run, prepare, tmp_path):
    prepare(updates=20, validate_every=5)
    arguments = ["train", "tiny.toml", "--photos", "photos", "--device", "cpu", "-o"]
    nodes = start_nodes(tmp_path, MAIN, *arguments, "two")
    said = [node.communicate(timeout=120) for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0], said
    assert [len(out.splitlines()) for out, _ in said] == [4, 0]  # only the first speaks
    assert run(*arguments, "one")[0] == 0
    for row, other in zip(losses(tmp_path / "one"), losses(tmp_path / "two"), strict=True):
        assert row == pytest.approx(other, rel=1e-4)


FAILING = """
import os, time
import illusions.cli as c
from illusions.models import training
update = training._Run._make_update
def fail(run):
    if run.update == 3 and os.environ["RANK"] == "{rank}":
        open("failed-at", "w").write(str(time.time()))
        raise {error}
    update(run)
training._Run._make_update = fail
c.main()
"""


@pytest.mark.parametrize(("error", "rank"), [("ZeroDivisionError('by hand')", 0), ("c.InputError('by hand')", 1)])
def test_an_error_of_one_process_ends_all_within_seconds(error, rank, prepare, tmp_path):
    prepare(updates=50_000, validate_every=50_000)
    arguments = ["train", "tiny.toml", "--photos", "photos", "--device", "cpu", "-o", "out"]
    nodes = start_nodes(tmp_path, FAILING.format(rank=rank, error=error), *arguments)
    said = [node.communicate(timeout=120) for node in nodes]
    passed = time.time() - float((tmp_path / "failed-at").read_text())
    assert all(node.returncode for node in nodes)
    assert "by hand" in said[0][1]  # the first process says why, wherever it happened
    assert passed < 20


def test_a_flow_has_no_buffers_shared_before_every_update(monkeypatch):
    import lightning_fabric

    from illusions.models import processes

    given = {}

    class Caught(Exception):
        pass

    def caught(**options):
        given.update(options)
        raise Caught

    monkeypatch.setattr(lightning_fabric, "Fabric", caught)
    with pytest.raises(Caught):
        processes.launch("cpu", 2, 1)
    assert given["strategy"]._ddp_kwargs == {"broadcast_buffers": False}
    with pytest.raises(Caught):
        processes.launch("cpu", 1, 1)
    assert given["strategy"] == "auto"


def test_nodes_that_torchrun_has_not_started_are_refused(run, prepare, monkeypatch):
    prepare()
    arguments = "train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu"
    status, _, err = run(*arguments, "--nodes", "2")
    assert status == 2
    assert "--nodes 2: nothing has started the other nodes; expected, on each: torchrun --nnodes=2" in err
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    monkeypatch.setenv("WORLD_SIZE", "4")
    status, _, err = run(*arguments, "--nodes", "2")
    assert status == 2
    assert "torchrun has started 4 processes; expected --nodes times --devices of them, 2" in err


def test_a_run_goes_on_with_its_own_photographs_alone(run, prepare, tmp_path):
    from illusions.models.weights import read_tensors, write_tensors

    prepare()
    arguments = "train", "tiny.toml", "-o", "out", "--device", "cpu", "--photos"
    assert run(*arguments, "photos")[0] == 0
    write_pictures(tmp_path / "others", 12, seed=7)
    status, out, err = run(*arguments, "others", "--resume")
    assert (status, out) == (2, "")
    assert err == (
        "out/checkpoint.safetensors: was trained on other photographs than these; expected the same to go on with, or "
        "another output folder\n"
    )
    (tmp_path / "photos").rename(tmp_path / "moved")
    assert run(*arguments, "moved", "--resume")[0] == 0
    (tmp_path / "moved" / "one-more.png").write_bytes(next((tmp_path / "others").iterdir()).read_bytes())
    assert run(*arguments, "moved", "--resume")[0] == 2
    path = tmp_path / "out" / "checkpoint.safetensors"
    tensors, written = read_tensors(path)
    del written["photographs"]  # as before there were fingerprints
    write_tensors(path, tensors, written)
    status, _, err = run(*arguments, "others", "--resume")
    assert status == 0
    assert "does not say which photographs it was trained on" in err


def test_no_process_waits_for_one_that_cannot_save(prepare, tmp_path):
    prepare()
    (tmp_path / "out" / "log.csv").mkdir(parents=True)  # no file can be written in its place
    done = subprocess.run(
        [ILLUSIONS, "train", "tiny.toml", "--photos", "photos", "--device", "cpu", "-o", "out", "--devices", "2"],
        capture_output=True, text=True, cwd=tmp_path, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert "log.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_processes_that_cannot_share_the_batch(run, prepare):
    from illusions.errors import InputError
    from illusions.models import training

    class Three:
        world_size = 3

    with pytest.raises(InputError, match="3 processes cannot share a batch of 16 patches evenly"):
        training.train(tiny_recipe(), None, None, Path("new"), fabric=Three())


def test_the_bar_shows_all_that_is_known():
    from illusions.cli.train import _bar
    from illusions.models.training import Progress
    from illusions.models.training_log import LogRow

    console = Console(file=io.StringIO(), force_terminal=True, width=200)
    row = LogRow(500, 8000, 10.0, 1e-3, 4.0, 1.0, 3.91234, 0.0512, 800.0)
    with _bar(console) as report:
        report(Progress(500, 2000, 4.125, 812.3, row))
    shown = console.file.getvalue()
    for part in ("update 500 of 2,000", "4.125 bits per dimension", "validation 3.912 ± 0.051", "812 patches/s"):
        assert part in shown


def test_where_nobody_watches_a_line_says_early_that_it_runs(capsys):
    from illusions.cli.train import _lines
    from illusions.models.training import Progress
    from illusions.models.training_log import LogRow

    report = _lines()
    for update in (10, 20):
        report(Progress(update, 2000, 4.125, 812.3, None))
    row = LogRow(500, 8000, 10.0, 1e-3, 4.0, 1.0, 3.91234, 0.0512, 800.0)
    for update in (500, 510):
        report(Progress(update, 2000, 4.1, 812.3, row))
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("update 10 of 2000: 4.125 bits per dimension, 812 patches/s; ")
    assert second.startswith("update 500 of 2000: 4.000 bits per dimension, validation 3.912 ± 0.051, 800 patches/s, ")


#: What sbatch sets in the script that it runs.
BATCH = {
    "SLURM_JOB_NAME": "train", "SLURM_JOB_ID": "12345", "SLURM_PROCID": "0", "SLURM_LOCALID": "0", "SLURM_NODEID": "0",
    "SLURM_NNODES": "1", "SLURM_NODELIST": "localhost",
}  # fmt: skip


@pytest.mark.parametrize("tasks", [{"SLURM_NTASKS": "2"}, {"SLURM_NTASKS": "2", "SLURM_NTASKS_PER_NODE": "2"}])
def test_a_batch_job_without_srun_trains_in_one_process(tasks, run, prepare, monkeypatch):
    for name, value in (BATCH | tasks).items():
        monkeypatch.setenv(name, value)
    prepare()
    assert run("train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu")[0] == 0


def test_a_batch_job_without_srun_starts_its_own_processes(prepare, tmp_path):
    prepare()
    job = BATCH | {"SLURM_NTASKS": "2", "SLURM_NTASKS_PER_NODE": "2"}
    done = subprocess.run(
        [ILLUSIONS, "train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu", "--devices", "2"],
        cwd=tmp_path, env=os.environ | job, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES


@pytest.mark.parametrize(
    ("launcher", "variable"), [("srun", "SLURM_STEP_NUM_TASKS"), ("mpirun", "OMPI_COMM_WORLD_SIZE")]
)
def test_what_a_scheduler_started_several_times_is_refused(launcher, variable, run, prepare, monkeypatch, tmp_path):
    monkeypatch.setenv(variable, "2")
    prepare()
    status, _, err = run("train", "tiny.toml", "--photos", "photos", "-o", "out", "--device", "cpu")
    assert status == 2
    assert f"{launcher} has started this command 2 times; expected it once" in err
    assert not (tmp_path / "out").exists()
