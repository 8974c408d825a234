"""What else a flow can do, on the command line, with a tiny flow in place of every trained model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.analyses.tiny import some_picture, tiny_model, tiny_structure


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    import illusions.models.model

    model = tiny_model()
    monkeypatch.setattr(illusions.models.model, "load_model", lambda name, *, device, precision: model)
    monkeypatch.setattr("illusions.cli.loading.patch_size", lambda name: model.size)
    return model


@pytest.fixture
def picture(tmp_path):
    pixels, mask = some_picture(40, 44), np.zeros((40, 44), np.uint8)
    mask[16:24, 12:20] = 255
    pixels[mask > 0] = (150, 110, 90)
    Image.fromarray(pixels).save(tmp_path / "p.png")
    Image.fromarray(mask).save(tmp_path / "m.png")
    return pixels


@pytest.fixture
def photos(tmp_path):
    for i in range(6):
        folder = tmp_path / "photos"
        folder.mkdir(exist_ok=True)
        Image.fromarray(some_picture(30 + i, 40, seed=i)).save(folder / f"photo-{i}.png")
    return tmp_path / "photos"


def files(folder):
    """Every file but the record of what runs wrote."""
    return {str(path.relative_to(folder)) for path in folder.rglob("[!.]*") if path.is_file()}


def interrupt(*_, **__):
    raise KeyboardInterrupt


@pytest.mark.usefixtures("drawn")
def test_heatmap(run, tmp_path, picture):
    status, _, err = run("heatmap", "p.png", "-o", ".")
    assert (status, err) == (0, "")
    written = {"p-heatmap.png", "p-heatmap.pdf", "p-map.png", "p-map.npy", "p-map.tiff"}
    assert files(tmp_path) == written | {"p.png", "m.png"}
    bits = np.load(tmp_path / "p-map.npy")
    assert (bits.shape, bits.dtype) == ((40, 44), np.float32)
    with Image.open(tmp_path / "p-map.tiff") as image:
        assert image.mode == "F"
        assert np.array_equal(np.asarray(image), bits, equal_nan=True)
    with Image.open(tmp_path / "p-map.png") as image:
        assert image.size == (44, 40)
    with Image.open(tmp_path / "p.png") as image:
        assert np.array_equal(np.asarray(image), picture)


def test_heatmap_of_a_folder(run, tmp_path, photos):
    for path in sorted(photos.iterdir())[2:]:
        path.unlink()
    status, _, err = run("heatmap", "photos", "-o", "out", "--colours", "hot")
    assert (status, err) == (0, "")
    assert len(files(tmp_path / "out")) == 2 * 5


def test_heatmap_patches(run, tmp_path, photos):
    (photos / "broken.png").write_text("nothing")
    status, _, err = run("heatmap", "photos", "--patches", "4", "-o", "out")
    assert status == 0
    assert "1 of 7 files could not be used" in err
    assert files(tmp_path / "out") == {"patches.png", "patches.pdf", "patches.csv", "columns.json"}
    frame = pd.read_csv(tmp_path / "out" / "patches.csv")
    assert list(frame) == ["picture", "left", "top", "log_likelihood", "bits_per_dimension"]
    assert frame["bits_per_dimension"].is_monotonic_increasing
    assert len(frame) > 2_000


@pytest.mark.usefixtures("drawn")
def test_exaggerate(run, tmp_path, picture):
    line = ("exaggerate", "p.png", "--mask", "m.png", "--eta", "0.6", "--eta", "-0.8", "--stride", "4", "-o", "out")
    status, out, err = run(*line)
    assert (status, err) == (0, "")
    assert files(tmp_path / "out") == {
        "p-eta+0.6.png", "p-eta-0.8.png", "p-pair.png", "p-proof.png", "p-changes.csv",
        "p-exaggerated.png", "p-exaggerated.pdf", "p-exaggerated.txt", "columns.json",
    }  # fmt: skip
    assert "The 64 pixels of the target are the same in all 3 pictures." in out
    with Image.open(tmp_path / "out" / "p-eta-0.8.png") as image:
        moved = np.asarray(image)
    assert np.array_equal(moved[16:24, 12:20], picture[16:24, 12:20])
    assert not np.array_equal(moved, picture)
    assert len(pd.read_csv(tmp_path / "out" / "p-changes.csv")) == 8


def test_exaggerate_a_grey_target(run, tmp_path, picture):
    picture[16:24, 12:20] = 128
    Image.fromarray(picture).save(tmp_path / "p.png")
    status, _, err = run("exaggerate", "p.png", "--mask", "m.png", "--stride", "8", "-o", "out")
    assert (status, err) == (0, "the target is grey: its saturation cannot be ranked without --hue\n")
    assert "brightness rank" in set(pd.read_csv(tmp_path / "out" / "p-changes.csv")["measure"])
    status, _, err = run("exaggerate", "p.png", "--mask", "m.png", "--axis", "saturation", "-o", "out2")
    assert status == 2
    assert "needs a hue; expected a coloured one, a hue beside a mask (--hue)" in err
    status, _, err = run("exaggerate", "p.png", "--mask", "m.png", "--hue", "0.3", "--stride", "8", "-o", "out3")
    assert (status, err) == (0, "")
    assert "saturation rank" in set(pd.read_csv(tmp_path / "out3" / "p-changes.csv")["measure"])


@pytest.mark.usefixtures("drawn")
def test_sample(run, tmp_path):
    status, out, err = run("sample", "-n", "5", "--prior-temperature", "0.5", "-o", "out")
    assert (status, err) == (0, "")
    assert files(tmp_path / "out") == {"samples.png", "samples.pdf", "samples.npy", "samples.csv", "columns.json"}
    patches = np.load(tmp_path / "out" / "samples.npy")
    assert (patches.shape, patches.dtype) == ((5, 8, 8, 3), np.uint8)
    frame = pd.read_csv(tmp_path / "out" / "samples.csv")
    assert (frame["prior_temperature"] == 0.5).all()
    assert f"{frame['bits_per_dimension'].mean():.2f} bits per dimension" in out


@pytest.mark.usefixtures("drawn")
def test_interpolate(run, tmp_path, picture):
    status, out, err = run("interpolate", "p.png@3,4", "p.png", "--steps", "4", "-o", "out")
    assert (status, err) == (0, "")
    assert files(tmp_path / "out") == {
        "interpolation.png", "interpolation.pdf", "interpolation.csv", "through-latents.png", "through-pixels.png",
        "columns.json",
    }  # fmt: skip
    with Image.open(tmp_path / "out" / "through-latents.png") as image:
        strip = np.asarray(image)
    assert strip.shape == (8, 32, 3)
    assert np.array_equal(strip[:, :8], picture[4:12, 3:11])
    assert np.array_equal(strip[:, 24:], picture[16:24, 18:26])
    assert len(pd.read_csv(tmp_path / "out" / "interpolation.csv")) == 8
    assert "At 67 % of the way" in out


@pytest.mark.usefixtures("drawn")
def test_edit(run, tmp_path, photos, picture):
    line = ("edit", "p.png@1,2", "--photos", "photos", "--attribute", "warmth", "--attribute", "contrast", "-o", "out")
    status, out, err = run(*line)
    assert (status, err) == (0, "")
    assert files(tmp_path / "out") == {
        "edit.png",
        "edit.pdf",
        "edit.txt",
        "edit.csv",
        "directions.npz",
        "edited.npy",
        "columns.json",
    }
    frame = pd.read_csv(tmp_path / "out" / "edit.csv")
    assert set(frame["direction"]) == {"warmth", "contrast"}
    assert set(frame["measure"]) == {
        "brightness", "saturation", "warmth", "contrast", "orientation", "bits per dimension",
    }  # fmt: skip
    with np.load(tmp_path / "out" / "directions.npz") as vectors:
        assert vectors["contrast"].shape == (192,)
    edited = np.load(tmp_path / "out" / "edited.npy")
    assert edited.shape == (1, 2, 5, 8, 8, 3)
    assert np.array_equal(edited[0, 0, 2], picture[2:10, 1:9])
    assert out.startswith("warmth: at strength +1 it moves by")


def test_edit_shows_patches_of_the_photographs_without_any(run, tmp_path, photos):
    status, _, _ = run("edit", "--photos", "photos", "--attribute", "brightness", "-o", "out")
    assert status == 0
    assert np.load(tmp_path / "out" / "edited.npy").shape == (3, 1, 5, 8, 8, 3)


@pytest.mark.parametrize(("by", "rows"), [("patch", 64), ("picture", 2)])
def test_outliers(by, rows, run, tmp_path, photos):
    (tmp_path / "mine").mkdir()
    Image.fromarray(np.full((20, 20, 3), 90, np.uint8)).save(tmp_path / "mine" / "flat.png")
    (photos / "photo-0.png").rename(tmp_path / "mine" / "photo.png")
    status, out, err = run("outliers", "mine", "--photos", "photos", "--by", by, "-o", "out")
    assert (status, err) == (0, "")
    assert files(tmp_path / "out") == {
        "outliers.png", "outliers.pdf", "outliers.csv", "detection.png", "detection.pdf", "detection.csv",
        "detection.txt", "columns.json",
    }  # fmt: skip
    frame = pd.read_csv(tmp_path / "out" / "outliers.csv")
    assert len(frame) == rows
    assert frame["p_value"].is_monotonic_increasing
    assert {"picture", "log_likelihood", "bits_per_dimension", "p_value", "side", "deviation", "model"} <= set(frame)
    assert ("left" in frame) == (by == "patch")
    assert out.startswith(f"Of {rows} ")
    assert len(pd.read_csv(tmp_path / "out" / "detection.csv")) == 8


def test_what_is_ranked_is_no_reference(run, tmp_path, photos):
    status, _, err = run("outliers", "photos", "--photos", "photos", "-o", "out")
    assert status == 2
    assert "holds 0 photographs that are not themselves ranked; expected at least 4" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("exaggerate", "p.png", "-o", "out"), "--mask"),
        (("exaggerate", "p.png", "--mask", "none.png", "-o", "out"), "none.png: no such file"),
        (("exaggerate", "p.png", "--mask", "m.png", "--stride", "9", "-o", "out"), "expected 1 to 8"),
        (("exaggerate", "p.png", "--mask", "m.png", "--eta", "3", "-o", "out"), "3.0 is not in the range"),
        (("exaggerate", "p.png", "--mask", "m.png", "--axis", "brigthness", "-o", "out"), "did you mean 'brightness'"),
        (("heatmap", "none.png", "-o", "out"), "none.png: no such file"),
        (("sample", "--prior-temperature", "0", "-o", "out"), "0.0 is not in the range x>0"),
        (("interpolate", "p.png", "p.png@40,0", "-o", "out"), "LEFT from 0 to 36 and TOP from 0 to 32"),
        (("edit", "--photos", "none", "-o", "out"), "none: no such folder"),
        (("edit", "--photos", ".", "--attribute", "brigth", "-o", "out"), "no attribute is called 'brigth'"),
        (("edit", "none.png", "--photos", ".", "-o", "out"), "none.png: no such file"),
        (("outliers", "p.png", "--photos", ".", "-o", "out"), "holds 1 photographs that are not themselves ranked"),
        (("heatmap", "p.png", "none.png", "-o", "out"), "none.png: no such file; expected a picture, or a folder"),
    ],
)
def test_bad_input_is_one_short_message_and_writes_nothing(arguments, message, run, tmp_path, picture):
    status, _, err = run(*arguments)
    assert status == 2
    assert message in err
    assert len(err.splitlines()) <= 2
    assert files(tmp_path) == {"p.png", "m.png"}


def test_two_pictures_of_one_name_are_refused(run, tmp_path, picture):
    status, _, err = run("heatmap", "p.png", "./p.png", tmp_path / "p.png", "-o", "out")
    assert (status, err) == (2, "picture 'p' is given 2 times; expected different ones, as files bear their names\n")
    assert files(tmp_path) == {"p.png", "m.png"}


@pytest.mark.parametrize(
    "line",
    [
        ("heatmap", "p.png", "-o", "out"),
        ("exaggerate", "p.png", "--mask", "m.png", "-o", "out"),
        ("sample", "-o", "out"),
        ("interpolate", "p.png", "m.png", "-o", "out"),
        ("edit", "--photos", ".", "-o", "out"),
    ],
)
def test_an_interrupt_leaves_nothing(line, run, tmp_path, picture, tiny, monkeypatch):
    monkeypatch.setattr(type(tiny), "likelihood_map", interrupt)
    monkeypatch.setattr(type(tiny.flow), "decode", interrupt)
    status, _, err = run(*line)
    assert (status, err.strip()) == (130, "interrupted; nothing was written")
    assert files(tmp_path) == {"p.png", "m.png"}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "line",
    [
        ("exaggerate", "p.png", "--mask", "m.png", "-o", "out"),
        ("interpolate", "p.png@3,4", "p.png", "-o", "out"),
        ("edit", "--photos", "photos", "--attribute", "brightness", "-o", "out"),
    ],
)
@pytest.mark.usefixtures("picture", "photos")
def test_what_a_model_of_structure_cannot_do_is_said_in_one_message(line, run, tmp_path, monkeypatch):
    monkeypatch.setattr("illusions.models.model.load_model", lambda name, *, device, precision: tiny_structure())
    status, out, err = run(*line)
    assert (status, out) == (2, "")
    assert "model 'tiny' sees luminance without its mean" in err
    assert "from which pictures cannot be made again; expected a model that sees colour as it is" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "line", [("heatmap", "p.png"), ("sample", "-n", "4"), ("outliers", "p.png", "--photos", "photos")]
)
@pytest.mark.usefixtures("picture", "photos")
def test_what_a_model_of_structure_can_do(line, run, monkeypatch):
    monkeypatch.setattr("illusions.models.model.load_model", lambda name, *, device, precision: tiny_structure())
    status, _, err = run(*line, "-o", "out")
    assert (status, err) == (0, "")


def spoil(folder):
    """A folder as one finds it: files that are no pictures among the others."""
    (folder / "0-broken.png").write_text("no picture")
    (folder / "z-broken.jpg").write_bytes((folder / "photo-0.png").read_bytes()[:300])
    (folder / "._photo-1.png").write_text("what macOS lays beside it")
    (folder / "empty.png").touch()
    (folder / "notes.txt").touch()
    Image.fromarray(some_picture(5, 5)).save(folder / "small.png")


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (["heatmap", "photos"], 10),
        (["heatmap", "photos", "--patches", "4"], 10),
        (["outliers", "photos", "--photos", "others"], 10),
        (["outliers", "others", "--photos", "photos"], 10),
        (["edit", "--photos", "photos"], None),
    ],
)
def test_bad_files_in_a_folder_are_passed_over_counted_and_named(run, tmp_path, photos, arguments, files):
    (tmp_path / "others").mkdir()
    for i in range(6):
        Image.fromarray(some_picture(30 + i, 40, seed=20 + i)).save(tmp_path / "others" / f"other-{i}.png")
    spoil(photos)
    status, out, err = run(*arguments, "-o", "out")
    assert status == 0, err
    assert out.splitlines()[-1].startswith("wrote ")
    counted = [line for line in err.splitlines() if "files could not be used as photographs" in line]
    if files is None:  # of two halves each
        assert sum(int(line.split()[0]) for line in counted) == 4
    else:
        assert counted == [f"4 of {files} files could not be used as photographs:"]
        assert "  and 1 more" in err.splitlines()
    for name in ("0-broken.png: is no picture", "empty.png: is empty", "small.png: is 5×5 pixels"):
        assert name in err
    assert "._photo" not in err
    assert "files of other kinds were passed over: 1 .txt" in err


def test_the_maps_that_were_done_are_kept(run, tmp_path, photos):
    spoil(photos)
    run("heatmap", "photos", "-o", "out")
    assert {name for name in files(tmp_path / "out") if name.endswith("-map.png")} == {
        f"photo-{i}-map.png" for i in range(6)
    }


def test_a_folder_of_nothing_but_bad_files_is_an_error(run, tmp_path):
    (tmp_path / "bad").mkdir()
    for name in "ab":
        (tmp_path / "bad" / f"{name}.png").write_text("no picture")
    for more in ([], ["--patches", "4"]):
        status, out, err = run("heatmap", "bad", *more, "-o", "out")
        assert (status, out) == (2, "")
        assert "none of 2 files can be used" in err
    assert not (tmp_path / "out").exists()


def test_too_few_photographs_that_can_be_used_are_an_error(run, tmp_path, picture, photos):
    for i in range(4):
        (photos / f"photo-{i}.png").write_text("no picture")
    status, _, err = run("outliers", "p.png", "--photos", "photos", "-o", "out")
    assert status == 2
    assert "photos: 2 of 6 photographs can be used; expected at least 4; the first that cannot: " in err


def test_two_steps_of_one_name_are_refused(run, tmp_path, picture):
    status, _, err = run("exaggerate", "p.png", "--mask", "m.png", "--eta", "0.6", "--eta", "0.60000001", "-o", "out")
    assert status == 2
    assert "eta '+0.6' is given 2 times" in err
