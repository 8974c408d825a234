"""What the shipped model is to do besides ranking: on its own weights, on the photograph that is shipped, too."""

from __future__ import annotations

import numpy as np
import pytest

from illusions import InputError, content, load_model
from illusions.analyses.exaggeration.comparison import ORIGINAL, compare
from illusions.analyses.exaggeration.exaggeration import exaggerate
from illusions.analyses.latents.editing import STRENGTHS, edit_all, find_directions
from illusions.analyses.latents.interpolation import LATENT, interpolate
from illusions.analyses.latents.samples import sample
from illusions.analyses.outliers.typicality import typicality
from illusions.analyses.patches.attributes import saturation
from illusions.models.latents import decode, encode, is_finite, to_bytes
from illusions.pictures import read_picture
from illusions.stimuli.from_pictures import from_pictures


@pytest.fixture(scope="module")
def model():
    return load_model("natural16", device="cpu")


@pytest.fixture(scope="module")
def fur():
    """A disc of the mean colour in the fur of the cat, and where it is."""
    pixels = read_picture(content.folder("stimuli") / "photographs" / "cat.png")[150:214, 36:100].copy()
    y, x = np.mgrid[:64, :64]
    disc = (x - 32) ** 2 + (y - 32) ** 2 < 8**2
    pixels[disc] = np.rint(pixels[disc].mean(axis=0))
    return pixels, disc


def test_illusions_are_made_in_a_photograph(model, fur, tmp_path):
    # Claim 5 of the paper. Towards likelier latents the surround loses colour, so that the target ranks more saturated;
    # away from them it gains colour and noise, and becomes less likely.
    from illusions.pictures import write_picture

    picture, disc = fur
    write_picture(tmp_path / "p.png", picture)
    write_picture(tmp_path / "m.png", np.uint8(255) * disc)
    stimulus = from_pictures(tmp_path / "p.png", tmp_path / "m.png", "saturation")
    moved = exaggerate(picture, disc, model, [0.6, -0.8], stride=4)
    done = compare([stimulus], picture, moved, model, draws=1)
    inwards, outwards = "η = +0.6", "η = −0.8"
    surround = {name: saturation(pixels[~disc][None, None])[0] for name, pixels in done.pictures.items()}
    assert surround[inwards] < surround[ORIGINAL] < surround[outwards]
    ranks = {name: curve.percentile_rank(curve.value) for name, curve in done.curves["saturation"].items()}
    assert ranks[ORIGINAL] < ranks[inwards]
    assert done.surround[outwards].mean() < done.surround[ORIGINAL].mean()


def test_photographs_come_back_from_their_latents(model, fur):
    patches = np.stack(
        [fur[0][top : top + 16, left : left + 16] for top in range(0, 48, 7) for left in range(0, 48, 7)]
    )
    colours = decode(model, encode(model, patches))
    assert is_finite(colours).all()
    assert np.abs(to_bytes(colours).astype(int) - patches).max() <= 1


def test_most_samples_decode(model):
    drawn = sample(model, 100)
    assert drawn.overflowed <= 2
    assert drawn.clipped < 0.1


def test_flat_patches_are_too_likely_and_noise_is_too_unlikely(model, fur):
    picture, _ = fur
    patches = np.stack(
        [picture[top : top + 16, left : left + 16] for top in range(0, 48, 4) for left in range(0, 48, 4)]
    )
    flat = np.full((1, 16, 16, 3), 128, np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 3), dtype=np.uint8)
    frame = typicality(model.log_likelihood(np.concatenate([flat, noise])), model.log_likelihood(patches))
    assert frame["side"].tolist() == ["likely", "unlikely"]
    assert (frame["p_value"] < 0.05).all()


def hard(name, height=21, width=19):
    """Pictures that no photograph resembles, of odd sizes."""
    random = np.random.default_rng(1)
    y, x = np.mgrid[:height, :width]
    return {
        "checkerboard": np.where((y + x)[..., None] % 2, *np.uint8([[200, 0, 0], [0, 0, 200]])),
        "black and white noise": np.uint8(255) * random.integers(0, 2, (height, width, 3), dtype=np.uint8),
        "noise": random.integers(0, 256, (height, width, 3), dtype=np.uint8),
        "black": np.zeros((height, width, 3), np.uint8),
        "white": np.full((height, width, 3), 255, np.uint8),
        "an edge": np.uint8([[[0, 255, 0]]]) * np.uint8(x > 9)[..., None],
    }[name]


HARD = ["checkerboard", "black and white noise", "noise", "black", "white", "an edge"]


@pytest.mark.parametrize("name", HARD)
def test_without_a_step_every_picture_stays_as_it_is_byte_by_byte(model, name):
    picture = hard(name)
    disc = np.hypot(*(np.mgrid[:21, :19] - 10.0)[:2]) < 4
    (done,) = exaggerate(picture, disc, model, [0.0], stride=3)
    assert np.array_equal(done.picture, picture)
    assert done.halfway == 0


@pytest.mark.parametrize("name", HARD)
def test_interpolation_begins_and_ends_with_its_pictures(model, name):
    first, second = hard(name)[:16, :16], hard("noise", 16, 16)
    done = interpolate(first, second, model, steps=3, draws=1)
    for patches in done.patches.values():
        assert np.array_equal(patches[0], first)
        assert np.array_equal(patches[-1], second)


def test_patches_between_those_that_float32_loses_are_as_in_float64(model):
    first, second = hard("checkerboard")[:16, :16], hard("black and white noise")[:16, :16]
    single, double = (interpolate(first, second, one, steps=3, draws=1) for one in (model, model.double()))
    assert np.array_equal(single.patches[LATENT], double.patches[LATENT])


def test_edits_of_no_strength_show_the_patch_itself(model):
    patches = np.stack([hard(name)[:16, :16] for name in HARD])
    directions = find_directions(patches, encode(model, patches), ["brightness"])
    assert np.array_equal(edit_all(patches, model, directions)[:, 0, STRENGTHS.index(0)], patches)


def test_hard_patches_come_back_from_their_latents(model):
    patches = np.stack([hard(name)[:16, :16] for name in HARD])
    assert np.abs(to_bytes(decode(model, encode(model, patches))).astype(int) - patches).max() <= 1


def test_a_patch_that_float64_loses_too_has_no_latents_and_is_refused(model):
    lost = np.uint8([[[255, 0, 0], [0, 0, 255]], [[0, 0, 255], [255, 0, 0]]])[np.ix_(*[np.arange(16) % 2] * 2)]
    assert np.isnan(encode(model, lost[None])).all()
    with pytest.raises(InputError, match=r"between the two patches the flow overflows, at 0\.00 of the way"):
        interpolate(lost, hard("noise", 16, 16), model, steps=3, draws=1)


def test_samples_that_overflow_are_replaced_and_counted_or_refused(model):
    with pytest.raises(InputError, match="at a prior temperature of 3 only 0 of 40 draws decode"):
        model.sample(4, temperature=3)
    with pytest.raises(InputError, match="of 4 samples overflowed at a temperature of 3"):
        model.flow.sample(4, temperature=3)
    with pytest.raises(InputError, match="expected a positive number"):
        model.sample(temperature=0)
    with pytest.warns(UserWarning, match=r"of \d+ draws at a prior temperature of 1.5 overflowed and were replaced"):
        patches = model.sample(16, temperature=1.5)
    assert patches.shape == (16, 16, 16, 3)
    assert patches.reshape(16, -1).max(axis=1).min() > 0  # none is black
    assert np.array_equal(model.sample(2, seed=3), sample(model, 2, seed=3).patches)
