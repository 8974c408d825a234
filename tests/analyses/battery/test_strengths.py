from __future__ import annotations

import numpy as np
import pytest

from illusions.analyses.battery.strengths import as_stimuli, measured_strengths, resampled_stimuli, with_strengths
from illusions.errors import InputError
from illusions.stimuli.published import load_published


def test_a_strength_is_half_the_difference_of_both_matches_in_per_cent_of_the_range():
    published = [each for each in with_strengths(load_published("rhs2007")) if each.name in ("sbc_large", "WE_howe")]
    stimuli = as_stimuli(published)
    by_pair = {(m.stimulus, m.comparison_condition): m.value for m in measured_strengths(published, stimuli)}
    value = stimuli[0].value
    # sbc_large: 11.35, and target 1 looks lighter, so that target 2 must be set higher to look like it
    assert by_pair["sbc_large", "2"] == pytest.approx(value + 0.1135)
    assert by_pair["sbc_large", "1"] == pytest.approx(value - 0.1135)
    assert by_pair["WE_howe", "1"] == by_pair["WE_howe", "2"] == pytest.approx(stimuli[1].value)


def test_contested_strengths_are_left_out():
    names = {each.name for each in with_strengths(load_published("rhs2007"))}
    assert "sbc_small" in names
    assert not names & {"WE_anderson", "checkerboard_094", "checkerboard_21"}


def test_shares_are_no_matches():
    with pytest.raises(InputError, match="murray2020: has no strength that can be taken for per cent"):
        with_strengths(load_published("murray2020"))


def test_in_a_resample_both_matches_of_a_stimulus_are_there_or_none():
    published = with_strengths(load_published("rhs2007"))
    measured = measured_strengths(published, as_stimuli(published))
    values = resampled_stimuli(measured, seed=1)
    absent = np.isnan(values)
    assert (absent[:, 0::2] == absent[:, 1::2]).all()
    share = 1 - 1 / len(published)  # of not being drawn, to the power of the draws
    assert absent.mean() == pytest.approx(share ** len(published), abs=0.01)
