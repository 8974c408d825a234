import numpy as np
import pytest
from PIL import Image, ImageFilter

from illusions.errors import InputError
from illusions.pictures import write_picture
from illusions.stimuli.from_pictures import from_pictures
from illusions.stimuli.masks import read_mask

DISC = np.hypot(*(np.mgrid[:64, :64] - 31.5)) < 12
SQUARE = np.zeros((64, 64), bool)
SQUARE[4:12, 4:12] = True
LABELS = DISC + 2 * SQUARE + 3 * np.roll(SQUARE, 40, axis=0)


def read(tmp_path, image, name="mask.png", **options):
    image.save(tmp_path / name, **options)
    return read_mask(tmp_path / name, 64, 64)


def painted(labels, *colours):
    return Image.fromarray(np.array(colours, dtype=np.uint8)[labels])


@pytest.mark.parametrize(
    "image",
    [
        painted(DISC.astype(int), 0, 255),
        painted(DISC.astype(int), 0, 1),
        painted(DISC.astype(int), 1, 2),
        painted(DISC.astype(int), 0, 100),
        painted(DISC.astype(int), 200, 255),
        painted(DISC.astype(int), (0, 0, 0), (255, 0, 0)),
        painted(DISC.astype(int), (0, 0, 0), (0, 0, 60)),
        painted(DISC.astype(int), (200, 0, 0), (255, 255, 255)),
        Image.fromarray(DISC),
        Image.fromarray(DISC.astype(np.uint16)),
        Image.fromarray(DISC.astype(np.uint16) * 65535),
        painted(DISC.astype(int), (0, 0, 0), (255, 0, 0)).quantize(2),
    ],
)
def test_two_values_mark_a_target_whichever_they_are(tmp_path, image):
    np.testing.assert_array_equal(read(tmp_path, image), DISC)


@pytest.mark.parametrize("colour", [(255, 255, 255), (255, 0, 0), (0, 0, 255)])
def test_edges_may_be_soft_and_values_noisy(tmp_path, colour):
    image = painted(DISC.astype(int), (0, 0, 0), colour)
    assert (read(tmp_path, image.filter(ImageFilter.GaussianBlur(1))) != DISC).mean() < 0.005
    assert (read(tmp_path, image, "mask.jpg", quality=85, subsampling=0) != DISC).mean() < 0.01


@pytest.mark.parametrize("labels", [DISC.astype(int), LABELS])
def test_labels_in_a_jpeg_are_refused(tmp_path, labels):
    """Its compression makes 0 to 5 of 0 to 3, and loses a third of a target of ones."""
    with pytest.raises(InputError, match=r"levels, and a JPEG changes them by several; expected .* labels in a PNG"):
        read(tmp_path, Image.fromarray(labels.astype(np.uint8)), "mask.jpg")


def test_two_dark_values_in_a_jpeg_are_no_labels(tmp_path):
    found = read(tmp_path, painted(DISC.astype(int), 0, 100), "mask.jpg", quality=85)
    assert (found != DISC).mean() < 0.01


def test_colours_that_are_as_light_as_white_are_no_single_target(tmp_path):
    """Their largest channel is 255 everywhere: all of it was the target."""
    image = painted(LABELS % 3, (255, 255, 255), (255, 0, 0), (0, 0, 255))
    with pytest.raises(InputError, match=r"the colours #0000ff, #ff0000, white, none of which is black"):
        read(tmp_path, image)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_labels_stay_as_they_are(tmp_path, kind):
    np.testing.assert_array_equal(read(tmp_path, Image.fromarray(LABELS.astype(kind))), LABELS)


def test_labels_that_are_thin_are_no_edges(tmp_path):
    labels = np.array(LABELS)
    labels[50, 20:60] = 4
    np.testing.assert_array_equal(read(tmp_path, Image.fromarray(labels.astype(np.uint8))), labels)


def test_the_numbers_of_a_palette_are_labels(tmp_path):
    image = Image.fromarray(LABELS.astype(np.uint8), "L").convert("P")
    image.putdata(LABELS.ravel().tolist())
    image.putpalette([0, 0, 0, 200, 0, 0, 0, 200, 0, 0, 0, 200])
    np.testing.assert_array_equal(read(tmp_path, image), LABELS)


