from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from skimage.color import rgb2lab

from illusions.errors import InputError
from illusions.models.dequantisation import gaussian_noise, uniform_noise
from illusions.models.latents import to_bytes
from illusions.models.recipe import PhotographsTable
from illusions.models.view import FLOOR, Noise, View, luminance

STRUCTURE = View(PhotographsTable(channels="luminance", normalise="contrast", noise=0.3))
STILL = Noise(torch.full((1, 8, 8, 1), 0.5, dtype=torch.float64), torch.zeros(1, 8, 8, 1))


def view(**sees):
    return View(PhotographsTable(**sees))


def colours(n, low=0, high=256, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).integers(low, high, (n, 8, 8, 3), dtype=np.uint8))


def greys(levels):
    return torch.as_tensor(levels, dtype=torch.uint8)[..., None].expand(*np.shape(levels), 3)


def test_luminance_leaves_every_grey_as_it_is():
    assert torch.equal(luminance(greys(np.arange(256)))[..., 0], torch.arange(256, dtype=torch.uint8))


def test_the_grey_of_a_colour_has_its_lightness():
    """By scikit-image's CIELAB, whose L* depends on luminance alone; a level is up to half a unit of L*."""
    shown = colours(40).numpy()
    grey = luminance(torch.from_numpy(shown)).numpy().repeat(3, axis=-1)
    assert np.abs(rgb2lab(shown)[..., 0] - rgb2lab(grey)[..., 0]).max() < 0.3
    assert rgb2lab(grey)[..., 0].std() > 10


def test_colour_is_seen_as_dequantised_bytes():
    x = view().see(colours(3), view().noise(1, 8, seed=2, draw=1))
    u = uniform_noise((1, 8, 8, 3), seed=2, draw=1)
    assert np.array_equal(x.numpy(), (colours(3).numpy() + u) / np.float32(256) - np.float32(0.5))


@pytest.mark.parametrize("bits", [8, 5])
def test_luminance_is_dequantised_as_colour_is(bits):
    seen = view(channels="luminance", bits=bits)
    grey = view(bits=bits).see(greys(luminance(colours(3))[..., 0]), seen.noise(1, 8, seed=0, draw=0))
    assert torch.equal(seen.see(colours(3), seen.noise(1, 8, seed=0, draw=0)), grey[..., :1])


def test_gaussian_noise_is_added_with_its_sigma():
    seen, plain = view(noise=0.25), view()
    noise = seen.noise(4, 8, seed=1, draw=0)
    added = (seen.see(colours(4), noise) - plain.see(colours(4), Noise(noise.uniform, None))) / 0.25
    assert_allclose(added, gaussian_noise((4, 8, 8, 3), seed=1, draw=0), atol=1e-5)


def test_gaussian_noise_is_standard_normal_and_has_nothing_to_do_with_the_uniform():
    shape = 100, 8, 8, 3
    noise = gaussian_noise(shape, seed=1, draw=2)
    assert abs(noise.mean()) < 0.03
    assert abs(noise.std() - 1) < 0.03
    assert abs(np.corrcoef(noise.ravel(), uniform_noise(shape, seed=1, draw=2).ravel())[0, 1]) < 0.03
    assert np.array_equal(noise, gaussian_noise(shape, seed=1, draw=2))
    assert not np.array_equal(noise, gaussian_noise(shape, seed=1, draw=3))
    assert not np.array_equal(noise, gaussian_noise(shape, seed=2, draw=2))


def test_a_patch_is_normalised_by_itself():
    shown = colours(5, 50, 200)
    x = STRUCTURE.see(shown, STILL)
    levels = luminance(shown).double().numpy()
    expected = levels - levels.mean(axis=(1, 2, 3), keepdims=True)
    assert_allclose(x, expected / levels.std(axis=(1, 2, 3), keepdims=True), rtol=1e-6, atol=1e-9)


def test_or_by_its_surround():
    shown = greys(np.random.default_rng(0).integers(60, 120, (3, 8, 8)))
    surround = np.ones((8, 8), dtype=bool)
    surround[3:6, 2:5] = False
    bright = shown.clone()
    bright[:, 3:6, 2:5] = 255
    before, after = (STRUCTURE.see(patches, STILL, surround=surround) for patches in (shown, bright))
    assert torch.equal(before[:, surround], after[:, surround])
    assert_allclose(before[:, surround].mean(dim=(1, 2)), 0, atol=1e-9)
    assert_allclose(before[:, surround].std(dim=(1, 2), correction=0), 1)
    assert (after[:, ~surround] > before[:, ~surround]).all()


