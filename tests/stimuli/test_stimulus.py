import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import illusions
from illusions.content import names
from illusions.displays import to_dkl
from illusions.errors import InputError
from illusions.stimuli.families.uniform import uniform_contrast
from illusions.stimuli.loading import load_stimulus

SHIPPED = names("stimuli")
#: Of which the targets are mirror images of each other, and fall on pixels in two ways.
MIRRORED = {"koffka-ring"}


@pytest.fixture(scope="module", params=SHIPPED)
def stimulus(request):
    return load_stimulus(request.param)


@pytest.fixture
def grey():
    return uniform_contrast(
        axis="brightness", value=0.5, surrounds={"dark": 0.2, "light": 0.8}, base={"hsv": [0, 0, 0.5]}
    )


def test_the_shipped_stimuli():
    assert {
        "benary",
        "benary-saturation",
        "brightness-contrast",
        "brightness-contrast-photograph",
        "bullseye",
        "checkerboard",
        "checkerboard-hue",
        "chevreul",
        "chevreul-saturation",
        "cornsweet",
        "cornsweet-saturation",
        "dungeon",
        "dungeon-saturation",
        "grating-induction",
        "grating-induction-saturation",
        "hermann-grid",
        "hermann-grid-saturation",
        "hue-contrast",
        "koffka-ring",
        "mach-bands",
        "mach-bands-saturation",
        "munker",
        "saturation-contrast",
        "saturation-contrast-photograph",
        "todorovic",
        "todorovic-saturation",
        "two-colour-rings",
        "two-colour-rings-s-cone",
        "variegated-surround",
        "white",
    } <= set(SHIPPED)


def test_every_stimulus_says_what_it_is(stimulus):
    assert stimulus.title
    assert stimulus.description
    assert stimulus.source
    assert len(stimulus.conditions) >= 2
    assert stimulus.people_see_higher in stimulus.conditions or "not measured" in stimulus.source


def test_the_target_is_the_same_in_every_picture(stimulus):
    colour = stimulus.colour(stimulus.value)
    counts = set()
    for condition in stimulus.conditions:
        target = stimulus.picture(condition)[stimulus.target_mask(condition)]
        assert (target == colour).all()
        counts.add(len(target))
    assert len(counts) == 1
    assert counts.pop() > 200


def test_the_target_is_the_same_in_every_patch(stimulus):
    """Wherever a patch changes fully with the target, it shows the colour of the target."""
    values = stimulus.values()[::51]
    colours = np.array([stimulus.colour(value) for value in values])
    shown = [stimulus.patches(condition, values) for condition in stimulus.conditions]
    masks = [(patches == colours[:, None, None, :]).all(axis=(0, 3)) for patches in shown]
    for mask in masks:
        if stimulus.name in MIRRORED:
            assert abs(int(mask.sum()) - int(masks[0].sum())) <= 4
        else:
            np.testing.assert_array_equal(mask, masks[0])
        assert mask.sum() >= 8


def test_the_surround_is_the_same_for_every_value(stimulus):
    for condition in stimulus.conditions:
        patches = stimulus.patches(condition)
        still = (patches == patches[:1]).all(axis=(0, 3))
        assert still.sum() > patches.shape[1] ** 2 / 2


def test_the_surround_of_a_patch_is_what_the_target_leaves_untouched(stimulus):
    ends = stimulus.values()[[0, -1]] if not stimulus.axis.circular else [0, 0.5]
    for condition in stimulus.conditions:
        patches, surround = stimulus.patches(condition, ends), stimulus.view(condition).untouched
        still = (patches[0] == patches[1]).all(axis=-1)
        assert surround.sum() > surround.size / 2
        assert still[surround].all()
        assert (~still).sum() > (~surround).sum() / 2  # a pixel that the target hardly covers need not change


def test_the_conditions_differ_in_their_surrounds(stimulus):
    first, second = list(stimulus.conditions)[:2]
    assert (stimulus.patches(first, stimulus.value) != stimulus.patches(second, stimulus.value)).any()


