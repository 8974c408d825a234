"""Counting in photographs as a competitor: against pictures in which the answer is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from illusions.analyses.battery.counted import counting_entry
from illusions.analyses.battery.flows import FIELDS
from illusions.analyses.battery.predictors import ask
from illusions.errors import InputError
from illusions.pictures import write_picture
from illusions.stimuli.axes import AXES

#: Pixels per degree: the narrowest field is 32 pixels wide, and a pixel of the patch is two.
PPD = 4


@dataclass(frozen=True)
class Published:
    """Two targets of one grey among stripes: the first lies on a dark stripe, the second on a light one."""

    name: str = "stripes"
    axis: object = AXES["brightness"]
    pixels_per_degree: float = PPD

    @property
    def targets(self):
        labels = np.zeros((128, 256), np.uint8)
        labels[60:68, 56:64], labels[60:68, 192:200] = 1, 2
        return labels

    @property
    def picture(self):
        dark = (np.arange(256) // 8) % 2 == 1
        stripes = np.where(dark, 60, 200).astype(np.uint8)
        picture = np.broadcast_to(stripes, (128, 256)).copy()
        picture[self.targets > 0] = 128
        return np.repeat(picture[..., None], 3, axis=2)


@pytest.fixture
def photographs(tmp_path):
    """Stripes whose middle has, on dark ones, darker patches than the target; on light ones, lighter ones."""
    rng = np.random.default_rng(0)
    for k in range(6):
        stripes = np.where((np.arange(128) // 4) % 2 == 1, 60, 200)
        picture = np.broadcast_to(stripes, (96, 128)) + rng.normal(0, 3, (96, 128))
        write_picture(tmp_path / f"{k}.png", np.repeat(picture.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2))
    return sorted(tmp_path.iterdir())


def test_a_target_ranks_among_those_of_the_photographs(photographs):
    entry = counting_entry([Published()], photographs, [], places=200)
    answers = ask(entry, Published())
    assert len(answers) == len(entry.settings) > len(FIELDS)
    dark, light = answers["8°"].values
    assert dark == pytest.approx(1)  # every patch on a dark stripe is darker than the target
    assert light == pytest.approx(0)


def test_a_stimulus_that_was_not_counted_has_a_reason(photographs):
    entry = counting_entry([Published()], photographs, [], places=200)
    other = Published(pixels_per_degree=2 * PPD)
    assert {answer.reason for answer in ask(entry, other).values()} == {"was not among what was counted"}


def test_a_field_that_the_target_fills_has_a_reason(photographs):
    large = Published(pixels_per_degree=1)  # 8 pixels are 8°
    answers = ask(counting_entry([large], photographs, [], places=200), large)
    assert answers["8°"].reason == "stripes: the target fills the field of 8°"


def test_no_photograph_is_an_error(tmp_path):
    (tmp_path / "no.png").write_text("no picture")
    with pytest.raises(InputError, match="none of 1 files can be used"):
        counting_entry([Published()], [tmp_path / "no.png"], [])
