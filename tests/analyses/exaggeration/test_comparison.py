from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from PIL import Image

from illusions.analyses.exaggeration.comparison import ORIGINAL, changes, compare, condition_name
from illusions.analyses.exaggeration.exaggeration import Exaggeration, exaggerate
from illusions.analyses.exaggeration.figure import exaggeration_figure, pair, proof
from illusions.analyses.exaggeration.wording import exaggeration_caption, sentences
from illusions.analyses.readings.ranking import effect
from illusions.stimuli.from_pictures import from_pictures
from tests.analyses.tiny import some_picture, tiny_model


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture(scope="module")
def stimuli(tmp_path_factory):
    folder, picture = tmp_path_factory.mktemp("pictures"), some_picture(40, 40)
    mask = np.zeros((40, 40), np.uint8)
    mask[16:24, 12:20] = 255
    picture[mask > 0] = (150, 110, 90)
    Image.fromarray(picture).save(folder / "p.png")
    Image.fromarray(mask).save(folder / "m.png")
    return picture, [from_pictures(folder / "p.png", folder / "m.png", axis) for axis in ("brightness", "saturation")]


@pytest.fixture(scope="module")
def done(stimuli, model):
    picture, targets = stimuli
    moved = exaggerate(picture, targets[0].target_mask("image"), model, [0.6, -0.8], stride=4)
    return compare(targets, picture, moved, model, draws=4)


def test_every_measure_has_a_row_for_every_step(done, model):
    frame = changes(done)
    measures = ["log-likelihood", "bits per dimension", "brightness rank", "saturation rank"]
    assert list(frame["eta"]) == [0.6] * 4 + [-0.8] * 4
    assert list(frame["measure"]) == measures * 2
    assert frame.notna().all(axis=None)
    assert_allclose(frame["after"] - frame["before"], frame["change"], atol=1e-9)
    assert set(frame["model"]) == {"tiny"}


def test_the_surround_is_scored_side_by_side_without_the_target(done, model):
    picture = done.pictures[ORIGINAL]
    apart = [
        picture[top : top + 8, left : left + 8]
        for top in range(0, 40, 8)
        for left in range(0, 40, 8)
        if not (top == 16 and left in (8, 16))
    ]
    expected = model.log_likelihood(np.array(apart), draws=4)
    assert_allclose(done.surround[ORIGINAL], expected)
    row = changes(done).iloc[0]
    assert row["patches"] == 23
    assert row["before"] == pytest.approx(expected.mean())
    assert row["before_standard_error"] == pytest.approx(expected.std(ddof=1) / np.sqrt(23))
    paired = done.surround["η = +0.6"] - expected
    assert row["change_standard_error"] == pytest.approx(paired.std(ddof=1) / np.sqrt(23))


def test_the_change_of_a_rank_is_the_effect(done):
    curves = done.curves["saturation"]
    row = changes(done).query("eta == -0.8 and measure == 'saturation rank'").iloc[0]
    assert (row["change"], row["change_standard_error"]) == effect(curves["η = −0.8"], curves[ORIGINAL])


def test_targets_that_differ_are_refused(stimuli, model):
    picture, targets = stimuli
    other = picture.copy()
    other[20, 15] += 1
    with pytest.raises(ValueError, match="the targets differ"):
        compare(targets, picture, [Exaggeration(0.6, other, 1, 0, 0, 0.0)], model)


def test_the_pair_and_its_proof(done):
    beside, below = pair(done), proof(done)
    gap = 2
    assert beside.shape == (40, 3 * 40 + 2 * gap, 3)
    assert np.array_equal(beside[:, 42:82], done.pictures["η = +0.6"])
    assert np.array_equal(below[:40], beside)
    hidden = [below[42:, left : left + 40] for left in (0, 42, 84)]
    assert np.array_equal(hidden[0], hidden[1])
    assert np.array_equal(hidden[0], hidden[2])
    assert (hidden[0][~done.target] == 128).all()
    assert np.array_equal(hidden[0][done.target], done.pictures[ORIGINAL][done.target])


def test_a_surround_without_room_for_a_patch_is_left_out(model, tmp_path):
    picture, mask = some_picture(22, 22), np.zeros((22, 22), np.uint8)
    mask[7:15, 7:15] = 255
    Image.fromarray(picture).save(tmp_path / "p.png")
    Image.fromarray(mask).save(tmp_path / "m.png")
    stimulus = from_pictures(tmp_path / "p.png", tmp_path / "m.png", "brightness")
    moved = exaggerate(picture, mask > 0, model, [0.6], stride=4)
    done = compare([stimulus], picture, moved, model)
    assert list(changes(done)["measure"]) == ["brightness rank"]
    assert len(list(sentences(done))) == 2
    exaggeration_figure(done)


def test_sentences_say_what_changed(done):
    text = "\n".join(sentences(done))
    assert "η = +0.6: bits per dimension of the surround from " in text
    assert "likely than before" in text
    assert "η = −0.8: saturation rank of the target from " in text
    assert text.endswith("The 64 pixels of the target are the same in all 3 pictures.")


def test_patches_that_did_not_decode_are_reported(stimuli, model):
    picture, targets = stimuli
    done = compare(targets, picture, [Exaggeration(0.6, picture, 9, 3, 1, 0.25)], model)
    row = changes(done).iloc[0]
    assert (row["halfway"], row["unmoved"], row["clipped"]) == (3 / 9, 1 / 9, 0.25)
    assert "of 9 patches 3 overflowed and were moved by half of η, 1 overflowed even so" in "\n".join(sentences(done))
    assert "it should look as before" in "\n".join(sentences(done))


def test_the_figure_shows_every_picture_and_every_axis(done):
    figure = exaggeration_figure(done, caption=exaggeration_caption(done, 4))
    titles = [axes.get_title() for axes in figure.axes]
    assert [title for title in titles if title] == list(done.pictures)
    shown = [axes.images[0].get_array() for axes in figure.axes if axes.get_title()]
    assert all(np.array_equal(image, picture) for image, picture in zip(shown, done.pictures.values(), strict=True))
    *ranks, surround = figure.axes[-3:]
    for axes, (axis, curves) in zip(ranks, done.curves.items(), strict=True):
        assert axis in axes.get_xlabel()
        dots = [line for line in axes.lines if line.get_marker() == "o"]
        expected = [(curve.value, curve.percentile_rank(curve.value)) for curve in curves.values()]
        assert [(*line.get_xdata(), *line.get_ydata()) for line in dots] == expected
    assert "bits per dimension" in surround.get_ylabel()
    means = [-nats.mean() / (192 * np.log(2)) for nats in done.surround.values()]
    assert [bar.lines[0].get_ydata()[0] for bar in surround.containers] == pytest.approx(means)
    assert "a patch every 4 pixels" in exaggeration_caption(done, 4)
    assert "± 1 standard error over patches" in exaggeration_caption(done, 4)


def test_names_have_a_real_minus():
    assert [condition_name(eta) for eta in (0.6, -0.8, 1)] == ["η = +0.6", "η = −0.8", "η = +1"]
