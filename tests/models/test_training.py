from __future__ import annotations

import csv
import math
import os
import signal
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from illusions.errors import InputError
from illusions.models import training
from illusions.models.checkpoint import CHECKPOINT
from illusions.models.dequantisation import dequantise, eight_bit_log_likelihood
from illusions.models.evaluation import bits_per_dimension, mean_over_photographs
from illusions.models.glow import Glow
from illusions.models.model import load_model
from illusions.models.photographs import PhotographBank
from illusions.models.recipe import RECIPE, FlowTable, PhotographsTable, VaeTable, load_recipe
from illusions.models.streaming import PhotographStream
from illusions.models.training import Interrupted, TrainingFailed, check_output, learning_rate, train
from illusions.models.training_log import LOG, read_log
from illusions.models.view import View, luminance
from illusions.models.weights import WEIGHTS, load_weights, read_tensors, write_tensors
from tests.models.pictures_for_training import FLOW, STRUCTURE, pictures, tiny_recipe, write_pictures

TIMES = {"seconds", "patches_per_second"}
FILES = {CHECKPOINT, LOG, RECIPE, WEIGHTS}


@pytest.fixture(scope="module")
def bank():
    return PhotographBank(pictures(6))


@pytest.fixture(scope="module")
def validation():
    patches = bank_patches(PhotographBank(pictures(3, seed=1)))
    return patches, np.arange(30) // 10


@pytest.fixture
def run(bank, validation, tmp_path):
    """Train into a folder of this name: the rows of the log."""

    def run(name="run", recipe=None, *, source=bank, **options):
        fabric = Fabric(accelerator="cpu", devices=1)
        return train(recipe or tiny_recipe(), source, validation, tmp_path / name, fabric=fabric, **options)

    return run


def bank_patches(bank):
    return bank.random_patches(30, 8, torch.Generator().manual_seed(0)).numpy()


def tensors(folder):
    return read_tensors(folder / CHECKPOINT)[0] | read_tensors(folder / WEIGHTS)[0]


def log(folder):
    """The rows of a log but for the times."""
    with (folder / LOG).open(newline="") as file:
        return [{key: value for key, value in row.items() if key not in TIMES} for row in csv.DictReader(file)]


def assert_same_run(first, second):
    assert log(first) == log(second)
    expected, found = tensors(first), tensors(second)
    assert expected.keys() == found.keys()
    for name in expected:
        assert torch.equal(expected[name], found[name]), name


def interrupt_at(update):
    """A report that sends the signal of Ctrl-C when an update is reported."""

    def report(progress):
        if progress.update == update:
            os.kill(os.getpid(), signal.SIGINT)

    return report


def poison(monkeypatch, at):
    """Make the patches of one update NaN."""
    of_update = training._Batches.of_update

    def poisoned(self, update):
        x = of_update(self, update)
        return x * math.nan if update == at - 1 else x

    monkeypatch.setattr(training._Batches, "of_update", poisoned)


@pytest.fixture
def every_update_is_looked_at(monkeypatch):
    monkeypatch.setattr(training, "_LOOK_EVERY", 1)


def test_training_makes_photographs_more_likely(run, tmp_path):
    recipe = tiny_recipe(updates=60, validate_every=30)
    rows = run(recipe=recipe)
    assert rows[-1].validation_bits_per_dimension < rows[0].validation_bits_per_dimension - 0.1
    assert rows[-1].validation_bits_per_dimension == pytest.approx(rows[-1].train_bits_per_dimension, abs=1)
    assert 0 < rows[-1].standard_error < 1
    assert {path.name for path in (tmp_path / "run").iterdir()} == FILES