def test_the_proof_shows_one_colour_under_the_pair(stimulus):
    pair, proof = stimulus.pair(), stimulus.proof()
    np.testing.assert_array_equal(proof[: len(pair)], pair)
    below = proof[len(pair) :]
    cut = (below != below[-1, -1]).any(axis=2)
    rows, columns = np.flatnonzero(cut.any(axis=1)), np.flatnonzero(cut.any(axis=0))
    together = below[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert (together == stimulus.colour(stimulus.value)).all()
    target = stimulus.target_mask(next(iter(stimulus.conditions)))
    width, height = np.ptp(np.flatnonzero(target.any(axis=0))) + 1, np.ptp(np.flatnonzero(target.any(axis=1))) + 1
    shape = len(stimulus.conditions) * width / height
    assert together.shape[1] / together.shape[0] == pytest.approx(shape, rel=0.02 if stimulus.name in MIRRORED else 0)


def test_patches_are_what_is_promised(stimulus):
    for size in (8, 16, 32):
        patches = stimulus.patches(next(iter(stimulus.conditions)), [stimulus.value], size=size)
        assert patches.shape == (1, size, size, 3)
        assert patches.dtype == np.uint8
    values = stimulus.values()
    assert len(stimulus.patches(next(iter(stimulus.conditions)))) == len(values)
    assert (np.diff(values) > 0).all()
    assert values[0] <= stimulus.value <= values[-1]


def test_the_target_fills_the_same_share_of_every_patch(grey):
    for size in (8, 16, 32, 64):
        assert (grey.patches("dark", 1.0, size=size) == 255).mean() == pytest.approx((6 / 16) ** 2)


def test_a_picture_of_a_uniform_scene_is_large_and_crisp(grey):
    picture = grey.picture("dark")
    assert picture.shape == (400, 400, 3)
    assert set(np.unique(picture)) == {51, 128}
    assert grey.target_mask("dark").sum() == 150**2


def test_a_value_can_be_set_in_one_condition(grey):
    before, after = grey.pair(), grey.pair({"light": 0.75})
    changed = (before != after).any(axis=2)
    assert changed.sum() == grey.target_mask("light").sum()
    assert (after[changed] == grey.colour(0.75)).all()
    assert not changed[:, :400].any()


def test_the_proof_of_different_values_has_a_seam(grey):
    below = grey.proof({"light": 0.75})[len(grey.pair()) :]
    row = below[len(below) // 2, :, 0]
    inner = row[row != below[-1, -1, 0]]
    assert set(inner) == {128, 191}
    assert (np.diff(inner.astype(int)) != 0).sum() == 1


def test_three_conditions():
    three = uniform_contrast(
        axis="brightness", value=0.5, surrounds={"a": 0.1, "b": 0.5, "c": 0.9}, base="#808080", size=4
    )
    assert three.pair().shape == (400, 3 * 400 + 2 * 20, 3)
    assert three.proof().shape[1] == three.pair().shape[1]


def test_names_that_do_not_exist(grey):
    with pytest.raises(InputError, match="did you mean 'dark'"):
        grey.patches("drak")
    with pytest.raises(InputError, match="condition"):
        grey.pair({"middle": 0.5})
    with pytest.raises(InputError, match="did you mean 'dark'"):
        replace(grey, people_see_higher="drak")
    with pytest.raises(InputError, match="did you mean 'brightness-contrast'"):
        load_stimulus("brightness-contrst")


@pytest.mark.parametrize("value", [-0.2, 1.2])
def test_values_out_of_range(grey, value):
    with pytest.raises(InputError, match="out of range"):
        grey.patches("dark", [0.5, value])
    with pytest.raises(InputError, match="out of range"):
        grey.pair({"dark": value})


def test_no_torch():
    code = (
        "import sys, illusions; illusions.load_stimulus('hue-contrast').patches('red'); print('torch' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


def test_at_a_resolution_a_picture_is_as_large_as_it_says():
    """White's bars are 2° wide and 11 in all; the target is 2° by 4°."""
    white = replace(load_stimulus("white"), resolution=15)
    assert white.pixels_per_degree == 15
    assert white.picture("black").shape == (330, 330, 3)
    assert white.target_mask("black").sum() == 30 * 60
    assert white.pair().shape[0] == 330
    own = load_stimulus("white")
    assert own.target_mask("black").sum() == pytest.approx(8 * own.pixels_per_degree**2)


def test_a_resolution_needs_degrees():
    with pytest.raises(InputError, match=r"dungeon: has no size in degrees .* or a resolution in degrees"):
        replace(load_stimulus("dungeon"), resolution=15)
    assert load_stimulus("dungeon").pixels_per_degree is None


def test_a_resolution_at_which_nothing_can_be_drawn():
    with pytest.raises(InputError, match=r"white, at 500 pixels per degree: the picture would have 11000×11000 pixels"):
        replace(load_stimulus("white"), resolution=500).picture("black")


def test_degrees_and_units():
    white = load_stimulus("white")
    assert white.units(4) == white.conditions["black"].target.extent


def three(**about):
    surrounds = {"grey": "#909090", "pink": "#c08090", "green": "#80a080"}
    return illusions.stimuli.uniform(target="#8a6f3c", surrounds=surrounds, axis="hue", **about)


def test_a_reference_is_where_all_others_are_matched():
    assert len(three().pairs) == 6
    stimulus = three(reference="grey")
    assert stimulus.pairs == [("pink", "grey"), ("green", "grey")]
    assert stimulus.with_target("#7f6f50").reference == "grey"
    with pytest.raises(InputError, match="key 'reference': no condition is called 'gray'; did you mean 'grey'"):
        three(reference="gray")
    with pytest.raises(InputError, match=r"no condition of .* is called 'gray'"):
        replace(stimulus, reference="gray")


def test_the_ground_of_a_stimulus_with_a_reference_is_that_surround():
    assert three().ground.tolist() == [232, 232, 232]
    stimulus = three(reference="grey")
    assert stimulus.ground.tolist() == [144, 144, 144]
    width = stimulus.picture("grey").shape[1]
    assert (stimulus.pair()[:, width : width + width // 20] == 144).all()
    assert (stimulus.proof()[-1] == 144).all()
    assert (three().pair()[:, width : width + width // 20] == 232).all()


def test_a_reference_is_saved(tmp_path):
    three(reference="grey").save(tmp_path / "mine.toml")
    assert load_stimulus(tmp_path / "mine.toml").pairs == [("pink", "grey"), ("green", "grey")]


def test_colours_of_a_file_are_those_of_its_display_and_its_grey(tmp_path):
    axis = {"name": "dkl-hue", "display": {"white": 100}, "adapt": "reference", "s_scale": 2.0}
    stimulus = illusions.stimuli.uniform(
        target={"dkl-polar": [0, 0.1, 90]},
        surrounds={"grey": {"xyY": [0.31, 0.32, 40]}, "violet": {"dkl-polar": [0, 0.1, 45]}},
        axis=axis,
        reference="grey",
    )
    stimulus.save(tmp_path / "mine.toml")
    for each in (stimulus, load_stimulus(tmp_path / "mine.toml")):
        grey = each.picture("grey")[0, 0]
        np.testing.assert_allclose(each.axis.cones.display.luminances(grey), 40, rtol=0.01)
        np.testing.assert_allclose(to_dkl(grey / 255, each.axis.cones), [0, 0, 0], atol=0.01)
        np.testing.assert_allclose(to_dkl(each.target.rgb, each.axis.cones), [0, 0, 0.2], atol=1e-9)
        assert each.value == pytest.approx(90)
    with pytest.raises(InputError, match="adapt is 'reference', and there is no reference condition"):
        illusions.stimuli.uniform(target="#8a6f3c", surrounds={"a": "#808080", "b": "#a08080"}, axis=axis)
