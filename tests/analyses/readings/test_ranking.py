from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from illusions.analyses.readings.ranking import effect, rank
from illusions.analyses.readings.scales import rank_at_scales
from illusions.errors import InputError
from illusions.stimuli.axes import AXES
from illusions.stimuli.colours import parse_colour
from illusions.stimuli.scenes.labelled import LabelledScene
from illusions.stimuli.scenes.scene import Box
from illusions.stimuli.stimulus import Stimulus
from tests.analyses.fakes import FakeModel, contrast
from tests.analyses.tiny import tiny_structure


def test_the_likelihood_peaks_at_the_surround_and_the_dark_one_ranks_higher():
    curves = rank(contrast(), FakeModel(), "bits-per-dim")
    assert list(curves) == ["dark", "light"]
    assert curves["dark"].peak == pytest.approx(0.2, abs=0.01)
    difference, error = effect(curves["dark"], curves["light"])
    assert difference > 0.5
    assert 0 < error < 0.01


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    def numbers(seed):
        return rank(contrast(), FakeModel(), seed=seed)["dark"].draws

    assert np.array_equal(numbers(3), numbers(3))
    assert not np.array_equal(numbers(3), numbers(4))


def test_conditions_that_are_equal_get_equal_noise():
    curves = rank(contrast({"a": 0.3, "b": 0.3}), FakeModel())
    assert np.array_equal(curves["a"].draws, curves["b"].draws)
    assert effect(curves["a"], curves["b"]) == (0, 0)


def test_a_model_that_gives_nan_is_named():
    class Broken(FakeModel):
        def log_likelihood_draws(self, patches, *, draws, seed, surround=None):
            return np.full((draws, len(patches)), np.nan)

    with pytest.raises(InputError, match="broken: "):
        rank(contrast(), replace(Broken(), name="broken"))


def test_patches_are_scored_with_the_surround_of_their_condition():
    seen = []

    class Seeing(FakeModel):
        def log_likelihood_draws(self, patches, *, draws, seed, surround=None):
            seen.append((patches[0, 0, 0, 0], surround))
            return super().log_likelihood_draws(patches, draws=draws, seed=seed)

    stimulus = contrast()
    rank(stimulus, Seeing())
    assert [value for value, _ in seen] == [51, 204]
    for (_, surround), condition in zip(seen, stimulus.conditions, strict=True):
        assert np.array_equal(surround, stimulus.view(condition).untouched)


@pytest.mark.parametrize(("contrast", "offset"), [(3, -60), (2, 40)])
def test_a_model_of_structure_ranks_the_same_at_every_brightness_and_contrast(contrast, offset):
    """Stripes of 30 and 60 with targets of 45, and the same with more contrast and other brightness."""
    model = tiny_structure()
    curves = [rank(_stripes(a, b), model, 5, draws=4) for a, b in ((1, 0), (contrast, offset))]
    for condition in curves[0]:
        first, second = (of[condition].log_likelihood for of in curves)
        at = np.arange(25, 66, 5)
        first, second = first[at], second[contrast * at + offset]
        assert np.ptp(first) > 3
        assert np.abs((first - first[0]) - (second - second[0])).max() < 0.05 * np.ptp(first)


def _stripes(contrast, offset):
    dark, light, target = (contrast * level + offset for level in (30, 60, 45))
    return Stimulus(
        name="stripes",
        title="stripes",
        axis=AXES["brightness"],
        target=parse_colour({"hsv": [0, 0, target / 255]}),
        conditions={
            name: _striped(pair) for name, pair in {"on-dark": (dark, light), "on-light": (light, dark)}.items()
        },
        scale=4,
    )


def _striped(levels):
    return LabelledScene(
        labels=lambda x, y: np.where(
            (abs(x) < 1) & (abs(y) < 1), 0, 1 + ((x + 1) // 2 % 2).astype(int) + 0 * y.astype(int)
        ),
        surrounds=np.repeat(np.array(levels, dtype=np.uint8)[:, None], 3, axis=1),
        target=Box(-1, -1, 1, 1),
        frame=Box(-6, -6, 6, 6),
    )


def test_a_target_that_leaves_no_surround_cannot_be_normalised():
    with pytest.raises(InputError, match="no pixel of the patch shows the surround alone"):
        rank(replace(_stripes(1, 0), scale=1.05), tiny_structure())


@pytest.mark.parametrize("by", [rank, lambda *given, **options: rank_at_scales(*given, [2, 3], **options)])
@pytest.mark.parametrize("options", [{"draws": 0}, {"draws": -1}, {"seed": -1}])
def test_noise_that_cannot_be_drawn_is_refused(by, options):
    with pytest.raises(InputError, match=r"expected at least 1|expected a number from 0 on"):
        by(contrast(), FakeModel(), **options)