def test_the_folder_holds_a_model(run, tmp_path):
    recipe = tiny_recipe(average=0.0)  # the average is then the latest
    run(recipe=recipe)
    assert load_recipe(tmp_path / "run" / RECIPE) == recipe
    flow = Glow(recipe.flow.architecture())
    load_weights(flow, tmp_path / "run" / WEIGHTS)
    checkpoint, _ = read_tensors(tmp_path / "run" / CHECKPOINT)
    for name, tensor in flow.state_dict().items():
        assert torch.equal(tensor, checkpoint[f"flow.{name}"])


def test_the_log_has_a_row_per_validation(run, tmp_path):
    rows = run()
    for row, expected in zip(read_log(tmp_path / "run" / LOG), rows, strict=True):
        assert astuple(row) == pytest.approx(astuple(expected), rel=1e-5)
    assert [row.update for row in rows] == [3, 6, 8]
    assert [row.patches for row in rows] == [48, 96, 128]
    assert [float(row["learning_rate"]) for row in log(tmp_path / "run")] == pytest.approx(
        [learning_rate(update - 1, tiny_recipe().training) for update in (3, 6, 8)], rel=1e-5
    )
    assert all(0 < row.seconds < 60 and row.patches_per_second > 0 for row in rows)


def test_the_weights_are_an_average_of_those_on_the_way(run, tmp_path):
    run(recipe=tiny_recipe(average=0.9))
    checkpoint, _ = read_tensors(tmp_path / "run" / CHECKPOINT)
    weights, _ = read_tensors(tmp_path / "run" / WEIGHTS)
    name = "levels.0.steps.0.coupling.network.last.weight"
    assert torch.equal(weights[name], checkpoint[f"average.{name}"])
    assert 0 < weights[name].norm() < checkpoint[f"flow.{name}"].norm()


@pytest.mark.parametrize("settings", [{}, {"memory": "constant", "precision": "bf16"}])
def test_the_same_seed_gives_the_same_numbers_to_the_last_bit(settings, run, tmp_path):
    for name in ("a", "b"):
        run(name, tiny_recipe(**settings))
    assert_same_run(tmp_path / "a", tmp_path / "b")


def test_another_seed_gives_other_weights_patches_and_noise(run, tmp_path):
    seeds = 0, 1, 2**20
    for seed in seeds:
        run(f"{seed}", tiny_recipe(seed=seed, updates=1))
    losses = {log(tmp_path / f"{seed}")[0]["train_bits_per_dimension"] for seed in seeds}
    assert len(losses) == 3
    draws = [torch.rand(4, generator=_generator(seed)).tolist() for seed in seeds]
    assert draws[0] != draws[1] != draws[2] != draws[0]


def _generator(seed):
    recipe, fabric = tiny_recipe(seed=seed), Fabric(accelerator="cpu", devices=1)
    return training._Batches(recipe, None, View(recipe.photographs), fabric).generator(5)


def test_a_run_begins_with_the_weights_of_another(run, tmp_path):
    run("first")
    run("second", tiny_recipe(updates=1, learning_rate=1e-9, warm_up=0), start=tmp_path / "first" / WEIGHTS)
    begun, _ = read_tensors(tmp_path / "first" / WEIGHTS)
    for name, tensor in read_tensors(tmp_path / "second" / WEIGHTS)[0].items():
        torch.testing.assert_close(tensor, begun[name], rtol=0, atol=1e-7)


def test_weights_of_another_shape_are_no_beginning(run, tmp_path):
    run("first")
    other = tiny_recipe().model_copy(update={"flow": FLOW.model_copy(update={"hidden": 4})})
    with pytest.raises(InputError, match="holds the weights of another architecture"):
        run("second", other, start=tmp_path / "first" / WEIGHTS)
    assert not (tmp_path / "second").exists()


def test_updates_take_one_batch_after_the_other_from_the_source(run, bank):
    asked = []

    class Source:
        def random_patches(self, n, size, generator, *, flip, first, share):
            asked.append((first, n, range(n)[share]))
            return bank.random_patches(n, size, generator, flip=flip, share=share)

    run(source=Source())
    assert asked[1:] == [(16 * update, 16, range(16)) for update in range(8)]


