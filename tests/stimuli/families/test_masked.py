import numpy as np
import pytest

from illusions.errors import InputError
from illusions.pictures import write_picture
from illusions.stimuli.families.masked import labelled_picture
from illusions.stimuli.from_pictures import from_pictures


@pytest.fixture
def files(tmp_path):
    """A picture of noise with a blue disc, and its mask."""
    rng = np.random.default_rng(0)
    image = rng.integers(100, 150, (120, 160, 3), dtype=np.uint8)
    y, x = np.mgrid[:120, :160]
    disc = np.hypot(x - 79.5, y - 59.5) < 12
    image[disc] = (40, 60, 200)
    write_picture(tmp_path / "image.png", image)
    write_picture(tmp_path / "mask.png", np.where(disc, 255, 0).astype(np.uint8))
    return tmp_path / "image.png", tmp_path / "mask.png", image, disc


def test_a_uniform_target_is_shown_as_it_is(files):
    image_path, mask_path, image, disc = files
    stimulus = from_pictures(image_path, mask_path, "saturation")
    assert list(stimulus.conditions) == ["image"]
    assert stimulus.name == "image"
    assert stimulus.value == pytest.approx(0.8)
    np.testing.assert_array_equal(stimulus.picture("image"), image)
    np.testing.assert_array_equal(stimulus.target_mask("image"), disc)
    assert stimulus.patches("image").shape == (256, 16, 16, 3)
    assert "0.000" in stimulus.description


def test_the_patch_is_the_area_mean_around_the_target(files):
    image_path, mask_path, image, _ = files
    stimulus = from_pictures(image_path, mask_path, "brightness")
    patch = stimulus.patches("image", stimulus.value)[0]  # the target is 24 pixels wide, the patch 64
    expected = image[28:92, 48:112].reshape(16, 4, 16, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(patch, expected, atol=0.51)


def test_a_textured_target_becomes_its_median(files, tmp_path):
    image_path, mask_path, image, disc = files
    image[disc] = np.random.default_rng(1).integers(90, 111, (disc.sum(), 3))
    image[59, 79] = (255, 255, 255)
    write_picture(tmp_path / "image.png", image)
    stimulus = from_pictures(image_path, mask_path, "brightness")
    assert abs(stimulus.colour(stimulus.value).astype(int) - 100).max() <= 1
    outside = ~disc
    np.testing.assert_array_equal(stimulus.picture("image")[outside], image[outside])
    assert "0.000" not in stimulus.description


def test_pair_and_proof_of_a_single_condition(files):
    stimulus = from_pictures(*files[:2], "hue")
    assert stimulus.pair().shape == (120, 160, 3)
    assert stimulus.proof().shape[1] == 160


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.zeros((120, 160)), "black everywhere"),
        (np.full((120, 160), 255), "white everywhere"),
        (np.full((120, 160), 77), "#4d4d4d everywhere"),
        (np.full((120, 161), 255), "the mask is 161×120 pixels; expected 160×120"),
        (np.pad(np.full((120, 60), 255), ((0, 0), (50, 50))), "expected a target of at most 45 pixels"),
    ],
)
def test_bad_masks(files, mask, message):
    write_picture(files[1], mask.astype(np.uint8))
    with pytest.raises(InputError, match=message) as error:
        from_pictures(*files[:2], "brightness")
    assert str(files[1]) in str(error.value)


def test_bad_files_and_axes(files, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        from_pictures(tmp_path / "none.png", files[1], "brightness")
    with pytest.raises(InputError, match="no such file"):
        from_pictures(files[0], tmp_path / "none.png", "brightness")
    with pytest.raises(InputError, match="did you mean 'hue'"):
        from_pictures(*files[:2], "hu")


def test_the_saturation_of_a_grey_target(files):
    image_path, mask_path, image, disc = files
    image[disc] = 128
    write_picture(image_path, image)
    with pytest.raises(
        InputError,
        match=r"image\.png under .*mask\.png: .* is grey, to the precision of 8 bits, so its saturation needs",
    ):
        from_pictures(image_path, mask_path, "saturation")


def test_a_target_too_large_for_the_usual_patch_gets_the_largest_that_fits(files):
    image_path, mask_path, *_ = files
    write_picture(mask_path, np.pad(np.full((80, 80), 255), ((20, 20), (40, 40))).astype(np.uint8))
    stimulus = from_pictures(image_path, mask_path, "saturation")
    assert stimulus.scale == 1.5
    assert stimulus.description.endswith(
        "The patch is 1.5 times as wide as the target, and not 2.667 times: the picture ends there."
    )


@pytest.mark.parametrize(("kind", "names"), [(float, ["1", "2"]), (np.uint8, ["1", "2"]), (bool, ["1"])])
def test_labels_of_any_type(kind, names):
    labels = np.zeros((60, 120))
    labels[25:35, 25:35], labels[25:35, 85:95] = 1, 2
    pixels = np.full((60, 120, 3), 128, dtype=np.uint8)
    assert list(labelled_picture(pixels, labels.astype(kind), "brightness").conditions) == names


@pytest.mark.parametrize("label", [1.5, -1, float("nan")])
def test_labels_that_are_none(label):
    labels = np.zeros((60, 120))
    labels[25:35, 25:35] = label
    with pytest.raises(InputError, match=r"picture: the mask goes from .* expected whole numbers: 0 on the surround"):
        labelled_picture(np.full((60, 120, 3), 128, dtype=np.uint8), labels, "brightness")


@pytest.mark.parametrize("pixels_per_degree", [0, -3, float("nan"), float("inf")])
def test_degrees_that_are_none(pixels_per_degree):
    labels = np.zeros((60, 120), dtype=int)
    labels[25:35, 25:35] = 1
    with pytest.raises(InputError, match="units per degree of visual angle; expected more than 0"):
        labelled_picture(
            np.full((60, 120, 3), 128, dtype=np.uint8), labels, "brightness", pixels_per_degree=pixels_per_degree
        )
