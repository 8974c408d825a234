from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from illusions.analyses.experiment.comparison_report import settings_sentences
from illusions.analyses.experiment.discs import disc_of, settings_frame
from illusions.analyses.experiment.discs_figure import settings_figure
from illusions.analyses.experiment.responses import read_responses
from illusions.analyses.readings.colour_matching import match_colours
from illusions.analyses.readings.reading import PLANE
from illusions.columns import tables_called
from illusions.displays import gamut_contrast, to_polar
from illusions.stimuli.loading import load_stimulus
from tests.analyses.experiment.observers import disc_session, save
from tests.analyses.readings.test_colour_matching import Near

STIMULUS = load_stimulus("hue-induction")


def read(tmp_path, **observers):
    return read_responses(
        [save(tmp_path / f"{name}.json", disc_session(name, STIMULUS, sets)) for name, sets in observers.items()]
    )


def test_a_disc_holds_the_gamut_azimuth_by_azimuth():
    disc = disc_of(STIMULUS)
    assert (disc.azimuth, disc.contrast) == pytest.approx((90, 0.2))
    for azimuth in (0, 137, 359):
        colours = disc.colours[disc.begins[azimuth] : disc.begins[azimuth + 1]]
        _, contrast, turn = to_polar(disc.space.dkl(disc.space.coordinates(colours[-1:] / 255)), disc.space.cones)[0]
        largest = gamut_contrast(disc.space.luminance, azimuth, disc.space.cones)
        assert contrast == pytest.approx(largest, abs=0.008)
        assert (turn - azimuth + 180) % 360 - 180 == pytest.approx(0, abs=2)
    assert disc.begins[-1] == len(disc.colours)
    assert disc.colours[disc.begins[90] + 50].tolist() == STIMULUS.target.bytes.tolist()


def test_settings_are_averaged_in_the_plane_and_over_observers(tmp_path):
    responses = read(tmp_path, ab=[(80, 0.2), (100, 0.2)], cd=[(110, 0.16), (110, 0.16)])
    assert responses.matches.empty
    frame = settings_frame(responses.colours, [STIMULUS])
    assert frame["observer"].tolist() == ["ab", "cd", ""] * 2
    ab, cd, mean = frame[:3].to_dict("records")
    assert ab["hue_shift"] == pytest.approx(0)
    assert ab["contrast_ratio"] == pytest.approx(np.cos(np.radians(10)))
    assert ab["delta_l_m_standard_error"] == pytest.approx(0.2 * np.sin(np.radians(10)))
    assert (cd["hue_shift"], cd["contrast_ratio"]) == pytest.approx((20, 0.8))
    assert mean["delta_l_m"] == pytest.approx((ab["delta_l_m"] + cd["delta_l_m"]) / 2)
    assert mean["delta_s_lm"] == pytest.approx((ab["delta_s_lm"] + cd["delta_s_lm"]) / 2)
    assert cd["distance_from_physical"] == pytest.approx(np.hypot(cd["delta_l_m"], cd["delta_s_lm"] / 2.6))
    assert np.isnan(mean["distance"])
    (first, _) = settings_sentences(frame)
    assert "the target on “grey” was set to" in first
    assert "(2 observers)." in first
    assert "predicts" not in first


def test_a_prediction_stands_beside_what_was_set(tmp_path):
    reading = replace(PLANE, sides=(10.0,), draws=2)
    predicted = match_colours(STIMULUS, Near(), reading)
    exact = (90 + predicted[0].hue_shift, 0.2 * predicted[0].contrast_ratio)
    frame = settings_frame(read(tmp_path, ab=[exact] * 2).colours, [STIMULUS], predicted)
    row = frame.iloc[0]
    assert row["distance"] == pytest.approx(0, abs=1e-6)
    assert row["predicted_delta_s_lm"] == pytest.approx(row["delta_s_lm"])
    assert "near predicts" in settings_sentences(frame)[0]
    (table,) = [table for table in tables_called("colours.csv") if table.command == "compare"]
    assert table.allows(frame.columns)
    figure = settings_figure(STIMULUS, frame)
    assert "Model near, T = 60 nats per pixel" in figure.get_label()
    assert [axes.get_title() for axes in figure.axes if axes.get_title()] == [
        "on “azimuth-45” → on “grey”",
        "on “azimuth-135” → on “grey”",
    ]


def test_a_setting_that_was_edited_is_found(tmp_path):
    rows = disc_session("ab", STIMULUS, [(90, 0.2)])
    next(row for row in rows if row["part"] == "trial")["match_contrast"] = 0.3
    (why,) = read_responses([save(tmp_path / "ab.json", rows)]).left_out.values()
    assert "was edited" in why


def test_who_fails_the_catch_trials_on_a_disc_is_left_out(tmp_path):
    (why,) = read_responses(
        [save(tmp_path / "ab.json", disc_session("ab", STIMULUS, [(90, 0.2)], off=0.2))]
    ).left_out.values()
    assert "20% of the range apart" in why
