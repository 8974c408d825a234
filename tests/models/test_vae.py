from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from illusions.errors import InputError
from illusions.models.architecture import VaeArchitecture
from illusions.models.model import Model
from illusions.models.recipe import Recipe, TrainingTable, VaeTable
from illusions.models.scoring import Scorer
from illusions.models.vae import BOUND, SAMPLES_AT_ONCE, Bound, Vae, _turned
from tests.models.flows import random_patches

ONE_LATENT = VaeArchitecture(size=4, latents=1, hidden=4)
THREE_LATENTS = VaeArchitecture(size=4, latents=3, hidden=4)


def random_vae(architecture=THREE_LATENTS, *, bound=BOUND, dtype=torch.float64):
    torch.manual_seed(0)
    return Vae(architecture, bound=bound).to(dtype).requires_grad_(False)


def tiny_vae_model(**bound):
    recipe = Recipe(title="t", kind="vae", vae=VaeTable(size=8, latents=3, hidden=4), training=TrainingTable(updates=1))
    return Model("tiny", random_vae(recipe.architecture(), bound=Bound(**bound), dtype=torch.float32), recipe)


def exact_log_prob(vae, x):
    """Log p(x) of one latent, by the trapezoidal rule over the prior."""
    z = torch.linspace(-8, 8, 4001, dtype=x.dtype)
    log_prior = -0.5 * z**2 - 0.5 * math.log(2 * math.pi)
    log_joint = vae._log_likelihood(_turned(x), z.expand(len(x), -1)[..., None]) + log_prior
    return torch.logsumexp(log_joint, dim=1) + math.log(16 / 4000)


def test_bounds_lie_below_the_exact_likelihood_and_reach_it_with_many_samples():
    vae, x = random_vae(ONE_LATENT), random_patches(5)
    exact = exact_log_prob(vae, x)
    elbo = vae.bounded_by(Bound(8_000, importance_weighted=False)).bound_of(x)
    assert (elbo < exact - 1e-3).all()
    assert_close(vae.bounded_by(Bound(8_000)).bound_of(x), exact, atol=0.1, rtol=0)


def test_more_samples_give_a_higher_bound_on_average():
    vae, x = random_vae(), random_patches(4)
    means = [
        torch.stack([vae.bounded_by(Bound(samples, seed)).bound_of(x) for seed in range(60)]).mean(dim=0)
        for samples in (1, 4, 32)
    ]
    assert (means[0] < means[1]).all()
    assert (means[1] < means[2]).all()


def test_training_maximises_the_elbo():
    vae, x = random_vae(), random_patches(1)
    many = x.expand(10_000, -1, -1, -1)
    torch.manual_seed(1)
    elbo = vae.bounded_by(Bound(10_000, importance_weighted=False)).bound_of(x)[0]
    sampled = vae.log_prob(many)
    assert float((sampled.mean() - elbo).abs()) < 4 * float(sampled.std()) / 100 + 0.05


def test_without_latents_that_matter_every_bound_is_the_normal_density():
    vae, x = random_vae(), random_patches(6)
    for layer in (vae.output, vae.to_posterior, vae.linear_in, vae.linear_out):
        layer.weight.zero_()
        layer.bias.zero_()
    vae.linear_out.bias.fill_(0.1)
    vae.output.bias[12:] = -1
    scale = 1 / 1024 + math.exp(-1)  # softplus on the scale of exp
    normal = torch.distributions.Normal(*torch.tensor([0.1, scale], dtype=torch.float64))
    expected = normal.log_prob(_turned(x)).flatten(1).sum(dim=1)
    for bound in (Bound(3), Bound(3, importance_weighted=False), Bound(100, seed=5)):
        assert_close(vae.bounded_by(bound).bound_of(x), expected, atol=1e-6, rtol=1e-8)
    assert_close(vae.log_prob(x), expected, atol=1e-6, rtol=1e-8)


