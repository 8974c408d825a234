"""The 8-pixel blocks of JPEG in the likelihoods of the shipped models."""

from __future__ import annotations

import pytest

from illusions import load_model
from tests.benchmarks.jpeg_grid import jpeg_gains


@pytest.fixture(scope="module")
def gains():
    return {name: jpeg_gains(load_model(name, device="cpu"), every=4) for name in ("natural16", "cones16")}


def test_a_model_trained_on_lossless_files_hardly_sees_the_grid(gains):
    on, off = gains["cones16"]
    assert abs((on - off).mean()) < 20
    assert abs(on.mean()) < 40


def test_a_model_trained_on_jpeg_files_does_and_its_card_says_so(gains):
    on, off = gains["natural16"]
    assert (on - off).mean() > 40
    assert off.mean() > 100
