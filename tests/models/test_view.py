from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from skimage.color import rgb2lab

from illusions.errors import InputError
from illusions.models.cones import to_opponent
from illusions.models.dequantisation import gaussian_noise, uniform_noise
from illusions.models.latents import to_bytes
from illusions.models.recipe import PhotographsTable
from illusions.models.view import FLOOR, Noise, View, luminance

STRUCTURE = View(PhotographsTable(channels="luminance", normalise="contrast", noise=0.3))
STILL = Noise(torch.full((1, 8, 8, 1), 0.5, dtype=torch.float64), torch.zeros(1, 8, 8, 1))

CONES = {"channels": "cones", "noise": 0.3, "floors": (0.1, 0.01, 0.03)}
SILENT = Noise(torch.zeros(1, dtype=torch.float64), torch.zeros(1, 8, 8, 1))


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


def opponent(patches):
    """A, RG, BY in double precision, and their mean and deviation over each patch."""
    seen = to_opponent(patches, "cube-root", torch.float64).numpy()
    return seen, seen.mean(axis=(1, 2), keepdims=True), seen.std(axis=(1, 2), keepdims=True)


@pytest.mark.parametrize(
    ("sees", "divisor"),
    [
        ({"normalise": "centre"}, lambda s, f: f + 0 * s),
        ({"normalise": "contrast"}, np.maximum),
        ({"normalise": "contrast", "floor_rule": "added"}, np.hypot),
        ({"normalise": "joint"}, lambda s, f: f * np.maximum(1, _joint(s / f))),
        ({"normalise": "joint", "floor_rule": "added"}, lambda s, f: f * np.hypot(1, _joint(s / f))),
    ],
)
def test_cone_opponent_channels_are_normalised_by_the_formula(sees, divisor):
    seen, mean, deviation = opponent(colours(5, 100, 140))
    x = view(**CONES, **sees).see(colours(5, 100, 140), SILENT)
    assert_allclose(x, (seen - mean) / divisor(deviation, np.array(CONES["floors"])), rtol=1e-9, atol=1e-12)


def _joint(ratio):
    return np.sqrt((ratio**2).mean(axis=-1, keepdims=True))


def test_each_channel_has_its_own_normalisation():
    seen, mean, deviation = opponent(colours(5))
    x = view(**CONES, normalise=("contrast", "centre", "none")).see(colours(5), SILENT)
    assert_allclose(x[..., 0], ((seen - mean) / np.maximum(deviation, 0.1))[..., 0])
    assert_allclose(x[..., 1], ((seen - mean) / 0.01)[..., 1])
    assert_allclose(x[..., 2], seen[..., 2])


TWICE = ("A", "RG", "BY", "RG", "A")


def test_a_channel_may_be_seen_twice_and_another_not_at_all():
    sees = CONES | {"opponent": TWICE, "floors": (0.1, 0.01, 0.03, 0.02, 0.2)}
    x = view(**sees, normalise=("contrast", "centre", "centre", "contrast", "none")).see(colours(5), SILENT)
    seen, mean, deviation = opponent(colours(5))
    assert_allclose(x[..., :3], view(**CONES, normalise=("contrast", "centre", "centre")).see(colours(5), SILENT))
    assert_allclose(x[..., 3], ((seen - mean) / np.maximum(deviation, 0.02))[..., 1])
    assert_allclose(x[..., 4], seen[..., 0])
    alone = view(**CONES | {"opponent": ("A",), "floors": 0.1}, normalise="contrast").see(colours(5), SILENT)
    assert torch.equal(alone, x[..., :1])


@pytest.mark.parametrize(
    ("sees", "colour"),
    [
        ({}, True),
        ({"channels": "luminance"}, False),
        (CONES, True),
        (CONES | {"opponent": ("A", "RG"), "floors": 0.1}, True),
        (CONES | {"opponent": ("A", "A"), "floors": 0.1}, False),
    ],
)
def test_a_view_sees_colour_if_any_channel_is_not_luminance(sees, colour):
    assert view(**sees).sees_colour == colour


@pytest.mark.parametrize("order", [("A", "RG", "BY", "RG"), ("RG", "BY", "A")])
def test_channels_in_any_order_are_shown_as_those_in_their_own(order):
    sees = CONES | {"opponent": order, "floors": tuple({"A": 0.1, "RG": 0.01, "BY": 0.03}[name] for name in order)}
    other, own = view(**sees, normalise="centre"), view(**CONES, normalise="centre")
    shown = colours(3, 100, 140)
    assert_allclose(other.colours(other.see(shown, SILENT)), own.colours(own.see(shown, SILENT)), atol=1e-12)


def test_without_colour_patches_are_shown_in_grey():
    alone = view(**CONES | {"opponent": ("A",), "floors": 0.1}, normalise="contrast")
    assert alone.colours(alone.see(colours(3, 100, 140), SILENT)).std(dim=-1).max() < 1e-6


def test_each_channel_has_its_own_noise():
    seen = view(**CONES | {"noise": (0.3, 0.2, 0.1)})
    noise = seen.noise(2, 8, seed=1, draw=0)
    added = seen.see(colours(2), noise) - view(**CONES).see(colours(2), SILENT)
    assert_allclose(added, noise.gaussian * torch.tensor([0.3, 0.2, 0.1]), atol=1e-6)