def test_the_noise_is_common_and_its_first_samples_do_not_depend_on_their_number():
    noise = Bound(200, seed=3).noise(5)
    assert torch.equal(Bound(7, seed=3).noise(5), noise[:7])
    assert not torch.equal(Bound(7, seed=4).noise(5), noise[:7])
    vae, x = random_vae(), random_patches(4)
    many = vae.bounded_by(Bound(SAMPLES_AT_ONCE + 9)).log_weights(x)
    assert_close(vae.bounded_by(Bound(9)).log_weights(x), many[:, :9])
    assert_close(vae.bounded_by(Bound(9)).log_weights(x[2:3]), many[2:3, :9])


def test_scores_are_bounds_and_a_batch_is_smaller_with_more_samples():
    x = random_patches(9)
    one, many = (random_vae(bound=Bound(samples)) for samples in (1, 32))
    assert_close(Scorer(many)(x), many.bound_of(x))
    assert Scorer(one).batch == 32 * Scorer(many).batch


def test_turned_colours_keep_their_volume_and_greys_have_no_difference():
    axes = _turned(torch.eye(3, dtype=torch.float64))
    assert_close(axes @ axes.T, torch.eye(3, dtype=torch.float64))
    grey = _turned(torch.full((2, 3), 0.3, dtype=torch.float64))
    assert_close(grey, torch.tensor([0.3 * 3**0.5, 0, 0], dtype=torch.float64).expand(2, 3))
    alone = torch.rand(2, 1)
    assert torch.equal(_turned(alone), alone)


@pytest.mark.parametrize("latents", [3, 60])
def test_training_begins_with_probabilistic_pca(latents):
    """Its likelihood is normal, with the covariance of loadings and noise; without networks the ELBO is tight."""
    vae = random_vae(VaeArchitecture(size=4, latents=latents, hidden=4))
    generator = torch.Generator().manual_seed(0)
    mixed = torch.randn(48, 48, generator=generator, dtype=torch.float64) * torch.linspace(0.01, 0.5, 48)
    mixed, noise = torch.randn(2, 480, 48, generator=generator, dtype=torch.float64) @ torch.stack(
        [mixed, torch.eye(48, dtype=mixed.dtype)]
    )
    x = (mixed + 0.3 * noise).unflatten(1, (4, 4, 3)) + 0.1
    vae.initialise(x)
    variances = torch.linalg.eigvalsh(torch.cov(x.flatten(1).T, correction=0))
    if latents < 48:
        variances[:-latents] = variances[:-latents].mean()
    expected = -0.5 * (variances.log().sum() + 48 * (1 + math.log(2 * math.pi)))
    found = vae.bounded_by(Bound(100, importance_weighted=False)).bound_of(x).mean()
    assert float(found) == pytest.approx(float(expected), abs=2)
    torch.manual_seed(0)
    assert float(random_vae(vae.architecture).log_prob(x).mean()) < float(expected) - 20


class TestModel:
    patches = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3)).astype(np.uint8)

    def test_it_is_scored_as_a_flow_is(self):
        model = tiny_vae_model(samples=5)
        found = model.log_likelihood_draws(self.patches, draws=2)
        assert found.shape == (2, 6)
        assert model.size == 8
        assert model.dimensions == 192
        alone = model.log_likelihood(self.patches[:1], draws=2)
        np.testing.assert_allclose(found[:, 0].mean(), alone[0], atol=1e-3)
        np.testing.assert_allclose(model.double().log_likelihood(self.patches), found[0], atol=1e-2)

    def test_curves_are_smooth_as_all_patches_share_their_noise(self):
        sweep = np.repeat(self.patches[:1], 40, axis=0)
        sweep[:, 2:6, 2:6] = np.arange(100, 140)[:, None, None, None]
        shared = tiny_vae_model(samples=4).log_likelihood(sweep)
        own = np.array([tiny_vae_model(samples=4, seed=i).log_likelihood(sweep[i : i + 1])[0] for i in range(40)])
        bends = [np.abs(np.diff(curve, 2)).mean() for curve in (shared, own)]
        assert bends[0] < bends[1] / 3

    def test_it_has_no_flow(self):
        with pytest.raises(InputError, match="'tiny' is a variational autoencoder, without exact latents and inverse"):
            tiny_vae_model().sample(2)
