from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from illusions.analyses.outliers.controls import CONTROLS
from illusions.analyses.outliers.detection import DETECTORS, PHOTOGRAPHS, control_crops, detect
from illusions.analyses.outliers.figure import detection_figure, most_untypical, outliers_figure, thumbnail
from illusions.analyses.outliers.outliers import by_unit, rank_outliers
from illusions.analyses.outliers.typicality import LIKELY, UNLIKELY
from illusions.analyses.outliers.wording import detection_caption, outliers_caption
from illusions.analyses.patches.crops import crop_files
from illusions.analyses.patches.scores import score
from illusions.progress import reported_to
from tests.analyses.tiny import some_picture, tiny_model


class Flatness:
    """Likes flat patches: minus their standard deviation."""

    name, size, dimensions = "flatness", 8, 192

    def log_likelihood(self, patches, *, seed):
        return -patches.astype(float).std(axis=(1, 2, 3))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photographs")
    for i in range(6):
        Image.fromarray(some_picture(seed=i)).save(folder / f"{i}.png")
    return sorted(folder.iterdir())


def frame(values, pictures=None):
    return pd.DataFrame({"picture": pictures or [str(i) for i in range(len(values))], "log_likelihood": values}).assign(
        bits_per_dimension=lambda f: -f["log_likelihood"] / 100
    )


def test_a_picture_is_the_mean_of_its_patches():
    scores = frame([1.0, 3.0, 5.0], ["b", "a", "b"])
    units = by_unit(scores, "picture")
    assert units["picture"].tolist() == ["b", "a"]
    assert units["log_likelihood"].tolist() == [3.0, 3.0]
    assert by_unit(scores, "patch").equals(scores)


def test_the_least_typical_come_first_from_either_side():
    ranked = rank_outliers(frame([50.0, -900.0, 98.5, 300.0, 2.0]), frame(np.arange(99.0)))
    assert ranked.index.tolist() == [1, 3, 2, 4, 0]
    assert ranked["side"].tolist() == [UNLIKELY, LIKELY, LIKELY, UNLIKELY, LIKELY]
    assert ranked["p_value"].is_monotonic_increasing


def test_controls_come_from_the_same_places(files):
    done = []
    with reported_to(done.append):
        crops = control_crops(files[:2], 8, 5, seed=3)
    assert list(crops) == [PHOTOGRAPHS, *CONTROLS]
    assert sum(done) == 2
    for part in crops.values():
        assert part.places.equals(crops[PHOTOGRAPHS].places)
    assert np.array_equal(crops["inverted"].patches, 255 - crops[PHOTOGRAPHS].patches)


@pytest.mark.parametrize("unit", ["patch", "picture"])
def test_what_a_likelihood_alone_gets_wrong(files, unit):
    # Paper is flat: to a model that likes flat patches drawings are likelier than photographs, noise is less likely.
    model = Flatness()
    reference = by_unit(score(crop_files(files[::2], 8, 40), model), unit)
    found = detect(control_crops(files[1::2], 8, 40), model, reference, unit)
    areas = found.areas.set_index(["detector", "kind"])
    assert set(areas.index) == {(detector, kind) for detector in DETECTORS for kind in CONTROLS}
    assert areas.loc["unlikely", "noise"]["area"] == 1
    assert areas.loc["untypical", "noise"]["area"] > 0.9
    assert areas.loc["unlikely", "inverted"]["area"] == pytest.approx(0.5, abs=1e-3)
    assert areas.loc["unlikely", "inverted"]["standard_error"] < 1e-3
    assert (areas["units"] == (120 if unit == "patch" else 3)).all()
    counts = found.values["kind"].value_counts()
    assert (counts == areas["units"].iloc[0]).all()


def test_the_figures_say_what_they_show(files):
    model = tiny_model()
    crops = crop_files(files[:3], 8, 12)
    reference = by_unit(score(crop_files(files[3:], 8, 30), model), "patch")
    ranked = rank_outliers(by_unit(score(crops, model), "patch"), reference)
    shown = most_untypical(ranked)
    caption = outliers_caption(ranked, reference, "patch", model.name)
    figure = outliers_figure(shown, crops.patches[shown.index], caption=caption)
    labels = [text.get_text() for axes in figure.axes for text in axes.texts]
    first = ranked.iloc[0]
    assert f"{first['bits_per_dimension']:.2f} bits/dim\np = {first['p_value']:.2g}" in labels
    assert "36 patches. Each is compared with 90 patches" in caption
    found = detect(control_crops(files[:3], 8, 12), model, reference, "patch")
    text = detection_caption(found, "patch", typical="90 patches of other photographs", errors="over photographs")
    figure = detection_figure(found, caption=text)
    *_, unlikely, untypical = figure.axes
    assert [axes.get_ylabel() for axes in (unlikely, untypical)] == ["hits", "hits"]
    curve = found.curves.query("kind == 'noise' and detector == 'unlikely'")
    assert np.array_equal(unlikely.lines[0].get_ydata(), curve["hits"])
    assert "how likely 36 patches of each kind are" in text
    assert "Typical is what 90 patches of other photographs are: " in text


def test_at_most_so_many_of_each_side_are_shown():
    ranked = rank_outliers(frame(np.linspace(-50, 150, 101)), frame(np.arange(99.0)))
    assert most_untypical(ranked)["side"].value_counts().to_dict() == {UNLIKELY: 20, LIKELY: 20}


def test_thumbnails_are_the_middle_square(files):
    small = thumbnail(files[0], side=30)
    picture = some_picture(seed=0)
    assert small.shape == (30, 30, 3)
    assert np.abs(small[2:-2, 2:-2].astype(float) - picture[2:28, 7:33]).mean() < 12
