from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from illusions.analyses.claims.loading import load_analysis
from illusions.analyses.foundations import bounds
from illusions.analyses.foundations.bounds import ELBO, EXACT, FEW, MANY, WEIGHTED, BoundsAnalysis, bounded
from illusions.errors import InputError
from illusions.models.model import Model, load_model
from illusions.models.recipe import Recipe, TrainingTable, VaeTable
from illusions.models.vae import Bound, Vae
from tests.analyses.tiny import drawn, tiny_model, write_photographs

NAMES = [EXACT, ELBO, WEIGHTED.format(FEW), WEIGHTED.format(MANY)]


def tiny_vae():
    recipe = Recipe(title="t", kind="vae", vae=VaeTable(latents=3, hidden=2), training=TrainingTable(updates=1))
    torch.manual_seed(0)
    return Model("vae", Vae(recipe.architecture()), recipe)


@pytest.fixture(scope="module")
def analysis(tmp_path_factory):
    photographs = write_photographs(tmp_path_factory.mktemp("photographs"))
    return BoundsAnalysis.model_validate(
        {
            "kind": "bounds", "title": "t", "claim": {"source": "s", "text": "t."}, "photographs": photographs,
            "each": 3, "stimuli": ["brightness-contrast", "saturation-contrast"], "settings": "klauke2015",
            "field": 10, "hue_temperature": 100, "model": "tiny", "autoencoder": "vae",
        }
    )  # fmt: skip


def models(name):
    return tiny_vae() if name == "vae" else tiny_model(size=16)


@pytest.fixture(scope="module")
def found(analysis):
    """Of the 128 settings those of two surrounds, and few samples."""
    load = bounds.load_settings
    few = lambda name: replace(load(name), settings=load(name).settings[:2] + load(name).settings[-2:])  # noqa: E731
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bounds, "load_settings", few)
        return analysis.run(models, seed=0)


def test_a_row_per_way_to_score_and_an_empty_one_for_the_gan(found):
    table = found.table
    assert list(table["likelihood"][:4]) == NAMES
    assert table["likelihood"][4].startswith("none: a GAN maps noise to pictures and gives no density")
    assert table.iloc[4].drop(["likelihood", "model"]).isna().all()
    assert list(table["model"]) == ["tiny", "vae", "vae", "vae", "any GAN"]
    exact, elbo, few, many = (table.iloc[i] for i in range(4))
    assert few["bits_per_dimension"] < elbo["bits_per_dimension"]
    assert exact["rank_correlation"] == exact["seconds_ratio"] == 1
    assert exact["largest_rank_difference"] == exact["hue_from_exact"] == 0
    assert exact["directions_as_exact"] == 2
    assert few["settings"] == 4
    assert pd.isna(many["rank_correlation"])
    assert many["seconds_ratio"] > few["seconds_ratio"] > 0
    bits, sweep, ranks = drawn(found)
    assert [text.get_text() for text in bits.get_xticklabels()][-1] == "GAN:\nnone"
    assert len(bits.containers) == 4
    assert [text.get_text() for text in sweep.get_legend().texts] == ["exact", "bound, 64", "bound, 1,024"]
    assert all(line.get_ydata().max() == 0 for line in sweep.lines)
    assert len(ranks.collections[0].get_offsets()) == 4


def test_bits_are_those_of_the_model_under_its_bound(found, analysis):
    crops = bounds.photograph_crops(analysis.photographs, 3, size=16, seed=0)
    model = bounded(tiny_vae(), Bound(FEW, 0))
    nats = model.log_likelihood_draws(crops.patches, draws=1, seed=0, common_noise=False)[0]
    assert found.table["bits_per_dimension"][2] == pytest.approx((-nats / (768 * np.log(2))).mean())


@pytest.mark.parametrize(
    ("few", "many", "expected"), [(0.2, 0.1, "holds"), (0.2, 0.0, "holds in part"), (-0.2, -0.1, "does not hold")]
)
def test_the_claim_holds_where_the_bound_still_moves(few, many, expected):
    """Differences of ELBO and 64 samples, and of 64 and 1,024, each the same in both photographs but for 0.01."""
    small = np.array([0.0, 0.01])
    bits = {ELBO: 5 + few + many + 3 * small, NAMES[2]: 5 + many + 2 * small, NAMES[3]: 5 + small}
    crops = bounds.Crops(np.zeros((2, 1, 1, 3), dtype=np.uint8), pd.DataFrame({"picture": ["a", "b"]}))
    made = bounds._Found(crops, bits, [], {}, {}, [], {}, np.array([]))
    assert bounds.verdict(bounds._checks(made)) == expected


def test_a_flow_has_no_bound():
    with pytest.raises(InputError, match="'tiny' is a flow, whose likelihood is exact; expected an autoencoder"):
        bounded(tiny_model(), Bound())


def test_the_shipped_analysis_has_a_shipped_autoencoder():
    name = load_analysis("likelihood-bounds").autoencoder
    assert isinstance(load_model(name, device="cpu").network, Vae)
