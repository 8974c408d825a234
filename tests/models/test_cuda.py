"""The first things that can go wrong on a GPU: run where there is one, skipped elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from illusions.models.devices import choose_device
from illusions.models.latents import decode, encode, to_bytes
from illusions.models.model import load_model
from illusions.models.photographs import PhotographBank
from illusions.models.streaming import PhotographStream
from illusions.models.training import train
from illusions.models.training_log import read_log
from illusions.photographs import read_photographs
from tests.models.pictures_for_training import tiny_recipe, write_pictures

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")


@pytest.fixture
def photographs(tmp_path):
    write_pictures(tmp_path / "photos", 12)
    return sorted((tmp_path / "photos").iterdir())


@pytest.mark.parametrize("memory", ["ordinary", "constant"])
@pytest.mark.parametrize("precision", ["32", "bf16"])
@pytest.mark.parametrize("streamed", [False, True])
def test_training_and_scoring(memory, precision, streamed, photographs, tmp_path):
    device = choose_device("cuda")
    pictures = read_photographs(photographs, 8)[0]
    source = PhotographStream(photographs, seed=0) if streamed else PhotographBank(pictures, device)
    held_out = np.stack([picture[:8, :8] for picture in pictures])
    recipe = tiny_recipe(memory=memory, precision=precision)
    arguments = recipe, source, (held_out, np.arange(len(held_out))), tmp_path / "model"
    train(*arguments, fabric=Fabric(accelerator="cuda", devices=1))
    assert all(np.isfinite(row.validation_bits_per_dimension) for row in read_log(tmp_path / "model" / "log.csv"))
    assert train(*arguments, fabric=Fabric(accelerator="cuda", devices=1), resume=True)  # a finished run is read
    there, here = (load_model(tmp_path / "model", device=name) for name in ("cuda", "cpu"))
    np.testing.assert_allclose(there.log_likelihood(held_out), here.log_likelihood(held_out), rtol=1e-4)
    assert np.isfinite(there.likelihood_map(pictures[0])).all()
    assert np.abs(to_bytes(decode(there, encode(there, held_out))).astype(int) - held_out).max() <= 1
