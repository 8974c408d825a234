from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from illusions.errors import InputError
from illusions.models import filters
from illusions.models.filters import (
    by_local_rms,
    by_local_rms_of_scales,
    by_rms,
    difference_of_gaussians,
    mean_responses,
    respond,
)

BLACK, GREY, WHITE = 0.0, 0.5, 1.0


def odog(picture, density):
    return respond(picture, density, [by_rms()])[0]


def lodog(picture, density, **settings):
    return respond(picture, density, [by_local_rms(**settings)])[0]


def flodog(picture, density, **settings):
    return respond(picture, density, [by_local_rms_of_scales(**settings)])[0]


MODELS = {"ODOG": odog, "LODOG": lodog, "FLODOG": flodog}
EVERY = [*MODELS.values(), difference_of_gaussians]
REFERENCE = pd.read_csv(Path(__file__).with_name("filters-reference.csv"), comment="#")
#: Far within the 1 % asked for. multyscale rounds the weights of the scales to five digits.
CLOSE = {"rtol": 2e-4, "atol": 2e-5}


def reference(stimulus, model):
    rows = REFERENCE[(REFERENCE.stimulus == stimulus) & (REFERENCE.model == model)]
    return rows.sort_values("target").mean_response.to_numpy()


def with_targets(picture, places):
    """Grey targets in a picture, at rows and columns; their labels."""
    targets = np.zeros(picture.shape, int)
    for label, place in enumerate(places, 1):
        targets[place] = label
    return np.where(targets > 0, GREY, picture), targets


def sbc_large():
    """Squares of 3° on halves of 13° × 15.5°, black and white; 16 pixels per degree, as the following."""
    picture = np.full((208, 496), BLACK)
    picture[:, 248:] = WHITE
    return with_targets(picture, [np.s_[80:128, 100:148], np.s_[80:128, 348:396]])


def white_thick():
    """Eight bars of 2° × 12°, white second; pieces of 4° of the third, a black one, and the sixth are grey."""
    picture = np.tile(np.repeat(np.tile([BLACK, WHITE], 4), 32), (192, 1))
    return with_targets(picture, [np.s_[64:128, 64:96], np.s_[64:128, 160:192]])


def checkerboard_094():
    """Seven rows of 25 checks of 15 pixels, black in the corners; the 7th and the 18th of the middle row are grey."""
    picture = np.kron(np.indices((7, 25)).sum(axis=0) % 2, np.ones((15, 15)))
    return with_targets(picture, [np.s_[45:60, 90:105], np.s_[45:60, 255:270]])


DRAWN = {"sbc_large": sbc_large, "WE_thick": white_thick, "checkerboard_094": checkerboard_094}


