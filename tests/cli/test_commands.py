from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from illusions.tables import read_table

pytestmark = pytest.mark.usefixtures("fake_model")
RANKS = (
    "stimulus,condition,axis,value,log_likelihood,standard_error,density,percentile_rank,temperature,model,"
    "lowest_value,highest_value,values,evaluated"
)
SUMMARY = (
    "stimulus,condition,axis,value,percentile_rank,effect,temperature,model,"
    "percentile_rank_standard_error,effect_standard_error,lowest_value,highest_value,values,coverage,cautions"
)
MATCHES = (
    "stimulus,axis,reference_condition,reference_value,comparison_condition,percentile_rank,pse,"
    "pse_standard_error,change_percent,in_gamut,temperature,model,lowest_value,highest_value,values,coverage,"
    "gamut_shift,cautions"
)


def files(folder):
    """Every file but the record of what runs wrote."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name[0] != "."}


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def header(path):
    return path.read_text().splitlines()[0]


@pytest.mark.usefixtures("drawn")
def test_rank(run, tmp_path):
    status, out, err = run("rank", "brightness-contrast", "saturation-contrast", "--reading", "paper", "-o", "out")
    assert (status, err) == (0, "")
    expected = {"ranks.csv", "summary.csv", "columns.json", "report.html", "report.md"} | {
        f"{name}-rank.png" for name in ("brightness-contrast", "saturation-contrast")
    }
    assert files(tmp_path / "out") == expected
    first, second = [line for line in out.splitlines() if not line.startswith("wrote ")]
    assert first.startswith("brightness-contrast: The targets are physically the same (brightness 0.5).")
    assert first.endswith("the one on “dark” should look brighter.")
    assert second.startswith("saturation-contrast: ")
    assert sorted(line[6:] for line in out.splitlines() if line.startswith("wrote ")) == sorted(
        f"out/{name}" for name in expected
    )
    assert header(tmp_path / "out" / "ranks.csv") == RANKS
    assert header(tmp_path / "out" / "summary.csv") == SUMMARY
    ranks = pd.read_csv(tmp_path / "out" / "ranks.csv")
    assert len(ranks) == 4 * 256
    areas = ranks.groupby(["stimulus", "condition"])["density"].sum() / 255
    assert areas.to_numpy() == pytest.approx(1)
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert (summary.groupby("stimulus")["effect"].first() > 0).all()
    page = (tmp_path / "out" / "report.html").read_text()
    assert "illusions rank brightness-contrast saturation-contrast --reading paper -o out" in page
    assert "bits-per-dim (T = 532.337 nats)" in page
    assert "Standard errors are over noise samples" in page
    assert len(page.encode()) < 6e6
    text = (tmp_path / "out" / "report.md").read_text()
    assert "](brightness-contrast-rank.png)" in text
    assert "illusions rank brightness-contrast saturation-contrast --reading paper -o out" in text


def test_rank_at_several_scales(run, tmp_path):
    status, _, err = run("rank", "brightness-contrast", "--scale", 2, "--scale", 4, "-o", "out")
    assert (status, err) == (0, "")
    assert header(tmp_path / "out" / "ranks.csv") == f"{RANKS},scale"
    assert header(tmp_path / "out" / "summary.csv") == f"{SUMMARY},scale"
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert list(summary["scale"]) == ["2.0", "2.0", "4.0", "4.0", "mean", "mean"]
    assert "mean over the scales 2 and 4" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize(
    ("scales", "message"), [(("0.5",), "at most 16 times as wide"), (("2", "2.0"), "scale '2' is given 2 times")]
)
def test_a_bad_scale_is_named(scales, message, run, tmp_path):
    for command in ("rank", "match"):
        options = [word for scale in scales for word in ("--scale", scale)]
        status, _, err = run(command, "brightness-contrast", *options, "-o", "out")
        assert status == 2
        assert message in err
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("drawn")
def test_rank_is_the_same_to_the_last_bit_the_second_time(run, tmp_path):
    for folder in ("a", "b"):
        run("rank", "brightness-contrast", "-o", folder)
    for name in ("ranks.csv", "summary.csv", "brightness-contrast-rank.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_rank_of_a_masked_picture(run, tmp_path):
    picture, mask = np.full((64, 64, 3), 50, np.uint8), np.zeros((64, 64), np.uint8)
    mask[26:38, 26:38] = 255
    picture[mask > 0] = 128
    Image.fromarray(picture).save(tmp_path / "i.png")
    Image.fromarray(mask).save(tmp_path / "m.png")
    status, _, err = run("rank", "--image", "i.png", "--mask", "m.png", "--axis", "brightness", "-o", ".")
    assert status == 0
    assert err == "i: read as in the paper (--reading paper), as its size in degrees of visual angle is not known\n"
    assert (pixels(tmp_path / "i.png") == picture).all()
    summary = pd.read_csv(tmp_path / "summary.csv")
    assert list(summary["condition"]) == ["image"]
    assert summary["effect"].isna().all()
    assert summary["value"].item() == pytest.approx(128 / 255)
    assert summary["percentile_rank"].item() > 0.5


def test_rank_and_match_of_several_masks(run, tmp_path):
    picture = np.full((64, 128, 3), 50, np.uint8)
    picture[:, 64:] = 200
    for name, columns in (("left", np.s_[26:38]), ("right", np.s_[90:102])):
        mask = np.zeros((64, 128), np.uint8)
        mask[26:38, columns] = 255
        picture[mask > 0] = 128
        Image.fromarray(mask).save(tmp_path / f"{name}.png")
    Image.fromarray(picture).save(tmp_path / "i.png")
    line = ("--image", "i.png", "--mask", "left.png", "--mask", "right.png", "--axis", "brightness", "-o", "out")
    assert run("rank", *line)[0] == 0
    summary = pd.read_csv(tmp_path / "out" / "summary.csv").set_index("condition")
    assert list(summary.index) == ["left", "right"]
    assert summary.loc["left", "effect"] > 0
    assert run("match", *line)[0] == 0
    matches = pd.read_csv(tmp_path / "out" / "matches.csv").set_index("reference_condition")
    assert matches.loc["left", "pse"] > 128 / 255 > matches.loc["right", "pse"]
    status, _, err = run("match", *line[:4], *line[6:])
    assert status == 2
    assert "i: has a single target, and nothing to match it with; expected two or more" in " ".join(err.split())
    status, _, err = run("match", *line[:2], *line)
    assert status == 0, err  # a picture for each mask
    status, _, err = run("match", *line[:4], *line)
    assert (status, "there are 2 pictures and 3 masks; expected one picture with" in err) == (2, True)


def test_a_scale_that_is_given_wins_over_the_largest_that_fits(run, tmp_path):
    """A target of 40 pixels in a picture of 64: 16/6 does not fit, 1.6 does, and 1.5 is what is asked for."""
    picture, mask = np.full((64, 64, 3), 50, np.uint8), np.zeros((64, 64), np.uint8)
    mask[12:52, 12:52] = 255
    picture[mask > 0] = 128
    Image.fromarray(picture).save(tmp_path / "i.png")
    Image.fromarray(mask).save(tmp_path / "m.png")
    line = ("rank", "--image", "i.png", "--mask", "m.png", "--axis", "brightness", "-o", "out")
    status, _, err = run(*line, "--scale", 1.5)
    assert (status, err) == (0, "")
    assert set(pd.read_csv(tmp_path / "out" / "summary.csv")["scale"]) == {1.5}
    status, _, err = run(*line)
    assert status == 0
    assert err.startswith(
        "i: The patch is 1.6 times as wide as the target, and not 2.667 times: the picture ends there.\n"
    )
    assert "scale 1.6 (patch ÷ target)" in (tmp_path / "out" / "report.html").read_text()
    status, _, err = run(*line, "--scale", 2)
    assert status == 2
    assert "the patch around the target is 2 times as wide as it, 80 pixels, and the picture only 64×64" in err


def test_rank_of_the_labelled_targets_of_a_picture(run, tmp_path):
    picture, mask = np.full((64, 128, 3), 50, np.uint8), np.zeros((64, 128), np.uint8)
    picture[:, 64:] = 200
    mask[26:38, 26:38], mask[26:38, 90:102] = 1, 2
    picture[mask > 0] = (127, 128, 128)
    Image.fromarray(picture).save(tmp_path / "i.png")
    Image.fromarray(mask).save(tmp_path / "m.png")
    line = ("rank", "--image", "i.png", "--mask", "m.png", "--axis")
    status, _, err = run(*line, "brightness", "-o", "both")
    assert status == 0
    assert "size in degrees of visual angle is not known" in err
    summary = pd.read_csv(tmp_path / "both" / "summary.csv", dtype={"condition": str})
    assert list(summary["condition"]) == ["1", "2"]
    assert run(*line, "brightness", "--target", "2", "-o", "one")[0] == 0
    assert list(pd.read_csv(tmp_path / "one" / "summary.csv")["condition"]) == ["image"]
    status, _, err = run(*line, "brightness", "--target", "3", "-o", "none")
    assert (status, err.strip()) == (2, "m.png: has no target 3; there is: 1, 2")
    status, _, err = run(*line, "saturation", "-o", "none")
    assert status == 2
    assert "is grey, to the precision of 8 bits, so its saturation needs a hue" in " ".join(err.split())
    status, _, err = run(*line, "saturation", "--hue", "0.6", "-o", "hue")
    assert status == 0
    assert "size in degrees of visual angle is not known" in err
    assert pd.read_csv(tmp_path / "hue" / "summary.csv")["value"].tolist() == [0, 0]


def test_targets_of_different_colours_get_one_that_is_given(run, tmp_path):
    picture, mask = np.full((64, 128, 3), 50, np.uint8), np.zeros((64, 128), np.uint8)
    mask[26:38, 26:38], mask[26:38, 90:102] = 1, 2
    picture[mask == 1], picture[mask == 2] = 90, 180
    Image.fromarray(picture).save(tmp_path / "i.png")
    Image.fromarray(mask).save(tmp_path / "m.png")
    line = ("rank", "--image", "i.png", "--mask", "m.png", "--axis", "brightness")
    status, _, err = run(*line, "-o", "none")
    assert status == 2
    assert "or one colour for all of them (--colour," in " ".join(err.split())
    status, out, _ = run(*line, "--colour", "#808080", "-o", "out")
    assert status == 0
    assert "All targets are filled with one colour, #808080 (brightness 0.502), in place of their pixels." in out
    assert pd.read_csv(tmp_path / "out" / "summary.csv")["value"].tolist() == pytest.approx([128 / 255] * 2)


def test_match(run, tmp_path):
    status, out, err = run("match", "brightness-contrast", "-o", "out", "--reading", "paper", "--temperature", "2000")
    assert (status, err) == (0, "")
    assert header(tmp_path / "out" / "matches.csv") == MATCHES
    matches = pd.read_csv(tmp_path / "out" / "matches.csv")
    assert list(matches["comparison_condition"]) == ["light", "dark"]
    assert matches["in_gamut"].all()
    assert matches["pse"][0] > 0.5 > matches["pse"][1]
    names = {"before", "light-as-dark", "dark-as-light"}
    pictures = {f"brightness-contrast-{name}{proof}.png" for name in names for proof in ("", "-proof")}
    assert files(tmp_path / "out") == pictures | {"matches.csv", "columns.json", "report.html", "report.md"}
    text = (tmp_path / "out" / "report.md").read_text()
    named = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert set(named) == pictures
    assert "| dark | light | " in text
    before = pixels(tmp_path / "out" / "brightness-contrast-before.png")
    after = pixels(tmp_path / "out" / "brightness-contrast-light-as-dark.png")
    changed = (before != after).any(axis=2)
    assert 0 < changed.mean() < 0.2
    assert not changed[:, : changed.shape[1] // 2].any()
    assert "must be set to brightness" in out


def test_match_at_several_scales(run, tmp_path):
    status, out, err = run("match", "brightness-contrast", "--scale", 2, "--scale", 3, "-o", "out")
    assert (status, err) == (0, "")
    assert header(tmp_path / "out" / "matches.csv") == f"{MATCHES},scale"
    assert list(pd.read_csv(tmp_path / "out" / "matches.csv")["scale"]) == ["2.0", "2.0", "3.0", "3.0", "mean", "mean"]
    assert "brightness-contrast, mean over the scales 2 and 3: To look like" in out


def test_no_match_is_an_answer(run, tmp_path):
    status, out, _ = run("match", "brightness-contrast", "-o", "out", "--reading", "paper", "--temperature", "exact")
    assert status == 0
    matches = pd.read_csv(tmp_path / "out" / "matches.csv")
    assert not matches["in_gamut"].any()
    assert matches["pse"].isna().all()
    assert "the end of the gamut" in out
    assert not list((tmp_path / "out").glob("*-as-*"))


def test_render(run, tmp_path):
    status, _, _ = run("render", "brightness-contrast", "-o", "out")
    assert status == 0
    manifest = pd.read_csv(tmp_path / "out" / "manifest.csv", keep_default_na=False)
    assert {"out/" + name for name in manifest["file"]} | {"out/manifest.csv", "out/columns.json"} == {
        "out/" + name for name in files(tmp_path / "out")
    }
    assert set(manifest["kind"]) == {"pair", "proof", "picture", "target", "patch"}
    patches = manifest[manifest["kind"] == "patch"]
    assert len(patches) == 2 * 256
    row = patches.iloc[200]
    patch = pixels(tmp_path / "out" / row["file"])
    assert patch.shape == (16, 16, 3)
    assert (patch[8, 8] == round(row["value"] * 255)).all()


def test_luminances_of_a_display(run, tmp_path):
    """Grey 128 on 51 and on 204, of a display of gamma 2.2 and a white of 80 cd/m²: 80 · (byte / 255) ** 2.2."""
    display = ("--display", "gamma=2.2,white=80")
    dark, grey, light = (80 * (byte / 255) ** 2.2 for byte in (51, 128, 204))
    assert run("render", "brightness-contrast", *display, "-o", "out")[0] == 0
    manifest = pd.read_csv(tmp_path / "out" / "manifest.csv").set_index("file")
    for condition, surround in (("dark", dark), ("light", light)):
        row = manifest.loc[f"brightness-contrast/pictures/{condition}.png"]
        assert (row["target_cd_m2"], row["surround_cd_m2"]) == pytest.approx((grey, surround), abs=1e-3)
        patch = manifest.loc[f"brightness-contrast/patches/{condition}/255.png"]
        assert (patch["target_cd_m2"], patch["surround_cd_m2"]) == pytest.approx((80, surround), abs=1e-3)
    assert np.isnan(manifest.loc["brightness-contrast/pair.png", "surround_cd_m2"])
    assert run("rank", "brightness-contrast", "--reading", "paper", *display, "-o", "out")[0] == 0
    ranks, summary = (pd.read_csv(tmp_path / "out" / name) for name in ("ranks.csv", "summary.csv"))
    np.testing.assert_allclose(ranks["target_cd_m2"], 80 * ranks["value"] ** 2.2, atol=1e-3)
    assert summary["surround_cd_m2"].tolist() == pytest.approx([dark, light], abs=1e-3)
    assert run("match", "brightness-contrast", "--reading", "paper", *display, "-o", "out")[0] == 0
    matches = pd.read_csv(tmp_path / "out" / "matches.csv")
    level = np.floor(matches["pse"] * 255 + 0.5)
    np.testing.assert_allclose(matches["pse_cd_m2"], 80 * (level / 255) ** 2.2, atol=1e-3)
    assert matches["comparison_surround_cd_m2"].tolist() == pytest.approx([light, dark], abs=1e-3)
    assert run("match", "brightness-contrast", "--display", "white=100", "--temperature", "1", "-o", "none")[0] == 0
    none = pd.read_csv(tmp_path / "none" / "matches.csv")
    assert none["pse_cd_m2"].isna().equals(~none["in_gamut"])


@pytest.mark.parametrize(
    "written", ["gamma=2.2", "white=a", "white=100,black=100", "100", "", "white=-1", "white=1,white=2"]
)
def test_what_is_no_display(run, tmp_path, written):
    status, _, err = run("render", "white", "--display", written, "-o", "out")
    assert status == 2
    assert "display" in err
    assert not (tmp_path / "out").exists()


def test_pictures_say_that_they_are_srgb(run, tmp_path):
    assert run("render", "hue-contrast", "-o", "out")[0] == 0
    for name in ("pair.png", "pictures/yellow.png", "targets/yellow.png"):
        path = next((tmp_path / "out").glob("hue-contrast/" + name.replace("yellow", "*")))
        with Image.open(path) as image:
            assert image.info["srgb"] == 1
        assert path.read_bytes().index(b"sRGB") < path.read_bytes().index(b"IDAT")


def test_render_at_the_size_at_which_it_is_meant_to_be_seen(run, tmp_path):
    status, _, err = run("render", "white", "dungeon", "-o", "own")
    assert (status, err) == (0, "")
    own = pd.read_csv(tmp_path / "own" / "manifest.csv", keep_default_na=False).groupby("stimulus")
    assert set(own.get_group("dungeon")["pixels_per_degree"]) == {""}
    for options, resolution in (("--pixels-per-degree 20", 20), ("--distance 60 --pixels-per-cm 30", 31.4167)):
        status, _, err = run("render", "white", *options.split(), "-o", "out")
        assert (status, err) == (0, "")
        manifest = pd.read_csv(tmp_path / "out" / "manifest.csv").set_index("file")
        row = manifest.loc["white/pictures/black.png"]
        assert row["pixels_per_degree"] == pytest.approx(resolution, abs=1e-3)
        assert row["target_degrees"] == 4
        assert row["width_degrees"] == row["height_degrees"] == pytest.approx(22, abs=0.02)
        assert pixels(tmp_path / "out" / row.name).shape[1] == row["width"] == round(22 * resolution)
        # the target is 4 of the 16 pixels of a patch
        patch = manifest.loc["white/patches/black/000.png"]
        assert (patch["pixels_per_degree"], patch["width_degrees"]) == (1, 16)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--distance 60", "--distance and --pixels-per-cm go together; expected both"),
        ("--pixels-per-cm 30", "--distance and --pixels-per-cm go together; expected both"),
        ("--distance 60 --pixels-per-cm 30 --pixels-per-degree 9", "say what --pixels-per-degree says"),
        ("--pixels-per-degree 0", "0.0 is not in the range x>0"),
        ("--pixels-per-degree nan", "nan is not a finite number"),
        ("--pixels-per-degree 30", "dungeon: has no size in degrees of visual angle"),
        ("--pixels-per-degree 0.01", "fills no pixel of the picture"),
    ],
)
def test_sizes_that_cannot_be_drawn(options, message, run, tmp_path):
    name = "dungeon" if options.endswith(" 30") else "white"
    status, out, err = run("render", name, *options.split(), "-o", "out")
    assert (status, out) == (2, "")
    assert message in err
    assert not list(tmp_path.iterdir())


def test_render_of_conditions_that_are_called_like_other_files(run, tmp_path):
    (tmp_path / "mine.toml").write_text(
        "kind = 'uniform'\ntitle = 't'\ndescription = ''\nsource = ''\naxis = 'brightness'\n"
        "[target]\ncolour = '#808080'\nsize = 6\n"
        + "".join(f"[conditions.{name}]\nsurround = '#202020'\n" for name in ("pair", "proof", "pair-target"))
    )
    status, _, _ = run("render", "mine.toml", "-o", "out")
    assert status == 0
    manifest = pd.read_csv(tmp_path / "out" / "manifest.csv", keep_default_na=False)
    assert manifest["file"].is_unique
    sizes = dict(zip(manifest["file"], zip(manifest["height"], manifest["width"], strict=True), strict=True))
    for name, size in sizes.items():
        assert pixels(tmp_path / "out" / name).shape[:2] == size


@pytest.mark.parametrize("place", ["brightness-contrast", "brightness-contrast/patches", "manifest.csv"])
def test_render_where_something_else_stands_in_the_way(place, run, tmp_path):
    in_the_way = tmp_path / "out" / place
    in_the_way.parent.mkdir(parents=True)
    in_the_way.mkdir() if place == "manifest.csv" else in_the_way.write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    status, out, err = run("render", "brightness-contrast", "-o", "out")
    assert (status, out) == (2, "")
    assert f"out/{place}: is a " in err
    assert len(err.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.usefixtures("drawn")
def test_figures(run, tmp_path):
    status, _, err = run("figures", "brightness-match", "saturation-match", "-o", "out")
    assert (status, err) == (0, "")
    kinds = ("png", "pdf", "csv")
    expected = {f"{name}.{suffix}" for name in ("brightness-match", "saturation-match") for suffix in kinds}
    assert expected | {"index.html"} <= files(tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text()
    assert ">holds<" in page
    assert ">holds in direction, not in size<" in page
    assert "+24 %" in page
    assert "illusions figures saturation-match" in page


def test_figures_of_ones_own_file(run, tmp_path):
    (tmp_path / "mine.toml").write_text(
        'kind = "match"\ntitle = "Upside down"\nstimulus = "brightness-contrast"\nhigher = "light"\nlower = "dark"\n'
        'temperature = 300\n[claim]\nsource = "me"\ntext = "The light one looks brighter."\n'
    )
    status, _, _ = run("figures", "mine.toml", "-o", "out")
    assert status == 0
    page = (tmp_path / "out" / "index.html").read_text()
    assert ">does not hold<" in page
    assert "T = 300 nats" in page
    run("figures", "mine.toml", "-o", "out", "--temperature", "400")
    assert "T = 400 nats" in (tmp_path / "out" / "index.html").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind = 'match'\nstimulis = 'x'", "mine.toml: "),
        ("kind = 'mach'", "did you mean 'match'?"),
        (
            "kind='match'\ntitle='t'\nstimulus='brightness-contrast'\nhigher='drak'\nlower='light'\n"
            "[claim]\nsource='s'\ntext='t'",
            "did you mean 'dark'?",
        ),
        (
            "kind='match'\ntitle='t'\nstimulus='brightness-contrast'\nhigher='dark'\nlower='light'\n"
            "temperature='hot'\n[claim]\nsource='s'\ntext='t'",
            "key 'temperature': no temperature is called 'hot'",
        ),
    ],
)
def test_a_bad_analysis_is_named(text, message, run, tmp_path):
    (tmp_path / "mine.toml").write_text(text)
    status, _, err = run("figures", "mine.toml", "-o", "out")
    assert status == 2
    assert message in err
    assert len(err.splitlines()) <= 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["rank", "match", "render"])
def test_an_unknown_stimulus(command, run, tmp_path):
    status, _, err = run(command, "brightness-contrats", "-o", "out")
    assert status == 2
    assert err.strip().endswith("did you mean 'brightness-contrast'?")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("command", "name"),
    [("rank", "brightness-contrast"), ("figures", "brightness-match"), ("render", "brightness-contrast")],
)
def test_the_same_name_twice_is_refused(command, name, run, tmp_path):
    status, _, err = run(command, name, name, "-o", "out")
    assert status == 2
    assert f"'{name}' is given 2 times" in err
    assert not list(tmp_path.iterdir())


def test_list(run):
    status, out, _ = run("list")
    assert status == 0
    rows = [line.split("\t") for line in out.splitlines()]
    assert all(len(row) == 3 and all(row) for row in rows)
    assert ["stimulus", "brightness-contrast"] in [row[:2] for row in rows]
    assert ["analysis", "saturation-match"] in [row[:2] for row in rows]


def test_an_interrupt_while_scoring_leaves_nothing(run, tmp_path, monkeypatch):
    from tests.analyses.fakes import FakeModel

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeModel, "log_likelihood_draws", interrupt)
    status, _, err = run("rank", "brightness-contrast", "-o", "out")
    assert (status, err.strip()) == (130, "interrupted; nothing was written")
    assert not list(tmp_path.iterdir())


def test_conditions_called_as_missing_values_are_come_back_by_name(run, tmp_path):
    (tmp_path / "none.toml").write_text(
        'kind = "uniform"\ntitle = "t"\ndescription = "d"\nsource = "s"\naxis = "brightness"\n'
        '[target]\ncolour = "#808080"\nshape = "square"\nsize = 6\n'
        '[conditions.NA]\nsurround = "#333333"\n[conditions.None]\nsurround = "#cccccc"\n'
    )
    for command, table, columns in (
        ("match", "matches.csv", ["reference_condition", "comparison_condition"]),
        ("rank", "ranks.csv", ["condition"]),
        ("rank", "summary.csv", ["condition"]),
        ("render", "manifest.csv", ["condition"]),
    ):
        status, _, err = run(command, "none.toml", "-o", command)
        assert status == 0
        assert f"{table}: most programs read the name 'NA', 'None' as a missing value" in err
        for column in columns:
            assert set(read_table(tmp_path / command / table)[column]) - {""} == {"NA", "None"}


def test_a_second_run_into_the_same_folder_leaves_no_mix(run, tmp_path):
    for command in ("rank", "match", "render"):
        run(command, "brightness-contrast", "-o", command)
        status, _, err = run(command, "white", "-o", command)
        assert status == 0
        assert "of an earlier run, of which some were replaced" in err
        assert not [name for name in files(tmp_path / command) if name.startswith("brightness-contrast")]


@pytest.mark.usefixtures("drawn")
def test_figures_for_paper(run, tmp_path):
    paper = ("--style", "paper", "--width", 3.3, "--format", "svg")
    status, _, err = run("rank", "brightness-contrast", "-o", "out", "--reading", "paper", *paper)
    assert (status, err) == (0, "")
    written = {name for name in files(tmp_path / "out") if name.startswith("brightness-contrast-rank")}
    assert written == {"brightness-contrast-rank.svg", "brightness-contrast-rank.txt"}
    text = (tmp_path / "out" / "report.md").read_text()
    assert "](brightness-contrast-rank.svg)" in text
    assert "T = 532.3 nats" in (tmp_path / "out" / "brightness-contrast-rank.txt").read_text()
    status, _, err = run("rank", "brightness-contrast", "-o", "out", "--width", 3.3)
    assert status == 2
    assert "expected --style paper beside it" in err
