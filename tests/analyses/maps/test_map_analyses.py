"""The Hermann grid and a photograph as maps, and the extreme patches of photographs."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from illusions.analyses.maps.extremes_analysis import ExtremesAnalysis
from illusions.analyses.maps.grid import BLOCK, CROSSING, STREET, places
from illusions.analyses.maps.grid_analysis import GridMapAnalysis
from illusions.analyses.maps.map_analysis import MapAnalysis, by_contrast, spread
from illusions.analyses.patches.attributes import contrast
from tests.analyses.tiny import Liking, drawn, run_tiny

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
    found = run_tiny(grid())
    assert list(found.table.columns) == ["width", "place", "bits_per_dimension", "standard_error", "model"]
    assert list(found.table["place"]) == [CROSSING, STREET, BLOCK, f"{CROSSING} − {STREET}"] * 2
    assert "Model tiny" in found.caption
    narrow, narrow_map, wide, wide_map, _, means = drawn(found)
    assert [axes.get_title() for axes in (narrow, wide)] == ["bars of 3 pixels", "bars of 4 pixels"]
    assert [axes.images[0].get_array().shape[:2] for axes in (narrow_map, wide_map)] == [(27, 27), (36, 36)]
    rows = found.table.set_index("place")["bits_per_dimension"]
    assert [bar.get_label() for bar in means.containers] == [f"centred on a {place}" for place in rows.index[:3]]
    for bar, place in zip(means.containers, rows.index[:3], strict=True):
        assert list(bar.lines[0].get_ydata()) == list(rows[place])


@pytest.mark.parametrize(
    ("likes", "expected", "words"),
    [
        (lambda patches: -brightness(patches), "holds", "less likely than streets with bars of 3 and 4 pixels"),
        (brightness, "does not hold", "likelier than streets, the opposite of the claim, with bars of 3 and 4"),
        (lambda patches: -0.01 * brightness(patches), "undecided", "crossings minus streets: 0.00"),
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
    found = run_tiny(analysis)
    assert found.verdict is None
    assert list(found.table.columns) == ["class", "contrast", "bits_per_dimension", "patches", "model"]
    assert found.table["patches"].sum() == 15 * 19
    picture, _, alone = drawn(found)
    assert picture.images[0].get_array().shape == (60, 70, 3)
    bits = alone.images[0].get_array()
    assert f"{bits.min():.2f} to {bits.max():.2f} bits per dimension" in found.measured
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
    found = run_tiny(analysis)
    assert len(found.table) == 36
    assert found.verdict is None
    columns = ["picture", "left", "top", "log_likelihood", "bits_per_dimension", "contrast", "model"]
    assert list(found.table.columns) == columns
    assert found.table["bits_per_dimension"].is_monotonic_increasing
    assert set(found.table["picture"]) == {"photo-0", "photo-1", "photo-2"}
    most, least = drawn(found)
    bits = [float(text.get_text().split("\n")[0]) for axes in (most, least) for text in axes.texts]
    assert (bits[0], bits[3]) == tuple(found.table["bits_per_dimension"].iloc[[0, -1]].round(2))
    flat = analysis.run(lambda name: Liking(lambda patches: -1000 * contrast(patches)), seed=0)
    assert "contrast is 1.00" in flat.measured
