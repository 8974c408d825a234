from __future__ import annotations

import pytest

from illusions.displays import Display
from illusions.errors import InputError
from illusions.models.architecture import Architecture, VaeArchitecture
from illusions.models.recipe import Recipe, load_recipe, write_recipe

WHOLE = """
title = "a test"
[flow]
size = 8
levels = 2
steps = 3
hidden = 16
[photographs]
bits = 5
flip = false
[training]
updates = 10
memory = "constant"
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "recipe.toml"


def test_a_recipe_is_read(path):
    path.write_text(WHOLE)
    recipe = load_recipe(path)
    assert recipe.flow.architecture() == Architecture(size=8, channels=3, levels=2, steps=3, hidden=16)
    assert (recipe.photographs.bits, recipe.photographs.flip) == (5, False)
    assert (recipe.training.updates, recipe.training.memory, recipe.training.precision) == (10, "constant", "bf16")


def test_a_recipe_without_the_newer_keys_sees_colour_as_it_is(path):
    path.write_text(WHOLE)
    sees = load_recipe(path).photographs
    assert (sees.channels, sees.normalise, sees.noise) == ("colour", "none", 0)


def test_a_recipe_of_normalised_luminance(path):
    path.write_text(WHOLE.replace("bits = 5", 'channels = "luminance"\nnormalise = "contrast"\nnoise = 0.3'))
    recipe = load_recipe(path)
    assert recipe.architecture() == Architecture(size=8, channels=1, levels=2, steps=3, hidden=16)
    write_recipe(path, recipe)
    assert load_recipe(path) == recipe


def test_a_recipe_of_cone_opponent_channels(path):
    written = """channels = "cones"
