"""At which size observers saw a stimulus, and what is read at it."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from illusions.analyses.experiment.psychopy import degrees_per_pixel
from illusions.analyses.experiment.sizes import as_seen, as_seen_on_average, size_sentences
from illusions.stimuli.loading import load_stimulus

CONTRAST = load_stimulus("brightness-contrast")  # a target of 3 degrees
#: Its pictures, degrees: nearly the sum of their pixels, each as large as one in the middle.
WIDTH = CONTRAST.picture("dark").shape[1] * degrees_per_pixel(CONTRAST)


def seen(**degrees):
    """Matches of observers, by code; of each, widths of the pictures in degrees."""
    return pd.DataFrame(
        [
            {
                **{"observer": name, "session": name, "stimulus": "brightness-contrast"},
                **{"comparison_condition": "dark", "picture_degrees": width},
            }
            for name, widths in degrees.items()
            for width in widths
        ]
    )


def test_observers_who_saw_the_size_of_the_file_are_read_at_it():
    (found,) = as_seen(CONTRAST, seen(ab=[WIDTH], cd=[1.05 * WIDTH]))
    assert found.stimulus is CONTRAST
    assert (found.observers, found.factor) == (("ab", "cd"), 1)
    assert size_sentences([found]) == []


def test_a_picture_of_twice_the_width_has_a_target_of_about_twice_the_size():
    """Beside the tangent: the picture of 400 pixels is 2·atan(200 p / d) wide, its target of 150 2·atan(75 p / d)."""
    small, large = as_seen(CONTRAST, seen(ab=[WIDTH], cd=[2 * WIDTH, 2 * WIDTH, 9.0]))
    assert (small.observers, large.observers) == (("ab",), ("cd",))
    half = math.tan(math.radians(WIDTH)) * 150 / 400
    assert large.stimulus.target_degrees == pytest.approx(2 * math.degrees(math.atan(half)), rel=0.01)
    assert large.factor == pytest.approx(large.stimulus.target_degrees / 3)
    (sentence,) = size_sentences([small, large])
    assert sentence.startswith("brightness-contrast: cd saw it 2 times as large as its file says, the target 6° long")


def test_an_observer_whose_size_is_not_known_is_read_at_that_of_the_file():
    (known, unknown) = as_seen(CONTRAST, seen(ab=[2 * WIDTH], cd=[math.nan]))
    assert (unknown.stimulus, unknown.observers) == (CONTRAST, ("cd",))
    assert "the size that cd saw is not known" in size_sentences([known, unknown])[1]


def test_for_a_fit_it_has_the_mean_of_the_sizes():
    stimulus, sentence = as_seen_on_average(CONTRAST, seen(ab=[WIDTH / 2], cd=[2 * WIDTH]))
    assert stimulus.target_degrees == pytest.approx(3, rel=0.02)
    assert "observers saw it 0.5 to 2 times as large" in sentence
    assert as_seen_on_average(CONTRAST, seen(ab=[WIDTH])) == (CONTRAST, "")
    assert as_seen_on_average(CONTRAST, seen(ab=[math.nan]))[0] is CONTRAST