@pytest.mark.usefixtures("every_update_is_looked_at")
@pytest.mark.parametrize("update", [3, 4, 5])
def test_an_interrupted_run_goes_on_to_the_same_numbers(update, run, tmp_path):
    run("whole")
    with pytest.raises(Interrupted, match=f"interrupted after update {update}, which is saved; --resume"):
        run("parts", report=interrupt_at(update))
    assert {path.name for path in (tmp_path / "parts").iterdir()} == FILES
    updates = []
    rows = run("parts", resume=True, report=lambda progress: updates.append(progress.update))
    assert updates[0] == update + 1
    assert [row.update for row in rows] == [3, 6, 8]
    assert_same_run(tmp_path / "whole", tmp_path / "parts")


@pytest.mark.usefixtures("every_update_is_looked_at")
def test_a_model_of_structure_is_trained_and_resumed_to_the_same_numbers(run, tmp_path):
    recipe = tiny_recipe(STRUCTURE, updates=24, validate_every=4, learning_rate=1e-2)
    rows = run("whole", recipe)
    assert rows[-1].validation_bits_per_dimension < rows[0].validation_bits_per_dimension - 0.01
    with pytest.raises(Interrupted):
        run("parts", recipe, report=interrupt_at(11))
    run("parts", recipe, resume=True)
    assert_same_run(tmp_path / "whole", tmp_path / "parts")
    model = load_model(tmp_path / "parts", device="cpu")
    assert (model.dimensions, str(model.view)) == (64, str(View(STRUCTURE)))


def test_a_variational_autoencoder_is_trained_and_resumed_to_the_same_numbers(run, tmp_path):
    table = VaeTable(size=8, latents=4, hidden=8)
    recipe = tiny_recipe(updates=60, validate_every=20).model_copy(
        update={"kind": "vae", "vae": table, "flow": FlowTable()}
    )
    rows = run("whole", recipe)
    assert rows[-1].validation_bits_per_dimension < rows[0].validation_bits_per_dimension - 0.02
    with pytest.raises(Interrupted):
        run("parts", recipe, report=interrupt_at(30))
    run("parts", recipe, resume=True)
    assert_same_run(tmp_path / "whole", tmp_path / "parts")
    model = load_model(tmp_path / "parts", device="cpu")
    patches = bank_patches(PhotographBank(pictures(3, seed=1)))
    bits = bits_per_dimension(model.log_likelihood(patches), model.dimensions).mean()
    assert bits < rows[-1].validation_bits_per_dimension + 0.1  # 64 samples are no worse than one


def test_patches_are_turned_where_the_recipe_says_so(run, monkeypatch):
    """Into all four orientations, about equally often; the patches themselves stay."""
    as_they_are, turned = (
        _seen_in_training(run, monkeypatch, f"rotate-{rotate}", PhotographsTable(rotate=rotate, flip=False))
        for rotate in (False, True)
    )
    turns = torch.stack([(as_they_are.rot90(k, dims=(1, 2)) == turned).flatten(1).all(dim=1) for k in range(4)])
    assert turns.any(dim=0).all()
    assert (turns.sum(dim=1) - 100).abs().max() < 45


def test_patches_lose_their_colour_where_the_recipe_says_so(run, monkeypatch):
    """About as many as it says, each whole; the others stay."""
    as_they_are, grey = (
        _seen_in_training(run, monkeypatch, f"grey-{share}", PhotographsTable(grey=share)) for share in (0.0, 0.25)
    )
    kept = (grey == as_they_are).flatten(1).all(dim=1)
    assert torch.equal(grey[~kept], luminance(as_they_are[~kept]).expand(-1, -1, -1, 3))
    assert abs((~kept).sum() - 100) < 45


