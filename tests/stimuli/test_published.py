"""Published stimuli: what is shipped is complete, and what is wrong with a table of one's own is named by line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from illusions import content
from illusions.displays import SRGB
from illusions.errors import InputError
from illusions.stimuli.colours import parse_colour
from illusions.stimuli.published import UNITS, PublishedStimulus, load_published, published_sets

SETS = {"betz2015": 3, "bindman2004": 6, "canham2021": 5, "chromatic": 23, "murray2020": 12, "rhs2007": 30}
#: Stimuli of which a direction is not contested, and stimuli with a strength.
DIRECTIONS = {"betz2015": 3, "bindman2004": 6, "canham2021": 1, "chromatic": 23, "murray2020": 8, "rhs2007": 25}
STRENGTHS = {"betz2015": 3, "bindman2004": 0, "canham2021": 0, "chromatic": 0, "murray2020": 12, "rhs2007": 18}


@pytest.fixture(scope="module")
def shipped() -> dict[str, list[PublishedStimulus]]:
    return {name: load_published(name) for name in published_sets()}


def test_the_sets_are_there(shipped: dict[str, list[PublishedStimulus]]) -> None:
    assert {name: len(stimuli) for name, stimuli in shipped.items()} == SETS
    known = {name: [s for s in stimuli if s.lighter and not s.contested] for name, stimuli in shipped.items()}
    assert {name: len(stimuli) for name, stimuli in known.items()} == DIRECTIONS
    measured = {name: [s for s in stimuli if s.strength is not None] for name, stimuli in shipped.items()}
    assert {name: len(stimuli) for name, stimuli in measured.items()} == STRENGTHS


@pytest.mark.parametrize("name", SETS)
def test_the_targets_of_a_shipped_picture_share_one_colour(
    name: str, shipped: dict[str, list[PublishedStimulus]]
) -> None:
    for stimulus in shipped[name]:
        assert stimulus.picture.dtype == np.uint8
        assert stimulus.picture.shape == (*stimulus.targets.shape, 3)
        assert len(np.unique(stimulus.picture[stimulus.targets > 0], axis=0)) == 1, stimulus.name
        assert stimulus.set == name
        assert name == "chromatic" or stimulus.axis.name == "brightness"
        assert not (stimulus.equal and stimulus.lighter)
        assert stimulus.strength_unit in (None, *UNITS)


def test_what_is_contested_says_what_is_open(shipped: dict[str, list[PublishedStimulus]]) -> None:
    contested = [stimulus for stimuli in shipped.values() for stimulus in stimuli if stimulus.contested]
    assert contested
    assert all(stimulus.note for stimulus in contested)


def collinear(stimulus: PublishedStimulus, k: int) -> float:
    """Mean grey of the pixels directly above and below a target."""
    rows, columns = np.nonzero(stimulus.targets == k)
    return float(stimulus.picture[[rows.min() - 1, rows.max() + 1], int(columns.mean())].mean())


@pytest.mark.parametrize("name", ["WE_thick", "WE_thin_wide", "WE_radial_thick", "WE_radial_thin"])
def test_in_whites_effect_the_target_on_the_black_bar_is_the_lighter_one(
    name: str, shipped: dict[str, list[PublishedStimulus]]
) -> None:
    (stimulus,) = [s for s in shipped["rhs2007"] if s.name == name]
    assert stimulus.lighter is not None
    assert collinear(stimulus, stimulus.lighter) == 0
    assert collinear(stimulus, 3 - stimulus.lighter) == 255


def test_degrees_are_those_of_the_papers(shipped: dict[str, list[PublishedStimulus]]) -> None:
    degrees = {s.name: tuple(side / s.pixels_per_degree for side in s.targets.shape) for s in shipped["rhs2007"]}
    assert degrees.pop("WE_zigzag") == (16, 17)
    assert set(degrees.values()) == {(32, 32)}
    assert {s.pixels_per_degree for s in shipped["murray2020"]} == {2}


def test_bullseyes_have_the_lengths_and_contrasts_of_the_paper(shipped: dict[str, list[PublishedStimulus]]) -> None:
    for stimulus in shipped["bindman2004"]:
        assert np.sqrt((stimulus.targets == 1).sum()) / stimulus.pixels_per_degree == pytest.approx(0.608, abs=0.03)
        centres = [np.argwhere(stimulus.targets == k).mean(axis=0) / stimulus.pixels_per_degree for k in (1, 2)]
        np.testing.assert_allclose(centres[1] - centres[0], (1.2, 2.7), atol=0.02)
        target, background = (
            1 + float(grey) / 255 * 117 for grey in (target_grey(stimulus), stimulus.picture[0, 0, 0])
        )
        weber = float(stimulus.name.split("_")[1]) / 60 - 1
        assert target / background - 1 == pytest.approx(weber, abs=0.01)
        assert (collinear(stimulus, 1), collinear(stimulus, 2)) == (255, 0)


def target_grey(stimulus: PublishedStimulus) -> int:
    return int(stimulus.picture[stimulus.targets == 1][0, 0])


def test_the_strengths_of_betz_are_means_over_observers(shipped: dict[str, list[PublishedStimulus]]) -> None:
    with (content.folder("stimuli") / "published" / "betz2015-observers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for stimulus in shipped["betz2015"]:
        effects = [float(row["effect"]) for row in rows if row["stimulus"] == stimulus.name and not row["noise"]]
        assert len(effects) == stimulus.observers == 11
        assert np.mean(effects) == pytest.approx(stimulus.strength, abs=1e-4)
        assert stimulus.strength_low is not None
        assert stimulus.strength_low > 0


def test_the_targets_in_colour_can_be_varied(shipped: dict[str, list[PublishedStimulus]]) -> None:
    for stimulus in shipped["chromatic"]:
        colour = parse_colour("#{:02x}{:02x}{:02x}".format(*stimulus.picture[stimulus.targets == 1][0]))
        stimulus.axis.check(colour)
        assert len(stimulus.axis.sweep(colour)) >= 32, stimulus.name
        if stimulus.axis.name == "dkl-hue":
            assert stimulus.axis.cones.s_scale == 2.6


def test_neighbours_of_the_targets_in_colour_are_as_the_notes_say(shipped: dict[str, list[PublishedStimulus]]) -> None:
    """Assimilation: the target that looks higher touches what is higher; contrast: what is lower."""
    expected = {"grating_l-m_0.7": -1, "grating_s-lm_0.7": -1, "grating_l-m_9": 1, "grating_s-lm_9": 1}
    expected |= {"rings_purple_lime": 1, "munker_b": 1, "munker_lightness": 1}
    for stimulus in shipped["chromatic"]:
        if stimulus.name in expected:
            one, two = (touching(stimulus, k) for k in (1, 2))
            higher = (one - two) * (1 if stimulus.lighter == 1 else -1)
            assert np.sign(higher) == expected[stimulus.name], stimulus.name


def touching(stimulus: PublishedStimulus, k: int) -> float:
    """Mean value on the axis of the pixels that touch a target."""
    target = stimulus.targets == k
    around = ndimage.binary_dilation(target) & (stimulus.targets == 0)
    return float(stimulus.axis.get(stimulus.picture[around] / 255).mean())


def test_variegated_surrounds_have_the_mean_of_the_uniform_one(shipped: dict[str, list[PublishedStimulus]]) -> None:
    picture = shipped["chromatic"][7].picture
    assert shipped["chromatic"][7].name == "variegated_reddish"
    panel = picture[20:180, 200:360].reshape(16, 10, 16, 10, 3)[:, 0, :, 0]
    outside = np.ones((16, 16), dtype=bool)
    outside[6:10, 6:10] = False
    light = SRGB.linear(panel[outside] / 255).mean(axis=0)
    np.testing.assert_allclose(light, SRGB.linear(picture[0, 0] / 255), atol=0.02)


def test_a_scale_belongs_to_an_axis_of_dkl(own: Callable[..., Path]) -> None:
    assert load_published(own({"axis": "l-m", "s_scale": "2"}))[0].axis.cones.s_scale == 2


@pytest.mark.parametrize(
    ("axis", "scale", "message"), [("brightness", "2", "one of sRGB"), ("s-lm", "0", "s_scale is 0")]
)
def test_a_scale_that_is_none(axis: str, scale: str, message: str, own: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=f"line 2: .*{message}"):
        load_published(own({"axis": axis, "s_scale": scale}))


def test_the_stimuli_of_the_toolkit_are_listed_as_before() -> None:
    assert not set(content.names("stimuli")) & {"published", *SETS}


ROW = {
    "stimulus": "mine",
    "family": "simultaneous-contrast",
    "pixels_per_degree": "4",
    "axis": "brightness",
    "lighter": "1",
    "contested": "false",
    "strength": "3.5",
    "strength_unit": "cd/m2",
    "strength_low": "3",
    "strength_high": "4",
    "observers": "7",
    "source": "A paper, Fig. 1",
    "note": "",
}


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Path]:
    """A table of one's own: the row above with changes, or without the columns that are None."""

    def write(
        *rows: dict[str, str | None], targets: tuple[int, ...] = (1, 2), size: tuple[int, int] = (20, 24)
    ) -> Path:
        folder, table = tmp_path / "own", tmp_path / "own.csv"
        folder.mkdir()
        labels = np.zeros((20, 24), dtype=np.uint8)
        for k in targets:
            labels[8:12, 8 * k - 4 : 8 * k] = k
        Image.fromarray(np.full(size, 128, dtype=np.uint8)).save(folder / "mine.png")
        Image.fromarray(labels).save(folder / "mine-targets.png")
        cells = [{k: v for k, v in (ROW | row).items() if v is not None} for row in rows or ({},)]
        with table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(cells[0]))
            writer.writeheader()
            writer.writerows(cells)
        return table

    return write