@pytest.fixture(scope="module")
def patch():
    """Noise with structure at several scales: 2.5° × 3.1°, of odd sides."""
    rng = np.random.default_rng(3)
    return sum(np.kron(rng.random((40 // n + 1, 50 // n + 1)), np.ones((n, n)))[:40, :49] for n in (1, 4, 13)) / 3


class TestReference:
    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("stimulus", DRAWN)
    def test_stimuli_drawn_here(self, stimulus, model):
        """Without the grey margin of the reference's stimuli, which the frame gives them."""
        picture, targets = DRAWN[stimulus]()
        assert_allclose(mean_responses(MODELS[model](picture, 16), targets), reference(stimulus, model), **CLOSE)

    @pytest.mark.filterwarnings("ignore")
    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("stimulus", REFERENCE.stimulus.unique())
    def test_every_stimulus_that_stimupy_draws(self, stimulus, model):
        published = pytest.importorskip("stimupy.papers.RHS2007")
        drawn = getattr(published, stimulus)(ppd=16, pad=True)
        means = mean_responses(MODELS[model](drawn["img"], 16), drawn["target_mask"].astype(int))
        assert_allclose(means, reference(stimulus, model), **CLOSE)

    @pytest.mark.filterwarnings("ignore")
    @pytest.mark.parametrize("stimulus", DRAWN)
    def test_what_is_drawn_here_is_what_stimupy_draws(self, stimulus):
        published = pytest.importorskip("stimupy.papers.RHS2007")
        drawn = getattr(published, stimulus)(ppd=16, pad=True)
        picture, targets = DRAWN[stimulus]()
        rows, columns = (slice((512 - side) // 2, (512 - side) // 2 + side) for side in picture.shape)
        assert_array_equal(picture, drawn["img"][rows, columns])
        assert_array_equal(targets, drawn["target_mask"][rows, columns])
        assert (np.delete(np.delete(drawn["img"], np.r_[rows], 0), np.r_[columns], 1) == GREY).all()

    @pytest.mark.parametrize(("model", "published"), [(lodog, {"window": 4}), (flodog, {"n": 4})])
    def test_windows_of_the_published_example_are_wider(self, model, published):
        """White's effect has its direction with them as well, and another size."""
        picture, targets = white_thick()
        light, dark = mean_responses(model(picture, 16, **published), targets)
        assert light > dark
        assert light != pytest.approx(mean_responses(model(picture, 16), targets)[0], rel=0.1)


@pytest.mark.parametrize("model", EVERY)
class TestEveryModel:
    def test_a_grey_margin_changes_nothing(self, model, patch):
        margin = ((30, 30), (11, 11))
        padded = model(np.pad(patch, margin, constant_values=GREY), 16)
        assert_allclose(padded[30:-30, 11:-11], model(patch, 16), atol=1e-9)

    def test_coarse_pixels_are_squares(self, model):
        """As in Murray 2020: 16 × 16 pixels at 2 per degree. Eight samples a pixel make 16 per degree."""
        coarse = np.random.default_rng(1).random((16, 16))
        fine = model(np.kron(coarse, np.ones((8, 8))), 16)
        assert_allclose(model(coarse, 2), fine.reshape(16, 8, 16, 8).mean(axis=(1, 3)), atol=1e-9)

    def test_simultaneous_contrast_in_coarse_pixels(self, model):
        picture = np.repeat([[BLACK, WHITE]], 16, axis=0).repeat(8, axis=1)
        picture, targets = with_targets(picture, [np.s_[7:9, 3:5], np.s_[7:9, 11:13]])
        on_black, on_white = mean_responses(model(picture, 2), targets)
        assert on_black > 0 > on_white

    def test_the_negative_has_the_negative_response(self, model, patch):
        assert_allclose(model(1 - patch, 16), -model(patch, 16), atol=1e-9)

    def test_rows_and_columns_are_alike(self, model, patch):
        """Orientations are the same six after a reflection about the diagonal."""
        assert_allclose(model(patch.T, 16), model(patch, 16).T, atol=2e-5)

    def test_grey_all_over_has_no_response(self, model):
        assert_allclose(model(np.full((20, 30), GREY), 16), 0, atol=1e-9)

    def test_any_size_and_density(self, model):
        """A strip that is wider than the frame, at a density whose frame has no round number of samples."""
        strip = np.random.default_rng(5).random((7, 200))
        response = model(strip, 5.3)
        assert response.shape == (7, 200)
        assert response.dtype == np.float64
        assert np.isfinite(response).all()
        assert response.std() > 1e-3

    @pytest.mark.parametrize(
        ("picture", "message"),
        [
            (np.zeros((4, 4, 3)), r"picture: is of shape \(4, 4, 3\); expected \(h, w\)"),
            (np.zeros(4), r"is of shape \(4,\)"),
            (np.zeros((0, 4)), r"is of shape \(0, 4\)"),
            ([[0, np.nan]], "has NaN or infinite values"),
            ([[0, np.inf]], "has NaN or infinite values"),
            ([[0, 255]], r"has values from 0 to 255; expected intensities in \[0, 1\]"),
            ([[-0.1, 1]], "has values from -0.1 to 1"),
            ([["black", "white"]], "is no array of numbers"),
            ([[0, 1], [1]], "is no array of numbers"),
        ],
    )
    def test_bad_pictures(self, model, picture, message):
        with pytest.raises(InputError, match=message):
            model(picture, 16)

    @pytest.mark.parametrize("density", [0, -16, math.nan, math.inf])
    def test_bad_densities(self, model, density):
        with pytest.raises(InputError, match=r"pixels per degree: .*expected a positive number"):
            model(np.zeros((4, 4)), density)

    @pytest.mark.parametrize("density", [300, 1e-3])
    def test_frames_that_do_not_fit(self, model, density):
        with pytest.raises(
            InputError, match=r"picture: 4×4 pixels at .* per degree need a frame of .* samples; expected"
        ):
            model(np.zeros((4, 4)), density)


@pytest.mark.parametrize("model", [odog, difference_of_gaussians])
def test_left_and_right_are_alike(model, patch):
    """A response belongs to the lower right corner of a pixel, in the mirror to the lower left one."""
    assert_allclose(model(patch[:, ::-1], 16)[:, :-1], model(patch, 16)[:, -2::-1], atol=1e-9)


def test_odog_has_no_unit_and_the_difference_of_gaussians_that_of_the_picture(patch):
    fainter = GREY + (patch - GREY) / 4
    assert_allclose(odog(fainter, 16), odog(patch, 16), atol=1e-9)
    assert_allclose(difference_of_gaussians(fainter, 16), difference_of_gaussians(patch, 16) / 4, atol=1e-12)


def test_odog_adds_up_to_six_orientations_of_unit_contrast():
    """A picture that fills the frame. A light point is the same to all orientations: together they have contrast 6
    where they agree, and less in all."""
    picture = np.full((512, 512), GREY)
    picture[256, 256] = WHITE
    response = odog(picture, 16)
    assert 1 < math.sqrt(np.mean(response**2)) < 6


def test_one_response_by_hand(patch):
    """The difference of Gaussians about the lower right corner of one pixel, summed over the picture."""
    row, column, sigma = 20, 33, 0.375 / math.sqrt(2)
    places = np.linspace(-16, 16, 512)  # of which the picture has only some, about the corner

    def weights(spread, at, side):
        gaussian = np.exp(-(places**2) / (2 * spread**2))
        first = 255 - at  # places[255] is the pixel itself, half a sample before the corner
        return (gaussian / gaussian.sum())[first : first + side]

    height, width = patch.shape
    centre, surround = (
        weights(spread, row, height) @ (patch - GREY) @ weights(spread, column, width) for spread in (sigma, 2 * sigma)
    )
    assert difference_of_gaussians(patch, 16)[row, column] == pytest.approx(centre - surround, abs=1e-12)


@pytest.mark.parametrize("settings", [{"n": 0}, {"n": math.nan}, {"m": -1}])
def test_bad_settings_of_flodog(settings):
    with pytest.raises(InputError, match=rf"{next(iter(settings))}: .*; expected a positive number"):
        flodog(np.zeros((4, 4)), 16, **settings)


def test_a_bad_window_of_lodog():
    with pytest.raises(InputError, match="window: -2; expected a positive number"):
        lodog(np.zeros((4, 4)), 16, window=-2)


class TestMeanResponses:
    response = np.arange(6.0).reshape(2, 3)

    def test_by_target(self):
        assert_array_equal(mean_responses(self.response, np.array([[0, 2, 1], [0, 2, 2]])), [2, 10 / 3])

    @pytest.mark.parametrize(
        ("targets", "message"),
        [
            (np.zeros((3, 2), int), r"are of shape \(3, 2\); expected \(2, 3\)"),
            (np.ones((2, 3)), "are float64; expected integers"),
            (np.zeros((2, 3), int), "there is no target"),
            (np.array([[0, 3, 1], [0, 0, 0]]), "target 2 has no pixel"),
            (np.array([[0, -1, 1], [0, 0, 0]]), "one is < 0"),
        ],
    )
    def test_bad_targets(self, targets, message):
        with pytest.raises(InputError, match=message):
            mean_responses(self.response, targets)


@pytest.mark.parametrize("shape", [(3, 5), (12, 90)])
@pytest.mark.parametrize("sigma", [0.1, 0.4, 2.0])
def test_local_contrast_is_that_of_a_window_that_is_cut_at_the_reach_of_filters(shape, sigma, monkeypatch):
    """Pictures smaller and larger than the frame, windows that fit into it and that do not; by products of matrices."""
    monkeypatch.setattr(filters, "FRAME", 4.0)
    view = filters._View.of(np.full(shape, WHITE), 16)
    response = np.random.default_rng(0).normal(size=view.frame.shape)
    window = np.exp(-(view.frame.offsets() ** 2) / (2 * sigma**2))
    window /= window.sum()
    squares = response**2
    for _ in range(2):  # rows, then columns
        out, inside = np.indices((len(squares), len(squares)))
        tap = out - inside + view.frame.reach - 1
        matrix = np.where((tap >= 0) & (tap < len(window)), window[np.clip(tap, 0, len(window) - 1)], 0)
        squares = (matrix @ squares).T
    expected = np.sqrt(squares + filters.MEAN_SQUARE_OFFSET)[view.place]
    assert_allclose(view.local_rms(response[view.around(sigma)], sigma), expected, rtol=1e-9)
