from __future__ import annotations

import io
import math
import zlib

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image
from scipy.stats import multivariate_normal

from illusions.models.baselines import (
    SHRINKAGES,
    Gaussian,
    IndependentPixels,
    baselines,
    mosaic,
    png_bits_per_dimension,
    png_bits_per_dimension_together,
    png_payload,
)
from illusions.models.dequantisation import uniform_noise
from illusions.models.photographs import EvenPatches


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def gaussian_patches(rng, n, *, size=2, deviation=20.0):
    """Patches of which all values follow one known Gaussian, rounded to bytes; its covariance."""
    dimensions = 3 * size**2
    mix = rng.normal(size=(dimensions, dimensions)) / math.sqrt(dimensions)
    covariance = deviation**2 * (mix @ mix.T + 0.5 * np.eye(dimensions))
    values = rng.multivariate_normal(np.full(dimensions, 128), covariance, n)
    return values.round().clip(0, 255).astype(np.uint8).reshape(n, size, size, 3), covariance


class TestIndependentPixels:
    def test_the_entropy_of_known_frequencies(self, rng):
        """Red is one of 2 values, green one of 16, blue one of 256: (1 + 4 + 8) / 3 bits."""

        def draw(n):
            values = [rng.integers(0, high, (n, 4, 4)) * (256 // high) for high in (2, 16, 256)]
            return np.stack(values, axis=-1).astype(np.uint8)

        bits = IndependentPixels.fit(draw(40_000)).bits_per_dimension(draw(500))
        assert bits.shape == (500,)
        assert bits.mean() == pytest.approx(13 / 3, abs=2e-3)

    def test_probabilities_add_up_to_1_and_none_is_0(self):
        model = IndependentPixels.fit(np.full((1, 2, 2, 3), 7, np.uint8))
        assert_allclose((2.0**-model.bits).sum(axis=1), 1)
        assert model.bits[0, 7] == pytest.approx(-math.log2(4.5 / 132))
        assert model.bits[0, 8] == pytest.approx(-math.log2(0.5 / 132))


class TestGaussian:
    def test_bits_are_the_entropy_of_the_gaussian_that_patches_come_from(self, rng):
        """−∫ p log₂ p = ½ log₂ det(2πe Σ): of values that are spread over bins of width 1, so of Σ + I/12."""
        patches, covariance = gaussian_patches(rng, 40_000)
        model = Gaussian.fit(patches[:20_000], np.arange(20_000) // 100)
        spread = covariance + np.eye(12) / 6  # rounding spreads, too
        entropy = 0.5 * np.linalg.slogdet(2 * math.pi * math.e * spread)[1] / (12 * math.log(2))
        assert model.bits_per_dimension(patches[20_000:]).mean() == pytest.approx(entropy, abs=0.01)

    def test_bits_are_those_of_its_density_with_the_noise_of_the_seed(self, rng):
        patches, _ = gaussian_patches(rng, 300)
        model = Gaussian.fit(patches, np.arange(300) // 10)
        covariance = model.axes * model.variances @ model.axes.T
        x = (patches + uniform_noise(patches.shape, seed=3, draw=0)).reshape(300, -1)
        expected = -multivariate_normal(model.mean, covariance).logpdf(x) / (12 * math.log(2))
        assert_allclose(model.bits_per_dimension(patches, seed=3), expected, rtol=1e-6)

    def test_the_covariance_is_that_of_the_patches_shrunk(self, rng, monkeypatch):
        monkeypatch.setattr("illusions.models.baselines._BATCH", 7)
        patches, _ = gaussian_patches(rng, 100)
        model = Gaussian.fit(patches, np.arange(100) // 10, seed=1)
        x = (patches + uniform_noise(patches.shape, seed=1, draw=0).astype(float)).reshape(100, -1)
        sample = np.cov(x.T, bias=True)
        expected = (1 - model.shrinkage) * sample + model.shrinkage * np.trace(sample) / 12 * np.eye(12)
        assert_allclose(model.mean, x.mean(axis=0))
        assert_allclose(model.axes * model.variances @ model.axes.T, expected, rtol=1e-6, atol=1e-6)

    def test_few_patches_are_shrunk_more_than_many(self, rng):
        patches, _ = gaussian_patches(rng, 4_000, size=3)
        few, many = (Gaussian.fit(patches[:n], np.arange(n) // 5).shrinkage for n in (40, 4_000))
        assert SHRINKAGES[0] <= many < few <= SHRINKAGES[-1]

    def test_fewer_patches_than_dimensions_still_give_a_density(self, rng):
        patches, _ = gaussian_patches(rng, 500, size=4)
        model = Gaussian.fit(patches[:30], np.arange(30) // 3)
        assert np.isfinite(model.bits_per_dimension(patches)).all()


class TestPng:
    def test_the_payload_is_all_that_is_needed_for_the_pixels(self, rng):
        picture = rng.integers(0, 256, (9, 11, 3), dtype=np.uint8)
        rows = np.frombuffer(zlib.decompress(png_payload(picture)), np.uint8).reshape(9, 1 + 33)
        assert set(rows[:, 0]) <= set(range(5))  # the filter of each row
        file = io.BytesIO()
        Image.fromarray(picture).save(file, format="PNG", optimize=True)
        assert png_payload(picture) in file.getvalue()
        assert len(file.getvalue()) - len(png_payload(picture)) == 8 + 25 + 12 + 12  # signature, IHDR, IDAT, IEND

    def test_a_large_picture_has_several_chunks(self, rng):
        picture = rng.integers(0, 256, (200, 200, 3), dtype=np.uint8)
        assert len(zlib.decompress(png_payload(picture))) == 200 * (1 + 600)

    def test_noise_needs_8_bits_and_more(self, rng):
        noise = rng.integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
        together = png_bits_per_dimension_together(noise, np.zeros(6, int))
        assert (png_bits_per_dimension(noise) > 8).all()
        assert 8 < together[0] < png_bits_per_dimension(noise).mean()

    def test_a_uniform_patch_needs_next_to_nothing(self):
        uniform = np.full((4, 16, 16, 3), 99, np.uint8)
        assert (png_bits_per_dimension(uniform) < 0.3).all()
        assert (png_bits_per_dimension_together(uniform, np.zeros(4, int)) < 0.15).all()

    def test_patches_of_a_photograph_share_what_it_needs(self, rng):
        noise = rng.integers(0, 256, (8, 16, 16, 3), dtype=np.uint8)
        noise[4:] = 0
        bits = png_bits_per_dimension_together(noise, np.repeat([3, 5], 4))
        assert len(set(bits[:4])) == len(set(bits[4:])) == 1
        assert bits[0] > 8 > 0.15 > bits[4]

    @pytest.mark.parametrize(("n", "shapes"), [(1, [(4, 4)]), (9, [(12, 12)]), (33, [(24, 20), (4, 12)])])
    def test_a_mosaic_has_every_patch_once(self, n, shapes, rng):
        patches = rng.integers(0, 256, (n, 4, 4, 3), dtype=np.uint8)
        pictures = mosaic(patches)
        assert [picture.shape[:2] for picture in pictures] == shapes
        cut = [
            picture[row : row + 4, column : column + 4]
            for picture in pictures
            for row in range(0, len(picture), 4)
            for column in range(0, picture.shape[1], 4)
        ]
        assert_array_equal(np.stack(cut), patches)


def test_baselines_rank_as_what_they_know_says(rng):
    """Smooth patches: neighbours that are alike help a Gaussian and PNG, and not what takes every pixel by itself."""

    def smooth(n):
        level, slope = rng.uniform(60, 190, (n, 1, 1, 3)), rng.normal(0, 3, (n, 1, 1, 3))
        ramp = level + slope * np.arange(8)[:, None] + rng.normal(0, 1, (n, 8, 8, 3))
        patches = ramp.round().clip(0, 255).astype(np.uint8)
        return EvenPatches(patches, np.arange(n) // 10, [])

    bits = {name: values.mean() for name, values in baselines(smooth(3_000), smooth(200))}
    assert list(bits) == [
        "independent pixels",
        "Gaussian",
        "PNG, each patch by itself",
        "PNG, a photograph's patches together",
    ]
    by_itself, gaussian, alone, together = bits.values()
    assert gaussian < together < alone < by_itself < 8
    assert gaussian == pytest.approx(math.log2(math.sqrt(2 * math.pi * math.e * (1 + 1 / 6))), abs=0.4)