def test_a_table_of_ones_own_is_read_by_path_or_folder(own: Callable[..., Path]) -> None:
    table = own()
    (stimulus,) = load_published(table)
    assert (stimulus.name, stimulus.set, stimulus.lighter, stimulus.equal) == ("mine", "own", 1, False)
    assert (stimulus.strength, stimulus.strength_low, stimulus.strength_high) == (3.5, 3, 4)
    assert (stimulus.observers, stimulus.contested) == (7, False)
    assert stimulus.targets.shape == (20, 24)
    assert load_published(str(table.with_suffix("")))[0].source == stimulus.source


def test_what_nobody_knows_is_none(own: Callable[..., Path]) -> None:
    unknown = dict.fromkeys(("strength", "strength_unit", "strength_low", "strength_high", "observers", "note"))
    (stimulus,) = load_published(own({"lighter": "", "contested": "true", **unknown}))
    assert stimulus.lighter is stimulus.strength is stimulus.strength_unit is stimulus.observers is None
    assert not stimulus.equal


def test_people_may_see_them_equal(own: Callable[..., Path]) -> None:
    (stimulus,) = load_published(own({"lighter": "none"}))
    assert stimulus.equal
    assert stimulus.lighter is None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"source": ""}, "'source' is empty; expected a value"),
        ({"source": "  "}, "'source'"),
        ({"strength_unit": "cd/m"}, "no unit of a strength is called 'cd/m'; did you mean 'cd/m2'?"),
        ({"axis": "brightnes"}, "did you mean 'brightness'"),
        ({"lighter": "3"}, "'lighter': input should be '1', '2', 'none' or ''"),
        ({"contested": "perhaps"}, "'contested': input should be 'true' or 'false'"),
        ({"contested": ""}, "'contested' is empty"),
        ({"pixels_per_degree": "0"}, "'pixels_per_degree': input should be greater than 0"),
        ({"pixels_per_degree": "many"}, "'pixels_per_degree': input should be a valid number"),
        ({"strength": "nan"}, "'strength': input should be a finite number"),
        ({"strength": "5"}, "its strength lies outside its interval, 3 to 4"),
        ({"strength": ""}, "has a strength or a strength_unit without the other"),
        ({"strength_unit": ""}, "has a strength or a strength_unit without the other"),
        ({"strength_low": ""}, "has one end of the interval"),
        ({"strength_unit": "share of target 2"}, "its strength is a share of 3.5; expected 0 to 1"),
        ({"observers": "0"}, "'observers': input should be greater than 0"),
        ({"stimulus": "../mine"}, "'stimulus'"),
        ({"stimulus": "other"}, "other.png: no such file"),
    ],
)
def test_a_bad_value_is_named_by_line(change: dict[str, str], complaint: str, own: Callable[..., Path]) -> None:
    table = own(change)
    with pytest.raises(InputError) as raised:
        load_published(table)
    assert str(raised.value).startswith(f"{table}, line 2: ")
    assert complaint in str(raised.value)