def _seen_in_training(run, monkeypatch, name, sees):
    """The patches of one update, before they are preprocessed, shape (400, size, size, 3)."""
    seen = []
    see = View.see
    with monkeypatch.context() as patch:
        patch.setattr(
            View,
            "see",
            lambda self, patches, *rest, **named: (seen.append(patches), see(self, patches, *rest, **named))[1],
        )
        run(name, tiny_recipe(sees, updates=1, batch=400))
    return next(patches for patches in seen if len(patches) == 400)


def test_a_checkpoint_from_before_there_were_such_models_is_resumed(run, tmp_path):
    run("whole")

    def killed(progress):
        if progress.update == 6:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run("parts", report=killed)
    held, metadata = read_tensors(tmp_path / "parts" / CHECKPOINT)
    for key in ("channels", "normalise", "noise"):
        del metadata["recipe"]["photographs"][key]
    write_tensors(tmp_path / "parts" / CHECKPOINT, held, metadata)
    run("parts", resume=True)
    assert log(tmp_path / "whole") == log(tmp_path / "parts")


@pytest.mark.usefixtures("every_update_is_looked_at")
def test_an_interrupted_run_on_a_stream_goes_on_to_the_same_numbers(run, tmp_path):
    paths = write_pictures(tmp_path / "photographs", 10)

    def stream():
        return PhotographStream(paths, seed=0, crops=2, at_once=12)

    run("whole", source=stream())
    with pytest.raises(Interrupted):
        run("parts", source=stream(), report=interrupt_at(5))
    run("parts", source=stream(), resume=True)
    assert_same_run(tmp_path / "whole", tmp_path / "parts")


def test_a_run_that_was_killed_goes_on_from_its_last_checkpoint(run, tmp_path):
    run("whole")

    def killed(progress):
        if progress.update == 6:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run("parts", report=killed)
    with (tmp_path / "parts" / LOG).open("a") as file:  # the log can be one validation ahead of the checkpoint
        file.write("8,128,1,1,1,1,1,1,1\n")
    run("parts", resume=True)
    assert_same_run(tmp_path / "whole", tmp_path / "parts")


def test_an_interrupt_is_waited_for_until_an_update_is_whole(run, tmp_path):
    """Without an update between them that is looked at: the next one is."""
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(Interrupted, match="interrupted after update 3"):
        run(report=interrupt_at(3))
    assert read_tensors(tmp_path / "run" / CHECKPOINT)[1]["update"] == 3
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_after_the_last_update_is_none(run):
    assert len(run(report=interrupt_at(8))) == 3


@pytest.mark.parametrize("at", [1, 2, 4, 5])
def test_nan_stops_and_names_the_update_and_keeps_the_last_good_checkpoint(at, run, tmp_path, monkeypatch):
    poison(monkeypatch, at)
    with pytest.raises(TrainingFailed, match=f"the loss is not a number at update {at}; ") as error:
        run()
    if at <= 3:
        assert "nothing was saved" in str(error.value)
        assert not (tmp_path / "run").exists()
    else:
        assert f"{CHECKPOINT} is from update 3" in str(error.value)
        saved = tensors(tmp_path / "run")
        assert all(torch.isfinite(tensor).all() for tensor in saved.values())
        assert read_tensors(tmp_path / "run" / CHECKPOINT)[1]["update"] == 3


def test_resume_after_nan_begins_at_the_last_good_checkpoint(run, tmp_path, monkeypatch):
    run("whole")
    with monkeypatch.context() as patch:
        poison(patch, 5)
        with pytest.raises(TrainingFailed):
            run("parts")
    run("parts", resume=True)
    assert_same_run(tmp_path / "whole", tmp_path / "parts")


