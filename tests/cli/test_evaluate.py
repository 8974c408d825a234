from __future__ import annotations

import json

import pandas as pd
import pytest
import torch
from PIL import Image

from tests.models.flows import random_flow
from tests.models.pictures_for_training import STRUCTURE, tiny_recipe, write_pictures
from tests.test_pictures import P3_CICP, write_eight

BASELINES = {"independent pixels", "Gaussian", "PNG, each patch by itself", "PNG, a photograph's patches together"}


@pytest.fixture(autouse=True)
def _few_patches(monkeypatch):
    monkeypatch.setattr("illusions.cli.evaluate._TRAINING_PATCHES", 1_000)
    monkeypatch.setattr("illusions.models.evaluation.VALIDATION_PATCHES", 60)


@pytest.fixture
def prepare(tmp_path):
    """A folder ``photos``, and folders of models."""
    from illusions.models.recipe import write_recipe
    from illusions.models.weights import WEIGHTS, write_tensors

    write_pictures(tmp_path / "photos" / "train", 12)
    write_pictures(tmp_path / "photos" / "validation", 6, seed=1)

    def prepare(*names, size=8, photographs=None):
        for number, name in enumerate(names):
            (tmp_path / name).mkdir()
            recipe = tiny_recipe(photographs)
            recipe = recipe.model_copy(update={"flow": recipe.flow.model_copy(update={"size": size})})
            write_recipe(tmp_path / name / "recipe.toml", recipe)
            flow = random_flow(recipe.architecture(), dtype=torch.float32, scale=0.05, seed=number)
            write_tensors(tmp_path / name / WEIGHTS, flow.state_dict(), {})

    return prepare


def test_the_table_and_its_csv(run, prepare, tmp_path):
    prepare("one", "two")
    arguments = "evaluate", "one", "two", "--photos", "photos", "--device", "cpu"
    status, out, err = run(*arguments, "-o", "table.csv")
    assert (status, err) == (0, "")
    *lines, last = out.splitlines()
    assert last == "wrote table.csv"
    table = pd.read_csv(tmp_path / "table.csv").set_index("model")
    assert set(table.index) == BASELINES | {"one", "two"}
    assert list(table.columns) == [
        "bits_per_dimension", "standard_error", "difference", "difference_standard_error", "reference",
    ]  # fmt: skip
    assert table["bits_per_dimension"].is_monotonic_increasing
    assert (table["standard_error"] > 0).all()
    assert set(table["reference"]) == {"one"}
    assert table.loc["one", "difference"] == 0
    expected = table["bits_per_dimension"] - table.loc["one", "bits_per_dimension"]
    assert table["difference"].to_numpy() == pytest.approx(expected.to_numpy())
    assert [line.split("\t")[0] for line in lines] == list(table.index)
    row = table.loc["two"]
    assert f"two\t{row['bits_per_dimension']:.3f} ± {row['standard_error']:.3f}\t" in out
    assert run(*arguments)[1].splitlines() == lines  # the same numbers again


def test_bits_are_those_of_the_model(run, prepare, tmp_path):
    from illusions.models.evaluation import bits_per_dimension
    from illusions.models.model import load_model
    from illusions.models.photographs import cut_evenly
    from illusions.photographs import find_photographs

    prepare("one")
    run("evaluate", "one", "--photos", "photos", "-o", "table.csv", "--device", "cpu", "--seed", "4")
    model = load_model("one", device="cpu")
    patches = cut_evenly(find_photographs(tmp_path / "photos" / "validation"), 8, 60).patches
    nats = model.log_likelihood_draws(patches, draws=1, seed=4, common_noise=False)
    table = pd.read_csv(tmp_path / "table.csv").set_index("model")
    expected = bits_per_dimension(nats, 192).mean()
    assert table.loc["one", "bits_per_dimension"] == pytest.approx(expected)