def test_each_patch_may_have_its_own_surround():
    seen = view(**CONES, normalise=("contrast", "joint", "joint"), floor_rule="added", normalised_by="surround")
    surrounds = seen.random_surrounds(6, 8, torch.Generator().manual_seed(0))
    together = seen.see(colours(6), SILENT, surround=surrounds)
    for i, surround in enumerate(surrounds):
        alone = seen.see(colours(6)[i : i + 1], SILENT, surround=surround.numpy())
        assert_allclose(together[i : i + 1], alone, atol=1e-9)


def test_one_normalisation_of_colour_by_own_surrounds_is_that_of_all_three_values():
    seen = view(normalise="contrast", noise=0.3, normalised_by="surround")
    surrounds = seen.random_surrounds(6, 8, torch.Generator().manual_seed(0))
    together = seen.see(colours(6), STILL, surround=surrounds)
    for i, surround in enumerate(surrounds):
        alone = seen.see(colours(6)[i : i + 1], STILL, surround=surround.numpy())
        assert_allclose(together[i : i + 1], alone, atol=1e-9)


def test_random_surrounds_leave_out_a_rectangle_of_up_to_half_the_side():
    seen = view(channels="luminance", normalise="contrast", noise=0.3, normalised_by="surround")
    out = ~seen.random_surrounds(4000, 8, torch.Generator().manual_seed(0))
    heights, widths = out.any(2).sum(1), out.any(1).sum(1)
    assert torch.equal(heights * widths, out.sum((1, 2)))  # each a rectangle
    assert sorted(set(heights.tolist())) == sorted(set(widths.tolist())) == [1, 2, 3, 4]
    assert out.float().mean(0).min() > 0.01  # at any place
    parts = [seen.random_surrounds(6, 8, torch.Generator().manual_seed(3), share=slice(i, None, 2)) for i in range(2)]
    whole = seen.random_surrounds(6, 8, torch.Generator().manual_seed(3))
    assert torch.equal(torch.stack(parts, 1).flatten(0, 1), whole)
    assert STRUCTURE.random_surrounds(6, 8, torch.Generator()) is None


def test_a_raised_floor_raises_those_of_colour_and_leaves_added_and_centred_ones():
    shown = greys(np.full((1, 8, 8), 100)).clone()
    shown[0, 0, 0] = torch.tensor([104, 99, 101])
    sees = PhotographsTable(**CONES | {"floors": (0.02, 0.004, 0.008)}, normalise="contrast")
    given, raised = (View(sees, floor=floor).see(shown, SILENT) for floor in (None, 0.1))
    assert_allclose(raised, given / 5, rtol=1e-9)
    for left in ({"floor_rule": "added"}, {"normalise": "centre"}):
        sees = PhotographsTable(**CONES | {"normalise": "contrast"} | left)
        assert torch.equal(View(sees, floor=0.5).see(shown, SILENT), View(sees).see(shown, SILENT))


def test_a_flat_surround_is_one_whose_contrast_counts_as_the_floor_of_training():
    flat, surround = greys(np.full((1, 8, 8), 100)), np.ones((8, 8), dtype=bool)
    assert view(**CONES, normalise="contrast").is_flat(flat, surround)
    assert not view(**CONES, normalise="contrast", floor_rule="added").is_flat(flat, surround)
    assert not view(**CONES, normalise="centre").is_flat(flat, surround)
    assert not View(PhotographsTable(**CONES, normalise="contrast"), floor=0.2).is_flat(flat, surround)
    assert not view(**CONES, normalise="contrast").is_flat(colours(1), surround)
    twice = view(**CONES | {"opponent": TWICE, "floors": 0.1}, normalise=("centre",) * 4 + ("contrast",))
    assert twice.is_flat(flat, surround)  # by the luminance that is divided
    assert not twice.is_flat(colours(1), surround)


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
        (
            view(**CONES | {"noise": (0.3, 0.1, 0.1)}, normalise=("contrast", "centre", "centre"), compression="log"),
            False,
            False,
            "cone-opponent channels (of logarithms): A without its mean and divided by its standard deviation; RG and "
            "BY without their mean, with Gaussian noise of σ = 0.3, 0.1, 0.1",
        ),
        (
            view(**CONES | {"opponent": ("A", "A"), "floors": 0.1}, normalise="centre"),
            False,
            False,
            "cone-opponent channels A, A (of cube roots) without its mean, with Gaussian noise of σ = 0.3",
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


def test_what_is_seen_of_cones_is_shown_in_its_colours():
    as_it_is = view(**CONES)
    assert np.array_equal(shown(as_it_is, as_it_is.see(colours(2), SILENT)), colours(2))
    centred = view(**CONES, normalise="centre")
    red, blue = shown(centred, torch.tensor([[0.0, 2, 0], [0, 0, 2]]).view(2, 1, 1, 3))[:, 0, 0].astype(int)
    assert red[0] > red[1]
    assert blue[2] > max(blue[:2])
