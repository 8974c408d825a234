"""What the shipped model is to do besides ranking: on its own weights, on the photograph that is shipped, too."""

from __future__ import annotations

import numpy as np
import pytest

from illusions import content, load_model
from illusions.analyses.exaggeration.comparison import ORIGINAL, compare
from illusions.analyses.exaggeration.exaggeration import exaggerate
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