class TestOutput:
    def test_a_folder_that_holds_a_model_is_not_overwritten(self, run, tmp_path):
        run()
        before = tensors(tmp_path / "run")
        for name in (CHECKPOINT, WEIGHTS):
            with pytest.raises(InputError, match=r"run: holds a model already .*expected another folder, or --resume"):
                run()
            (tmp_path / "run" / name).rename(tmp_path / name)
        assert before.keys() == (read_tensors(tmp_path / CHECKPOINT)[0] | read_tensors(tmp_path / WEIGHTS)[0]).keys()

    def test_a_folder_with_the_recipe_in_it_can_be_trained_into(self, run, tmp_path):
        (tmp_path / "run").mkdir()
        text = 'title = "a test"\n[flow]\nsize = 8\nlevels = 2\nsteps = 2\nhidden = 8\n[training]\nupdates = 1 # few\n'
        (tmp_path / "run" / RECIPE).write_text(text)
        run(recipe=load_recipe(tmp_path / "run" / RECIPE))
        assert (tmp_path / "run" / RECIPE).read_text() == text

    def test_a_folder_with_another_recipe_in_it_is_refused(self, run, tmp_path):
        run()
        with pytest.raises(InputError, match=r"recipe\.toml: is another recipe"):
            run(recipe=tiny_recipe(updates=9), resume=True)

    def test_a_checkpoint_of_another_recipe_or_precision_is_refused(self, run, tmp_path):
        run()
        (tmp_path / "run" / RECIPE).unlink()
        with pytest.raises(InputError, match=r"checkpoint.* another recipe or precision"):
            run(recipe=tiny_recipe(precision="bf16"), resume=True)

    def test_nothing_to_resume(self, run, tmp_path):
        with pytest.raises(InputError, match="no such file; expected the checkpoint of the run to resume"):
            run(resume=True)
        assert not list(tmp_path.iterdir())

    def test_a_checkpoint_that_is_truncated(self, run, tmp_path):
        run()
        path = tmp_path / "run" / CHECKPOINT
        path.write_bytes(path.read_bytes()[:-100])
        with pytest.raises(InputError, match="no complete safetensors file"):
            run(resume=True)

    def test_weights_in_the_place_of_the_checkpoint(self, run, tmp_path):
        run()
        (tmp_path / "run" / CHECKPOINT).write_bytes((tmp_path / "run" / WEIGHTS).read_bytes())
        before = log(tmp_path / "run")
        with pytest.raises(InputError, match=r"checkpoint.*: is no checkpoint of a training run \('flow\..*is missing"):
            run(resume=True)
        assert log(tmp_path / "run") == before

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda t, m: t.update({"flow.levels.0.steps.0.norm.bias": torch.zeros(7)}), "has the shape|is not part"),
            (lambda t, m: t.pop("adam.step.levels.0.steps.0.coupling.network.last.weight"), "'adam.step.* is missing"),
            (lambda t, m: t.update({"sums": torch.zeros(3)}), r"'sums' has the shape \(3,\), expected \(2,\)"),
            (lambda t, m: m.pop("seconds"), "'seconds'"),
            (lambda t, m: m.update(update="x"), "'x'"),
        ],
    )
    def test_a_checkpoint_of_another_architecture_or_program(self, change, message, run, tmp_path):
        run()
        path = tmp_path / "run" / CHECKPOINT
        found, metadata = read_tensors(path)
        change(found, metadata)
        write_tensors(path, found, metadata)
        with pytest.raises(InputError, match=rf"{CHECKPOINT}: is no checkpoint of a training run \(.*({message})"):
            run(resume=True)

    def test_a_file_in_the_place_of_the_folder(self, run, tmp_path):
        (tmp_path / "run").touch()
        for name in ("run", "run/deeper/still"):
            with pytest.raises(InputError, match="run: is a file; expected a folder to write into"):
                run(name)

    def test_a_folder_that_cannot_be_written(self, tmp_path, monkeypatch):
        def refuse(**_options):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("tempfile.TemporaryFile", refuse)
        with pytest.raises(
            InputError, match=r"new: cannot be written \(Permission denied\); expected a folder you may"
        ):
            check_output(tmp_path / "new", tiny_recipe(), resume=False)
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("full_at", ["weights", "checkpoint", "log"])
    def test_a_disk_that_runs_full_leaves_the_last_checkpoint(self, full_at, run, tmp_path, monkeypatch):
        """At the second save: what the first one wrote stays, and can be resumed to the same numbers."""
        run("whole")

        replace = Path.replace

        def disk_full(path, target):
            if full_at in str(target):
                raise OSError(28, "No space left on device")
            return replace(path, target)

        def fill_disk(progress):
            if progress.update == 3:
                monkeypatch.setattr("pathlib.Path.replace", disk_full)

        with pytest.raises(InputError, match=f"{full_at}.*: cannot be written .*No space left on device"):
            run("parts", report=fill_disk)
        assert {path.name for path in (tmp_path / "parts").iterdir()} == FILES
        monkeypatch.undo()
        run("parts", resume=True)
        assert_same_run(tmp_path / "whole", tmp_path / "parts")

    def test_a_log_that_is_none(self, run, tmp_path):
        run()
        (tmp_path / "run" / LOG).write_text("a,b\n1,2\n")
        with pytest.raises(InputError, match=r"log\.csv: is no complete log"):
            run(resume=True)