def test_brightness_and_contrast_make_no_difference_to_what_is_normalised():
    levels = np.random.default_rng(0).integers(20, 80, (4, 8, 8))
    surround = np.ones((8, 8), dtype=bool)
    surround[2:4, 2:4] = False
    first, second = (STRUCTURE.see(greys(shown), STILL, surround=surround) for shown in (levels, 3 * levels - 7))
    assert_allclose(first, second, atol=1e-9)


def test_what_is_nearly_uniform_is_not_blown_up():
    levels = np.full((1, 8, 8), 100)
    levels[0, 0, 0] = 110
    x = STRUCTURE.see(greys(levels), STILL)
    assert x[0, 0, 0, 0].item() - x[0, 1, 1, 0].item() == pytest.approx(10 / 256 / FLOOR)


def test_the_noise_of_dequantisation_does_not_count_as_contrast():
    """Otherwise a patch that is normalised by itself would have no density."""
    shown, noise = colours(1, 100, 110), STRUCTURE.noise(50, 8, seed=0, draw=0)
    x = STRUCTURE.see(shown, Noise(noise.uniform.double(), torch.zeros(1)))
    assert x.mean(dim=(1, 2, 3)).std() > 1e-3


def test_a_patch_without_surround():
    with pytest.raises(InputError, match="no pixel of the patch shows the surround alone"):
        STRUCTURE.see(colours(1), STILL, surround=np.zeros((8, 8), dtype=bool))
    x = view().see(colours(1), view().noise(1, 8, seed=0, draw=0), surround=np.zeros((8, 8), dtype=bool))
    assert x.isfinite().all()


@pytest.mark.parametrize("seen", [view(), view(channels="luminance"), STRUCTURE])
def test_processes_share_the_noise_of_a_batch(seen):
    whole = seen.random_noise(6, 8, torch.Generator().manual_seed(3))
    parts = [seen.random_noise(6, 8, torch.Generator().manual_seed(3), share=slice(i, None, 2)) for i in range(2)]
    for i, (uniform, gaussian) in enumerate(parts):
        assert torch.equal(uniform, whole.uniform[i::2])
        assert (gaussian is None) == (whole.gaussian is None)
        assert gaussian is None or torch.equal(gaussian, whole.gaussian[i::2])


@pytest.mark.parametrize(
    ("seen", "of_bytes", "invertible", "words"),
    [
        (view(), True, True, "colour"),
        (view(channels="luminance", bits=5), True, False, "luminance"),
        (view(noise=0.25), False, False, "colour, with Gaussian noise of σ = 0.25"),
        (
            STRUCTURE,
            False,
            False,
            "luminance without its mean and divided by its standard deviation, with Gaussian noise of σ = 0.3",
        ),
    ],
)
def test_what_a_view_says_of_itself(seen, of_bytes, invertible, words):
    assert (seen.is_of_bytes, seen.is_invertible, str(seen)) == (of_bytes, invertible, words)


def test_log_likelihood_is_that_of_bytes_or_of_normalised_values():
    density = torch.zeros(1)
    assert view().log_likelihood(density, 192).item() == pytest.approx(-192 * np.log(256))
    assert view(noise=0.1).log_likelihood(density, 192).item() == pytest.approx(-192 * np.log(256))
    normalised = STRUCTURE.log_likelihood(density, 64)
    assert (normalised.item(), normalised.dtype) == (0, torch.float64)


def shown(of, x):
    """What of a view is looked at, as bytes."""
    return to_bytes(((of.colours(x) + 0.5) * 256).numpy())


def test_what_is_seen_is_shown():
    x = view().see(colours(2), view().noise(1, 8, seed=0, draw=0))
    assert np.array_equal(shown(view(), x), colours(2))
    seen = view(channels="luminance")
    grey = shown(seen, seen.see(colours(2), seen.noise(1, 8, seed=0, draw=0)))
    assert np.array_equal(grey, luminance(colours(2)).expand(-1, -1, -1, 3))
    assert shown(STRUCTURE, torch.tensor([0.0, 1, -1, 9]).view(4, 1, 1, 1))[:, 0, 0].tolist() == [
        [128] * 3, [179] * 3, [76] * 3, [255] * 3,
    ]  # fmt: skip