compression = "log"
normalise = ["contrast", "centre", "centre"]
floors = [0.1, 0.01, 0.03]
floor_rule = "added"
normalised_by = "surround"
display = { gamma = 2.2, red = [0.68, 0.32] }
noise = 0.3"""
    path.write_text(WHOLE.replace("bits = 5", written))
    recipe = load_recipe(path)
    assert recipe.architecture().channels == 3
    assert recipe.photographs.normalisations == ("contrast", "centre", "centre")
    assert recipe.photographs.floors == (0.1, 0.01, 0.03)
    assert recipe.photographs.display == Display(gamma=2.2, red=(0.68, 0.32))
    write_recipe(path, recipe)
    assert load_recipe(path) == recipe
    assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe  # as checkpoints keep it


def test_a_recipe_of_a_variational_autoencoder(path):
    path.write_text('title = "t"\nkind = "vae"\n[vae]\nsize = 8\nlatents = 5\nhidden = 4\n[training]\nupdates = 1')
    recipe = load_recipe(path)
    assert recipe.architecture() == VaeArchitecture(size=8, channels=3, latents=5, hidden=4)
    write_recipe(path, recipe)
    assert "[flow]" not in path.read_text()
    assert load_recipe(path) == recipe
    assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe  # as checkpoints keep it


def test_only_title_and_updates_are_needed(path):
    path.write_text('title = "t"\n[training]\nupdates = 1')
    assert load_recipe(path).flow.size == 16


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "a test"', "", "key 'title' is missing"),
        ("updates = 10", "", "key 'training.updates' is missing"),
        ("updates = 10", "updates = 0", "key 'training.updates': input should be greater than 0 (given: 0)"),
        ("updates = 10", "updates = 10\nbach = 3", "unknown key 'training.bach'"),
        ("[flow]", "[flwo]", "unknown key 'flwo'"),
        ("bits = 5", "bits = 9", "key 'photographs.bits'"),
        ("bits = 5", 'bits = "5"', "key 'photographs.bits': input should be a valid integer (given: '5')"),
        ("bits = 5", "bits = true", "key 'photographs.bits': input should be a valid integer (given: True)"),
        ("size = 8", 'size = "8"', "key 'flow.size': input should be a valid integer (given: '8')"),
        ("size = 8", "size = 8.0", "key 'flow.size': input should be a valid integer (given: 8.0)"),
        ("flip = false", 'flip = "no"', "key 'photographs.flip': input should be a valid boolean (given: 'no')"),
        ("flip = false", "flip = 0", "key 'photographs.flip': input should be a valid boolean (given: 0)"),
        ("updates = 10", "updates = 10\nclip_norm = '1'", "key 'training.clip_norm': input should be a valid number"),
        ("updates = 10", "updates = 10\nclip_norm = true", "key 'training.clip_norm': input should be a valid number"),
        ("updates = 10", "updates = 10\nclip_norm = nan", "key 'training.clip_norm': input should be a finite number"),
        ("updates = 10", "updates = 10\nclip_norm = inf", "key 'training.clip_norm': input should be a finite number"),
        ("updates = 10", "updates = 10\nseed = 10000000000000000000", "key 'training.seed': input should be less than"),
        ('title = "a test"', "title = 2024-01-01", "key 'title': input should be a valid string"),
        (
            "bits = 5",
            'channels = "color"',
            "key 'photographs.channels': input should be 'colour', 'luminance' or 'cones'",
        ),
        (
            "bits = 5",
            'normalise = "mean"',
            "key 'photographs.normalise': input should be 'none', 'centre', 'contrast' or 'joint', or",
        ),
        ("bits = 5", "noise = -0.1", "key 'photographs.noise': input should be greater than or equal to 0"),
        ("bits = 5", "noise = inf", "key 'photographs.noise': input should be a finite number"),
        ("bits = 5", 'normalise = "contrast"', "key 'photographs': normalise 'contrast' leaves patches of one mean"),
        ("bits = 5", 'channels = "cones"', "key 'photographs': channels 'cones' have no noise of bytes, so no density"),
        ("bits = 5", 'channels = "cones"\nnoise = [0.3, 0, 0.3]', "key 'photographs': channels 'cones' have no noise"),
        (
            "bits = 5",
            'channels = "cones"\nnoise = [0.3, 0.1]',
            "key 'photographs': noise: 2 values; expected one for all",
        ),
        ("bits = 5", 'channels = "cones"\nnoise = 0.3\nfloors = [1, 1, 1, 1]', "key 'photographs': floors: 4 values; "),
        (
            "bits = 5",
            'channels = "cones"\nnoise = 0.3\nfloors = [1, 0, 1]',
            "'photographs.floors': input should be greater",
        ),
        ("bits = 5", "floors = 0", "key 'photographs.floors': input should be greater than 0 (given: 0)"),
        (
            "bits = 5",
            'noise = ["0.3"]',
            "key 'photographs.noise': input should be a valid number, or a list of one per",
        ),
        ("bits = 5", "noise = [0.3, 0.3, 0.3]", "key 'photographs': noise: one per channel is for channels 'cones'"),
        ("bits = 5", 'normalise = "joint"\nnoise = 1', "key 'photographs': normalise 'joint' is for channels 'cones'"),
        ("bits = 5", 'compression = "log"', "key 'photographs': compression 'log' is of cone responses"),
        ("bits = 5", 'channels = "luminance"\ngrey = 0.5', "grey: luminance has no colour to lose; expected 0"),
        ("bits = 5", 'channels = "cones"\nnoise = 1\nopponent = ["A"]\ngrey = 0.5', "grey: luminance has no colour"),
        ("bits = 5", 'channels = "cones"\nnoise = 1\nopponent = []', "opponent [] does not show brightness"),
        ("bits = 5", 'opponent = ["A"]', "key 'photographs': opponent: channels of cone responses; expected channels"),
        (
            "bits = 5",
            'channels = "cones"\nnoise = 0.3\nopponent = ["RG", "BY"]',
            "opponent ['RG', 'BY'] does not show brightness; expected A among them",
        ),
        ("bits = 5", 'channels = "cones"\nnoise = 0.3\nopponent = ["A", "S"]', "key 'photographs.opponent.1': input"),
        (
            "bits = 5",
            'channels = "cones"\nnoise = [1, 1, 1]\nopponent = ["A", "A"]',
            "noise: 3 values; expected one for all channels, or 2 (A, A)",
        ),
        ("bits = 5", "display = { gamma = 2 }", "key 'photographs': display: its light is what cones see"),
        ("bits = 5", "display = { gamma = 0 }", "key 'photographs.display': gamma of the display is 0; expected 0.5"),
        ("bits = 5", "display = { gama = 2 }", "no key of a display is called 'gama'; did you mean 'gamma'?"),
        ("bits = 5", 'normalised_by = "surround"', "key 'photographs': normalised_by 'surround' needs something to"),
        ("levels = 2", "levels = 4", "size 8 cannot be halved 4 times"),
        ('memory = "constant"', 'memory = "little"', "'ordinary' or 'constant'"),
        ('title = "a test"', 'title = "a test"\nkind = "gan"', "key 'kind': input should be 'flow' or 'vae'"),
        ('title = "a test"', 'title = "a test"\nkind = "vae"', "[flow]: is no table of kind 'vae'; expected [vae]"),
        ("[photographs]", "[vae]\nlatents = 3\n[photographs]", "[vae]: is no table of kind 'flow'; expected [flow]"),
        ("[photographs]", "[vae]\nsize = 6\n[photographs]", "key 'vae.size': input should be a multiple of 4"),
        ("title", "title =", "is not a valid TOML file"),
    ],
)
def test_what_is_wrong_is_named(old, new, message, path):
    path.write_text(WHOLE.replace(old, new))
    with pytest.raises(InputError) as error:
        load_recipe(path)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) <= 2
    assert "{" not in str(error.value)


def test_an_integer_is_a_number(path):
    path.write_text(WHOLE.replace("updates = 10", "updates = 10\nclip_norm = 2\nlearning_rate = 1"))
    assert (load_recipe(path).training.clip_norm, load_recipe(path).training.learning_rate) == (2.0, 1.0)


def test_no_file(path):
    with pytest.raises(InputError, match="cannot be read"):
        load_recipe(path)


def test_a_recipe_that_is_written_reads_the_same_and_says_what_its_keys_mean(path):
    path.write_text(WHOLE.replace("a test", r"16×16 \"patches\""))
    recipe = load_recipe(path)
    path.unlink()
    write_recipe(path, recipe)
    assert load_recipe(path) == recipe
    assert "learning_rate = 0.001  # peak learning rate of Adam" in path.read_text()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_recipe_that_cannot_be_written(path):
    path.write_text(WHOLE)
    with pytest.raises(InputError, match=r"other: cannot be written"):
        write_recipe(path / "other", load_recipe(path))