def test_learning_rate_rises_and_falls():
    settings = tiny_recipe(updates=1000, warm_up=10, learning_rate=1e-2, final_learning_rate=1e-4).training
    rates = [learning_rate(update, settings) for update in range(1000)]
    assert rates[0] == pytest.approx(1e-3)
    assert max(rates) == rates[9] == pytest.approx(1e-2)
    assert rates[505] == pytest.approx((1e-2 + 1e-4) / 2, rel=1e-2)
    assert rates[-1] == pytest.approx(1e-4, rel=1e-2)
    assert np.all(np.diff(rates[10:]) < 0)


def test_without_warm_up_the_learning_rate_begins_at_its_peak():
    settings = tiny_recipe(updates=4, warm_up=0, learning_rate=1e-2, final_learning_rate=0.0).training
    half_cosine = [1e-2 * (1 + math.cos(math.pi * done)) / 2 for done in (0, 1 / 4, 2 / 4, 3 / 4)]
    assert [learning_rate(update, settings) for update in range(4)] == pytest.approx(half_cosine)


def test_a_run_that_is_all_warm_up_never_falls():
    settings = tiny_recipe(updates=4, warm_up=4, learning_rate=1e-2).training
    assert [learning_rate(update, settings) for update in range(4)] == pytest.approx([2.5e-3, 5e-3, 7.5e-3, 1e-2])


@pytest.fixture
def steps(monkeypatch):
    """What Adam was given at each update: its learning rate, and the norm of the gradient of all parameters."""
    seen = []
    step = torch.optim.Adam.step

    def watched(optimiser, *arguments, **options):
        (group,) = optimiser.param_groups
        norms = torch.stack([parameter.grad.norm() for parameter in group["params"]])
        seen.append((group["lr"], norms.norm().item()))
        return step(optimiser, *arguments, **options)

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    return seen


def test_adam_steps_with_the_learning_rate_of_the_update_also_when_resumed(run, steps, monkeypatch):
    monkeypatch.setattr(training, "_LOOK_EVERY", 1)
    recipe = tiny_recipe(updates=8, warm_up=3, learning_rate=1e-2, final_learning_rate=1e-4)
    with pytest.raises(Interrupted):
        run(recipe=recipe, report=interrupt_at(4))
    run(recipe=recipe, resume=True)
    expected = [learning_rate(update, recipe.training) for update in range(8)]
    assert [rate for rate, _ in steps] == pytest.approx(expected, rel=1e-12)


def test_gradients_are_clipped_before_the_step_and_logged_as_they_were(run, steps):
    free = [row.gradient_norm for row in run("free", tiny_recipe(updates=3, clip_norm=1e6))]
    unclipped = [norm for _, norm in steps]
    assert free == pytest.approx([sum(unclipped) / 3], rel=1e-5)
    steps.clear()
    limit = min(unclipped) / 4
    rows = run("clipped", tiny_recipe(updates=3, clip_norm=limit))
    assert [norm for _, norm in steps] == pytest.approx([limit] * 3, rel=1e-4)
    assert rows[0].gradient_norm > 3 * limit