def test_without_a_model_every_shipped_one_is_evaluated(run, prepare, tmp_path, monkeypatch):
    prepare("one", "two")
    monkeypatch.setattr("illusions.content.folder", lambda kind: tmp_path)
    status, out, _ = run("evaluate", "--photos", "photos", "--device", "cpu")
    assert status == 0
    assert {line.split("\t")[0] for line in out.splitlines()} == BASELINES | {"one", "two"}


def test_models_that_do_not_see_colours_cannot_be_compared(run, prepare, tmp_path, monkeypatch):
    prepare("one")
    prepare("structure", photographs=STRUCTURE)
    monkeypatch.setattr("illusions.content.folder", lambda kind: tmp_path)
    status, out, _ = run("evaluate", "--photos", "photos", "--device", "cpu")
    assert status == 0
    assert {line.split("\t")[0] for line in out.splitlines()} == BASELINES | {"one"}
    status, out, err = run("evaluate", "one", "structure", "--photos", "photos", "--device", "cpu")
    assert (status, out) == (2, "")
    assert "model 'structure' sees luminance without its mean" in err
    assert "so its bits are not those of 8-bit colours" in err


def test_what_cannot_be_used_is_counted(run, prepare, tmp_path):
    prepare("one")
    (tmp_path / "photos" / "train" / "bad.png").write_text("no picture")
    status, _, err = run("evaluate", "one", "--photos", "photos", "--device", "cpu")
    assert status == 0
    assert err.startswith("1 of 13 files could not be used as photographs:\n")


def test_jpeg_files_clipped_colours_and_other_files_are_counted(run, prepare, tmp_path):
    prepare("one")
    for path in sorted((tmp_path / "photos" / "train").iterdir())[:3]:
        Image.open(path).save(path.with_suffix(".jpg"))
        path.unlink()
    write_eight(tmp_path / "photos" / "validation" / "p3.png", (240, 30, 20), P3_CICP)
    (tmp_path / "photos" / "raw.CR2").touch()
    (tmp_path / "photos" / "train" / "raw.cr2").touch()
    arguments = "evaluate", "one", "--photos", "photos", "--device", "cpu"
    status, _, err = run(*arguments)
    assert status == 0
    jpeg, clipped, other = err.splitlines()
    assert jpeg == "training: 12 of 12 photographs used, 25 % of them JPEG files"
    assert clipped.startswith("photos/validation/p3.png: 100 % of the pixels have colours outside the gamut of sRGB, ")
    assert other == "files of other kinds were passed over: 1 .cr2"
    status, out, err = run(*arguments, "--json")
    tables = json.loads(out)["tables"]
    assert tables["photographs"] == [
        {"photographs": "training", "files": 12, "used": 12, "jpeg_share": 0.25},
        {"photographs": "validation", "files": 7, "used": 7, "jpeg_share": 0},
    ]
    assert tables["clipped"] == [{"picture": "photos/validation/p3.png", "target": None, "clipped": 1}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["one", "--photos", "missing"], "missing: no such folder"),
        (["oen", "--photos", "photos"], "no model is called 'oen'"),
        (["one", "one", "--photos", "photos"], "model 'one' is given 2 times"),
        (["one", "large", "--photos", "photos"], "'large' takes patches of 16 pixels, 'one' of 8"),
        (["one", "--photos", "photos", "-o", "one/recipe.toml/x.csv"], "recipe.toml: is a file"),
        (["one", "--photos", "photos", "-o", "one"], "one: is a folder; expected the name of a file to write"),
        (["--photos", "photos"], "nothing to evaluate; expected MODEL"),
    ],
)
def test_bad_input_is_one_message(arguments, message, run, prepare, tmp_path, monkeypatch):
    prepare("one")
    prepare("large", size=16)
    monkeypatch.setattr("illusions.content.folder", lambda kind: tmp_path / "none")
    status, out, err = run("evaluate", *arguments, "--device", "cpu")
    assert (status, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) <= 2