def test_lines_are_counted_as_an_editor_counts_them(own: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"own\.csv, line 4: stimulus 'mine' is on line 2 already"):
        load_published(own({"note": "two\nlines"}, {}))


@pytest.mark.parametrize(("targets", "missing"), [((1,), 2), ((2,), 1), ((), 1)])
def test_a_picture_without_its_targets_is_refused(
    targets: tuple[int, ...], missing: int, own: Callable[..., Path]
) -> None:
    with pytest.raises(InputError, match=rf"line 2: .*mine-targets\.png has no target {missing}; expected 1 and 2"):
        load_published(own(targets=targets))


def test_a_picture_of_another_size_than_its_targets_is_refused(own: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"line 2: .* is 24×24 pixels and its targets 24×20; expected the same size"):
        load_published(own(size=(24, 24)))


def test_targets_in_colour_are_refused(own: Callable[..., Path]) -> None:
    table = own()
    path = table.parent / "own" / "mine-targets.png"
    Image.open(path).convert("RGB").save(path)
    with pytest.raises(InputError, match=r"line 2: .*mine-targets\.png: is of mode RGB; expected 8-bit greyscale"):
        load_published(table)


def test_missing_targets_are_named(own: Callable[..., Path]) -> None:
    table = own()
    (table.parent / "own" / "mine-targets.png").unlink()
    with pytest.raises(InputError, match=r"own\.csv, line 2: .*mine-targets\.png: no such file"):
        load_published(table)


def test_columns_are_checked(own: Callable[..., Path]) -> None:
    table = own()
    text = table.read_text(encoding="utf-8")
    for changed, complaint in (
        (text.replace("source", "sources", 1), "line 1: no column is called 'sources'; did you mean 'source'?"),
        (text.replace(",note", "", 1), "line 2: has more cells than the table has columns"),
        ("", "line 1: column 'stimulus' is missing"),
        (text.splitlines()[0], "has no rows"),
    ):
        table.write_text(changed, encoding="utf-8")
        with pytest.raises(InputError) as raised:
            load_published(table)
        assert complaint in str(raised.value)


def test_a_table_that_is_no_text_is_refused(own: Callable[..., Path]) -> None:
    table = own()
    table.write_bytes(b"stimulus\xff\n")
    with pytest.raises(InputError, match="is not a valid CSV file"):
        load_published(table)


def test_a_set_that_does_not_exist_has_a_neighbour() -> None:
    with pytest.raises(InputError, match=r"no set of published stimuli is called 'rhs2008'; did you mean 'rhs2007'\?"):
        load_published("rhs2008")
    with pytest.raises(InputError, match=r"nowhere/mine\.csv: no table of stimuli is there"):
        load_published("nowhere/mine.csv")
