"""The Hermann grid and a photograph as maps, and the extreme patches of photographs."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from illusions.analyses.drawing.saving import png_bytes
from illusions.analyses.maps.extremes_analysis import ExtremesAnalysis
from illusions.analyses.maps.grid_analysis import BLOCK, CROSSING, STREET, GridMapAnalysis, places
from illusions.analyses.maps.map_analysis import MapAnalysis, by_contrast, spread
from illusions.analyses.patches.attributes import contrast
from tests.analyses.tiny import Liking, run_counting

GRID = {
    "kind": "grid-map",
    "title": "t",
    "bars": {"hsv": [0, 0, 0.75]},
    "blocks": {"hsv": [0, 0, 0]},
    "block_size": 2,
    "widths": [3, 4],
    "claim": {"source": "s", "text": "t."},
}


def grid(**keys):
    return GridMapAnalysis.model_validate(GRID | keys)


def brightness(patches):
    return 1000 * patches[:, 5:11, 5:11].mean(axis=(1, 2, 3)) / 255


def test_grid_with_a_flow():
    found, counted = run_counting(grid())
    assert counted == grid().patches() == 4 * (9**2 + 12**2)
    assert list(found.table.columns) == ["width", "place", "bits_per_dimension", "standard_error", "model"]
    assert list(found.table["place"]) == [CROSSING, STREET, BLOCK, f"{CROSSING} − {STREET}"] * 2
    assert "Model tiny" in found.caption
    assert png_bytes(found.draw("words")).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("likes", "expected", "words"),
    [
        (lambda patches: -brightness(patches), "holds", "less likely than streets with bars of 3 and 4 pixels"),
        (brightness, "does not hold", "likelier than streets, the opposite of the claim, with bars of 3 and 4"),
        (lambda patches: np.zeros(len(patches)), "undecided", "crossings minus streets"),
    ],
)
def test_the_verdict_follows_from_the_map(likes, expected, words):
    found = grid().run(lambda name: Liking(likes), seed=0)
    assert found.verdict == expected
    assert words in found.measured
    assert ("So crossings" in found.measured) == (expected != "undecided")


def test_places_of_a_grid():
    found = places(3, 9)
    # a bar of the pixels 3 to 5: corners 4 and 5 lie within it, 3 and 6 on its edges
    assert list(np.flatnonzero(found[CROSSING].any(axis=0))) == [4, 5]
    assert found[CROSSING].sum() == 4
    assert list(np.flatnonzero(found[BLOCK].any(axis=0))) == [0, 1, 2, 7, 8]
    assert found[STREET].sum() == 2 * 2 * 5
    assert not (found[CROSSING] & found[STREET]).any()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"widths": [1]}, "greater than or equal to 2"),
        ({"widths": []}, "at least 1 item"),
        ({"bars": {"hsv": [0, 0, 2]}}, "bars"),
    ],
)
def test_bad_grids(keys, message):
    with pytest.raises(ValidationError, match=message):
        grid(**keys)


def photograph_map(path, **keys):
    return MapAnalysis.model_validate({"kind": "map", "title": "t", "photograph": path, "stride": 3} | keys)


def test_map_of_a_photograph(photographs):
    analysis = photograph_map(photographs[0])
    found, counted = run_counting(analysis)
    assert counted == analysis.patches() == 15 * 19
    assert found.verdict is None
    assert list(found.table.columns) == ["class", "contrast", "bits_per_dimension", "patches", "model"]
    assert found.table["patches"].sum() == counted
    assert png_bytes(found.draw("words")).startswith(b"\x89PNG")
    likes_flat = analysis.run(lambda name: Liking(lambda patches: -1000 * contrast(patches)), seed=0)
    assert "the rank correlation with contrast is 1.00" in likes_flat.measured
    with pytest.raises(ValidationError, match="no such file"):
        photograph_map(photographs[0] + ".none")


def test_classes_of_contrast_rise():
    contrasts = np.random.default_rng(0).random(95)
    table = by_contrast(2 * contrasts, contrasts)
    assert (np.diff(table["contrast"]) > 0).all()
    assert table["bits_per_dimension"].to_numpy() == pytest.approx(2 * table["contrast"].to_numpy())
    assert set(table["patches"]) == {9, 10}


def test_values_are_spread_over_the_pixels_of_the_picture():
    full = spread(np.arange(6.0).reshape(2, 3), (20, 22), 16, 3)
    assert full.shape == (20, 22)
    assert np.isnan(full[:8]).all()
    assert np.isnan(full[13:]).all()
    assert list(full[8, 8:15]) == [0, 0, 0, 1, 1, 1, 2]
    assert list(full[8:13, 8]) == [0, 0, 0, 3, 3]


def test_extremes(photographs):
    keys = {"kind": "extremes", "title": "t", "photographs": photographs, "each": 12, "shown": 3}
    analysis = ExtremesAnalysis.model_validate(keys)
    found, counted = run_counting(analysis)
    assert counted == analysis.patches() == 36
    assert found.verdict is None
    columns = ["picture", "left", "top", "log_likelihood", "bits_per_dimension", "contrast", "model"]
    assert list(found.table.columns) == columns
    assert found.table["bits_per_dimension"].is_monotonic_increasing
    assert set(found.table["picture"]) == {"photo-0", "photo-1", "photo-2"}
    assert png_bytes(found.draw("words")).startswith(b"\x89PNG")
    flat = analysis.run(lambda name: Liking(lambda patches: -1000 * contrast(patches)), seed=0)
    assert "contrast is 1.00" in flat.measured
