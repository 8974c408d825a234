from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from illusions.analyses.exaggeration import exaggeration
from illusions.analyses.exaggeration.exaggeration import exaggerate, move, patch_count, places
from illusions.analyses.patches.crops import windows
from illusions.models.latents import HALF_LEVEL
from illusions.models.recipe import PhotographsTable
from illusions.models.view import View
from illusions.progress import reported_to
from tests.analyses.tiny import some_picture, tiny_model


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture
def picture():
    return some_picture()


@pytest.fixture
def target():
    mask = np.zeros((30, 41), dtype=bool)
    mask[10:18, 12:20] = True
    return mask


def test_latents_move_along_the_gradient_of_their_density():
    z = torch.linspace(-4, 4, 41, dtype=torch.float64, requires_grad=True)
    density = torch.exp(-z.square() / 2) / math.sqrt(2 * math.pi)
    (gradient,) = torch.autograd.grad(density.sum(), z)
    for eta in (0.6, -0.8):
        step = move(z.detach(), eta) - z.detach()
        assert_allclose(step, eta * math.sqrt(2 * math.pi) * gradient, atol=1e-12)


@pytest.mark.parametrize("bits", [8, 5])
@pytest.mark.parametrize("stride", [1, 3, 8])
def test_without_a_step_the_picture_stays_as_it_is(bits, stride, picture, target):
    (done,) = exaggerate(picture, target, tiny_model(bits=bits), [0.0], stride=stride)
    assert np.array_equal(done.picture, picture)
    assert (done.halfway, done.unmoved) == (0, 0)


def test_every_pixel_changes_by_the_mean_over_the_patches_that_cover_it(model, picture, target):
    (done,) = exaggerate(picture, target, model, [0.6], stride=3, seed=2)
    total, cover = np.zeros(picture.shape), np.zeros((*picture.shape[:2], 1))
    for top in (0, 3, 6, 9, 12, 15, 18, 21, 22):
        for left in range(0, 34, 3):
            part = np.s_[top : top + 8, left : left + 8]
            x = exaggeration.dequantised(model, picture[part][None], seed=2)
            with torch.inference_mode():
                y = model.flow.decode(move(model.flow.encode(x), 0.6)).clamp(-0.5, 0.5)
            total[part] += 256 * (y - x)[0].numpy()
            cover[part] += 1
    expected = np.rint(np.clip(picture + total / cover, 0, 255))
    outside = ~target
    assert np.abs(done.picture[outside].astype(float) - expected[outside]).max() <= 1
    assert (done.picture[outside] == expected[outside]).mean() > 0.999


def test_the_target_stays_and_the_surround_does_not(model, picture, target):
    for done in exaggerate(picture, target, model, [0.6, -0.8], stride=2):
        assert np.array_equal(done.picture[target], picture[target])
        assert (done.picture != picture).any(axis=2)[~target].mean() > 0.5


def test_several_steps_are_the_same_together_and_alone(model, picture, target):
    together = exaggerate(picture, target, model, [0.6, -0.8], stride=4)
    for done in together:
        (alone,) = exaggerate(picture, target, model, [done.eta], stride=4)
        assert np.array_equal(alone.picture, done.picture)


def test_batches_do_not_matter_but_for_rounding(model, picture, target, monkeypatch):
    (whole,) = exaggerate(picture, target, model, [0.6])
    monkeypatch.setattr(exaggeration, "BATCH", 17)
    done = []
    with reported_to(done.append):
        (parts,) = exaggerate(picture, target, model, [0.6])
    assert np.abs(whole.picture.astype(int) - parts.picture).max() <= 1
    assert sum(done) == parts.patches == patch_count(picture.shape, 8, 1) == 23 * 34
    assert max(done) == 17


def test_patches_reach_the_last_row_and_column():
    assert places(30, 8, 5).tolist() == [0, 5, 10, 15, 20, 22]
    assert places(8, 8, 3).tolist() == [0]
    assert places(16, 8, 8).tolist() == [0, 8]


class Overflowing:
    """A flow whose latents are the colours plus 1, and that overflows where a patch comes back dark."""

    def parameters(self):
        return iter([torch.zeros(1)])

    def forward(self, x):
        return x.flatten(1) + 1, torch.zeros(len(x))

    def decode(self, z):
        x = (z - 1).view(len(z), 8, 8, 3)
        x[x.mean(dim=(1, 2, 3)) < -0.35, 0, 0, 0] = torch.inf
        return x


def overflowing_model():
    model = SimpleNamespace(
        device=torch.device("cpu"),
        flow=Overflowing(),
        view=View(PhotographsTable()),
        see=tiny_model().see,
        size=8,
        dimensions=192,
    )
    model.double = lambda: model
    return model


def test_a_patch_that_overflows_goes_half_the_way_and_else_stays(target):
    # Latents near 1 + x move by −η z exp(−z²/2), about −0.36 for η = 0.6 and −0.18 for half of it.
    picture = np.zeros((16, 24, 3), dtype=np.uint8)
    picture[:, :8], picture[:, 8:16], picture[:, 16:] = 200, 90, 20
    nothing = np.zeros(picture.shape[:2], dtype=bool)
    (done,) = exaggerate(picture, nothing, overflowing_model(), [0.6], stride=8)
    assert (done.patches, done.halfway, done.unmoved) == (6, 2, 2)
    whole, half, none = (done.picture[0, x].astype(int) - picture[0, x] for x in (0, 8, 16))
    assert whole[0] == pytest.approx(-90, abs=6)
    assert half[0] == pytest.approx(-46, abs=6)
    assert none[0] == 0


def test_values_out_of_range_are_clipped_and_counted(picture, target):
    bright = np.full_like(picture, 250)
    (done,) = exaggerate(bright, target, overflowing_model(), [-0.8], stride=8)
    assert done.clipped == 1
    assert (done.picture[~target] == 255).all()


class Losing(Overflowing):
    """A flow that loses patches by more, the darker they are; its log-determinant is the smaller, the darker."""

    def __init__(self):
        self.tried = 0

    def forward(self, x):
        return x.flatten(1), x.mean(dim=(1, 2, 3))

    def decode(self, z):
        self.tried += len(z)
        x = z.view(len(z), 8, 8, 3)
        return x + 0.1 * (-0.2 - x.mean(dim=(1, 2, 3), keepdim=True)).clamp_min(0)


def recovered(flow, x):
    z, log_det = flow.forward(x)
    return exaggeration._recovered(flow, x, z, log_det)


def test_patches_come_back_in_the_order_of_their_determinants_until_a_tenth_is_all_right():
    flow, x = Losing(), torch.linspace(0.4, -0.4, 100)[:, None, None, None].expand(100, 8, 8, 3)
    back, lost = recovered(flow, x)
    assert lost.tolist() == (x[:, 0, 0, 0] < -0.2 - HALF_LEVEL / 0.1).tolist()
    assert flow.tried == 40  # 25 patches are darker than −0.2, so the fourth tenth is the first without errors
    assert torch.equal(back[lost], x[lost])
    assert torch.equal(back[:60], x[:60])


def test_patches_like_photographs_are_hardly_tried(model, picture):
    flow = Losing()
    recovered(flow, torch.rand(256, 8, 8, 3) / 10)
    assert flow.tried == 26
    x = exaggeration.dequantised(model, windows(picture, 8).reshape(-1, 8, 8, 3)[::9], seed=0)
    with torch.inference_mode():
        back, lost = recovered(model.flow, x)
    assert not lost.any()
    assert_allclose(back, x, atol=1e-4)
