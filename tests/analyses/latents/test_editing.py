from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose

from illusions.analyses.latents.editing import (
    BITS,
    Direction,
    edit,
    edit_all,
    find_directions,
    measure_edits,
    selectivity,
)
from illusions.analyses.latents.editing_figure import editing_figure
from illusions.analyses.latents.wording import editing_sentences
from illusions.analyses.patches.attributes import ATTRIBUTES, brightness
from illusions.analyses.patches.crops import crop_at_random, join
from illusions.models.latents import encode
from tests.analyses.tiny import some_picture, tiny_model


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture(scope="module")
def crops():
    return join([crop_at_random(some_picture(seed=i), f"{i}.png", 8, 30, (i,)) for i in range(4)])


@pytest.fixture(scope="module")
def directions(model, crops):
    return find_directions(crops.patches, encode(model, crops.patches), ["brightness", "contrast"])


@pytest.fixture(scope="module")
def measured(model, crops, directions):
    return measure_edits(crops, model, directions)


def test_a_direction_leads_from_the_lower_to_the_upper_quarter(model, crops, directions):
    values, z = brightness(crops.patches), encode(model, crops.patches)
    order = np.argsort(values)
    low, high = order[:30], order[-30:]
    assert directions[0].attribute == "brightness"
    assert_allclose(directions[0].vector, z[high].mean(axis=0) - z[low].mean(axis=0), atol=0.05)
    assert directions[0].low == pytest.approx(values[low].mean(), abs=0.01)
    assert directions[0].high == pytest.approx(values[high].mean(), abs=0.01)


def test_no_strength_is_no_edit(model, crops, directions):
    patches, decoded = edit(model, encode(model, crops.patches), directions[0], 0.0)
    assert decoded.all()
    assert np.array_equal(patches, crops.patches)


def test_an_edit_moves_the_attribute_to_its_side(measured):
    table = measured[measured["measure"] == measured["direction"]].set_index(["direction", "strength"])["change"]
    for direction in ("brightness", "contrast"):
        assert table[direction, 1.0] > 0 > table[direction, -1.0]


def test_changes_are_in_standard_deviations_over_the_unedited_patches(model, crops, directions, measured):
    patches, _ = edit(model, encode(model, crops.patches), directions[1], 0.5)
    before, after = brightness(crops.patches), brightness(patches)
    row = measured.query("direction == 'contrast' and strength == 0.5 and measure == 'brightness'").iloc[0]
    assert row["change"] == pytest.approx((after - before).mean() / before.std())
    means = ((after - before) / before.std()).reshape(4, 30).mean(axis=1)
    assert row["standard_error"] == pytest.approx(means.std(ddof=1) / 2)


def test_everything_is_measured(measured):
    assert set(measured["measure"]) == {*ATTRIBUTES, BITS}
    assert len(measured) == 2 * 4 * 6


def test_selectivity_compares_the_diagonal_with_the_rest():
    frame = pd.DataFrame(
        {
            "direction": "a",
            "strength": [1.0] * 4 + [0.5],
            "measure": ["a", "b", "c", BITS, "a"],
            "change": [2.0, 0.6, -0.8, 9.0, 7.0],
            "standard_error": [0.3, 0.1, 0.2, 5.0, 5.0],
            "overflowed": 0.25,
        }
    )
    row = selectivity(frame).iloc[0]
    assert (row["direction"], row["own"]) == ("a", 2.0)
    assert row["others"] == pytest.approx(np.sqrt(0.5))
    assert row["ratio"] == pytest.approx(2 / np.sqrt(0.5))
    assert row["standard_error"] == pytest.approx(np.hypot(0.3, np.hypot(0.6 * 0.1, 0.8 * 0.2) / (2 * np.sqrt(0.5))))
    first, second = editing_sentences(frame)
    assert first.startswith("a: at strength +1 it moves by +2.00 standard deviations, the other attributes by 0.71")
    assert second == "Up to 25.0 % of the patches overflowed when moved, and were left out."


def test_patches_that_overflow_are_left_out_and_counted(model, crops, directions, monkeypatch):
    decode = type(model.flow).decode

    def overflow(flow, z):
        x = decode(flow, z)
        x[::2] = torch.nan
        return x

    monkeypatch.setattr(type(model.flow), "decode", overflow)
    frame = measure_edits(crops, model, directions, strengths=(1.0,))
    assert (frame["overflowed"] == 0.5).all()
    assert frame["change"].notna().all()
    patches, decoded = edit(model, encode(model, crops.patches), directions[0], 1.0)
    assert not decoded[::2].any()
    assert (patches[0] == 128).all()
    monkeypatch.setattr(type(model.flow), "decode", lambda flow, z: torch.full((len(z), 8, 8, 3), torch.inf))
    assert measure_edits(crops, model, directions, strengths=(1.0,))["change"].isna().all()


def test_the_figure_shows_strips_and_the_table(model, crops, directions, measured):
    edits = edit_all(crops.patches[:2], model, directions)
    assert edits.shape == (2, 2, 5, 8, 8, 3)
    assert np.array_equal(edits[:, 0, 2], crops.patches[:2])
    expected = edit(model, encode(model, crops.patches[:2]), directions[1], 1.0)[0]
    assert np.array_equal(edits[:, 1, 4], expected)
    figure = editing_figure(edits, directions, measured, caption="what to see")
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    change = measured.query("strength == 1 and direction == 'contrast' and measure == 'contrast'").iloc[0]
    assert f"{change['change']:+.2f} ± {change['standard_error']:.2f}" in texts
    assert "what to see" in texts
    assert [axes.get_ylabel() for axes in figure.axes[2:4]] == ["brightness", "contrast"]


def test_a_direction_can_be_made_up(model, crops):
    nothing = Direction("brightness", np.zeros(192, np.float32), 0.0, 0.0)
    assert measure_edits(crops, model, [nothing], strengths=(1.0,))["change"].abs().max() == 0