@pytest.mark.parametrize(
    "colours",
    [(0, 100, 180, 255), ((0, 0, 0), (100, 0, 0), (0, 200, 0), (255, 255, 0))],
)
def test_colours_without_soft_edges_are_labels_from_dark_to_light(tmp_path, colours):
    np.testing.assert_array_equal(read(tmp_path, painted(LABELS, *colours)), LABELS)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (painted(DISC.astype(int), (255, 0, 0), (0, 0, 255)), "#0000ff and #ff0000, which are equally light; expected"),
        (painted(LABELS, (9, 0, 0), (100, 0, 0), (0, 200, 0), (255, 255, 0)), "none of which is black; expected two"),
        (painted(LABELS, 0, 100, 180, 255).filter(ImageFilter.GaussianBlur(1)), "colours, from black on; expected"),
    ],
)
def test_what_is_neither_says_what_was_found(tmp_path, image, message):
    with pytest.raises(InputError, match=rf"mask\.png: the mask has .*{message}"):
        read(tmp_path, image)


@pytest.fixture
def picture(tmp_path):
    """Its targets grey, but for what a JPEG leaves."""
    pixels = np.random.default_rng(0).integers(60, 90, (64, 64, 3), dtype=np.uint8)
    pixels[LABELS > 0] = (127, 128, 128)
    write_picture(tmp_path / "image.png", pixels)
    write_picture(tmp_path / "mask.png", LABELS.astype(np.uint8))
    return tmp_path / "image.png", tmp_path / "mask.png", pixels


def test_labels_become_conditions_or_one_of_them_is_chosen(picture):
    image, mask, pixels = picture
    stimulus = from_pictures(image, mask, "lightness")
    assert list(stimulus.conditions) == ["1", "2", "3"]
    np.testing.assert_array_equal(stimulus.target_mask("2"), SQUARE)
    chosen = from_pictures(image, mask, "lightness", target=2)
    assert list(chosen.conditions) == ["image"]
    np.testing.assert_array_equal(chosen.target_mask("image"), SQUARE)
    pixels[SQUARE] = 10
    write_picture(image, pixels)
    with pytest.raises(InputError, match=r"expected equal colours, .*or one target by its label"):
        from_pictures(image, mask, "lightness")
    with pytest.raises(InputError, match=r"mask\.png: has no target 4; there is: 1, 2, 3"):
        from_pictures(image, mask, "lightness", target=4)


def test_a_hue_that_is_not_there_is_given_or_missed(picture):
    image, mask, _ = picture
    for axis in ("saturation", "chroma", "hue"):
        with pytest.raises(InputError, match="is grey, to the precision of 8 bits"):
            from_pictures(image, mask, axis)
    red = from_pictures(image, mask, "saturation", hue=0)
    np.testing.assert_array_equal(red.colour(1), (128, 0, 0))
    assert red.value == 0
    lab = from_pictures(image, mask, "chroma", hue=0)  # a* > 0, b* = 0: a purplish red
    red, green, blue = lab.colour(30).astype(int)
    assert red > blue > green
    assert abs(lab.axis.get(lab.colour(30) / 255) - 30) < 0.5


def test_a_hue_where_there_is_one_or_none_is_needed(picture):
    image, mask, pixels = picture
    with pytest.raises(InputError, match="a hue is given, and brightness is varied"):
        from_pictures(image, mask, "brightness", hue=0.5)
    with pytest.raises(InputError, match=r"a hue of 1\.5 turns is out of range"):
        from_pictures(image, mask, "saturation", hue=1.5)
    pixels[LABELS > 0] = (90, 128, 128)
    write_picture(image, pixels)
    with pytest.raises(InputError, match="has one of its own"):
        from_pictures(image, mask, "saturation", hue=0.5)


def test_nearly_black_becomes_no_colour_when_it_is_brighter(picture):
    image, mask, pixels = picture
    pixels[LABELS > 0] = (1, 0, 0)
    write_picture(image, pixels)
    np.testing.assert_array_equal(from_pictures(image, mask, "brightness").colour(1), (255, 255, 255))


@pytest.mark.parametrize("values", [(0, 255, 254), (0, 255, 254, 253), (10, 200, 202)])
def test_areas_of_almost_equal_values_are_refused(tmp_path, values):
    """stimupy's export multiplies labels by 255 in 8 bits: 1, 2 and 3 become 255, 254 and 253."""
    mask = np.full((64, 64), values[0], np.uint8)
    for k, value in enumerate(values[1:]):
        mask[10:25, 5 + 18 * k : 15 + 18 * k] = value
    pair = sorted(values)[-2:]
    with pytest.raises(InputError, match=f"almost equal values {pair[0]} and {pair[1]}") as refused:
        read(tmp_path, Image.fromarray(mask))
    assert ("stimupy" in str(refused.value)) == (values[0] == 0)


def test_a_mask_that_lies_across_its_picture_is_told_of_exif(tmp_path):
    Image.fromarray(DISC[:40]).save(tmp_path / "mask.png")
    with pytest.raises(InputError, match=r"64×40 pixels; expected 40×64, .*shown upright if its EXIF orientation"):
        read_mask(tmp_path / "mask.png", 64, 40)