def test_validation_uses_the_averaged_weights(run, validation, tmp_path):
    recipe = tiny_recipe(updates=12, validate_every=12, learning_rate=3e-2, average=0.9)
    (row,) = run(recipe=recipe)
    latest, averaged = (Glow(recipe.flow.architecture()) for _ in range(2))
    load_weights(averaged, tmp_path / "run" / WEIGHTS)
    checkpoint, _ = read_tensors(tmp_path / "run" / CHECKPOINT)
    latest.load_state_dict({name: checkpoint[f"flow.{name}"] for name in latest.state_dict()})
    found = {name: bits(flow, *validation) for name, flow in (("averaged", averaged), ("latest", latest))}
    assert row.validation_bits_per_dimension == pytest.approx(found["averaged"], abs=2e-3)
    assert abs(row.validation_bits_per_dimension - found["latest"]) > 0.01


def bits(flow, patches, photographs):
    """Bits per dimension of a flow, the noise averaged out over 32 draws."""
    draws = []
    for seed in range(32):
        noise = torch.rand(patches.shape, generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            log_prob = flow.log_prob(dequantise(torch.from_numpy(patches), noise, 8))
        draws.append(bits_per_dimension(eight_bit_log_likelihood(log_prob, 192), 192).numpy())
    return mean_over_photographs(np.mean(draws, axis=0), photographs).mean


@pytest.mark.parametrize("bits", [5, 8])
def test_training_sees_the_bits_of_the_recipe_with_noise_that_fills_the_bin(run, monkeypatch, bits):
    seen = []
    flow_forward = Glow.forward
    monkeypatch.setattr(Glow, "forward", lambda flow, x: seen.append(x.detach()) or flow_forward(flow, x))
    recipe = tiny_recipe()
    run(recipe=recipe.model_copy(update={"photographs": recipe.photographs.model_copy(update={"bits": bits})}))
    bins = (torch.cat([x.flatten() for x in seen]).double() + 0.5) * 2**bits
    assert 0 <= bins.min() < bins.max() < 2**bits
    assert bins.max() > 0.8 * 2**bits
    noise = bins % 1
    assert abs(noise.mean() - 0.5) < 0.02
    assert abs(noise.std() - 12**-0.5) < 0.02


def test_training_sees_luminance_normalised_with_its_noise(run, monkeypatch):
    seen = []
    flow_forward = Glow.forward
    monkeypatch.setattr(Glow, "forward", lambda flow, x: seen.append(x.detach()) or flow_forward(flow, x))
    strong = PhotographBank([np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)])
    run(recipe=tiny_recipe(STRUCTURE, batch=64), source=strong)
    x = torch.cat([patches for patches in seen if len(patches) == 64])  # without those of validation
    assert x.shape[1:] == (8, 8, 1)
    assert x.mean().item() == pytest.approx(0, abs=0.02)
    assert x.var().item() == pytest.approx(1 + 0.3**2, abs=0.03)


def test_validation_of_luminance_in_bfloat16_is_that_of_the_same_bytes(run, validation):
    """Only the networks inside the couplings run in bfloat16: what the flow sees is not rounded."""
    recipe = tiny_recipe(updates=1, precision="bf16").model_copy(update={"photographs": STRUCTURE})
    seen = []
    original = View.see

    def see(self, patches, noise, **options):
        x = original(self, patches, noise, **options)
        seen.append((patches, noise, x))
        return x

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(View, "see", see)
        run(recipe=recipe)
    patches, noise, x = seen[-1]
    assert len(patches) == len(validation[0])
    assert torch.equal(x, original(View(STRUCTURE), patches, noise))
